"""Deltas: what a run's chunks said, each with its chunk, kept as columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

from chatviz.chat.deltas import Delta

__all__ = ["ChunkDelta", "Deltas"]


class ChunkDelta(NamedTuple):
    """A delta, and the number of the chunk that said it."""

    chunk: int
    delta: Delta


class Deltas(Sequence[ChunkDelta]):
    """The deltas of a run in the order of the stream, each with its chunk."""

    def __init__(self) -> None:
        self.values: list[Delta] = []
        self.chunks = array("I")

    def extend(self, columns: Sequence[Sequence[Delta]], first: int) -> None:
        """Add deltas of chunks that follow each other: for each delta of a chunk, those of all."""
        chunks = range(first, first + len(columns[0]))
        if len(columns) == 1:
            self.values += columns[0]
            self.chunks.extend(chunks)
            return
        self.values += [delta for row in zip(*columns, strict=True) for delta in row]
        self.chunks.extend([chunk for chunk in chunks for _ in columns])

    def copy(self) -> Deltas:
        """Return a copy that later deltas do not change."""
        other = Deltas()
        other.values, other.chunks = self.values[:], self.chunks[:]
        return other

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> ChunkDelta: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ChunkDelta, ...]: ...
    def __getitem__(self, index: int | slice) -> ChunkDelta | tuple[ChunkDelta, ...]:
        if isinstance(index, slice):
            pairs = zip(self.chunks[index], self.values[index], strict=True)
            return tuple(ChunkDelta(*pair) for pair in pairs)
        return ChunkDelta(self.chunks[index], self.values[index])

    def __iter__(self) -> Iterator[ChunkDelta]:
        return map(ChunkDelta, self.chunks, self.values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Deltas):
            return NotImplemented
        return self.chunks == other.chunks and self.values == other.values

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"<{len(self)} deltas>"
