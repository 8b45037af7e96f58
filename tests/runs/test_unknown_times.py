"""Chunks whose time is not known get none, and stop no table and no view."""

from __future__ import annotations

import json
from itertools import pairwise, product
from math import isnan
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.runs.reader import StreamReader
from chatviz.runs.timing.gaps import known_gaps
from chatviz.wire.exchange import RequestHead

HEAD = RequestHead("POST", "http://localhost:11434/api/chat")
GAP_S = 2.5


def line(number: int, *, last: int, stamp: bool = False) -> bytes:
    said = {"role": "assistant", "content": "abc" * number}
    sent: dict[str, Any] = {"model": "m", "message": said, "done": number == last}
    if stamp:
        sent["created_at"] = f"2026-01-05T11:28:{1.25 + GAP_S * number:06.3f}Z"
    return json.dumps(sent).encode() + b"\n"


def stamped(*has_time: bool) -> cv.StreamRun:
    """Return an answer whose provider's clock stands on some of its lines."""
    last = len(has_time) - 1
    reader = StreamReader(HEAD)
    reader.feed(b"".join(line(n, last=last, stamp=one) for n, one in enumerate(has_time)))
    return reader.close()


def measured(*has_time: bool) -> cv.StreamRun:
    """Return an answer of whose pieces some came at a time that is known."""
    last = len(has_time) - 1
    reader = StreamReader(HEAD)
    for number, one in enumerate(has_time):
        reader.feed(line(number, last=last), at=1.0 + GAP_S * number if one else None)
    return reader.close()


PATTERNS = [pattern for pattern in product([True, False], repeat=5) if sum(pattern) > 1]


@pytest.mark.parametrize("has_time", PATTERNS)
@pytest.mark.parametrize("make", [stamped, measured])
def test_a_chunk_without_a_time_has_none(make: Any, has_time: tuple[bool, ...]) -> None:
    run = make(*has_time)
    assert [chunk.at is not None for chunk in run.chunks] == list(has_time)
    begin = 1.0 if make is measured else -GAP_S * has_time.index(True)
    for number, chunk in enumerate(run.chunks):
        assert chunk.at is None or chunk.at == pytest.approx(begin + GAP_S * number)


@pytest.mark.parametrize("has_time", PATTERNS)
@pytest.mark.parametrize("make", [stamped, measured])
def test_tables_and_views_show_what_is_known(make: Any, has_time: tuple[bool, ...]) -> None:
    run = make(*has_time)
    neighbours = sum(a and b for a, b in pairwise(has_time))
    table = cv.timing_table(run)
    for column in ("gap_p50_s", "gap_p99_s", "gap_max_s"):
        if neighbours:
            assert table[column][0] == pytest.approx(GAP_S)
        else:
            assert pd.isna(table[column][0])
    gaps = cv.gap_table(run, longer_than_s=1, times_the_median=0.5)
    between = gaps[gaps["chunk_before"].notna()]
    assert len(between) == neighbours
    for view in (cv.pace, cv.timeline, cv.inspect, cv.overview):
        assert view(run).html
    cv.chunk_table(run), cv.scorecard_table([run]), cv.critical_path_table(run)
    assert cv.drift(run, run).verdicts["times"] in ("same", "not compared")


def test_a_clock_that_stands_still_goes_on_with_the_same_time() -> None:
    chunk = {"id": "a", "model": "m", "choices": [{"index": 0, "delta": {"content": "x"}}]}
    stamps = [5, 5, None, 5, 6]
    sent = [{**chunk, **({"created": at} if at else {})} for at in stamps]
    run = cv.read_stream(b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in sent))
    assert [chunk.at for chunk in run.chunks] == [0.0, 0.0, None, 0.0, 1.0]
    assert run.timing == "provider_clock"


@pytest.mark.parametrize("stamps", [[5, None], [None, 5], [5, None, 5], [5, 4], [6, None, 5]])
def test_a_clock_that_never_moves_forward_is_none(stamps: list[int | None]) -> None:
    chunk = {"id": "a", "model": "m", "choices": [{"index": 0, "delta": {"content": "x"}}]}
    sent = [{**chunk, **({"created": at} if at else {})} for at in stamps]
    run = cv.read_stream(b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in sent))
    assert run.timing == "none"
    assert all(isnan(at) for at in run.wire.times)


def test_only_gaps_between_times_that_are_known_are_known() -> None:
    nan = float("nan")
    assert known_gaps([nan, 1.0, 3.0, nan, 7.0, 7.5]) == [2.0, 0.5]
    assert known_gaps([]) == known_gaps([1.0]) == known_gaps([1.0, nan]) == []
