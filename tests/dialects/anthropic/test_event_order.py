"""What breaks the order of the events is found while they come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.dialects.sequence import ORDER_KINDS
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
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
from tests.dialects.steps import assert_found_alike


def read(sent: bytes, size: int = 1 << 20) -> StreamRun:
    reader = StreamReader(HEAD)
    for at in range(0, len(sent), size):
        reader.feed(sent[at : at + size])
    return reader.close()


EVENTS = [
    *(start(), finish(), STOP, {"type": "ping"}, {"type": "news"}, {"type": "news", "index": 0}),
    *(event for n in (0, 1) for event in (block(n, type="text", text=""), close(n))),
    *(piece(n, type="text_delta", text='\ndata: {"type":"message_stop"}') for n in (0, 1)),
    {"type": "content_block_start", "content_block": {}, "index": 0},
    {"type": "content_block_stop"},
]
BLOCKS = [text(0, "a", "b"), call(1, "{}"), [{"type": "ping"}]]


@given(st.lists(st.sampled_from(EVENTS), max_size=9))
def test_what_is_found_while_events_come_is_found_when_they_are_read_again(
    events: list[dict[str, Any]],
) -> None:
    assert_found_alike(read(body(*events)))
    assert_found_alike(read(body(*events), 31))


@given(
    st.lists(st.sampled_from(BLOCKS), max_size=2, unique_by=str),
    st.integers(0, 9),
    st.sampled_from(EVENTS),
)
def test_a_good_stream_with_one_event_more(
    blocks: list[list[dict[str, Any]]], place: int, event: dict[str, Any]
) -> None:
    events = [start(), *(one for each in blocks for one in each), finish(), STOP]
    assert not {one.code for one in read(body(*events)).findings} & ORDER_KINDS.keys()
    assert_found_alike(read(body(*events[:place], event, *events[place:])))


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
def test_odd_spellings_change_nothing(sent: bytes) -> None:
    assert_found_alike(read(sent))


def test_every_recorded_stream_assert_found_alike(shared_cassettes: Path) -> None:
    files = [*shared_cassettes.glob("*/anthropic*.yaml"), *shared_cassettes.glob("*/vertex*.yaml")]
    runs = [run for path in files for run in read_runs(path)]
    assert len(runs) > 5
    for run in runs:
        assert_found_alike(run)


def test_a_block_that_begins_in_broken_json_is_not_passed_over() -> None:
    sent = answer(text(0, "a")).replace(b'"text": ""}', b'"text": "')
    assert {"not_json", "part_not_open"} <= {found.code for found in read(sent).findings}


def test_a_line_of_json_has_no_name_that_could_differ() -> None:
    events = [start(), *text(0, "Hi"), *finish()]
    lines = "".join(json.dumps(event) + "\n" for event in events).encode()
    run = read_stream(lines)
    assert (run.framing, run.message.text) == ("json_lines", "Hi")
    assert "event_name_differs" not in [found.code for found in run.findings]
