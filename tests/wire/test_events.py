"""Events are kept as columns; their values are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.events import Events, TimedBytes
from chatviz.wire.wire_event import WireEvent

BODY = b': hi\n\ndata: {"a": 1}\r\n\r\nid: 1\n\ndata: x\n\ndata: [DONE]\n\ndata: {"a'


@pytest.fixture
def run(read: Callable[..., StreamRun]) -> StreamRun:
    return read(BODY)


def test_every_kind_of_event_is_kept_with_its_bytes(run: StreamRun) -> None:
    told = [(event.kind, event.raw, event.data) for event in run.events]
    assert told == [
        ("comment", b": hi\n", b"hi"),
        ("data", b'data: {"a": 1}\r\n\r\n', b'{"a": 1}'),
        ("fields", b"id: 1\n\n", b"id: 1\n\n"),
        ("data", b"data: x\n\n", b"x"),
        ("done", b"data: [DONE]\n\n", b"[DONE]"),
        ("unfinished", b'data: {"a', b'{"a'),
    ]
    assert run.body == BODY


def test_chunks_are_the_data_events_but_for_the_end(run: StreamRun) -> None:
    told = [(chunk.index, chunk.event, chunk.at, chunk.json) for chunk in run.chunks]
    assert told == [(0, 1, None, {"a": 1}), (1, 3, None, None)]


def test_events_and_chunks_are_sequences(run: StreamRun) -> None:
    assert repr(run.events) == "<6 events>"
    assert repr(run.chunks) == "<2 chunks>"
    assert run.chunks[-1] == run.chunks[1]
    assert run.chunks[:1] == (run.chunks[0],)
    assert run.events[4:] == (run.events[4], run.events[5])
    assert "raw" not in repr(run.chunks[0])
    with pytest.raises(IndexError):
        run.chunks[2]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": "\xff"}', {"a": "�"}),
        (b"null", None),
        (b"{", None),
        (b"[" * 2000, None),
        (b"[" * 500 + b"]" * 500, None),
    ],
)
def test_a_chunk_decodes_what_it_can(data: bytes, wanted: Any) -> None:
    assert read_stream(b"data: " + data + b"\n\n").chunks[0].json == wanted


def test_a_chunk_has_the_time_of_the_piece_that_ended_it() -> None:
    reader = StreamReader()
    reader.feed(b'data: {"a"', at=0.5)
    reader.feed(b": 1}\n\ndata: {}\n\n", at=1.0)
    reader.feed(b"data: {}\n", at=2.0)
    reader.feed(b"\n")
    run = reader.close()
    assert [chunk.at for chunk in run.chunks] == [1.0, 1.0, None]
    assert run.timing == "measured"


def test_columns_are_equal_when_their_bytes_and_times_are() -> None:
    ours, other = Events(), Events()
    assert ours == other
    ours.keep(b"data: a\n\n")
    ours.extend([WireEvent("data", 0, 9, b"a")], None)
    assert ours != other
    assert ours == ours.copy()
    assert ours != 1


def test_a_piece_is_bytes_and_perhaps_a_time() -> None:
    assert TimedBytes(b"a").at is None
    assert TimedBytes(b"a", 0.5) == TimedBytes(b"a", 0.5)


@pytest.mark.parametrize("size", [7, 500, 100_000])
def test_columns_are_the_same_whenever_they_are_made(size: int) -> None:
    body = b"".join(b": hi\n\ndata: %d\n\n" % n for n in range(2_000)) + b"data: [DONE]\n\n"
    late, early = StreamReader(), StreamReader()
    for start in range(0, len(body), size):
        late.feed(body[start : start + size])
        early.feed(body[start : start + size])
        assert len(early.growing.wire.starts) >= early.growing.wire.chunk_count
    ours, other = late.close().wire, early.close().wire
    assert ours == other
    assert ours.chunk_count == len(ours.chunk_events) == 2_000
    assert list(ours.chunk_events) == list(other.chunk_events) == [*range(1, 4_000, 2)]
