"""Gaps: where a stream stood still for longer than it usually did."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import sub
from typing import NamedTuple

from chatviz.runs.run import StreamRun

__all__ = ["Gap", "find_gaps", "gaps_of_run", "known_gaps"]


class Gap(NamedTuple):
    """A time without chunks.

    Attributes
    ----------
    before, after : int | None, int
        The chunks around it; None before the first one.
    begins_at_s, seconds : float
        When it began, and how long it lasted.
    median_s : float | None
        The median of the other gaps between chunks; None where there are none.
    """

    before: int | None
    after: int
    begins_at_s: float
    seconds: float
    median_s: float | None


def known_gaps(times: Sequence[float]) -> list[float]:
    """Return the seconds between each time and the next, where both are known (none is NaN)."""
    return [gap for gap in map(sub, islice(times, 1, None), times) if gap == gap]


def gaps_of_run(run: StreamRun, longer_than_s: float, times_the_median: float) -> list[Gap]:
    """Return the long gaps of a run; none where no clock is finer than a second.

    The wait for the first chunk is the first of them, where it was measured.
    """
    if run.timing == "none" or not run.wire.chunk_count or (run.clock_resolution_s or 0.0) >= 1:
        return []
    times = run.wire.chunk_times
    start = 0.0 if run.timing == "measured" else times[0]
    return list(find_gaps(times, start, longer_than_s, times_the_median))


def find_gaps(
    times: Sequence[float], start: float, longer_than_s: float, times_the_median: float
) -> Iterator[Gap]:
    """Yield the gaps that are longer than so many seconds, and than usual, in their order.

    Parameters
    ----------
    times : sequence of float
        When each chunk came, in seconds; NaN where that is not known.
    start : float
        When the wait for the first one began.
    longer_than_s, times_the_median : float
        Its seconds, and its share of the median of the other gaps between chunks, are above these.
    """
    stamps = [start, *times]
    gaps = list(map(sub, times, stamps))
    if not gaps or max(gaps) <= longer_than_s:  # nearly always, and of many chunks
        return
    in_order = sorted(known_gaps(times))
    for after, gap in enumerate(gaps):
        if not gap > longer_than_s:  # or not known
            continue
        median = _median_of_others(in_order, gap if after else None)
        if gap > times_the_median * (median or 0.0):
            yield Gap(after - 1 if after else None, after, stamps[after], gap, median)


def _median_of_others(in_order: Sequence[float], gap: float | None) -> float | None:
    """Return the median of sorted gaps, without one of them; None where none is left."""
    place = len(in_order) if gap is None else bisect_left(in_order, gap)
    count = len(in_order) - (gap is not None)
    if not count:
        return None
    low, high = ((n + (n >= place)) for n in ((count - 1) // 2, count // 2))
    return (in_order[low] + in_order[high]) / 2
