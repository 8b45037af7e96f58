"""A tool call as columns: its fragments, and the marks from which the state at each follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from typing import Any, Final

from chatviz.chat.messages import ToolCall
from chatviz.views.digits import write_numbers, write_steps

__all__ = ["call_columns", "count_units", "piece_columns"]

MAX_WRONG: Final = 200  # verdicts that are told of one call


def call_columns(call: ToolCall) -> dict[str, Any]:
    """Return a call's columns; ``text`` is all of its arguments."""
    chunks: Sequence[int] = call.fragments.chunks
    texts: Sequence[str] = call.fragments.texts
    if not texts and call.arguments:  # it came whole
        chunks, texts = [max(call.chunk, 0)], [call.arguments]
    growth, offset_of = call.growth, _unit_offsets(call.arguments)
    broken = growth.error
    return {
        **piece_columns("call", call.choice, chunks, texts),
        "position": call.position,
        "name": call.name,
        "id": call.id,
        "from": max(call.chunk, 0),
        "streamed": bool(call.fragments),
        "runnable": growth.runnable_after if call.parsed is not None else None,
        "fault": None
        if broken is None
        else [offset_of(broken.offset), broken.reason, broken.is_early_end],
        "marks": _mark_columns(call, offset_of),
        "check": _check(call),
    }


def piece_columns(
    kind: str, choice: int, chunks: Sequence[int], texts: Sequence[str]
) -> dict[str, Any]:
    """Return the pieces of one part: the chunk of each, its length, and all their text once."""
    return {
        "kind": kind,
        "choice": choice,
        "chunks": write_steps(chunks),
        "lengths": write_numbers(map(count_units, texts)),
        "text": "".join(texts),
    }


def count_units(text: str) -> int:
    """Return how long a text is in a browser, which counts in units of UTF-16."""
    return len(text) if not text or max(text) < "\U00010000" else len(_to_units(text)) // 2


def _to_units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _unit_offsets(text: str) -> Callable[[int], int]:
    """Return how an offset in the text is translated to the browser's."""
    if not text or max(text) < "\U00010000":
        return lambda offset: offset
    offsets = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
    return lambda offset: offsets[offset]


def _mark_columns(call: ToolCall, offset_of: Callable[[int], int]) -> dict[str, str]:
    """Return where each value of the arguments begins and ends, and what it stands in.

    A length of 0 is that of a value that never ended. In an object the step leads back to the
    key's opening quote; in an array it is the item's number.
    """
    marks = call.growth.marks
    starts = list(map(offset_of, marks.starts))
    lengths = [
        offset_of(end) - start if end >= 0 else 0
        for start, end in zip(starts, marks.ends, strict=True)
    ]
    steps = []
    for index, (step, parent) in enumerate(zip(marks.steps, marks.parents, strict=True)):
        is_key = parent >= 0 and marks.kinds[parent] == 0
        steps.append(starts[index] - offset_of(step) if is_key else step)
    return {
        "starts": write_steps(starts),
        "lengths": write_numbers(lengths),
        "parents": write_numbers(n - parent for n, parent in enumerate(marks.parents)),
        "steps": write_numbers(steps),
        "kinds": "".join(map(str, marks.kinds)),
    }


def _check(call: ToolCall) -> dict[str, Any] | None:
    """Return what the schema says is wrong; None where it is not known."""
    check = call.check
    if check is None:
        return None
    wrong = check.wrong
    return {
        "wrong": [[row.index, row.path, row.verdict, row.message] for row in wrong[:MAX_WRONG]],
        "notes": list(chain([check.fault] if check.fault else (), check.notes)),
    }
