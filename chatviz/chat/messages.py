"""Message and its parts: text, reasoning, refusal, tool call, tool result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from chatviz.chat.arguments.growth import ArgumentGrowth, ArgumentState, PathGrowth
from chatviz.chat.arguments.schema import SchemaCheck, check_arguments
from chatviz.shown import Shown
from chatviz.wire.json_text import load_json_leniently

__all__ = [
    "Fragment",
    "Message",
    "Part",
    "Reasoning",
    "Refusal",
    "Text",
    "ToolCall",
    "ToolDefinition",
    "ToolResult",
    "UnknownPart",
]


@dataclass(frozen=True, slots=True)
class Text:
    """What is said."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What was thought, as far as it is shown.

    Attributes
    ----------
    text : str
        Its text, counted once; ``""`` where all of it is encrypted.
    details : tuple of str
        The entries of ``reasoning_details`` as JSON text, untouched: they may be signed or
        encrypted, and must be sent back as they are.
    sent_as : str
        Where the text stood first: ``"reasoning"``, ``"reasoning_content"`` …
    """

    text: str
    details: tuple[str, ...] = field(default=(), repr=False)
    sent_as: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words with which the model declines."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered: the call's id as it was sent back, and the text."""

    tool_call_id: str
    text: str
    name: str = ""
    call_index: int | None = None
    """Which of the step's calls it answers (a position); None where that is not known."""


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part that is not modelled (an image, a file): its type and its JSON text."""

    type: str
    json: str = field(repr=False)


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


@dataclass(frozen=True)
class ToolCall(Shown):
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
    """

    position: int
    index: int | None
    id: str
    name: str
    arguments: str
    fragments: Fragments = field(default_factory=Fragments)
    chunk: int = -1
    type: str = "function"
    choice: int = 0
    schema: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

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


Part = Text | Reasoning | Refusal | ToolCall | ToolResult | UnknownPart


@dataclass(frozen=True)
class Message:
    """What one side said: a role and its parts.

    Attributes
    ----------
    role : str
        ``"system"``, ``"developer"``, ``"user"``, ``"assistant"`` or ``"tool"``, as sent.
    parts : tuple
        Text, Reasoning, Refusal, ToolCall, ToolResult or UnknownPart.
    choice : int
        Which of several answers it is.
    """

    role: str
    parts: tuple[Part, ...] = ()
    choice: int = 0

    @property
    def text(self) -> str:
        """All its text; of a tool's message, the result."""
        return "".join(part.text for part in self.parts if isinstance(part, Text | ToolResult))

    @property
    def reasoning(self) -> str:
        """All its reasoning text."""
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def refusal(self) -> str:
        """The words with which the model declines."""
        return "".join(part.text for part in self.parts if isinstance(part, Refusal))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Its tool calls, in the order of their first appearance."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool that the request offers: its name, description and JSON Schema."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What was asked, as far as it is modelled.

    Attributes
    ----------
    model : str
    messages : tuple of Message
    tools : tuple of ToolDefinition
    body : mapping
        The request's JSON body, as it was sent.
    """

    model: str = ""
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
