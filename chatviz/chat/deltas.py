"""The closed set of things that a stream can say, named alike for every provider.

A delta knows nothing of chunks: the same thing said twice is the same value. Which chunk said it
is beside it (``run.deltas`` yields both).

Every delta that fills a part names the part with the provider's own key (a block's index, the
indexes of an item and of its content); None where the provider has none, and then the dialect's
manners say which part is meant.

A delta with ``again`` holds the whole of what may have come in pieces before: it fills a part that
is still empty, and is nothing new where the part is not; text that differs is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from chatviz.chat.usage import Usage

__all__ = [
    "ArgumentPiece",
    "ArgumentsForm",
    "CitationDelta",
    "Delta",
    "EndDelta",
    "ErrorDelta",
    "FinishDelta",
    "IdentityDelta",
    "MediaDelta",
    "NoteDelta",
    "PartKey",
    "PartKind",
    "ReasoningDelta",
    "RefusalDelta",
    "RoleDelta",
    "ServerCallDelta",
    "ServerResultDelta",
    "SignatureDelta",
    "StreamError",
    "TextDelta",
    "ToolCallDelta",
    "UnknownDelta",
    "UsageDelta",
    "said_again",
]

ArgumentsForm = Literal["text", "null", "object", "paths", "absent"]
PartKey: TypeAlias = "int | str | tuple[int | str, ...] | None"
PartKind = Literal["text", "reasoning", "refusal", "call", "server_call", "server_result", "media"]


class IdentityDelta(msgspec.Struct, frozen=True, gc=False):
    """Who answers: sent with every chunk, kept when it changes. '' and None: not sent."""

    id: str = ""
    model: str = ""
    provider: str = ""
    created: float | None = None


class RoleDelta(msgspec.Struct, frozen=True, gc=False):
    """Whose message it is."""

    choice: int
    role: str


class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the answer's text."""

    choice: int
    text: str
    part: PartKey = None
    again: bool = False


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the reasoning's text; ``sent_as`` is the field in which it came."""

    choice: int
    text: str
    sent_as: str = ""
    part: PartKey = None
    again: bool = False


class SignatureDelta(msgspec.Struct, frozen=True, gc=False):
    """What must be sent back untouched with a part: signed or encrypted, whole, as JSON text."""

    choice: int
    json: str
    part: PartKey = None
    of: PartKind = "reasoning"
    again: bool = False


class RefusalDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of the text with which the model declines."""

    choice: int
    text: str
    part: PartKey = None
    again: bool = False


class ArgumentPiece(NamedTuple):
    """A value in a call's arguments, or the next piece of a text that goes on, as JSON text."""

    path: tuple[str | int, ...]
    json: str
    goes_on: bool = False


class ToolCallDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of a call of one of the client's tools, each field as it was sent.

    Attributes
    ----------
    choice : int
    index, id, name, type : int | str | None
        None where the key was absent; an ``id`` of null is ``""``.
    arguments : str
        The piece of JSON text (an object is serialised once).
    form : str
        ``"text"``, ``"null"``, ``"object"``, or ``"absent"``: no ``arguments`` key, no fragment;
        ``"paths"``: values at paths, which are in ``pieces`` (``arguments`` is their JSON text).
    part : int | str | tuple | None
        With a key, the call is that of its part; without, the slot rule finds it.
    goes_on : bool
        Of ``"paths"``: whether more of them come.
    """

    choice: int
    index: int | None
    id: str | None
    name: str | None
    type: str | None
    arguments: str
    form: ArgumentsForm
    part: PartKey = None
    again: bool = False
    pieces: tuple[ArgumentPiece, ...] = ()
    goes_on: bool = False


class ServerCallDelta(msgspec.Struct, frozen=True, gc=False):
    """A piece of a call that the provider runs itself (a web search): never run by the client."""

    choice: int
    id: str
    name: str
    type: str
    arguments: str = ""
    part: PartKey = None
    again: bool = False


class ServerResultDelta(msgspec.Struct, frozen=True, gc=False):
    """What the provider's own tool gave, as JSON text; ``call_id`` names the server's call.

    With ``more`` it is a further piece of what its part gave: the part's JSON is a list of the
    pieces then. Without, it replaces what came before.
    """

    choice: int
    call_id: str
    type: str
    json: str
    part: PartKey = None
    again: bool = False
    more: bool = False


class MediaDelta(msgspec.Struct, frozen=True, gc=False):
    """An image, a piece of audio or a file, as JSON text; ``more`` as in ``ServerResultDelta``.

    ``text`` is what is said in it, where that was sent as text, too (a transcript).
    """

    choice: int
    type: str
    json: str
    part: PartKey = None
    again: bool = False
    more: bool = False
    text: str = ""


class CitationDelta(msgspec.Struct, frozen=True, gc=False):
    """A source that a text part cites, as JSON text."""

    choice: int
    json: str
    part: PartKey = None
    again: bool = False


class FinishDelta(msgspec.Struct, frozen=True, gc=False):
    """Why the choice ended.

    ``native`` is the upstream's own word behind a gateway's; ``means`` one of our words, where
    the dialect knows it better than its table of words, or the word that it does not know.
    """

    choice: int
    reason: str
    native: str = ""
    means: str = ""


class UsageDelta(msgspec.Struct, frozen=True, gc=False):
    """What was counted so far, and the field that said so.

    Of several the last counts: a ``"whole"``, or a ``"snapshot"``, which comes with every chunk and
    changes. Of ``"fields"`` each that is sent, zeros included, replaces the same one before it.
    """

    usage: Usage
    field: str = "usage"
    merge: Literal["whole", "fields", "snapshot"] = "whole"


class EndDelta(msgspec.Struct, frozen=True, gc=False):
    """The dialect's own sign that the answer is complete; with a choice, that one part of it is."""

    choice: int | None = None
    part: PartKey = None


class NoteDelta(msgspec.Struct, frozen=True, gc=False):
    """An oddity that only the dialect can see: a finding's code, its part, and what it names."""

    code: str
    part: str = ""
    details: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class StreamError:
    """What went wrong, in the server's words.

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
    """Something that is not modelled: its path in the chunk, and its JSON text.

    ``in_message`` says whether it is part of what is said, or the chunk as a whole; fields beside
    the message (padding, the results of filters) are not.
    """

    path: str
    json: str
    in_message: bool = False


Delta = (
    IdentityDelta | RoleDelta | TextDelta | ReasoningDelta | SignatureDelta | RefusalDelta
    | ToolCallDelta | ServerCallDelta | ServerResultDelta | MediaDelta | CitationDelta
    | FinishDelta | UsageDelta | EndDelta | ErrorDelta | NoteDelta | UnknownDelta
)  # fmt: skip


def said_again(delta: Delta) -> Delta:
    """Return a delta as the whole of what may have come before; one that fills nothing as it is."""
    return replace(delta, again=True) if hasattr(delta, "again") else delta
