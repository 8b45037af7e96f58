"""Timed bytes come in, timed events go out; what is kept of an event is where it lies."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Final

import msgspec

from chatviz.wire.decoders.aws_frames import frame_name
from chatviz.wire.event_columns import KINDS, EventColumns
from chatviz.wire.framing import Framing, event_data
from chatviz.wire.json_text import load_any_json
from chatviz.wire.wire_event import EventKind, WireEvent

__all__ = ["Chunk", "Event", "Events", "TimedBytes"]

_MOST_WAITING: Final = 1_024  # events in a piece, and pieces: what waits is held in memory


class TimedBytes(msgspec.Struct, frozen=True, gc=False):
    """A piece: bytes as they were read.

    Attributes
    ----------
    data : bytes
    at : float | None
        Seconds since the request was sent, None where it is not known.
    """

    data: bytes
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Anything decoded on the wire.

    Attributes
    ----------
    index : int
        Its number among the run's events, from 0.
    kind : str
        ``"data"``, ``"done"``, ``"comment"``, ``"fields"`` or ``"unfinished"``.
    at : float | None
        Seconds since the request was sent (on a provider's clock: since its first stamp) when the
        event was complete, None where it is not known.
    start, end : int
        Its span in the body, in bytes, through its line break; an element's and a frame's alone.
    raw : bytes
        The bytes of its span.
    data : bytes
        Its joined data lines; of a comment, its text; a value of JSON; a frame's payload.
    """

    index: int
    kind: EventKind
    at: float | None
    start: int
    end: int
    raw: bytes = field(repr=False)
    framing: Framing = field(repr=False)

    @property
    def data(self) -> bytes:
        """The joined data lines; of a comment, its text; a value of JSON; a frame's payload."""
        return event_data(self.framing, self.kind, self.raw)


@dataclass(frozen=True, slots=True)
class Chunk(Event):
    """A data event other than ``[DONE]``; its ``index`` counts the chunks, from 0.

    Attributes
    ----------
    event : int
        Its number among the run's events.
    json : object
        The decoded data, made anew each time that it is asked for; None where it is no JSON.
    """

    event: int = -1

    @property
    def json(self) -> Any:
        """The decoded data; None where it is no JSON (and for ``null``)."""
        try:
            return load_any_json(self.data)
        except ValueError:
            return None


class Events:
    """The events of one body, as columns: spans, kinds and times; values are made on demand."""

    def __init__(self) -> None:
        self.framing: Framing = "unknown"
        self.are_measured = False  # whether the times are those at which pieces came
        self.last_at: float | None = None  # when the last event came, where that is known
        self.chunk_count = 0
        self.size = 0  # bytes so far
        self._pieces: list[bytes] = []
        self._offsets = array("Q")  # where each piece begins
        self._columns: EventColumns | None = None
        self._waiting: list[tuple[Sequence[WireEvent], float | None]] = []  # before there are any

    @property
    def body(self) -> bytes:
        """All bytes so far."""
        if len(self._pieces) > 1:
            self._pieces, self._offsets = [b"".join(self._pieces)], array("Q", [0])
        return self._pieces[0] if self._pieces else b""

    def keep(self, data: bytes) -> None:
        """Keep the next piece of the body."""
        self._pieces.append(data)
        self._offsets.append(self.size)
        self.size += len(data)

    def body_from(self, start: int) -> bytes:
        """Return the bytes from an offset on; what lies before it is not touched."""
        first = max(bisect_right(self._offsets, start) - 1, 0)
        return b"".join(self._pieces[first:])[start - self._offsets[first] :] if self.size else b""

    def extend(self, events: Sequence[WireEvent], at: float | None) -> int:
        """Add the events that one piece completed; return the number of the first new chunk.

        The columns are made when somebody looks: most who read an answer want what it says.
        """
        first = self.chunk_count
        if not events:
            return first
        self.chunk_count += [event.kind for event in events].count("data")
        self.last_at = at
        self.are_measured |= at is not None
        if self._columns is not None:
            self._columns.extend(events, at)
            return first
        self._waiting.append((events, at))
        if len(events) > _MOST_WAITING or len(self._waiting) > _MOST_WAITING:
            self._filled()
        return first

    def _filled(self) -> EventColumns:
        """Return the columns, made when they are first asked for."""
        waiting = self._waiting  # looked at before the columns are: two threads may ask at once
        if self._columns is None:
            columns = EventColumns()
            for events, at in waiting:
                columns.extend(events, at)
            self._columns, self._waiting = columns, []
        return self._columns

    @property
    def starts(self) -> array[int]:
        """Where each event begins in the body."""
        return self._filled().starts

    @property
    def ends(self) -> array[int]:
        """Where each event ends in the body."""
        return self._filled().ends

    @property
    def kinds(self) -> array[int]:
        """The kind of each event: its place in ``KINDS``."""
        return self._filled().kinds

    @property
    def times(self) -> array[float]:
        """When each event was complete, in seconds; NaN where that is not known."""
        return self._filled().times

    @property
    def chunk_events(self) -> array[int]:
        """The event of each chunk."""
        return self._filled().chunk_events

    @property
    def chunk_times(self) -> list[float]:
        """When each chunk was complete, in seconds; NaN where that is not known."""
        times = self.times
        return [times[event] for event in self.chunk_events]

    def take_clock(
        self, chunks: Sequence[int], stamps: Sequence[float], is_whole: bool
    ) -> float | None:
        """Write a provider's clock into the times; see ``EventColumns.take_clock``."""
        return self._filled().take_clock(chunks, stamps, is_whole) if len(chunks) > 1 else None

    def copy(self) -> Events:
        """Return a copy that later pieces do not change."""
        other = copy(self)
        other._pieces, other._offsets = [self.body], array("Q", [0])
        other._columns = self._filled().copy()
        other._waiting = []
        return other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events):
            return NotImplemented
        return self._compared() == other._compared()

    __hash__ = None  # type: ignore[assignment]  # it grows

    def _compared(self) -> tuple[object, ...]:
        times = [None if isnan(at) else at for at in self.times]
        return self.framing, self.body, self.starts, self.ends, self.kinds, times

    def event(self, index: int) -> Event:
        """Return one event."""
        kind, at, start, end = self._row(index)
        return Event(index, kind, at, start, end, self.body[start:end], self.framing)

    def chunk(self, index: int) -> Chunk:
        """Return one chunk."""
        event = self.chunk_events[index]
        kind, at, start, end = self._row(event)
        return Chunk(index, kind, at, start, end, self.body[start:end], self.framing, event)

    def chunk_data(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the data of each chunk, and its event's name where a frame's headers hold it."""
        body, starts, ends = self.body, self.starts, self.ends
        is_framed = self.framing == "aws_frames"
        for event in self.chunk_events:
            raw = body[starts[event] : ends[event]]
            name = frame_name(raw) if is_framed else b""
            yield event_data(self.framing, "data", raw), name

    def _row(self, index: int) -> tuple[EventKind, float | None, int, int]:
        end, at = self.ends[index], self.times[index]
        if self.framing == "sse" and self.body[end - 1 : end + 1] == b"\r\n":
            end += 1
        kind = KINDS[self.kinds[index]]
        return kind, None if isnan(at) else at, self.starts[index], end
