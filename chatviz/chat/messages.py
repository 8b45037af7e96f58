"""Message and its parts: text, reasoning, refusal, tool call, tool result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chatviz.chat.tool_call import Fragment, Fragments, ToolCall

__all__ = [
    "ChatRequest",
    "Fragment",
    "Fragments",
    "Media",
    "Message",
    "Part",
    "Reasoning",
    "Refusal",
    "ServerToolCall",
    "ServerToolResult",
    "Text",
    "ToolCall",
    "ToolDefinition",
    "ToolResult",
    "UnknownPart",
]


@dataclass(frozen=True, slots=True)
class Text:
    """What is said.

    Attributes
    ----------
    text : str
    details : tuple of str
        What must be sent back untouched with it: signatures, as JSON text.
    citations : tuple of str
        The sources that it cites, each as the provider's JSON text.
    """

    text: str
    details: tuple[str, ...] = field(default=(), repr=False)
    citations: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What was thought, as far as it is shown.

    Attributes
    ----------
    text : str
        Its text, counted once; ``""`` where all of it is encrypted.
    details : tuple of str
        What must be sent back untouched, as the provider's JSON text: signed or encrypted.
    sent_as : str
        The field in which the text came first; ``""`` where there is only one.
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
class ServerToolCall:
    """A call that the provider made and ran itself (a web search): the client never runs it.

    Attributes
    ----------
    id, name, type : str
        As sent; ``""`` where they were not.
    arguments : str
        Its input as JSON text; ``""`` where none came.
    details : tuple of str
        What must be sent back untouched with it, as the provider's JSON text.
    """

    id: str
    name: str
    type: str = ""
    arguments: str = ""
    details: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ServerToolResult:
    """What the provider's own tool gave: the id of its call, its type and its JSON text."""

    call_id: str
    type: str
    json: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """An image, audio or a file in an answer.

    Attributes
    ----------
    type : str
        As it was sent; of one that belongs to what was thought, with ``" (thought)"`` behind it.
    json : str
        Its JSON text; of one that came in pieces, the list of them.
    text : str
        What is said in it, where that was sent as text, too (a transcript); else ``""``.
    """

    type: str
    json: str = field(repr=False)
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part that is not modelled (an image, a file): its type and its JSON text."""

    type: str
    json: str = field(repr=False)


Part = (
    Text
    | Reasoning
    | Refusal
    | ToolCall
    | ToolResult
    | ServerToolCall
    | ServerToolResult
    | Media
    | UnknownPart
)


@dataclass(frozen=True)
class Message:
    """What one side said: a role and its parts.

    Attributes
    ----------
    role : str
        ``"system"``, ``"developer"``, ``"user"``, ``"assistant"`` or ``"tool"``, as sent.
    parts : tuple
        Text, Reasoning, Refusal, ToolCall, ToolResult, ServerToolCall, ServerToolResult, Media or
        UnknownPart, in the order in which the first piece of each came.
    choice : int
        Which of several answers it is.
    """

    role: str
    parts: tuple[Part, ...] = ()
    choice: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """Keep the fields alone: what is noted beside them (a hash) is of this process only."""
        return {"role": self.role, "parts": self.parts, "choice": self.choice}

    @property
    def is_instruction(self) -> bool:
        """Whether it instructs the model, before and beside what is said."""
        return self.role in ("system", "developer")

    @property
    def text(self) -> str:
        """All its text; of a tool's message, the result."""
        return "".join([part.text for part in self.parts if isinstance(part, (Text, ToolResult))])

    @property
    def reasoning(self) -> str:
        """All its reasoning text."""
        return "".join([part.text for part in self.parts if isinstance(part, Reasoning)])

    @property
    def refusal(self) -> str:
        """The words with which the model declines."""
        return "".join(part.text for part in self.parts if isinstance(part, Refusal))

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls of the client's tools, in the order of their first appearance."""
        return tuple([part for part in self.parts if isinstance(part, ToolCall)])

    @property
    def server_tool_calls(self) -> tuple[ServerToolCall, ...]:
        """What the provider's own tools did, in the order of their first appearance."""
        return tuple(part for part in self.parts if isinstance(part, ServerToolCall))

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """The results of the client's tools that it brings."""
        return tuple(part for part in self.parts if isinstance(part, ToolResult))


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool that the request offers: its name, description and JSON Schema."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ChatRequest:
    """What was asked, as far as it is modelled.

    Attributes
    ----------
    model : str
    messages : tuple of Message
    tools : tuple of ToolDefinition
    body : mapping
        The request's JSON body, as it was sent.
    continues : str
        The id of an earlier answer that this request goes on from without repeating it; ``""``
        for none.
    conversation : str
        The id of a conversation that the server keeps, and that this request goes on with.
    written : int
        Of a request that is to be written: how many of the messages, the first ones, its body
        holds already. The others are written behind them.
    """

    model: str = ""
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    continues: str = ""
    conversation: str = ""
    written: int = field(default=0, repr=False)

    @cached_property
    def said(self) -> tuple[Message, ...]:
        """The messages that are no instructions: those may change on the way."""
        said = tuple([message for message in self.messages if not message.is_instruction])
        return self.messages if len(said) == len(self.messages) else said
