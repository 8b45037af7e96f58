"""The inspector's view: the picture and the table of the timeline, and a module that plays it."""

from __future__ import annotations

from typing import Any

import pytest

import chatviz as cv
from chatviz.views.inspector.inspect import inspect
from chatviz.views.timeline.timeline import timeline
from chatviz.views.view import renderers

SEEDS = ("openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita")


@pytest.fixture(params=SEEDS)
def talk(request: pytest.FixtureRequest) -> cv.Conversation:
    return cv.read_conversation(cv.sample(request.param))


def test_without_scripts_it_is_the_timeline(talk: cv.Conversation) -> None:
    view, still = inspect(talk), timeline(talk)
    assert (view.svg, view.tables, view.findings) == (still.svg, still.tables, still.findings)
    assert str(view) == str(still).replace("Timeline", "Inspector")


def test_picture_and_table_stand_before_the_script(talk: cv.Conversation) -> None:
    html = inspect(talk).html
    assert html.index("<img") < html.index("<table") < html.index("<script")


def test_a_seed_weighs_less_than_120_kb(talk: cv.Conversation) -> None:
    assert len(inspect(talk).html.encode()) < 130_000  # what its findings mean included, twice


def test_it_is_the_same_bytes_each_time(talk: cv.Conversation) -> None:
    assert inspect(talk).html == inspect(talk).html


def test_the_static_renderer_has_no_script(
    talk: cv.Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderers, "_enabled", "static")
    assert "<script" not in inspect(talk).html


def test_hostile_text_ends_no_script(streams: Any, hostile: str) -> None:
    run = streams.read(
        streams.every_kind(hostile), request={"model": hostile, "messages": [{"role": hostile}]}
    )
    html = inspect(run).html
    assert "<script>alert" not in html
    assert html.count("</script>") == 1
    html.encode()
