"""The layer of parts: roles, the parts of each message in their order, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator

from chatviz.chat.messages import Message, Part, ServerToolCall, ToolCall
from chatviz.evidence.drift.change import Change, Compared, change_of
from chatviz.evidence.drift.pairing import pair_messages, pair_parts, part_kind
from chatviz.runs.run import StreamRun

__all__ = ["compare_parts", "say_parts"]


def compare_parts(old: StreamRun, new: StreamRun) -> Compared:
    """Compare of what two answers consist."""
    return Compared(tuple(_changes(old, new)))


def say_parts(run: StreamRun) -> str:
    """Return the parts of an answer in words: ``"text, call add"``."""
    return ", ".join(map(_say_part, run.message.parts)) or "nothing"


def _changes(old: StreamRun, new: StreamRun) -> Iterator[Change]:
    for number, (here, there) in enumerate(pair_messages(old, new)):
        where = f"choice {number}: " if number else ""
        if here is None or there is None:
            told = [None if one is None else "a message" for one in (here, there)]
            yield from change_of("parts", f"choice {number}", *told)
        else:
            yield from change_of("parts", f"{where}role", here.role, there.role)
            yield from _changed_parts(here, there, where)
    speaks_the_same = old.dialect == new.dialect  # else each has its own words for the same
    told = [_say_finish(run, speaks_the_same) for run in (old, new)]
    yield from change_of("parts", "finish reason", *told)
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


def _say_finish(run: StreamRun, with_sent: bool) -> str | None:
    ours, sent = run.finish_reason, run.finish_reason_sent
    return f"{ours} (sent: {sent})" if with_sent and sent not in (None, ours) else ours


def _say_error(run: StreamRun) -> str | None:
    """Return what kind of error it was; its words may hold numbers that change."""
    error = run.error
    if error is None:
        return None
    return " ".join(str(one) for one in (error.status, error.code) if one) or "an error"
