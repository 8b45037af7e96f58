"""EventColumns: where the events of a body lie, of which kind they are, and when they came."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from math import isnan, nan
from operator import le
from typing import Final

from chatviz.wire.wire_event import EventKind, WireEvent

__all__ = ["DATA", "KINDS", "EventColumns"]

KINDS: Final[tuple[EventKind, ...]] = ("data", "done", "comment", "fields", "unfinished")
_KIND_NUMBERS: Final = {kind: number for number, kind in enumerate(KINDS)}
DATA: Final = _KIND_NUMBERS["data"]
_DONE: Final = bytes([_KIND_NUMBERS["done"]])
_UNTIMED: Final = array("d", [nan])


class EventColumns:
    """The events of one body, a column for each thing that is kept of them.

    Attributes
    ----------
    starts, ends : array of int
        Their spans in the body, in bytes.
    kinds : array of int
        Their kinds, as places in ``KINDS``.
    times : array of float
        Seconds; NaN where the time is not known.
    chunk_events : array of int
        The event of each chunk.
    """

    def __init__(self) -> None:
        self.starts = array("Q")
        self.ends = array("Q")
        self.kinds = array("B")
        self.times = array("d")
        self.chunk_events = array("Q")

    def extend(self, events: Sequence[WireEvent], at: float | None) -> None:
        """Add the events that one piece completed."""
        first, count = len(self.starts), len(events)
        self.starts.fromlist([event.start for event in events])
        self.ends.fromlist([event.end for event in events])
        kinds = [event.kind for event in events]
        data = kinds.count("data")
        if data == count or (data == count - 1 and kinds[-1] == "done"):  # the usual bodies
            self.kinds.frombytes(bytes([DATA]) * data + _DONE * (count - data))
            self.chunk_events.extend(range(first, first + data))
        else:
            self.kinds.extend([_KIND_NUMBERS[kind] for kind in kinds])
            self.chunk_events.extend([n for n, kind in enumerate(kinds, first) if kind == "data"])
        self.times.extend((_UNTIMED if at is None else array("d", [at])) * count)

    def take_clock(
        self, chunks: Sequence[int], stamps: Sequence[float], is_whole: bool
    ) -> float | None:
        """Write a provider's clock into the times, as seconds since its first stamp.

        Parameters
        ----------
        chunks, stamps : sequence
            The chunks at which the clock moved, and what it then said, in seconds; NaN where it
            said nothing, which the first may not be.
        is_whole : bool
            Whether none of them is NaN.

        Returns
        -------
        float | None
            The clock's step in seconds; None, and nothing written, where it does not run forward.
        """
        said = stamps if is_whole else [stamp for stamp in stamps if not isnan(stamp)]
        if len(said) < 2 or not all(map(le, said, islice(said, 1, None))) or said[0] == said[-1]:
            return None
        first, times = said[0], self.times
        begin = self.chunk_events[chunks[0]]
        if len(stamps) == len(times) - begin:  # one for each event: the usual case
            times[begin:] = array("d", [stamp - first for stamp in stamps])
        else:
            begins = [self.chunk_events[chunk] for chunk in chunks]
            ends = [*begins[1:], len(times)]
            for stamp, begin, end in zip(stamps, begins, ends, strict=True):
                times[begin:end] = array("d", [stamp - first]) * (end - begin)
        return 1.0 if all(stamp == int(stamp) for stamp in said) else 1e-6

    def copy(self) -> EventColumns:
        """Return a copy that later events do not change."""
        other = EventColumns()
        for name, column in vars(self).items():
            setattr(other, name, column[:])
        return other
