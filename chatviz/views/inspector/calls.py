"""A tool call as columns: its fragments, and the marks from which the state at each follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, Final

from chatviz.chat.arguments.scanner import OBJECT, Marks
from chatviz.chat.messages import ToolCall
from chatviz.runs.timing.critical_path import find_call_moments
from chatviz.views.drawing.base46 import write_numbers, write_steps

__all__ = [
    "call_columns",
    "call_facts",
    "count_all_units",
    "count_units",
    "mark_columns",
    "piece_columns",
    "unit_offsets",
]

MAX_WRONG: Final = 200  # verdicts of one call that are sent


def call_columns(call: ToolCall, place: int) -> dict[str, Any]:
    """Return the columns of a call at a place of its message; ``text``: all of its arguments."""
    chunks: Sequence[int] = call.fragments.chunks
    texts: Sequence[str] = call.fragments.texts
    if not texts and call.arguments:  # it came whole
        chunks, texts = [max(call.chunk, 0)], [call.arguments]
    return {**piece_columns("call", call.choice, chunks, texts), **call_facts(call, place)}


def call_facts(call: ToolCall, place: int) -> dict[str, Any]:
    """Return what is known of a call when it has ended, but for its pieces."""
    growth, offset_of = call.growth, unit_offsets(call.arguments)
    broken, startable = growth.error, find_call_moments(call).startable
    return {
        "kind": "call",
        "choice": call.choice,
        "place": place,
        "position": call.position,
        "name": call.name,
        "id": call.id,
        "from": max(call.chunk, 0),
        "streamed": bool(call.fragments),
        "runnable": growth.runnable_after if call.parsed is not None else None,
        "fault": None
        if broken is None or call.is_free_text
        else [offset_of(broken.offset), broken.reason, broken.is_early_end],
        **({} if startable is None else {"startable": startable}),
        **({"free": True} if call.is_free_text else {}),
        "marks": mark_columns(growth.marks, offset_of),
        "check": _check(call),
    }


def piece_columns(
    kind: str, choice: int, chunks: Sequence[int], texts: Sequence[str]
) -> dict[str, Any]:
    """Return the pieces of one part: the chunk of each, its length, and all their text once."""
    text = "".join(texts)
    return {
        "kind": kind,
        "choice": choice,
        "chunks": write_steps(chunks),
        "lengths": write_numbers(count_all_units(texts, text)),
        "text": text,
    }


def count_units(text: str) -> int:
    """Return how long a text is in a browser, which counts in units of UTF-16."""
    return len(text) if _is_plain(text) else len(_to_units(text)) // 2


def _to_units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def count_all_units(texts: Iterable[str], joined: str) -> Iterator[int]:
    """Yield how long each text is in a browser, given all of them joined."""
    return map(len if _is_plain(joined) else count_units, texts)


def _is_plain(text: str) -> bool:
    """Whether each character has one unit."""
    return text.isascii() or max(text) < "\U00010000"


def unit_offsets(text: str) -> Callable[[int], int]:
    """Return how an offset in the text is translated to the browser's."""
    if _is_plain(text):
        return lambda offset: offset
    offsets = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
    return lambda offset: offsets[offset]


def mark_columns(marks: Marks, offset_of: Callable[[int], int], first: int = 0) -> dict[str, str]:
    """Return where values of the arguments begin and end, and what they are in.

    A length of 0 is that of a value that has not ended. In an object the step leads back to the
    key's opening quote; in an array it is the item's number.

    Parameters
    ----------
    marks : Marks
    offset_of : callable
        Translates an offset in the text to the browser's.
    first : int
        The mark from which on they are told.
    """
    starts = list(map(offset_of, marks.starts[first:]))
    lengths = [
        offset_of(end) - start if end >= 0 else 0
        for start, end in zip(starts, marks.ends[first:], strict=True)
    ]
    parents, steps = marks.parents[first:], []
    for start, step, parent in zip(starts, marks.steps[first:], parents, strict=True):
        is_key = parent >= 0 and marks.kinds[parent] == OBJECT
        steps.append(start - offset_of(step) if is_key else step)
    return {
        "starts": write_steps(starts),
        "lengths": write_numbers(lengths),
        "parents": write_numbers(n - parent for n, parent in enumerate(parents, first)),
        "steps": write_numbers(steps),
        "kinds": "".join(map(str, marks.kinds[first:])),
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
