"""The wire layer: how two answers were sent, whatever they say.

Ids, stamps, fingerprints and padding are values, and no value is compared here: only which fields
there are and of which types, in which order events come, and how the body is framed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from chatviz.evidence.drift.change import Change, Compared, change_of
from chatviz.evidence.drift.wire.order import (
    EventLabel,
    EventMark,
    kinds_with_parts,
    marks_of,
    steps_of,
)
from chatviz.evidence.drift.wire.said import OF_PARTS, Kinds, kinds_by_chunk
from chatviz.evidence.drift.wire.shape import AnswerShape, FieldPlace, FieldSeen, shape_of
from chatviz.evidence.drift.wire.spelling import spellings
from chatviz.runs.run import StreamRun

__all__ = ["compare_wire"]

ROLE: Final = "role"  # said once, with every chunk, or never, where it is the usual one
MOST_LABELS: Final = 400  # kinds of events whose order is compared, each with each
FEWEST: Final = 5  # times that a field's parent must have come, for "always" to mean anything


@dataclass(frozen=True, slots=True)
class _SentAnswer:
    """One answer as it was sent."""

    run: StreamRun
    said: Kinds
    marks: Mapping[EventLabel, EventMark]
    shape: AnswerShape

    @property
    def names(self) -> set[str]:
        return {label.name for label in self.marks}

    @property
    def parts(self) -> dict[int, Kinds]:
        """The kinds of what is said in each part, by its number."""
        found: dict[int, Kinds] = {}
        for label, mark in self.marks.items():
            if label.part is not None:
                found[label.part] = found.get(label.part, frozenset()) | mark.kinds
        return found


def compare_wire(old: StreamRun, new: StreamRun) -> Compared:
    """Compare how two answers were sent.

    What came only with a part that the other answer does not have is no change of the wire, and
    neither is how many events the same words were cut into.
    """
    return Compared(tuple(_changes(old, new)))


def _changes(old: StreamRun, new: StreamRun) -> Iterator[Change]:
    here, there = _head(old), _head(new)
    for place in here:
        yield from change_of("wire", place, here[place], there[place])
    if old.response.headers and new.response.headers:  # else they were not recorded
        types = [run.response.content_type or None for run in (old, new)]
        yield from change_of("wire", "content type", types[0], types[1])
    if old.dialect != new.dialect or old.answer.streamed != new.answer.streamed:
        return  # fields and events of two ways of speaking are not to be compared
    if old.framing == new.framing:
        yield from _came_and_went(spellings(old), spellings(new), "framing")
    sides = _side(old), _side(new)
    yield from _changed_events(*sides)
    yield from _moved_events(*sides)
    yield from _changed_fields(*sides)


def _head(run: StreamRun) -> dict[str, str]:
    return {
        "status": str(run.response.status),
        "dialect": run.dialect,
        "framing": run.framing,
        "streamed": "yes" if run.answer.streamed else "no",
    }


def _side(run: StreamRun) -> _SentAnswer:
    steps = steps_of(run)
    said = kinds_with_parts(run, steps, kinds_by_chunk(run))
    names = {chunk: step.name for chunk, step in steps.items()}
    whole = frozenset(kind for kinds in said.values() for kind in kinds)
    return _SentAnswer(run, whole, marks_of(run, steps, said), shape_of(run, names, said))


def _came_and_went(old: list[str], new: list[str], place: str) -> Iterator[Change]:
    yield from (Change("wire", place, "went", old=one) for one in old if one not in new)
    yield from (Change("wire", place, "came", new=one) for one in new if one not in old)


# ---- events


def _changed_events(old: _SentAnswer, new: _SentAnswer) -> Iterator[Change]:
    yield from _events_of_one("went", old, new)
    yield from _events_of_one("came", new, old)


def _events_of_one(
    what: Literal["came", "went"], here: _SentAnswer, there: _SentAnswer
) -> Iterator[Change]:
    """Yield the kinds of events that only one side has."""
    have_same_parts = here.parts == there.parts
    lacking, names = _lacking(here, there), there.names
    told: set[str] = set()
    for label, mark in here.marks.items():
        if label in there.marks or label.name in {*told, ROLE} or mark.kinds & lacking:
            continue
        if label.name not in names:
            told.add(label.name)
            yield _change(what, "event", label.name)
        elif have_same_parts:
            yield _change(what, "event", str(label))


def _moved_events(old: _SentAnswer, new: _SentAnswer) -> Iterator[Change]:
    """Yield each two kinds of events that came in another order: turned round, or now mixed."""
    shared = [label for label, mark in old.marks.items() if label in new.marks
              and mark.is_placed and new.marks[label].is_placed][:MOST_LABELS]  # fmt: skip
    told: set[frozenset[EventLabel]] = set()
    turned = ((pair, "{1}, {0}") for pair in _turned_pairs(shared, old, new))
    mixed = ((pair, "{1} among {0}") for pair in _mixed_pairs(shared, old, new))
    for (one, other), now in (*turned, *mixed):
        # The order of parts is told by their own layer.
        if frozenset((one, other)) in told or {one.name, other.name} <= OF_PARTS:
            continue
        told.add(frozenset((one, other)))
        yield Change("wire", "order of events", "moved", f"{one}, {other}", now.format(one, other))
    for one, other in _mixed_pairs(shared, new, old):
        if frozenset((one, other)) not in told and not {one.name, other.name} <= OF_PARTS:
            before = f"{other} among {one}"
            yield Change("wire", "order of events", "moved", before, f"{one}, {other}")


def _turned_pairs(
    shared: list[EventLabel], old: _SentAnswer, new: _SentAnswer
) -> Iterator[tuple[EventLabel, EventLabel]]:
    """Yield two kinds side by side in the old order whose first, or last, are the other way now."""
    for edge in (_first, _last):
        ranks = {label: (edge(label, old), edge(label, new)) for label in shared}
        for one, other in pairwise(sorted(shared, key=ranks.__getitem__)):
            (old_one, new_one), (old_other, new_other) = ranks[one], ranks[other]
            if old_one < old_other and new_one > new_other:
                yield one, other


def _mixed_pairs(
    shared: list[EventLabel], here: _SentAnswer, there: _SentAnswer
) -> Iterator[tuple[EventLabel, EventLabel]]:
    """Yield two kinds of which one side has all of the first before any of the second."""
    ordered = sorted(shared, key=lambda label: _first(label, here))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            is_before = _last(one, here) < _first(other, here)
            if is_before and _first(other, there) < _last(one, there):
                yield one, other
                break


def _first(label: EventLabel, side: _SentAnswer) -> int:
    return side.marks[label].first


def _last(label: EventLabel, side: _SentAnswer) -> int:
    """Return where the last event of a kind is; a role may come with every chunk, or once."""
    mark = side.marks[label]
    return mark.first if label.name == ROLE else mark.last


# ---- fields


def _changed_fields(old: _SentAnswer, new: _SentAnswer) -> Iterator[Change]:
    names = {"", *(old.names & new.names)}
    for place in [*old.shape, *(one for one in new.shape if one not in old.shape)]:
        if place.event not in names:
            continue
        here, there = old.shape.get(place), new.shape.get(place)
        if here is None or there is None:
            yield from _field_of_one(place, here, there, old, new)
        elif types := _changed_types(here, there, old, new):
            yield Change("wire", f"type of {_name(place)}", "changed", *types)
        elif old.said & OF_PARTS == new.said & OF_PARTS:
            yield from _changed_presence(place, here, there, old, new)


def _field_of_one(
    place: FieldPlace,
    here: FieldSeen | None,
    there: FieldSeen | None,
    old: _SentAnswer,
    new: _SentAnswer,
) -> Iterator[Change]:
    """Yield a field that came or went, if nothing says why; what is inside of it came with it."""
    seen, side, other = (here, old, new) if here is not None else (there, new, old)
    if seen is None or (seen.parent is not None and seen.parent not in other.shape):
        return
    lacking = _lacking(side, other)
    if not all(kinds & lacking for kinds in seen.said):
        yield _change("went" if side is old else "came", _name(place), _say_types(seen))


def _changed_types(
    here: FieldSeen, there: FieldSeen, old: _SentAnswer, new: _SentAnswer
) -> tuple[str, str] | None:
    """Return the types of both sides; None where they are the same, or a part says why not."""
    gone = [here.types[name] for name in here.types if name not in there.types]
    added = [there.types[name] for name in there.types if name not in here.types]
    went, came = _lacking(old, new), _lacking(new, old)
    is_of_part = any(_is_any(seen, went) for seen in gone) or any(
        _is_any(seen, came) for seen in added
    )
    return None if is_of_part or not (gone or added) else (_say_types(here), _say_types(there))


def _changed_presence(
    place: FieldPlace, here: FieldSeen, there: FieldSeen, old: _SentAnswer, new: _SentAnswer
) -> Iterator[Change]:
    """Yield a field that came with every event of its kind, and now with some; or turned round."""
    if here.parent is None or there.parent is None:
        return
    sides = [
        (old.shape[here.parent].count, here.count),
        (new.shape[there.parent].count, there.count),
    ]
    if min(parents for parents, _ in sides) < FEWEST:
        return
    if [parents == count for parents, count in sides] in ([True, False], [False, True]):
        told = [_say_count(parents, count) for parents, count in sides]
        yield Change("wire", f"presence of {_name(place)}", "changed", told[0], told[1])


def _lacking(here: _SentAnswer, there: _SentAnswer) -> Kinds:
    """Return the kinds of parts that one side has and the other lacks."""
    return (here.said - there.said) & OF_PARTS


def _is_any(seen: set[Kinds], lacking: Kinds) -> bool:
    """Whether any of the chunks in which a type was seen says what the other side lacks."""
    return any(kinds & lacking for kinds in seen)


def _name(place: FieldPlace) -> str:
    return str(place) if place.path else f"{place.event or 'chunk'} (whole)"


def _say_types(seen: FieldSeen) -> str:
    return " or ".join(sorted(seen.types))


def _say_count(parents: int, count: int) -> str:
    return "always" if parents == count else f"in {count:,} of {parents:,} chunks"


def _change(what: Literal["came", "went"], place: str, told: str) -> Change:
    old, new = (told, None) if what == "went" else (None, told)
    return Change("wire", place, what, old, new)
