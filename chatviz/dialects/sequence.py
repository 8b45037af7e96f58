"""EventOrder: what may follow what in a stream, and where a stream breaks that.

A dialect declares the order of its events as a table; this module knows no dialect. Some dialects
tell with each event what it is in that order; of the others, the events are read again, but of each
only what the order needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import msgspec

from chatviz.chat.deltas import Delta, NoteDelta, PartKey
from chatviz.chat.findings.kinds import FindingKind, finding_kinds
from chatviz.chat.findings.log import FindingLog, say_part

__all__ = [
    "ORDER_KINDS",
    "EventOrder",
    "EventRole",
    "EventStep",
    "OrderWatch",
    "Said",
    "check_order",
]

EventRole: TypeAlias = Literal["begins", "opens", "fills", "grows", "closes", "ends", "free"]
"""What an event does: it begins or ends the answer, opens, fills or closes a part, or none.

What ``"grows"`` a part fills it, and opens it where that is due.
"""

_FILLING: Final = ("fills", "grows")
MAX_NAMED = 80  # characters of a name that a sentence shows


class EventStep(msgspec.Struct, frozen=True, gc=False):
    """What the order needs to know of one event: its name, its part, and its number."""

    name: str
    part: PartKey = None
    number: int | None = None


Said: TypeAlias = Sequence[Delta | EventStep]
"""What is read of an event at a glance: its deltas, and behind them its step, where it is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventOrder:
    """The order of a dialect's events.

    Attributes
    ----------
    roles : mapping of str to str
        What each event does, by its name; an event of another name is free.
    read_step : callable
        Takes the data of an event and its name on the wire; returns its step, or None for an
        event that no order can be asked of (it is no JSON, say).
    must_begin : bool
        Whether the first event must be one that begins the answer, pings aside; of a stream whose
        first number is above 0 that is not asked: it goes on where another one stopped.
    must_close : bool
        Whether parts that were opened must be closed before the end.
    must_open : bool
        Whether a part must be opened before it is filled.
    ends_often : bool
        Whether one event that ends the answer may follow another.
    is_told : bool
        Whether what is read of an event at a glance ends in its step (``free`` ones may have none):
        the order is then watched while the events come.
    usual : callable | None
        Takes a body and how many chunks it has, and tells whether it is one of the usual kind,
        whose order is kept. False says nothing: ``check_order`` then reads event by event.
    """

    roles: Mapping[str, EventRole]
    read_step: Callable[[bytes, bytes], EventStep | None] = field(repr=False)
    must_begin: bool = True
    must_open: bool = True
    must_close: bool = True
    ends_often: bool = False
    is_told: bool = False
    usual: Callable[[bytes, int], bool] | None = None


def check_order(
    order: EventOrder, events: Iterable[tuple[bytes, bytes]]
) -> Iterator[tuple[int | None, NoteDelta]]:
    """Yield each breach of an order, with its chunk (None for what never came).

    Parameters
    ----------
    order : EventOrder
    events : iterable of (bytes, bytes)
        The data and the name of each chunk.
    """
    state = _OrderState(order)
    for chunk, (data, name) in enumerate(events):
        step = order.read_step(data, name)
        if step is not None:
            for note in state.take(step):
                yield chunk, note
    for note in state.close():
        yield None, note


class OrderWatch:
    """Watches the steps of a stream while its events come, and notes what breaks their order.

    Parameters
    ----------
    order : EventOrder
    log : FindingLog
        Takes the notes.
    """

    def __init__(self, order: EventOrder, log: FindingLog) -> None:
        self._state = _OrderState(order)
        self._read_step = order.read_step
        self._log = log

    def take(self, _: object, step: EventStep, chunk: int) -> bool:
        """Take a step, as an assembler's rule takes a delta; return that it says nothing new."""
        if not self._state.goes_on_with(step):
            for note in self._state.take(step):
                self._log.take(note, chunk)
        return False

    def with_step(self, said: Sequence[Delta], data: bytes, name: bytes) -> Said:
        """Return what was read of an event in full, and its step behind it, if it has any."""
        step = self._read_step(data, name)
        return said if step is None else [*said, step]

    def close(self) -> None:
        """Note what never came."""
        for note in self._state.close():
            self._log.take(note, None)


class _OrderState:
    def __init__(self, order: EventOrder) -> None:
        self._order = order
        self._roles = order.roles
        self._open: dict[PartKey, str] = {}
        self._begun = self._started = self._ended = False
        self._number: int | None = None
        self._is_resumed = False

    def goes_on_with(self, step: EventStep) -> bool:
        """Take a step as most are: it fills an open part, and its number is the next one."""
        if (number := step.number) is not None and number - 1 != self._number:
            return False
        if self._roles.get(step.name) not in _FILLING or step.part not in self._open or self._ended:
            return False
        if number is not None:
            self._number = number
        return True

    def take(self, step: EventStep) -> Iterator[NoteDelta]:
        """Take any step; yield what it breaks."""
        name, part, number = step.name, step.part, step.number
        role = self._roles.get(name, "free")
        if number is not None:
            if self._number is not None and number != self._number + 1:
                details = (("before", self._number), ("after", number))
                yield NoteDelta("sequence_broken", "", details)
            self._is_resumed |= self._number is None and number > 0
            self._number = number
        if role == "free":
            return
        if self._ended and not (role == "ends" and self._order.ends_often):
            yield NoteDelta("event_after_end", "", (("text", _cut(name)),))
        if not self._begun:
            self._begun = True
            if role != "begins" and self._order.must_begin and not self._is_resumed:
                yield NoteDelta("event_before_start", "", (("text", _cut(name)),))
        elif role == "begins" and self._started:
            yield NoteDelta("start_repeated", "", (("text", _cut(name)),))
        self._started = self._started or role == "begins"
        yield from self._take_part(role, name, part)
        self._ended = self._ended or role == "ends"

    def _take_part(self, role: EventRole, name: str, part: PartKey) -> Iterator[NoteDelta]:
        is_open = part in self._open
        if role == "opens":
            if is_open:
                yield NoteDelta("part_opened_twice", say_part(part))
            self._open[part] = name
        elif role == "grows":
            self._open.setdefault(part, name)
        elif role == "fills":
            if not is_open and self._order.must_open:
                yield NoteDelta("part_not_open", say_part(part), (("text", _cut(name)),))
        elif role == "closes":
            if not is_open and self._order.must_open:
                yield NoteDelta("part_not_open", say_part(part), (("text", _cut(name)),))
            self._open.pop(part, None)

    def close(self) -> Iterator[NoteDelta]:
        if self._ended and self._order.must_close:
            for part in self._open:
                yield NoteDelta("part_not_closed", say_part(part))


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAMED else name[: MAX_NAMED - 1] + "…"


ORDER_KINDS: Mapping[str, FindingKind] = finding_kinds(
    (
        "event_before_start",
        "warning",
        "The stream begins with {text}, before the event that starts an answer.",
    ),
    ("start_repeated", "warning", "The answer is started {count:more time|more times} ({text})."),
    ("event_after_end", "warning", "{count:event|events} came after the end ({text}); read."),
    ("part_opened_twice", "warning", "Part {part} is opened again before it was closed."),
    (
        "part_not_open",
        "warning",
        "{count:event|events} for part {part}, which is not open ({text}); read all the same.",
    ),
    ("part_not_closed", "warning", "Part {part} is never closed."),
    (
        "end_missing",
        "warning",
        "The stream ended without {text}, its last event: the answer may be cut short.",
    ),
    (
        "sequence_broken",
        "warning",
        "The events' own numbers are not consecutive: {after} follows {before}.",
    ),
)
