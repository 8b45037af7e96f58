"""AnswerShape: which fields the events of an answer have, of which types, whatever they hold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from chatviz.cassettes.matching.json_paths import PathStep, generalise_path
from chatviz.evidence.drift.wire.said import Kinds
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import load_any_json

__all__ = ["AnswerShape", "FieldPlace", "FieldSeen", "shape_of"]

MOST_FIELDS: Final = 5_000  # of an answer; what has more holds data in its keys
UNREAD: Final = "no JSON"  # the type of data that is none

# What tells two shapes apart is left: keys, brackets, and that there is a string or a number.
_STRING: Final = re.compile(rb'[:,\[]\s?"[^"\\]*(?:\\.[^"\\]*)*"(?!\s*:)')
_NUMBER: Final = re.compile(rb"[:,\[]\s?-?[0-9][-+.0-9eE]*")


class FieldPlace(NamedTuple):
    """A field: the name of its event, ``""`` where events have none, and its path in it."""

    event: str
    path: str

    def __str__(self) -> str:
        return f"{self.event}: {self.path}" if self.event else self.path


@dataclass(slots=True)
class FieldSeen:
    """Where a field was seen.

    Attributes
    ----------
    parent : FieldPlace | None
    count : int
        In how many chunks.
    types : mapping of str to a set of kinds
        Its types, and what the chunks said in which it had each.
    """

    parent: FieldPlace | None
    count: int = 0
    types: dict[str, set[Kinds]] = field(default_factory=lambda: defaultdict(set))

    @property
    def said(self) -> set[Kinds]:
        """What the chunks said in which it was."""
        return {kinds for several in self.types.values() for kinds in several}


AnswerShape: TypeAlias = Mapping[FieldPlace, FieldSeen]


def shape_of(run: StreamRun, names: Mapping[int, str], said: Mapping[int, Kinds]) -> AnswerShape:
    """Return the fields of an answer.

    Chunks of one shape are looked at once: what a chunk holds, but for keys, is no part of it.

    Parameters
    ----------
    run : StreamRun
    names : mapping of int to str
        The name of each chunk's event, where events have one.
    said : mapping of int to a set of str
        The kinds of what each chunk says.
    """
    manners = run.spoken.manners
    arguments = frozenset(manners.call_ids.arguments)
    counted: Counter[tuple[str, Kinds, bytes]] = Counter()
    examples: dict[tuple[str, Kinds, bytes], bytes] = {}
    for chunk, (data, _) in enumerate(run.wire.chunk_data()):
        opened = data if manners.open_chunk is None else manners.open_chunk(data)
        key = (
            names.get(chunk, ""),
            said.get(chunk, frozenset()),
            _NUMBER.sub(b"#", _STRING.sub(b'"', opened)),
        )
        counted[key] += 1
        examples.setdefault(key, opened)
    found: dict[FieldPlace, FieldSeen] = {}
    for key, count in counted.items():
        name, kinds, _ = key
        _note(found, name, kinds, count, examples[key], arguments)
    return found


def _note(
    found: dict[FieldPlace, FieldSeen], name: str, kinds: Kinds, count: int, data: bytes,
    arguments: frozenset[str],
) -> None:  # fmt: skip
    """Note the fields of so many chunks of one shape."""
    seen_here: set[FieldPlace] = set()
    for path, parent, kind in _fields_in(data, arguments):
        place = FieldPlace(name, path)
        seen = found.get(place)
        if seen is None:
            if len(found) >= MOST_FIELDS:
                return
            seen = found[place] = FieldSeen(None if parent is None else FieldPlace(name, parent))
        if place not in seen_here:
            seen_here.add(place)
            seen.count += count
        seen.types[kind].add(kinds)


def _fields_in(data: bytes, arguments: frozenset[str]) -> Iterator[tuple[str, str | None, str]]:
    """Yield the path, the parent's path and the type of each field; the whole has no path."""
    try:
        value = load_any_json(data)
    except ValueError:
        yield "", None, UNREAD
        return
    waiting: list[tuple[tuple[PathStep, ...], str | None, Any]] = [((), None, value)]
    while waiting:
        steps, parent, node = waiting.pop()
        path = generalise_path(steps)
        yield path, parent, _type_of(node)
        if steps and steps[-1] in arguments:  # what a tool takes: the caller's data
            continue
        if isinstance(node, dict):
            waiting += [((*steps, key), path, node[key]) for key in reversed(node)]
        elif isinstance(node, list):
            waiting += [((*steps, 0), path, item) for item in reversed(node)]


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
