"""The usual chunk of an OpenAI-style stream, read at one glance; all others are read in full.

A usual chunk holds one choice with a piece of text, or a fragment of a tool call, and nothing that
is unknown. Decoding these straight into typed values takes half the time. Whatever does not
fit the types to the letter is not read here: there is no rule in this file that
``openai_chat.stream`` does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatviz.chat.deltas import Delta, IdentityDelta, RoleDelta, TextDelta, ToolCallDelta
from chatviz.wire.wire_event import WireEvent

__all__ = ["make_identity", "make_role", "read_usual_chunk"]

# A number of 64 bits: what is larger is a float to one reader and none to another.
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Function(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str | None = None
    arguments: str | UnsetType = UNSET


class _Call(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    index: _Int64
    function: _Function
    id: str | UnsetType | None = UNSET
    type: str | None = None


class _Delta(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: str | None = None
    content: str | None = None
    tool_calls: list[_Call] | None = None
    reasoning: None = None
    reasoning_content: None = None
    refusal: None = None


class _Choice(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    index: _Int64
    delta: _Delta
    finish_reason: None = None
    native_finish_reason: None = None
    logprobs: None = None


class _Chunk(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    choices: tuple[_Choice]
    created: _Int64
    id: str = ""
    object: str = ""
    model: str = ""
    provider: str = ""
    system_fingerprint: str | None = None
    usage: None = None


_decode: Final = msgspec.json.Decoder(_Chunk).decode


def read_usual_chunk(event: WireEvent) -> list[Delta] | None:
    """Return what a usual chunk says; None for any other, and for what is no JSON."""
    if event.name == b"error":
        return None
    try:
        chunk = _decode(event.data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    (choice,) = chunk.choices
    index, delta = choice.index, choice.delta
    deltas: list[Delta] = [make_identity(chunk.id, chunk.model, chunk.provider, chunk.created)]
    if delta.role:
        deltas.append(make_role(index, delta.role))
    if delta.content:
        deltas.append(TextDelta(index, delta.content))
    for call in delta.tool_calls or ():
        deltas.append(_read_call(call, index))
    return deltas


def _read_call(call: _Call, choice: int) -> ToolCallDelta:
    id, function = call.id, call.function
    arguments = function.arguments
    return ToolCallDelta(
        choice,
        call.index,
        None if id is UNSET else id or "",
        function.name,
        call.type,
        "" if arguments is UNSET else arguments,
        "absent" if arguments is UNSET else "text",
    )


@lru_cache(maxsize=16)
def make_identity(id: str, model: str, provider: str, created: float | None) -> IdentityDelta:
    """Return who answers; one value for all the chunks that say the same."""
    return IdentityDelta(id, model, provider, created)


@lru_cache(maxsize=64)
def make_role(choice: int, role: str) -> RoleDelta:
    """Return whose message it is; one value for all the chunks that say the same."""
    return RoleDelta(choice, role)
