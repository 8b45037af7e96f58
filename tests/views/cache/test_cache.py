"""Prompt caches as a picture, a table and data: shared, changed and new; what a cache gave."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

import chatviz as cv
from chatviz.measures.caching.differences import PromptDifference
from chatviz.views.cache.rows import excerpt
from tests.measures.caching.talks import TWO_STEPS, asked, talk_of

TOOL = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
SAID = [{"role": "user", "content": f"Question {n}"} for n in range(4)]


def usage(tokens: int, read: int | None) -> dict[str, Any]:
    sent: dict[str, Any] = {"prompt_tokens": tokens, "completion_tokens": 5}
    return sent if read is None else {**sent, "prompt_tokens_details": {"cached_tokens": read}}


def body(time: str, count: int, **more: Any) -> dict[str, Any]:
    system = {"role": "system", "content": f"It is {time}. Be brief."}
    return {"model": "gpt-4o", "tools": [TOOL], "messages": [system, *SAID[:count]], **more}


@pytest.fixture(scope="module")
def talk() -> cv.Conversation:
    """A conversation (synthetic): read from the cache, then a clock in the system's words."""
    return talk_of(
        asked(body("9:41", 1), usage=usage(2_000, 0), created=1_000),
        asked(body("9:41", 2, temperature=1), usage=usage(2_100, 1_920), created=1_010),
        asked(body("9:42", 3), usage=usage(2_200, 0), created=1_020),
        asked(body("9:42", 4), usage=usage(2_300, 0), created=9_020),
        asked(body("9:42", 4), usage=None),
    )


def data_of(view: cv.View) -> dict[str, Any]:
    assert view.mount is not None
    data: dict[str, Any] = json.loads(json.dumps(view.mount.data))
    return data


def column(view: cv.View, name: str) -> list[Any]:
    (table,) = view.tables
    return [row[table.columns.index(name)] for row in table.rows]


def test_each_request_has_a_row_with_its_verdict(talk: cv.Conversation) -> None:
    view = cv.cache(talk, prices={"gpt-4o": cv.Price(input=2, output=9, cache_read=1)})
    assert column(view, "verdict") == [
        None, "nothing changed", "changed here",
        "nothing changed, idle longer than the known lifetime", "nothing changed",
    ]  # fmt: skip
    assert column(view, "where") == [None, None, "messages[0].content", None, None]
    assert (column(view, "before")[2], column(view, "after")[2]) == ("1", "2")
    assert column(view, "fresh") == [2_000, 180, 2_200, 2_300, None]
    assert column(view, "avoidable tokens")[2] == 2_100
    assert column(view, "avoidable (USD)")[2] == Decimal("0.0021")
    assert column(view, "changed options") == [None, "temperature", "temperature", None, None]
    assert column(view, "idle (s)") == [None, 10, 10, 8_000, None]


def test_the_sentence_counts_and_names_the_first_change(talk: cv.Conversation) -> None:
    assert str(cv.cache(talk)) == (
        "Prompt caches: 5 requests, 1 of 4 changed what came before, first in step 3 at "
        "messages[0].content, 1,920 of 8,600 input tokens read from a cache, not reported for 1."
    )
    assert str(cv.cache(talk.runs[0])) == (
        "Prompt caches: 1 request, 0 of 2,000 input tokens read from a cache."
    )
    assert str(cv.cache([])) == "Prompt caches: no requests."


def test_the_picture_says_it_in_words(talk: cv.Conversation) -> None:
    svg = cv.cache(talk).svg
    ElementTree.fromstring(svg)
    for words in (
        "changed here: messages[0].content", ">It is 9:41. Be brief.<", ">It is 9:42. Be brief.<",
        "a stable prefix would have saved 2,100 tokens at most", ">tools<", ">system<",
        "2,100 input tokens: 1,920 read from a cache, 180 fresh", "tokens not known",
        "idle for 2.22\u00a0h, kept for 5\u00a0min to 1\u00a0h", "the first request",
    ):  # fmt: skip
        assert words in svg, words


def test_the_data_hold_parts_tokens_and_the_difference(talk: cv.Conversation) -> None:
    requests = data_of(cv.cache(talk))["requests"]
    assert [one["place"] for one in requests] == [f"step {n}" for n in range(1, 6)]
    assert all(sum(one["parts"]) == sum(size for _, size in one["regions"]) for one in requests)
    assert requests[0]["parts"][:2] == [0, 0] and requests[1]["parts"][1] == 0
    assert requests[2]["parts"][1] > 0
    assert requests[1]["tokens"] == [1_920, 0, 180] and requests[4]["tokens"] is None
    assert requests[2]["difference"] == ["It is 9:4", "1", "2", ". Be brief."]
    assert requests[2]["options"] == ["temperature"]


@pytest.mark.parametrize("name", TWO_STEPS)
def test_every_dialect_is_drawn(name: str) -> None:
    view = cv.cache(name)
    ElementTree.fromstring(view.svg)
    assert len(data_of(view)["requests"]) == 2 == len(view.tables[0].rows)
    assert "0 of 1 changed" in view.sentence


def test_what_is_too_much_is_said_to_be_left_out() -> None:
    run = asked(body("9:41", 1))
    view = cv.cache(talk_of(*[run] * 203))
    assert data_of(view)["left_out"] == ["3 more requests are left out."]
    assert "187 more requests in the table only." in view.svg
    assert len(data_of(view)["requests"]) == 200


def test_hostile_words_stay_words() -> None:
    evil = "<script>alert(1)</script>\x1b[31m\u202e\ud83d"
    talk = talk_of(asked(body("9:41", 1)), asked(body(evil, 1)))
    view = cv.cache(talk)
    ElementTree.fromstring(view.svg)
    assert "<script>alert" not in view.svg + view.html and "\x1b" not in view.svg


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a" * 90 + "x" + "b" * 90, "a" * 90 + "yz" + "b" * 90,
         ("…" + "a" * 40, "x", "yz", "b" * 40 + "…")),
        ("same", "same and more", ("same", "", " and more", "")),
        (None, "new", ("", None, "new", "")),
        ("x" * 500, None, ("", "x" * 400 + "… (100 more characters)", None, "")),
    ],
)  # fmt: skip
def test_an_excerpt_shows_what_differs_and_a_little_around_it(before, after, expected) -> None:
    same = 0
    while before and after and same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    found = PromptDifference("message", 0, "messages[0].content", before, after, same)
    assert tuple(excerpt(found)) == expected
