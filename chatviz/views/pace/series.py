"""What is drawn of an answer's pace: characters by time or by chunk, its pauses, its gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isnan
from typing import Final

from chatviz.runs.choices import tool_calls_of
from chatviz.runs.pieces import PieceFinder
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.gaps import Gap, gaps_of_run, known_gaps
from chatviz.views.run_headings import HeadedRun

__all__ = ["PERCENTILES", "Series", "has_pace", "percentile_of", "series_of"]

PAUSE_S: Final = 1.0  # the defaults of cv.gap_table
PAUSE_TIMES: Final = 5.0
PERCENTILES: Final = (50, 90, 99)


@dataclass(frozen=True)
class Series:
    """The growth of one answer.

    Attributes
    ----------
    item : HeadedRun
    places : sequence of float
        Where each chunk stands: in seconds, or its number. By time, a chunk without one has none.
    grown : sequence of int
        The characters that had come with it: text, reasoning, refusals and arguments.
    pauses : sequence of Gap
        Those longer than 1 s and than 5 times the usual gap; none by number.
    gaps : sequence of float
        The seconds between its chunks, in order of size; none by number.
    """

    item: HeadedRun
    places: Sequence[float]
    grown: Sequence[int]
    pauses: Sequence[Gap] = ()
    gaps: Sequence[float] = ()
    is_timed: bool = False

    @property
    def total(self) -> int:
        """All its characters."""
        return self.grown[-1] if self.grown else 0

    @property
    def span_s(self) -> float | None:
        """Seconds from its first chunk to its last; None by number."""
        return self.places[-1] - self.places[0] if self.is_timed and self.places else None

    @property
    def rate(self) -> float | None:
        """Characters per second behind the first chunk; None where no time passed, or by number."""
        return (self.total - self.grown[0]) / self.span_s if self.span_s else None


def has_pace(run: StreamRun) -> bool:
    """Whether its chunks have times that are finer than a second."""
    return run.timing != "none" and (run.clock_resolution_s or 0.0) < 1


def series_of(item: HeadedRun, *, is_timed: bool) -> Series:
    """Work out the growth of an answer, by time or by the number of the chunk."""
    run = item.run
    grown = list(accumulate(_sizes(run)))
    if not is_timed:
        return Series(item, range(len(grown)), grown)
    times = run.wire.chunk_times
    timed = [(at, size) for at, size in zip(times, grown, strict=True) if not isnan(at)]
    places, sizes = [at for at, _ in timed], [size for _, size in timed]
    pauses, gaps = gaps_of_run(run, PAUSE_S, PAUSE_TIMES), sorted(known_gaps(times))
    return Series(item, places, sizes, pauses, gaps, is_timed=True)


def percentile_of(in_order: Sequence[float], percent: float) -> float:
    """Return a percentile of sorted numbers, between two of them linearly, as numpy does."""
    place = (len(in_order) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(in_order) - 1)
    return in_order[low] + (in_order[high] - in_order[low]) * (place - low)


def _sizes(run: StreamRun) -> list[int]:
    """Return how many characters each chunk brought."""
    sizes = [0] * len(run.chunks)
    finder = PieceFinder(run.spoken.manners)
    for part in finder.take(run.deltas.chunks, run.deltas.values, run.answer.choices):
        for chunk, text in zip(part.chunks, part.texts, strict=True):
            sizes[chunk] += len(text)
    for call in tool_calls_of(run):
        for fragment in call.fragments:
            sizes[fragment.chunk] += len(fragment.text)
    return sizes
