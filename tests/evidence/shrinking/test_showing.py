"""A shrunk recording shows itself: in tables for every reader, with buttons where scripts run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.shrinking import showing
from chatviz.evidence.shrinking.showing import show_shrunk


def test_it_shows_before_and_after_what_is_left_and_the_texts(seeds: Any) -> None:
    shrunk = cv.shrink(seeds.fireworks, "role_repeated")
    view = show_shrunk(shrunk)
    assert shrunk._repr_mimebundle_()["text/plain"] == view.sentence == shrunk.sentence
    sizes, left, texts = view.tables
    assert sizes.rows[:2] == (("chunks", 30, 2), ("bytes of the answer", 9280, 102))
    assert [row[0] for row in left.rows] == ["request", "chunk", "chunk", "end"]
    assert [row[0] for row in texts.rows] == [one.text for one in shrunk.texts]


def test_its_buttons_hold_what_its_methods_return(seeds: Any) -> None:
    shrunk = cv.shrink(seeds.fireworks, "role_repeated")
    mount = show_shrunk(shrunk).mount
    assert mount is not None and json.loads(json.dumps(mount.data))
    recording, test, issue = mount.data["made"]
    assert (test["text"], issue["text"]) == (shrunk.as_test(), shrunk.as_issue())
    assert recording["text"].startswith("---\nversion: 2\n")
    assert mount.data["left_out"] == []


def test_what_cannot_be_made_or_is_too_much_for_a_page_says_so(
    seeds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "MOST_MADE", 10)
    monkeypatch.setattr(showing, "MOST_TEXTS", 1)
    shrunk = cv.shrink(seeds.fireworks, lambda run: bool(run.message.tool_calls))
    mount = show_shrunk(shrunk).mount
    assert mount is not None
    recording, test, _ = mount.data["made"]
    assert (recording["text"], test["text"]) == (None, None)
    assert recording["note"] == "too long for a page: cv.save_cassette"
    assert "made by def" in test["note"]
    assert len(mount.data["texts"]) == 1
    assert mount.data["left_out"] == ["Not shown of the texts that are left: 1; see shrunk.texts."]


def test_a_page_runs_no_text_of_the_stream(sse: Callable[..., bytes]) -> None:
    evil = "</script><script>alert(1)</script>"
    body = sse({"choices": [{"delta": {"content": evil}}]})
    shrunk = cv.shrink(cv.read_stream(body), lambda run: run.message.text == evil)
    assert "<script>alert" not in show_shrunk(shrunk).html
