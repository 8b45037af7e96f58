"""The order of the events, and the gaps in their numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.dialects.openai_responses.event_order import EVENT_ORDER, read_step
from chatviz.dialects.sequence import ORDER_KINDS, EventStep
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.dialects.openai_responses.responses_made import (
    URL,
    codes,
    event,
    message,
    numbered,
    part,
    response,
)
from tests.dialects.steps import assert_found_alike

Read = Callable[..., StreamRun]
BEGIN = event("created", response=response("in_progress"))
END = event("completed", response=response("completed", usage={}))
ODD = event("output_text.delta", output_index=0, content_index=0, delta=5)
GOOD = [BEGIN, event("in_progress", response=response("in_progress")), *message(*part("Hi")), END]


def breaches(run: StreamRun) -> set[str]:
    return codes(run) & ORDER_KINDS.keys()


def test_a_good_stream_breaks_nothing(read: Read) -> None:
    assert breaches(read(numbered(GOOD))) == set()


def test_events_without_numbers_break_nothing(read: Read) -> None:
    body = b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in GOOD)
    assert breaches(read(body)) == set()


def test_a_stream_that_was_resumed_needs_no_start(read: Read) -> None:
    """GET with ``starting_after=0``: it begins with number 1, and without response.created."""
    body = numbered(GOOD).split(b"\n\n", 1)[1]
    assert breaches(read(body)) == set()


@pytest.mark.parametrize(
    ("events", "breach"),
    [
        ([GOOD[2], *GOOD[3:]], "event_before_start"),
        ([BEGIN, BEGIN, END], "start_repeated"),
        ([*GOOD, *part("x")], "event_after_end"),
        ([BEGIN, GOOD[2], *GOOD[2:]], "part_opened_twice"),
        ([BEGIN, GOOD[2], *GOOD[4:]], "part_not_open"),
        ([BEGIN, *GOOD[2:-2], END], "part_not_closed"),
        (GOOD[:-1], "end_missing"),
    ],
)
def test_a_breach_of_the_order_is_said(
    read: Read, events: list[dict[str, Any]], breach: str
) -> None:
    run = read(numbered(events))
    assert breach in breaches(run)
    assert run.message.text in ("", "Hi", "Hix")


@pytest.mark.parametrize("broken", [[0, 1, 3], [0, 1, 1], [0, 2, 1]])
def test_numbers_that_are_not_consecutive_are_said(read: Read, broken: list[int]) -> None:
    sent = [{**one, "sequence_number": number} for one, number in zip(GOOD, broken, strict=False)]
    run = read(b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in sent))
    (found,) = [one for one in run.findings if one.code == "sequence_broken"]
    assert found.chunk in (1, 2)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"type":5}', b'{"type":"a","sequence_number":-1}', b"\xff",
             b'{"type":"a","x":' + b"[" * 99_999,
             b'{"type":"a","sequence_number":%d}' % 2**64]
)  # fmt: skip
def test_what_is_no_event_has_no_step(data: bytes) -> None:
    assert read_step(data, b"") is None


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"output_index": 2}, 2),
        ({"output_index": 2, "content_index": 0}, (2, 0)),
        ({"content_index": 0}, (0, 0)),
        ({"output_index": 2, "summary_index": 1}, (2, "summary", 1)),
        ({"summary_index": 1}, (0, "summary", 1)),
        ({}, None),
    ],
)
def test_parts_are_told_by_their_places(fields: dict[str, int], key: Any) -> None:
    step = read_step(json.dumps({"type": "a", **fields, "sequence_number": 4}).encode(), b"")
    assert step == EventStep("a", key, 4)


def test_every_event_has_its_role() -> None:
    roles = EVENT_ORDER.roles
    assert roles["response.created"] == "begins"
    assert roles["response.failed"] == "ends"
    assert roles["response.output_text.annotation.added"] == "fills"
    assert roles["response.in_progress"] == roles["keepalive"] == roles["error"] == "free"


@given(st.lists(st.sampled_from([*GOOD, ODD]), max_size=9), st.integers(0, 9), st.booleans())
def test_what_is_found_while_events_come_is_found_when_they_are_read_again(
    sent: list[dict[str, Any]], again: int, is_named: bool
) -> None:
    body = numbered([*GOOD[:again], *sent])
    body = body if is_named else re.sub(rb"event: [^\n]*\n", b"", body)
    for size in (len(body) or 1, 41):
        reader = StreamReader(RequestHead("POST", URL))
        for start in range(0, len(body), size):
            reader.feed(body[start : start + size])
        assert_found_alike(reader.close())


@pytest.mark.parametrize("first", [b"data: {\n\n", b'data: {"type": "news"}\n\n', b""])
def test_a_stream_that_is_known_late_is_judged_alike(first: bytes) -> None:
    body = first + numbered([*GOOD[:3], *GOOD])
    late = StreamReader()
    late.feed(first)
    late.feed(body[len(first) :])
    assert late.run.is_order_watched is not bool(first)
    runs = [late.run, late.close(), read_stream(body, RequestHead("POST", URL))]
    assert all(breaches(run) == {"start_repeated", "part_opened_twice"} for run in runs)
