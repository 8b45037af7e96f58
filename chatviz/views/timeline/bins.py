"""Bins: where one mark of a picture ends and the next begins, by number or by time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

from chatviz.runs.run import StreamRun

__all__ = ["Bins", "chunk_bins", "has_times", "time_bins"]


@dataclass(frozen=True, slots=True)
class Bins:
    """Where one mark ends and the next begins: n + 1 edges for n bins.

    Attributes
    ----------
    chunks, events : sequence of int
        The number of the first chunk, and the first event, of each bin.
    centres : sequence of float
        Where its mark is, in the unit of the axis.
    """

    chunks: Sequence[int]
    events: Sequence[int]
    centres: Sequence[float]

    @property
    def largest(self) -> int:
        """The most chunks that one bin holds."""
        return max((b - a for a, b in pairwise(self.chunks)), default=0)


def chunk_bins(run: StreamRun, per_bin: int) -> Bins:
    """Return bins of equally many chunks."""
    count = len(run.chunks)
    chunks = [*range(0, count, per_bin), count] if count else [0, 0]
    starts = run.wire.chunk_events
    # A comment belongs to the chunk that comes after it; the last bin holds what is left.
    events = [0, *(starts[chunk - 1] + 1 for chunk in chunks[1:-1]), len(run.events)]
    centres = [(a + max(b - 1, a)) / 2 for a, b in pairwise(chunks)]
    return Bins(chunks, events, centres)


def time_bins(run: StreamRun, width_s: float) -> Bins:
    """Return bins of equal times; for a width of 0, one for each time at which anything came."""
    times, starts = run.wire.times, run.wire.chunk_events
    edges = sorted(set(times)) if width_s == 0 else _grid(times[0], times[-1], width_s)
    events = [bisect_left(times, edge) for edge in edges]
    events = [*events, len(times)]
    chunks = [bisect_left(starts, event) for event in events]
    return Bins(chunks, events, [edge + width_s / 2 for edge in edges])


def has_times(run: StreamRun) -> bool:
    """Whether every event has a time, on a clock that never runs backwards."""
    times = run.wire.times
    return run.timing != "none" and len(times) > 0 and not isnan(sum(times))


def _grid(start: float, end: float, width: float) -> list[float]:
    """Return the lower edges of bins that cover a span."""
    return [start + width * number for number in range(int((end - start) / width) + 1)]
