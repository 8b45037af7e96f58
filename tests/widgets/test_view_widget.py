"""The renderer "widget": the same module and the same data as the page would inline."""

from __future__ import annotations

from typing import Any

import pytest

from chatviz.cassettes.reading import read_conversation
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import conversations_of
from chatviz.views.compare.compare import compare
from chatviz.views.inspector.data import explain_findings, inspector_data
from chatviz.views.inspector.inspect import INSPECTOR_PANES, inspect
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.view import View, renderers
from chatviz.widgets.view_widget import ViewWidget


@pytest.fixture
def talk(seeds: Any) -> Conversation:
    return read_conversation(seeds.fireworks)


def test_a_view_is_shown_as_a_widget_beside_its_html(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = inspect(talk)
    monkeypatch.setattr(renderers, "_enabled", "html")
    assert set(view._repr_mimebundle_()) == {"text/html", "text/plain"}
    monkeypatch.setattr(renderers, "_enabled", "widget")
    bundle = view._repr_mimebundle_()
    assert bundle["text/html"] == view.html
    assert bundle["text/plain"] == view.sentence
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_view_without_a_module_stays_html(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "_enabled", "widget")
    assert set(View("S.")._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_the_widget_has_the_module_its_style_and_its_data() -> None:
    widget = ViewWidget(Mount(pane_module("usage"), {"n": 1}))
    assert widget._esm == pane_module("usage").code
    assert ":host" in widget.css
    assert widget.data == {"n": 1}
    state = widget.get_state()
    assert {"_esm", "css", "data"} <= set(state)
    assert "_css" not in state
    widget.close()


def test_a_view_knows_what_it_mounts(talk: Conversation) -> None:
    conversations = conversations_of(talk)
    explained = explain_findings(conversations, 1_000_000)
    data = {**inspector_data(conversations), "explained": explained}
    assert inspect(talk).mount == Mount(pane_module(*INSPECTOR_PANES), data)
    mount = compare(talk, talk).mount
    assert mount is not None and mount.module.name == "compare"
    assert View("S.").mount is None
