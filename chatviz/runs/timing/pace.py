"""Pace: what the arrival times of a measured stream show: pauses, bursts, a silent start."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import Final

from chatviz.chat.findings.log import FindingLog
from chatviz.runs.timing.gaps import find_gaps, known_gaps
from chatviz.wire.events import Events

__all__ = ["note_pace"]

SILENT_S: Final = 10.0  # without any event, before the first chunk
STALL_S: Final = 1.0  # a pause is longer than this, and than
STALL_TIMES: Final = 5.0  # so many times the median of the other gaps
BURST: Final = 5  # chunks in one read,
BURST_S: Final = 0.05  # after a wait of at least this: a quicker one nobody sees
BUFFERS: Final = (4_096, 8_192, 16_384)  # bytes
FAKED_S: Final = 1.0  # of waiting, and then
FAKED_CHUNKS: Final = 10  # so many chunks at least,
FAKED_SHARE: Final = 0.9  # this part of all,
FAKED_END: Final = 0.98  # behind this part of the time


def note_pace(log: FindingLog, wire: Events) -> None:
    """Note what is odd in the times at which chunks came, where these were measured."""
    if not wire.are_measured or wire.chunk_count < 2:
        return
    times = wire.chunk_times
    _note_silence(log, wire)
    if _is_faked(times):
        end = FAKED_END * times[-1]
        log.add("faked_stream", chunk=bisect_left(times, end), seconds=f"{times[-1]:.1f}",
                text=f"{sum(at >= end for at in times):,} of {len(times):,}")  # fmt: skip
        return
    _note_stalls(log, times)
    _note_bursts(log, wire, times)


def _note_silence(log: FindingLog, wire: Events) -> None:
    first = wire.chunk_events[0]
    silence = max(known_gaps([0.0, *wire.times[: first + 1]]), default=0.0)
    if silence > SILENT_S:
        log.add("silent_start", chunk=0, seconds=f"{silence:.1f}")


def _is_faked(times: Sequence[float]) -> bool:
    """Whether nearly all chunks came together, at the end of a wait."""
    late = sum(at >= FAKED_END * times[-1] for at in times)
    is_long = times[-1] > FAKED_S and len(times) >= FAKED_CHUNKS
    return is_long and late >= FAKED_SHARE * len(times)


def _note_stalls(log: FindingLog, times: Sequence[float]) -> None:
    """Note the longest pause between chunks; one needs another gap to be longer than."""
    long = find_gaps(times, times[0], STALL_S, STALL_TIMES)
    pauses = [gap for gap in long if gap.median_s is not None]
    if pauses:
        longest = max(pauses, key=lambda gap: gap.seconds)
        log.add("stall", chunk=longest.after, count=len(pauses), seconds=f"{longest.seconds:.1f}")


def _note_bursts(log: FindingLog, wire: Events, times: Sequence[float]) -> None:
    """Note reads that brought several chunks: something collects them on the way."""
    reads = list(_reads(times))
    bursts = [
        (first, stop)
        for first, stop in reads
        if stop - first >= BURST and times[first] - (times[first - 1] if first else 0.0) >= BURST_S
    ]
    if not bursts:
        return
    first, stop = max(bursts, key=lambda read: read[1] - read[0])
    log.add(
        "burst",
        chunk=first,
        last_chunk=stop - 1,
        count=len(bursts),
        most=stop - first,
        text=_say_buffer(wire, reads),
    )


def _reads(times: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Yield the first chunk of each read, and the one after its last."""
    first = 0
    for _, group in groupby(times):
        stop = first + sum(1 for _ in group)
        yield first, stop
        first = stop


def _say_buffer(wire: Events, reads: Sequence[tuple[int, int]]) -> str:
    """Name the size of a buffer that is emptied when it is full; ``""`` where none is seen."""
    ends, events = wire.ends, wire.chunk_events
    last = [ends[events[stop - 1]] for _, stop in reads[:-1]]
    sizes = [b - a for a, b in pairwise([0, *last])]
    if len(sizes) < 3:
        return ""
    usual = median(sizes)
    largest = max(b - a for a, b in zip(wire.starts, ends, strict=True))
    for size in BUFFERS:
        if abs(usual - size) <= min(largest, size // 4):
            return f", about {size:,} bytes each time"
    return ""
