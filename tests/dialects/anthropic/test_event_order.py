"""A look at a whole body sees what reading event by event sees, or leaves it to that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.dialects.anthropic.event_order import ORDER
from chatviz.dialects.sequence import EventOrder, check_order
from chatviz.runs.reader import StreamReader
from tests.dialects.anthropic.building import (
    HEAD,
    STOP,
    answer,
    block,
    body,
    call,
    close,
    finish,
    piece,
    start,
    text,
)


def breaches(sent: bytes) -> list[str]:
    """Return the breaches that reading event by event finds."""
    events = ((line[6:], b"") for line in sent.split(b"\n") if line.startswith(b"data: "))
    return [note.code for _, note in check_order(ORDER, events)]


def is_kept(sent: bytes) -> bool:
    return ORDER.is_kept_by(sent, sent.count(b"\ndata: "))


EVENTS = [
    *(start(), finish(), STOP, {"type": "ping"}, {"type": "news"}, {"type": "news", "index": 0}),
    *(event for n in (0, 1) for event in (block(n, type="text", text=""), close(n))),
    *(piece(n, type="text_delta", text='\ndata: {"type":"message_stop"}') for n in (0, 1)),
    {"type": "content_block_start", "content_block": {}, "index": 0},
    {"type": "content_block_stop"},
]
BLOCKS = [text(0, "a", "b"), call(1, "{}"), [{"type": "ping"}]]


@given(st.lists(st.sampled_from(EVENTS), max_size=9))
def test_a_look_that_sees_nothing_is_right(events: list[dict[str, Any]]) -> None:
    sent = body(*events)
    if is_kept(sent):
        assert breaches(sent) == []


@given(
    st.lists(st.sampled_from(BLOCKS), max_size=2, unique_by=str),
    st.integers(0, 9),
    st.sampled_from(EVENTS),
)
def test_a_good_stream_with_one_event_more(
    blocks: list[list[dict[str, Any]]], place: int, event: dict[str, Any]
) -> None:
    events = [start(), *(one for each in blocks for one in each), finish(), STOP]
    assert is_kept(body(*events))
    sent = body(*events[:place], event, *events[place:])
    if is_kept(sent):
        assert breaches(sent) == []


@pytest.mark.parametrize(
    "sent",
    [
        answer(text(0, "a")).replace(b'"index": 0', b'"index": 0.0'),
        answer(text(0, "a")).replace(b'"index": 0', b'"number": 0'),
        answer(text(0, "a")).replace(b'{"type"', b'{ "type"'),
        answer(text(0, "a")).replace(b"\n", b"\r"),
        b"",
    ],
)
def test_what_is_not_written_as_usual_is_left_to_the_full_check(sent: bytes) -> None:
    assert not ORDER.is_kept_by(sent, sent.count(b"data: ") or 1)


def test_an_order_without_a_look_is_always_checked_in_full() -> None:
    assert not EventOrder(roles={}, read_step=lambda data, name: None).is_kept_by(b"", 1)


def test_a_look_is_enough_for_every_recorded_stream(shared_cassettes: Path) -> None:
    files = [*shared_cassettes.glob("*/anthropic*.yaml"), *shared_cassettes.glob("*/vertex*.yaml")]
    for run in (run for path in files for run in read_runs(path)):
        assert ORDER.is_kept_by(run.body, len(run.chunks))


def test_a_block_that_begins_in_broken_json_is_not_passed_over() -> None:
    sent = answer(text(0, "a")).replace(b'"text": ""}', b'"text": "')
    reader = StreamReader(HEAD)
    reader.feed(sent)
    assert {"not_json", "part_not_open"} <= {found.code for found in reader.close().findings}
