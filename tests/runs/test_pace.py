"""What the arrival times of chunks show; times are fed as data, and none is measured here."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from chatviz.chat.findings.log import Finding
from chatviz.runs.reader import StreamReader

PACE = ("silent_start", "stall", "burst", "faked_stream")


def event(size: int = 1) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": {"content": "x" * size}}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def found(*reads: tuple[float | None, bytes]) -> dict[str, Finding]:
    reader = StreamReader()
    for at, data in reads:
        reader.feed(data, at=at)
    return {one.code: one for one in reader.close().findings if one.code in PACE}


def at_each(times: Sequence[float]) -> list[tuple[float | None, bytes]]:
    return [(at, event()) for at in times]


def test_an_even_stream_has_no_odd_pace() -> None:
    assert found(*at_each([0.3 + 0.05 * n for n in range(40)])) == {}
    assert found(*at_each([0.3])) == {}
    assert found() == {}


def test_what_was_not_measured_has_no_pace() -> None:
    assert found((None, event() * 20)) == {}


def test_a_pause_is_long_and_longer_than_usual() -> None:
    (stall,) = found(*at_each([0.1, 0.2, 0.3, 2.8, 2.9, 5.0, 5.1])).values()
    assert (stall.code, stall.chunk, stall.count) == ("stall", 3, 2)
    assert "2 times" in stall.message and "of 2.5 s, came before chunk 3" in stall.message
    assert found(*at_each([0.1, 0.2, 0.3, 1.2, 1.3])) == {}  # not longer than 1 s
    assert found(*at_each([0.0, 2.0, 4.0, 6.5, 9.0])) == {}  # a slow stream, and no pause
    assert found(*at_each([0.1, 5.0])) == {}  # nothing to compare it with


def test_a_silent_start_is_broken_by_a_keep_alive() -> None:
    silent = found(*at_each([12.0, 12.1, 12.2]))
    assert set(silent) == {"silent_start"} and "12.0 s" in silent["silent_start"].message
    assert found((6.0, b": wait\n\n"), (12.0, event()), (12.1, event())) == {}
    assert found(*at_each([9.9, 10.0, 10.1])) == {}


def test_several_chunks_in_one_read_are_a_burst() -> None:
    (burst,) = found(
        (0.1, event()), (0.2, event() * 6), (0.3, event()), (0.4, event() * 5)
    ).values()
    assert (burst.code, burst.chunk, burst.last_chunk, burst.count) == ("burst", 1, 6, 2)
    assert "(up to 6)" in burst.message
    assert found((0.1, event()), (0.2, event() * 4), (0.3, event())) == {}


def test_a_quick_answer_that_comes_in_one_read_is_no_burst() -> None:
    assert found((0.004, event() * 20)) == {}
    assert found((0.1, event()), (0.14, event() * 9), (0.18, event() * 9)) == {}
    assert "burst" in found((0.1, event()), (0.16, event() * 9), (0.2, event()))


@pytest.mark.parametrize("size", [4_096, 8_192, 16_384])
def test_the_size_of_a_buffer_is_recognised(size: int) -> None:
    body = b"".join(event(40) for _ in range(5 * size // len(event(40))))
    reads = [(0.1 * n, body[n * size : (n + 1) * size]) for n in range(5)]
    burst = found(*reads)["burst"]
    assert f"about {size:,} bytes each time" in burst.message


def test_reads_of_another_size_are_no_buffer() -> None:
    reads = [(0.1 * n, event(40) * 9) for n in range(6)]
    assert "bytes" not in found(*reads)["burst"].message
    assert "bytes" not in found((0.1, event(400) * 9), (0.2, event()))["burst"].message


def test_a_stream_that_comes_at_its_end_is_faked() -> None:
    (faked,) = found((0.0, event()), (3.0, event() * 9), (3.01, event() * 9)).values()
    assert (faked.code, faked.chunk, faked.severity) == ("faked_stream", 1, "warning")
    assert "18 of 19 chunks came together at the end of 3.0 s" in faked.message
    assert set(found((0.5, event() * 20))) == {"burst"}  # quick, and no wait before it
    assert "faked_stream" not in found((0.5, event() * 10), (3.0, event() * 10))
    assert "faked_stream" not in found((3.0, event() * 9))  # too few to tell
