"""The events and the chunks of a run as sequences: each value is made when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from chatviz.wire.events import Chunk, Event, Events

__all__ = ["ChunkSequence", "EventSequence"]


class EventSequence(Sequence[Event]):
    """The events of a run; each value is made when it is asked for."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def __len__(self) -> int:
        return len(self._events.starts)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return tuple(self._events.event(number) for number in numbers)
        return self._events.event(numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventSequence):
            return NotImplemented
        return self._events == other._events

    __hash__ = None  # type: ignore[assignment]  # they grow

    def __repr__(self) -> str:
        return f"<{len(self)} events>"


class ChunkSequence(Sequence[Chunk]):
    """The chunks of a run; each value is made when it is asked for."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def __len__(self) -> int:
        return len(self._events.chunk_events)

    @overload
    def __getitem__(self, index: int) -> Chunk: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Chunk, ...]: ...
    def __getitem__(self, index: int | slice) -> Chunk | tuple[Chunk, ...]:
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return tuple(self._events.chunk(number) for number in numbers)
        return self._events.chunk(numbers)

    def __iter__(self) -> Iterator[Chunk]:
        return (self._events.chunk(number) for number in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChunkSequence):
            return NotImplemented
        return self._events == other._events

    __hash__ = None  # type: ignore[assignment]  # they grow

    def __repr__(self) -> str:
        return f"<{len(self)} chunks>"
