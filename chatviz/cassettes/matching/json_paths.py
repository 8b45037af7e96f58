"""Paths into JSON: written as people write them, read back, and cut out of a value.

``messages[].tool_call_id``: names parted by dots, ``[]`` for every item, ``[2]`` for one item,
``*`` for every name, and ``["a.b"]`` for a name that holds signs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from chatviz.errors import JSONPathError
from chatviz.given_values import check_fits, check_list

__all__ = ["PathStep", "generalise_path", "parse_paths", "remove_paths", "write_path"]

PathStep: TypeAlias = "str | int | _Every"
"""A name, the number of an item, or all of them."""

_STEP: Final = re.compile(
    r'(?P<begin>\A|\.)?(?:(?P<name>[^.\[\]"*]+)|(?P<star>\*))'
    r'|\[(?P<item>[0-9]{0,9})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*+")\]'
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_$@:/-]+")


class _Every:
    """All items, or all names."""

    def __init__(self, sign: str) -> None:
        self.sign = sign


_EVERY_ITEM: Final = _Every("[]")
_EVERY_NAME: Final = _Every("*")
_CUT: Final[Any] = object()


def parse_paths(paths: Iterable[str]) -> tuple[tuple[PathStep, ...], ...]:
    """Read paths.

    Raises
    ------
    JSONPathError
        One of them is not a path; the message shows where.
    TypeError
        They are no list of texts.
    """
    if isinstance(paths, str):
        raise JSONPathError(f"wanted a list of paths, found one text: write [{paths!r}].")
    given = check_list(paths, "a list of paths into a JSON body")
    for path in given:
        check_fits(isinstance(path, str), "a path into a JSON body, a text", path)
    return tuple(_parse(path) for path in given)


def write_path(steps: Iterable[PathStep]) -> str:
    """Write a path; reading it gives the same steps."""
    text = "".join(map(_write_step, steps))
    return text.removeprefix(".")


def generalise_path(steps: Iterable[PathStep]) -> str:
    """Write a path with ``[]`` in the place of every item's number."""
    return write_path(_EVERY_ITEM if isinstance(step, int) else step for step in steps)


def remove_paths(value: Any, paths: Iterable[tuple[PathStep, ...]]) -> Any:
    """Remove what the paths lead to from a value, in place; return what is left.

    An item that is cut out in the middle of a list leaves null, so that the others keep their
    number.
    """
    for path in paths:
        value = _remove(value, path)
        if value is _CUT:
            return None
    return value


def _remove(value: Any, path: tuple[PathStep, ...]) -> Any:
    if not path:
        return _CUT
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        names = list(value) if step is _EVERY_NAME else [step]
        for name in names:
            if name in value and (left := _remove(value[name], rest)) is not _CUT:
                value[name] = left
            else:
                value.pop(name, None)
    elif isinstance(value, list):
        chosen = range(len(value)) if step is _EVERY_ITEM else [step]
        items = [
            _remove(item, rest) if index in chosen else item for index, item in enumerate(value)
        ]
        while items and items[-1] is _CUT:
            items.pop()
        return [None if item is _CUT else item for item in items]
    return value


def _parse(path: str) -> tuple[PathStep, ...]:
    steps: list[PathStep] = []
    place = 0
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None or (match["begin"] is None and (match["name"] or match["star"])):
            raise _unreadable(path, place)
        try:
            steps.append(_read_step(match))
        except ValueError:
            raise _unreadable(path, place) from None
        place = match.end()
    if not steps:
        raise JSONPathError("a path is empty. Write one like 'messages[].tool_call_id'.")
    return tuple(steps)


def _unreadable(path: str, place: int) -> JSONPathError:
    return JSONPathError(
        f"{path!r} is not a path into JSON: it cannot be read from {path[place:][:20]!r} on. "
        "Write one like 'messages[].tool_call_id', 'tools[0].function' or 'metadata.*'."
    )


def _read_step(match: re.Match[str]) -> PathStep:
    if match["name"] is not None:
        return match["name"]
    if match["star"] is not None:
        return _EVERY_NAME
    if match["quoted"] is not None:
        name: str = json.loads(match["quoted"])
        return name
    return int(match["item"]) if match["item"] else _EVERY_ITEM


def _write_step(step: PathStep) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if isinstance(step, _Every):
        return step.sign if step is _EVERY_ITEM else f".{step.sign}"
    return f".{step}" if _PLAIN.fullmatch(step) else f"[{json.dumps(step)}]"
