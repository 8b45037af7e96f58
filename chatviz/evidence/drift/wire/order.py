"""In which order an answer's events come, apart from how many there are of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from chatviz.chat.deltas import PartKey
from chatviz.dialects.sequence import EventStep
from chatviz.evidence.drift.wire.said import Kinds
from chatviz.runs.run import StreamRun
from chatviz.wire.event_columns import KINDS

__all__ = ["EventLabel", "EventMark", "Steps", "kinds_with_parts", "marks_of", "steps_of"]

Steps = Mapping[int, EventStep]

_OTHERS: Final = {
    "done": "[DONE]",
    "fields": "lines without data",
    "unfinished": "unfinished event",
}


class EventLabel(NamedTuple):
    """A kind of event: its name or what it says, and the part that it belongs to, from 0."""

    name: str
    part: int | None = None

    def __str__(self) -> str:
        return self.name if self.part is None else f"{self.name} (part {self.part})"


@dataclass(frozen=True, slots=True)
class EventMark:
    """Where events of one kind were seen.

    Attributes
    ----------
    first, last : int
        The first and the last of them among the run's events.
    kinds : set of str
        What is said by them, or by others of the same part.
    is_placed : bool
        Whether its place tells anything: what belongs to no part and says nothing may come
        anywhere.
    """

    first: int
    last: int
    kinds: Kinds = frozenset()
    is_placed: bool = True


def steps_of(run: StreamRun) -> Steps:
    """Return the name and the part of each chunk's event; empty where events have no names."""
    order = run.spoken.order
    if order is None or not run.answer.streamed or "begins" not in order.roles.values():
        return {}
    found = (
        (chunk, order.read_step(data, name))
        for chunk, (data, name) in enumerate(run.wire.chunk_data())
    )
    return {chunk: step for chunk, step in found if step is not None}


def kinds_with_parts(run: StreamRun, steps: Steps, said: Mapping[int, Kinds]) -> dict[int, Kinds]:
    """Return the kinds of what each chunk says, with those of the part that its event belongs to.

    What ends an answer may repeat all of it, and belongs to every part.
    """
    order = run.spoken.order
    roles = {} if order is None else order.roles
    of_parts = _kinds_of_parts(steps, said)
    whole = frozenset(kind for kinds in said.values() for kind in kinds)
    found = dict(said)
    for chunk, step in steps.items():
        added = whole if roles.get(step.name) == "ends" else of_parts.get(step.part, frozenset())
        found[chunk] = said.get(chunk, frozenset()) | added
    return found


def marks_of(
    run: StreamRun, steps: Steps, said: Mapping[int, Kinds]
) -> dict[EventLabel, EventMark]:
    """Return where events of each kind are; of events without names, what chunks say."""
    marks: dict[EventLabel, EventMark] = {}
    numbers: dict[PartKey, int] = {}
    for chunk, event in enumerate(run.wire.chunk_events):
        step, kinds = steps.get(chunk), said.get(chunk, frozenset())
        if step is None:
            for kind in kinds:
                _mark(marks, EventLabel(kind), EventMark(event, event, frozenset({kind})))
        else:
            part = None if step.part is None else numbers.setdefault(step.part, len(numbers))
            is_placed = bool(kinds) or part is not None
            _mark(marks, EventLabel(step.name, part), EventMark(event, event, kinds, is_placed))
    for event, number in enumerate(run.wire.kinds):
        if (name := _OTHERS.get(KINDS[number])) is not None:
            _mark(marks, EventLabel(name), EventMark(event, event))
    return marks


def _mark(marks: dict[EventLabel, EventMark], label: EventLabel, mark: EventMark) -> None:
    known = marks.get(label)
    if known is None:
        marks[label] = mark
    else:
        kinds, is_placed = known.kinds | mark.kinds, known.is_placed or mark.is_placed
        last = max(known.last, mark.last)
        marks[label] = EventMark(min(known.first, mark.first), last, kinds, is_placed)


def _kinds_of_parts(steps: Steps, said: Mapping[int, Kinds]) -> dict[PartKey, Kinds]:
    """Return what is said of each part, and of what is inside of it."""
    found: dict[PartKey, Kinds] = {}
    for chunk, step in steps.items():
        keys = {step.part, step.part[0] if isinstance(step.part, tuple) else step.part} - {None}
        for key in keys:
            found[key] = found.get(key, frozenset()) | said.get(chunk, frozenset())
    return found
