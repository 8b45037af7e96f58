"""The layers of calls and of text: what was said in the parts that both answers have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatviz.cassettes.matching.json_diff import ABSENT, diff_json
from chatviz.chat.arguments.spelling import hold_the_same, read_value
from chatviz.chat.messages import Part, Reasoning, Refusal, ServerToolCall, Text, ToolCall
from chatviz.evidence.drift.change import Change, Compared, change_of
from chatviz.evidence.drift.pairing import pair_parts, part_kind
from chatviz.runs.choices import in_choice, pair_choices
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import dump_json

__all__ = ["compare_calls", "compare_text"]


def compare_calls(old: StreamRun, new: StreamRun) -> Compared:
    """Compare the calls that both answers make: names, and arguments as JSON values.

    Ids change with every answer: compared is whether there are any, and where indexes begin.
    """
    are_counted = all(run.spoken.manners.sends_call_indexes for run in (old, new))
    found: list[Change] = []
    for where, here, there in _same_parts(old, new):
        if isinstance(here, ToolCall | ServerToolCall) and isinstance(there, type(here)):
            found += _changed_call(where, here, there)
        if are_counted and isinstance(here, ToolCall) and isinstance(there, ToolCall):
            found += _moved_index(where, here, there)
    return Compared(tuple(found))


def compare_text(old: StreamRun, new: StreamRun) -> Compared:
    """Compare the text, the reasoning and the refusals that both answers have."""
    return Compared(tuple(
        change
        for where, here, there in _same_parts(old, new)
        if isinstance(here, Text | Reasoning | Refusal) and isinstance(there, type(here))
        if here.text and there.text
        for change in change_of("text", where, here.text, there.text)
    ))  # fmt: skip


def _same_parts(old: StreamRun, new: StreamRun) -> Iterator[tuple[str, Part, Part]]:
    """Yield the parts that both have, each with its kind and number in words."""
    for number, (here, there) in pair_choices((old, new)):
        counts: dict[str, int] = {}
        for pair in pair_parts(here, there):
            if pair.old is None:
                continue
            kind = re.split(r" with|,", part_kind(pair.old))[0]
            place = counts[kind] = counts.get(kind, -1) + 1
            if pair.new is not None:
                choice = in_choice(number)
                counted = place or kind.endswith("call")
                yield (
                    f"{choice}{kind} {place}" if counted else f"{choice}{kind}",
                    pair.old,
                    pair.new,
                )


def _changed_call(
    where: str, here: ToolCall | ServerToolCall, there: ToolCall | ServerToolCall
) -> Iterator[Change]:
    yield from change_of("calls", where, here.name or None, there.name or None)
    yield from change_of(
        "calls", f"{where}: id", *("given" if one.id else None for one in (here, there))
    )
    old, new = here.arguments, there.arguments
    if old == new:
        return
    place = f"{where}: {here.name}"
    if hold_the_same((old, new)):
        yield Change("calls", place, "respelt", old, new)
        return
    try:
        pair = read_value(old), read_value(new)
    except ValueError:  # at least one of them is no JSON: as they were sent
        yield from change_of("calls", place, old, new)
        return
    for difference in diff_json(*pair):
        path = place if difference.path == "body" else f"{place}: {difference.path}"
        yield from change_of("calls", path, _say(difference.recorded), _say(difference.asked))


def _moved_index(where: str, here: ToolCall, there: ToolCall) -> Iterator[Change]:
    """Yield an index that is no longer as far from the place of its call as it was."""
    if here.index is not None and there.index is not None:  # else a field came or went
        pair = here.index - here.position, there.index - there.position
        told = [f"counted from {number:,}" for number in pair]
        yield from change_of("calls", f"{where}: index", told[0], told[1])


def _say(value: object) -> str | None:
    return None if value is ABSENT else dump_json(value)
