"""The layer of times: only what a clock measured, and only what is far from what it was."""

from __future__ import annotations

from typing import Final

from chatviz.evidence.drift.change import Change, Compared
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.gaps import known_gaps

__all__ = ["FACTOR", "LEAST_S", "compare_times"]

FACTOR: Final = 2.0  # a time that is so many times as long or as short as it was is another
LEAST_S: Final = 0.1  # seconds; what differs by less is chance
_GAP: Final = "longest_gap_s"


def compare_times(old: StreamRun, new: StreamRun) -> Compared:
    """Compare times, where both have a clock of the same kind.

    No answer takes as long as another: a time counts as another one where it is at least twice as
    long, or half as long, and 0.1 s or more apart. Times of the chunks are compared where both
    were measured, or both are on a provider's clock that is fine enough; what the server says of
    its own time where both servers say it.
    """
    ours, theirs = _times(old), _times(new)
    shared = [place for place in ours if place in theirs]
    found = tuple(
        Change("times", place, "changed", f"{ours[place]:.3f} s", f"{theirs[place]:.3f} s")
        for place in shared
        if _is_other(ours[place], theirs[place])
    )
    has_chunks = any(_GAP in place for place in shared)
    return Compared(found, "" if has_chunks else _say_why(old, new, shared), bool(shared))


def _is_other(old: float, new: float) -> bool:
    short, long = sorted((old, new))
    return long - short >= LEAST_S and long >= FACTOR * short


def _times(run: StreamRun) -> dict[str, float]:
    """Return the times that are known, by their names, each with whose clock it is."""
    found: dict[str, float | None] = {}
    if run.response.time_source in ("measured", "recorder"):
        found[f"time_to_headers_s ({run.response.time_source})"] = run.time_to_headers_s
    found["time_to_first_token_s (measured)"] = run.time_to_first_token_s
    found["duration_s (measured)"] = run.duration_s
    is_fine = run.timing == "measured" or (run.clock_resolution_s or 1.0) < 1.0
    if run.timing != "none" and is_fine:
        found[f"{_GAP} ({run.timing})"] = _longest_gap(run)
    for time in run.server_timing:
        found[f"{time.field} (server)"] = time.seconds
    return {name: seconds for name, seconds in found.items() if seconds is not None}


def _longest_gap(run: StreamRun) -> float | None:
    times = run.wire.chunk_times
    return max(known_gaps(times), default=None)


def _say_why(old: StreamRun, new: StreamRun, shared: list[str]) -> str:
    """Return why the times of chunks were not compared, and what was."""
    clocks = ["no clock" if run.timing == "none" else run.timing for run in (old, new)]
    why = f"{clocks[0]} in the old, {clocks[1]} in the new"
    why = "neither has a clock for its chunks" if clocks == ["no clock"] * 2 else why
    return f"only {', '.join(shared)}: {why}" if shared else why
