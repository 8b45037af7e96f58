"""What a function was given, checked: an error says what was wanted, what was found, what to do.

No error repeats the body of an answer or a key: what was given by mistake may be one, or hold one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import isfinite
from numbers import Integral, Real
from typing import Any, Final, TypeVar

from chatviz.key_shapes import find_keys

__all__ = [
    "check_count",
    "check_fits",
    "check_json",
    "check_list",
    "check_number",
    "check_text",
    "holds_key",
    "is_content",
    "path_given",
    "short_repr",
    "shown",
    "wrong_type",
    "wrong_value",
]

_LONGEST_PATH: Final = 4096
_LONGEST_SHOWN: Final = 200  # characters; a longer text is counted
_LARGEST_SHOWN: Final = 10**20
_DEEPEST_JSON: Final = 400
_CONTENT: Final = re.compile(r"""\s*(?:\{|\[\s*[\[{"]|(?:data|event):|HTTP/[0-9.]+ )|[^\n]*\n""")
Listed = TypeVar("Listed")


def shown(value: object) -> str:
    """Return what an error says of a value: its repr where it is short, else what it is.

    >>> shown(5), shown("abc"), shown(b"data: 1"), shown([1, 2])
    ('5', "'abc'", '7 bytes', "a value of type 'list'")
    """
    match value:
        case str() if is_content(value, longest=_LONGEST_SHOWN):
            return f"{len(value):,} character{'' if len(value) == 1 else 's'} of text"
        case str():
            return repr(_without_keys(value))
        case bytes() | bytearray() | memoryview():
            return f"{len(value):,} byte{'' if len(value) == 1 else 's'}"
        case int() if abs(value) >= _LARGEST_SHOWN:
            return "a very large number"
        case None | Real() | Decimal():
            return str(value)
        case type():
            return f"the type {value.__name__!r}"
        case _ if callable(value) and hasattr(value, "__name__"):
            return f"the function {shown(value.__name__)}"
    return f"a value of type {type(value).__name__!r}"


def short_repr(value: object, *, longest: int = 60) -> str:
    """Return the repr of a name that a file or a user gave: its beginning, and no key."""
    text = repr(_without_keys(value) if isinstance(value, str) else value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def is_content(text: str, *, longest: int = _LONGEST_PATH) -> bool:
    """Say whether a text is what stands in a recording, rather than the name or path of one."""
    return len(text) > longest or _CONTENT.match(text) is not None


def holds_key(text: str) -> bool:
    """Say whether something in a text has the shape of a key."""
    return any(find_keys(text.encode("utf-8", "replace")))


def wrong_type(wanted: str, value: object, advice: str = "") -> TypeError:
    """Return the error for a value that is of another kind."""
    return TypeError(_say(wanted, value, advice))


def wrong_value(wanted: str, value: object, advice: str = "") -> ValueError:
    """Return the error for a value of the right kind that does not fit."""
    return ValueError(_say(wanted, value, advice))


def check_fits(is_fit: bool, wanted: str, value: object, advice: str = "") -> None:
    """Raise a TypeError where a value is not of the kind that is wanted."""
    if not is_fit:
        raise wrong_type(wanted, value, advice)


def check_text(value: object, name: str, advice: str = "") -> None:
    """Raise a TypeError where an argument is no text."""
    check_fits(isinstance(value, str), f"a text as {name}", value, advice)


def check_count(value: object, name: str, advice: str = "", *, least: int = 1) -> None:
    """Raise a TypeError or ValueError where an argument is no whole number, or is too small."""
    wanted = f"a whole number as {name}, {least} or more"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise wrong_type(wanted, value, advice)
    if int(value) < least:
        raise wrong_value(wanted, value, advice)


def check_number(value: object, name: str, advice: str = "", *, may_be_zero: bool = False) -> None:
    """Raise a TypeError or ValueError where an argument is no number above 0.

    Infinity is one; 0 is where it may be.
    """
    wanted = f"a number as {name}, {'0 or more' if may_be_zero else 'above 0'}"
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise wrong_type(wanted, value, advice)
    number: Any = value
    if not (number >= 0 if may_be_zero else number > 0):  # what is no number is neither
        raise wrong_value(wanted, value, advice)


def check_list(values: Iterable[Listed], wanted: str, advice: str = "") -> tuple[Listed, ...]:
    """Return what a list holds; a text, a map, and what is no list are refused."""
    no_list = isinstance(values, str | bytes | bytearray | Mapping | type)
    check_fits(not no_list and isinstance(values, Iterable), wanted, values, advice)
    return tuple(values)


def check_json(value: object, name: str) -> None:
    """Raise a TypeError or ValueError where JSON cannot carry what an argument holds.

    The message says where, and of which type it is: ``extra_body.stop[0]``.
    """
    waiting: list[tuple[object, tuple[str | int, ...]]] = [(value, ())]
    while waiting:
        held, path = waiting.pop()
        match held:
            case None | str() | int():
                continue
            case float() if isfinite(held):
                continue
            case float():
                raise ValueError(_say_json("a number that is not finite", name, path))
            case dict() | list() | tuple() if len(path) >= _DEEPEST_JSON:
                raise ValueError(_say_json("what nests too deep", name, path[:3]))
            case dict():
                for key, inner in held.items():
                    if not isinstance(key, str):
                        found = f"a key of type {type(key).__name__!r}"
                        raise TypeError(_say_json(found, name, path))
                    waiting.append((inner, (*path, key)))
            case list() | tuple():
                waiting += [(inner, (*path, place)) for place, inner in enumerate(held)]
            case _:
                raise TypeError(_say_json(f"a value of type {type(held).__name__!r}", name, path))


def _say_json(found: str, name: str, path: Iterable[str | int]) -> str:
    steps = (
        f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{short_repr(step)}]"
        for step in path
    )
    place = _without_keys("".join(steps))
    return (
        f"wanted what JSON can carry as {name}, found {found} at {name}{place}: give texts, finite "
        "numbers, True, False, None, lists and dicts of them."
    )


def path_given(path: Any, wanted: str, advice: str) -> str:
    """Return a path as text; what was read already is no path, and is never repeated.

    Raises
    ------
    TypeError
        It is no path.
    ValueError
        It is the text of a recording.
    """
    name = path.__fspath__() if hasattr(type(path), "__fspath__") else path
    if not isinstance(name, str):
        raise wrong_type(wanted, name, advice)
    if is_content(name):
        raise ValueError(
            f"wanted {wanted}, found {len(name):,} characters of text that look like what is in "
            f"one: {advice}."
        )
    return name


def _say(wanted: str, value: object, advice: str) -> str:
    return f"wanted {wanted}, found {shown(value)}{advice and ': '}{advice}."


def _without_keys(text: str) -> str:
    """Return a text with an ellipsis for whatever in it has the shape of a key."""
    data = text.encode("utf-8", "surrogatepass")
    spans = sorted((span.start, span.end) for span in find_keys(data))
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [data[done:start], "…".encode()]
        done = max(done, end)
    return b"".join([*parts, data[done:]]).decode("utf-8", "surrogatepass")
