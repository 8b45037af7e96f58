"""The closed set of things that a stream can say, named alike for every provider.

A delta knows nothing of chunks: the same thing said twice is the same value. Which chunk said it
stands beside it (``run.deltas`` yields both).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from chatviz.chat.usage import Usage

__all__ = [
    "ArgumentsForm",
    "Delta",
    "ErrorDelta",
    "FinishDelta",
    "IdentityDelta",
    "ReasoningDelta",
    "ReasoningDetailDelta",
    "RefusalDelta",
    "RoleDelta",
    "StreamError",
    "TextDelta",
    "ToolCallDelta",
    "UnknownDelta",
    "UsageDelta",
]

ArgumentsForm = Literal["text", "null", "object", "absent"]


class IdentityDelta(msgspec.Struct, frozen=True, gc=False):
    """Who answers: sent with every chunk, kept when it changes. '' and None: not said."""

    id: str = ""
    model: str = ""
    provider: str = ""
    created: float | None = None
    system_fingerprint: str = ""


class RoleDelta(msgspec.Struct, frozen=True, gc=False):
    """Whose message it is."""

    choice: int
    role: str


class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the answer's text; ``form`` is ``"list"`` where it came as a list of parts."""

    choice: int
    text: str
    form: Literal["text", "list"] = "text"


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the reasoning's text.

    ``field`` names where it stood, ``also`` the other fields of the same chunk that held a text
    too, and ``differs`` says that one of them held another text.
    """

    choice: int
    text: str
    field: str
    also: str = ""
    differs: bool = False


class ReasoningDetailDelta(msgspec.Struct, frozen=True, gc=False):
    """One entry of ``reasoning_details``, whole, as JSON text: it may be signed or encrypted."""

    choice: int
    json: str


class RefusalDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the text with which the model declines."""

    choice: int
    text: str


class ToolCallDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of a tool call, each field as it was sent.

    Attributes
    ----------
    choice : int
    index, id, name, type : int | str | None
        None where the key was absent; an ``id`` of null is ``""``.
    arguments : str
        The piece of JSON text (an object is serialised once).
    form : str
        ``"text"``, ``"null"``, ``"object"``, or ``"absent"``: no ``arguments`` key, no fragment.
    """

    choice: int
    index: int | None
    id: str | None
    name: str | None
    type: str | None
    arguments: str
    form: ArgumentsForm


class FinishDelta(msgspec.Struct, frozen=True, gc=False):
    """Why the choice ended, and the upstream's own word for it."""

    choice: int
    reason: str
    native: str = ""


class UsageDelta(msgspec.Struct, frozen=True, gc=False):
    """What was counted so far, and the field that said so."""

    usage: Usage
    field: str = "usage"


@dataclass(frozen=True, slots=True)
class StreamError:
    """What went wrong, as the server said it.

    Attributes
    ----------
    message : str
        The server's words, or ours where it had none.
    code : str
        The server's code or type, ``""`` where there is none.
    status : int | None
        The HTTP status of an answer that failed as a whole, None for an error inside a stream.
    sent : str
        The error as it was sent: JSON text, or the start of the body.
    """

    message: str
    code: str = ""
    status: int | None = None
    sent: str = ""


class ErrorDelta(msgspec.Struct, frozen=True, gc=False):
    """An error that came instead of, or inside, an answer."""

    error: StreamError


class UnknownDelta(msgspec.Struct, frozen=True, gc=False):
    """Something that is not modelled: where it stood in the chunk, and its JSON text."""

    path: str
    json: str


Delta = (
    IdentityDelta
    | RoleDelta
    | TextDelta
    | ReasoningDelta
    | ReasoningDetailDelta
    | RefusalDelta
    | ToolCallDelta
    | FinishDelta
    | UsageDelta
    | ErrorDelta
    | UnknownDelta
)
