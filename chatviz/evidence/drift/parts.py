"""The layer of parts: roles, the parts of each message in their order, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator

from chatviz.chat.messages import Message, Part, ServerToolCall, ToolCall
from chatviz.evidence.drift.change import Change, Compared, change_of
from chatviz.evidence.drift.pairing import pair_parts, part_kind
from chatviz.runs.choices import (
    finish_reasons,
    finish_reasons_sent,
    in_choice,
    pair_choices,
)
from chatviz.runs.run import StreamRun

__all__ = ["compare_parts", "say_parts"]


def compare_parts(old: StreamRun, new: StreamRun) -> Compared:
    """Compare of what two answers consist."""
    return Compared(tuple(_changes(old, new)))


def say_parts(run: StreamRun) -> str:
    """Return the parts of an answer in words, choice by choice: ``"text, call add"``."""
    told = [
        f"{in_choice(message.choice if place else 0)}{', '.join(map(_say_part, message.parts))}"
        for place, message in enumerate(run.messages)
        if message.parts
    ]
    return "; ".join(told) or "nothing"


def _changes(old: StreamRun, new: StreamRun) -> Iterator[Change]:
    speaks_the_same = old.dialect == new.dialect  # else each has its own words for the same
    endings = [_say_finishes(run, speaks_the_same) for run in (old, new)]
    for number, (here, there) in pair_choices((old, new)):
        where = in_choice(number)
        if here is None or there is None:
            told = [None if one is None else "a message" for one in (here, there)]
            yield from change_of("parts", f"choice {number}", *told)
        else:
            yield from change_of("parts", f"{where}role", here.role, there.role)
            yield from _changed_parts(here, there, where)
            finishes = endings[0][here.choice], endings[1][there.choice]
            yield from change_of("parts", f"{where}finish reason", *finishes)
    yield from change_of("parts", "error", *map(_say_error, (old, new)))


def _changed_parts(here: Message, there: Message, where: str) -> Iterator[Change]:
    for pair in pair_parts(here, there):
        kinds = [None if part is None else part_kind(part) for part in (pair.old, pair.new)]
        if kinds[0] != kinds[1]:
            told = [None if part is None else _say_part(part) for part in (pair.old, pair.new)]
            place = pair.new_place if pair.old_place is None else pair.old_place
            yield from change_of("parts", f"{where}part {place}", *told)


def _say_part(part: Part) -> str:
    named = isinstance(part, ToolCall | ServerToolCall) and part.name
    kind, comma, signed = part_kind(part).partition(",")
    return f"{kind} {named}{comma}{signed}" if named else part_kind(part)


def _say_finishes(run: StreamRun, with_sent: bool) -> dict[int, str | None]:
    """Return why each choice ended, by its number."""
    found: dict[int, str | None] = {}
    told = zip(run.messages, finish_reasons(run), finish_reasons_sent(run), strict=True)
    for message, ours, sent in told:
        is_other = with_sent and sent not in (None, ours)
        found[message.choice] = f"{ours} (sent: {sent})" if is_other else ours
    return found


def _say_error(run: StreamRun) -> str | None:
    """Return what kind of error it was; its words may hold numbers that change."""
    error = run.error
    if error is None:
        return None
    return " ".join(str(one) for one in (error.status, error.code) if one) or "an error"
