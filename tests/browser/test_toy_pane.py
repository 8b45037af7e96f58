"""A pane is one JavaScript file and one Python file: a toy one, found by listing and shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import chatviz as cv
from chatviz.runs.conversation import Conversation
from chatviz.views import page_module
from chatviz.views.inspector.data import inspector_data
from chatviz.views.page_module import Mount, pane_module, pane_names
from chatviz.views.view import View

PACKAGE = Path(cv.__file__).parent
TOY = Path(__file__).with_name("toy_pane.js")


def words(talk: Conversation) -> View:
    """What the Python file of the toy holds: its sentence, its data, and the panes it wants."""
    data = {**inspector_data([talk], has_raw=False), "noun": "words"}
    return View(
        "Words: as many as came.", make_mount=lambda: Mount(pane_module("player", "words"), data)
    )


@pytest.fixture
def with_toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package with one more file in it."""
    folder = tmp_path / "views" / "js"
    shutil.copytree(PACKAGE / "views" / "js", folder)
    shutil.copy(TOY, folder / "panes" / "words.js")
    monkeypatch.setattr(page_module, "ROOT", tmp_path)
    yield
    pane_module.cache_clear()


def test_a_pane_is_found_joined_and_follows_the_cursor(with_toy: None, page: Page) -> None:
    assert "words" in pane_names()
    view = words(cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks")))
    page.set_content(f"<!doctype html><meta charset=utf-8><title>t</title>{view.html}")
    count = page.locator(".words output")
    slider = page.get_by_role("slider", name="Chunk")
    slider.fill("44")
    expect(count).to_have_text("0 words")
    slider.press("End")
    last = int(count.inner_text().removesuffix(" words"))
    assert last > 0
    slider.fill("60")
    assert 0 < int(count.inner_text().removesuffix(" words")) < last
    assert "class Timeline" not in view.html


def test_without_its_file_there_is_no_such_pane() -> None:
    with pytest.raises(ValueError, match="there is no pane 'words'"):
        pane_module("words")
