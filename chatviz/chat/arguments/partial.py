"""What the marks of a JSON text mean: the names of its paths, and its value as far as it came."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from chatviz.chat.arguments.scanner import ARRAY, NUMBER, OBJECT, STRING

if TYPE_CHECKING:
    from chatviz.chat.arguments.scanner import Marks

__all__ = ["ABSENT", "find_closing", "name_path", "name_step", "read_step", "read_value"]

ABSENT: Final = object()  # stands for a value of which nothing is known yet

_STEPS_SHOWN: Final = 16
_KEY_SHOWN: Final = 80


def name_path(text: str, marks: Marks, index: int) -> str:
    """Write a path as people do: `$.items[2].name`, and `$["a b"]` for a key that is no name.

    Nesting and keys come from strangers, and each path repeats what its parents are called: so
    a path tells its last 16 steps (`$…[0][0]`) and 80 characters of a key (`$["aaa…"]`).
    """
    names: list[str] = []
    while marks.parents[index] >= 0 and len(names) < _STEPS_SHOWN:
        names.append(name_step(read_step(text, marks, index)))
        index = marks.parents[index]
    names.append("$" if marks.parents[index] < 0 else "$…")
    return "".join(reversed(names))


def name_step(step: str | int) -> str:
    """Write one step of a path: `.name`, `["a b"]` or `[2]`."""
    if isinstance(step, int):
        return f"[{step}]"
    if len(step) > _KEY_SHOWN:
        step = step[:_KEY_SHOWN] + "…"
    if _IDENTIFIER.fullmatch(step):
        return f".{step}"
    # What cannot be printed (lone surrogates, marks that turn the text round) is escaped.
    return f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"


def read_step(text: str, marks: Marks, index: int) -> str | int:
    """Return the key or the item's number under which a value is in its parent."""
    step = marks.steps[index]
    if marks.kinds[marks.parents[index]] == ARRAY:
        return step
    match = _WHOLE_STRING.match(text, step)
    assert match is not None, "a value in an object opens after its key"
    return _read_string(match[0])


def find_closing(marks: Marks, index: int) -> int:
    """Find the first cut behind which a value cannot grow any more.

    That of a number lies one character further: only what follows it ends it.
    """
    end = marks.ends[index]
    return sys.maxsize if end < 0 else end + (marks.kinds[index] == NUMBER)


def read_value(text: str, marks: Marks, index: int, *, cut: int) -> Any:
    """Build the value that begins at one mark, from the text before the cut.

    An open string is shown as far as it came, but for an escape, or the first half of a
    surrogate pair, that waits for its rest. An open number is the longest number that it
    begins with. Left out are `true`, `false` and `null` in pieces, a number that has only its
    sign, and a key without a value. Of equal keys in an object the last one wins. A number
    beyond what Python reads is infinite.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None; `ABSENT` where nothing can be told yet.
    """
    end = marks.ends[index]
    stop = cut if end < 0 else min(end, cut)
    containers: dict[int, Any] = {}
    outermost: Any = ABSENT
    for entry in range(index, max(index + 1, bisect_left(marks.starts, stop))):
        kind = marks.kinds[entry]
        if kind <= ARRAY:
            value = containers[entry] = {} if kind == OBJECT else []
        else:
            value = _read_scalar(text, marks, entry, cut)
        if entry == index:
            outermost = value
        elif value is not ABSENT:
            parent = containers[marks.parents[entry]]
            if isinstance(parent, list):
                parent.append(value)
            else:
                parent[read_step(text, marks, entry)] = value
    return outermost


def _read_scalar(text: str, marks: Marks, index: int, cut: int) -> Any:
    start, end, kind = marks.starts[index], marks.ends[index], marks.kinds[index]
    is_cut = end < 0 or end > cut
    literal = text[start : cut if is_cut else end]
    if kind == STRING:
        return _read_cut_string(literal) if is_cut else _read_string(literal)
    if kind == NUMBER:
        return _read_number(literal)
    return _LITERALS.get(literal, ABSENT)


def _read_string(literal: str) -> str:
    value: str = json.loads(literal) if "\\" in literal else literal[1:-1]
    # A server that cuts between the halves of a pair sends each half in a fragment of its own.
    return value if value.isascii() else _PAIR.sub(_join_pair, value)


def _join_pair(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _read_cut_string(literal: str) -> str:
    whole = _WHOLE_UNITS.match(literal)
    assert whole is not None, "the pattern matches the opening quote"
    value = _read_string(whole[0] + '"')
    return value[:-1] if "\ud800" <= value[-1:] <= "\udbff" else value


def _read_number(literal: str) -> Any:
    match = _NUMBER_SO_FAR.match(literal)
    if match is None:
        return ABSENT
    try:
        return float(match[0]) if match[1] else int(match[0])
    except ValueError:  # Python refuses whole numbers of more than 4,300 digits
        return float(match[0])


_LITERALS: Final = {"true": True, "false": False, "null": None}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WHOLE_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_WHOLE_UNITS = re.compile(r'"(?:[^\\]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+')
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NUMBER_SO_FAR = re.compile(r"-?[0-9]+((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
