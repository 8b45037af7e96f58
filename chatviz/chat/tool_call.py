"""ToolCall: a call of one of the client's tools, with the fragments in which it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, overload

import msgspec

from chatviz.chat.arguments.growth import ArgumentGrowth, ArgumentState, PathGrowth
from chatviz.chat.arguments.schema import SchemaCheck, check_arguments
from chatviz.shown import Shown
from chatviz.wire.json_text import load_json, load_json_leniently

__all__ = ["Fragment", "Fragments", "ToolCall"]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a call's arguments.

    Attributes
    ----------
    index : int
        Its number among the call's fragments, from 0.
    chunk : int
        The chunk that brought it; -1 where the call was not streamed.
    text : str
        The piece of JSON text; it may be empty.
    """

    index: int
    chunk: int
    text: str


class Fragments(Sequence[Fragment]):
    """The fragments of one call, kept as columns; values are made on demand."""

    __slots__ = ("chunks", "texts")

    def __init__(self, texts: Sequence[str] = (), chunks: Sequence[int] = ()) -> None:
        self.texts = texts
        self.chunks = chunks

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Fragment: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fragment, ...]: ...
    def __getitem__(self, index: int | slice) -> Fragment | tuple[Fragment, ...]:
        numbers = range(len(self.texts))[index]
        if isinstance(numbers, range):
            return tuple(Fragment(n, self.chunks[n], self.texts[n]) for n in numbers)
        return Fragment(numbers, self.chunks[numbers], self.texts[numbers])

    def __iter__(self) -> Iterator[Fragment]:
        pairs = zip(self.chunks, self.texts, strict=True)
        return (Fragment(number, *pair) for number, pair in enumerate(pairs))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fragments):
            return NotImplemented
        return list(self.texts) == list(other.texts) and list(self.chunks) == list(other.chunks)

    def __hash__(self) -> int:
        return hash((tuple(self.texts), tuple(self.chunks)))

    def __repr__(self) -> str:
        return f"<{len(self)} fragments>"


class ToolCall(Shown, msgspec.Struct, frozen=True, eq=False, dict=True):
    """A call of a tool, as it was sent.

    Attributes
    ----------
    position : int
        Its place among the message's calls, from 0, in the order of their first appearance.
    index : int | None
        The ``index`` that the provider sent; None where it sent none.
    id, name : str
        As sent: the first id that is not empty; ``""`` where none came.
    arguments : str
        The JSON text of the wire; ``""`` where none came.
    fragments : sequence of Fragment
        The pieces in which the arguments came, empty ones included.
    chunk : int
        The chunk in which the call first appeared; -1 where it was not streamed.
    schema : mapping | None
        The tool's JSON Schema in the request, where it is known.
    details : tuple of str
        What must be sent back untouched with it: signatures, as JSON text.
    closed_at : int | None
        The chunk that showed that no piece of it follows: the next part began, its block was
        closed, or the answer's finish reason came. None where nothing did.
    is_free_text : bool
        Whether the tool is one that asks for a text of any kind: ``arguments`` is no JSON then.
    """

    position: int
    index: int | None
    id: str
    name: str
    arguments: str
    fragments: Fragments = msgspec.field(default_factory=Fragments)
    chunk: int = -1
    type: str = "function"
    choice: int = 0
    schema: Mapping[str, Any] | None = None
    details: tuple[str, ...] = ()
    closed_at: int | None = None
    is_free_text: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ToolCall):
            return NotImplemented
        return _sent(self) == _sent(other)

    __ne__ = object.__ne__  # a struct's own compares identity

    def __hash__(self) -> int:
        return hash(_sent(self))

    def __repr__(self) -> str:
        return (
            f"ToolCall(position={self.position!r}, index={self.index!r}, id={self.id!r}, "
            f"name={self.name!r}, arguments={self.arguments!r}, fragments={self.fragments!r}, "
            f"chunk={self.chunk!r}, type={self.type!r}, choice={self.choice!r})"
        )

    @cached_property
    def growth(self) -> ArgumentGrowth:
        """How the arguments grew; read when it is first asked for."""
        if self.fragments:
            return ArgumentGrowth(self.fragments.texts, self.fragments.chunks)
        return ArgumentGrowth([self.arguments], [self.chunk])

    @property
    def parsed(self) -> dict[str, Any] | None:
        """The arguments as a dict, made anew; {} for none at all; None where they are no object."""
        if not self.arguments:
            return {}
        try:
            value = load_json(self.arguments.encode())
        except ValueError:
            if not self.growth.is_valid:
                return None
            try:
                value = load_json_leniently(self.arguments)
            except ValueError:
                return None
        return value if isinstance(value, dict) else None

    @property
    def paths(self) -> tuple[PathGrowth, ...]:
        """One PathGrowth for each JSON path, in the order in which they were opened."""
        return self.growth.paths

    def state_after(self, fragment: int) -> ArgumentState:
        """Return what was known of the arguments after a fragment, counted from 0.

        Raises
        ------
        IndexError
            There is no such fragment.
        """
        return self.growth.state_after(fragment)

    @cached_property
    def check(self) -> SchemaCheck | None:
        """What the tool's JSON Schema says of each path; None where the schema is not known."""
        return None if self.schema is None else check_arguments(self.growth, self.schema)


# What was sent of a call; its schema is the request's, and what closed it is another part's.
_sent: Final = attrgetter(
    *("position", "index", "id", "name", "arguments", "fragments", "chunk", "type", "choice"),
    "details",
)
