"""RunGrowth: by what an answer has grown, as columns that a live inspector adds to those it has.

What is new is told in the time that copying it takes: numbers travel as they are stored, in binary
buffers, and the text of an answer once.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import ceil, isnan
from typing import Any, Final, TypeAlias

from chatviz.chat.arguments.scanner import ArgumentScanner
from chatviz.chat.assembly.call_slots import CallSlot
from chatviz.chat.assembly.counted import AnswerUsage
from chatviz.chat.deltas import Delta, ErrorDelta, FinishDelta, UnknownDelta, UsageDelta
from chatviz.chat.manners import Manners
from chatviz.runs.pieces import PieceFinder
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import GrowingRun, StreamRun
from chatviz.views.inspector.calls import call_facts, count_all_units, mark_columns, unit_offsets
from chatviz.views.inspector.data import MAX_BYTES
from chatviz.views.inspector.runs import (
    TOLD_BY_SIZE,
    DeltasByType,
    error_rows,
    finish_rows,
    heading_columns,
    outcome_columns,
    piece_kind,
    placed_calls,
    sort_deltas,
    told_of_part,
    unread_chunks,
    usage_rows,
)
from chatviz.views.timeline.bins import has_times
from chatviz.wire.event_columns import DATA

__all__ = ["Buffers", "RunGrowth"]

Buffers: TypeAlias = list[bytes]
MAX_USAGES: Final = 16  # rows that are sent while the answer goes on
_RARE: Final = frozenset({UsageDelta, FinishDelta, ErrorDelta, UnknownDelta})


class RunGrowth:
    """Tells what a reader has read since it was asked last; it is asked between two pieces.

    Columns are JSON. A number under ``kinds``, ``starts``, ``times``, ``bytes``, ``chunks`` and
    ``lengths`` is the place of a buffer: unsigned 8 bits each, floats of 64 bits (bytes, seconds),
    the raw bytes themselves, unsigned 32 bits each.

    Parameters
    ----------
    reader : StreamReader
    max_bytes : int
        How many raw bytes are sent; the rest is left out, as in what a notebook keeps.
    """

    def __init__(self, reader: StreamReader, *, max_bytes: int = MAX_BYTES) -> None:
        self.bytes_told = 0
        self._reader = reader
        self._max_bytes = max_bytes
        self._events = self._deltas = 0  # how many were sent
        self._has_heading = False
        self._finder: PieceFinder | None = None
        self._counted = AnswerUsage()
        self._spoken: set[tuple[str, int, int]] = set()
        self._calls: dict[tuple[int, int], _CallGrowth] = {}
        self._rows: dict[str, list[Any]] = {"usage": [], "finish": [], "errors": []}

    def take(self) -> tuple[dict[str, Any], Buffers]:
        """Return the columns of what is new, and their buffers; nothing where no event is new."""
        grown, buffers = self._reader.growing, Buffers()
        wire, deltas, choices, manners = grown
        if len(wire.starts) == self._events:
            return {}, buffers
        columns = self._grow_events(grown, buffers)
        fresh = deltas.chunks[self._deltas :], deltas.values[self._deltas :]
        said = sort_deltas(*fresh)
        calls = (
            self._grow_call(part.slot, one.number, place)
            for one in choices
            for place, part in enumerate(one.parts)
            if part.slot is not None
        )
        columns["parts"] = [*self._grow_spoken(*fresh, grown), *filter(None, calls)]
        for part in columns["parts"]:
            part["chunks"] = _put(buffers, array("I", part["chunks"]).tobytes())
            part["lengths"] = _put(buffers, array("I", part["lengths"]).tobytes())
        columns |= self._told(said, manners)
        self._events, self._deltas = len(wire.starts), len(deltas)
        return columns, buffers

    def close(self, run: StreamRun) -> tuple[dict[str, Any], Buffers]:
        """Return the columns of what only the end of the answer shows, and its last bytes."""
        places = [n for n, delta in enumerate(run.deltas.values) if type(delta) in _RARE]
        chunks = [run.deltas.chunks[n] for n in places]
        said = sort_deltas(chunks, [run.deltas.values[n] for n in places])
        calls = [call_facts(call, place) for call, place in placed_calls(run)]
        buffers = Buffers()
        columns = {
            **outcome_columns(run, said),
            "until": self._end_of_last_chunk(run.wire.size),
            "parts": calls,
            "bytes": _put(buffers, self._take_bytes(run.wire.size)),
        }
        if run.timing == "provider_clock" and has_times(run):
            times = array("d", run.wire.chunk_times)
            columns["clock_times"] = _put(buffers, times.tobytes())
        return columns, buffers

    def _grow_events(self, grown: GrowingRun, buffers: Buffers) -> dict[str, Any]:
        """Return kinds, spans and times of the events that are new, and all bytes that are."""
        wire, first = grown.wire, self._events
        starts, times = array("d", wire.starts[first:]), wire.times[first:]
        starts[0] = starts[0] if first else 0  # a byte order mark belongs to the first event
        columns = {
            "framing": wire.framing,
            "until": self._end_of_last_chunk(wire.starts[first]),
            "end": wire.ends[-1],
            "kinds": _put(buffers, wire.kinds[first:].tobytes()),
            "starts": _put(buffers, starts.tobytes()),
            "bytes": _put(buffers, self._take_bytes(wire.size)),
        }
        if wire.are_measured and not isnan(sum(times)):
            columns["times"] = _put(buffers, times.tobytes())
        return columns

    def _end_of_last_chunk(self, end: int) -> int | None:
        """Return an end where the event that was told last is a chunk: the next begins there."""
        kinds = self._reader.growing.wire.kinds
        return end if self._events and kinds[self._events - 1] == DATA else None

    def _take_bytes(self, size: int) -> bytes:
        if size > self._max_bytes:
            return b""
        first, self.bytes_told = self.bytes_told, size
        return self._reader.growing.wire.body_from(first)

    def _grow_spoken(
        self, chunks: Sequence[int], deltas: Sequence[Delta], grown: GrowingRun
    ) -> list[dict[str, Any]]:
        """Return by what all parts but calls have grown."""
        if not deltas:
            return []
        if self._finder is None:  # whose manners it has is known with the first delta
            self._finder = PieceFinder(grown.manners)
        parts = []
        for one in self._finder.take(chunks, deltas, grown.choices):
            kind, text = piece_kind(one), "".join(one.texts)
            part = {"kind": kind, "chunks": one.chunks, **told_of_part(one)}
            part |= {"lengths": count_all_units(one.texts, text), "text": text}
            key = kind, one.choice, one.place
            part["goes_on"] = key in self._spoken
            if kind in TOLD_BY_SIZE:
                del part["text"]
            self._spoken.add(key)
            parts.append(part)
        return parts

    def _grow_call(self, slot: CallSlot, choice: int, place: int) -> dict[str, Any] | None:
        key = choice, slot.position
        if key not in self._calls:
            self._calls[key] = _CallGrowth(slot, choice, place)
        return self._calls[key].take()

    def _told(self, said: DeltasByType, manners: Manners) -> dict[str, Any]:
        """Return the rows that have changed, whole, and what is known of the answer."""
        columns: dict[str, Any] = {"unread": unread_chunks(said)}
        fresh: dict[str, list[Any]] = {
            "usage": usage_rows(said, manners, self._counted)[-1:],
            "finish": finish_rows(said),
            "errors": error_rows(said),
        }
        for name, rows in fresh.items():
            if rows:
                self._rows[name] += rows
                columns[name] = _thin(self._rows[name])
        if not self._has_heading:
            run = self._reader.run
            self._has_heading = run.answer.said_at is not None
            columns |= heading_columns(run)
        return columns


class _CallGrowth:
    """One call: what was told of its fragments, and of the marks in its arguments."""

    def __init__(self, slot: CallSlot, choice: int, place: int) -> None:
        self._slot = slot
        self._choice = choice
        self._place = place
        self._told = -1  # fragments; -1 while nothing was told at all
        self._ends: list[int] = []  # characters up to the end of each fragment
        self._text = ""
        self._scanner = ArgumentScanner()
        self._open: list[int] = []  # marks that were told without an end

    def take(self) -> dict[str, Any] | None:
        """Return what is new; None where nothing is."""
        slot, since, goes_on = self._slot, max(self._told, 0), self._told >= 0
        if self._told == len(slot.texts):
            return None
        texts, marks = slot.texts[since:], len(self._scanner.marks)
        fresh = "".join(texts)
        self._told = len(slot.texts)
        self._ends += list(accumulate(map(len, texts), initial=len(self._text)))[1:]
        self._text += fresh
        self._scanner.feed(fresh)
        return {
            "kind": "call",
            "choice": self._choice,
            "place": self._place,
            "goes_on": goes_on,
            "position": slot.position,
            "name": slot.name,
            "id": slot.id,
            "from": max(slot.chunk, 0),
            "chunks": slot.chunks[since:],
            "lengths": count_all_units(texts, fresh),
            "text": fresh,
            "runnable": self._runnable(),
            "fault": None,
            "marks": self._marks(marks, unit_offsets(self._text)),
        }

    def _runnable(self) -> int | None:
        """Return the first fragment after which the arguments were whole, as far as they came."""
        if not self._scanner.is_complete:
            return None
        return bisect_left(self._ends, self._scanner.marks.ends[0])

    def _marks(self, first: int, offset_of: Callable[[int], int]) -> dict[str, Any]:
        """Return the marks from the first new one on, and which of the others have ended."""
        marks = self._scanner.marks
        closed = [[n, offset_of(marks.ends[n])] for n in self._open if marks.ends[n] >= 0]
        opened = [n for n in range(first, len(marks)) if marks.ends[n] < 0]
        self._open = [n for n in self._open if marks.ends[n] < 0] + opened
        return {**mark_columns(marks, offset_of, first), "closed": closed}


def _put(buffers: Buffers, data: bytes) -> int:
    buffers.append(data)
    return len(buffers) - 1


def _thin(rows: Sequence[Any]) -> list[Any]:
    """Return some of many rows, the last one always."""
    return [*rows[: -1 : ceil(len(rows) / MAX_USAGES) or 1], *rows[-1:]]
