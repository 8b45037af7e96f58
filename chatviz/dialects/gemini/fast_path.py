"""The chunks that real streams hold, read at one glance; all others are read in full.

A chunk is decoded straight into typed values. Whatever does not fit the types to the letter is not
read here: there is no rule in this file that ``answers`` does not have, and a test holds the two
against each other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Raw

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    FinishDelta,
    IdentityDelta,
    PartKind,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from chatviz.chat.usage import Usage
from chatviz.dialects.gemini.findings import LOST_CALLS
from chatviz.dialects.gemini.parts import THOUGHT, sign
from chatviz.dialects.gemini.usage import read_raw_usage
from chatviz.wire.json_text import MAX_DEPTH, load_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["USAGE_FIELD", "make_finish", "make_identity", "make_usage", "read_usual_chunk"]

USAGE_FIELD: Final = "usageMetadata"
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_ABSENT: Final = Raw()


class _Call(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str
    args: Raw
    id: str | None = None


class _Part(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    text: str | None = None
    thoughtSignature: Raw = _ABSENT
    thought: bool = False
    functionCall: _Call | None = None


class _Content(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    parts: list[_Part] = []
    role: Literal["model"] = "model"


class _Candidate(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    content: _Content | None = None
    finishReason: str | None = None
    index: _Int64 | None = None
    finishMessage: str | None = None
    safetyRatings: Any = None
    avgLogprobs: float | None = None


class _Chunk(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    candidates: list[_Candidate] | None = None
    usageMetadata: Raw = _ABSENT
    modelVersion: str | None = None
    createTime: str | None = None
    responseId: str | None = None


_decode: Final = msgspec.json.Decoder(_Chunk).decode


def read_usual_chunk(event: WireEvent) -> list[Delta] | None:
    """Return what a usual chunk says; None for any other, and for what is no JSON."""
    data = event.data
    if len(data) > MAX_DEPTH and data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        return None
    try:
        if not data.isascii():
            data.decode()  # what is passed over below must be text, too
        chunk = _decode(data)
        deltas: list[Delta] = [make_identity(chunk.responseId or "", chunk.modelVersion or "")]
        for position, candidate in enumerate(chunk.candidates or ()):
            choice = position if candidate.index is None else candidate.index
            if candidate.content is not None:
                _read_parts(candidate.content.parts, choice, (event.start, position), deltas)
            if candidate.finishReason in LOST_CALLS:
                return None
            if candidate.finishReason:
                deltas.append(make_finish(choice, candidate.finishReason))
        if chunk.usageMetadata is not _ABSENT:
            deltas.append(make_usage(read_raw_usage(bytes(chunk.usageMetadata))))
    except (ValueError, RecursionError):  # of msgspec, too: it is no usual chunk
        return None
    return deltas


def _read_parts(
    parts: list[_Part], choice: int, place: tuple[int, int], deltas: list[Delta]
) -> None:
    for number, part in enumerate(parts):
        text, call = part.text, part.functionCall
        if call is not None and text is None:
            key = (*place, number)
            deltas.append(
                ToolCallDelta(
                    choice, None, call.id, call.name, None, _spell(call.args), "object", key
                )
            )
            deltas.append(EndDelta(choice, key))
            if part.thoughtSignature is not _ABSENT:
                deltas.append(sign(choice, _spell(part.thoughtSignature), key, "call"))
        elif call is not None:
            raise ValueError("a text beside a call")
        else:
            if text:
                deltas.append(
                    ReasoningDelta(choice, text, THOUGHT)
                    if part.thought
                    else TextDelta(choice, text)
                )
            if part.thoughtSignature is not _ABSENT:
                kind: PartKind = "reasoning" if part.thought else "text"
                deltas.append(sign(choice, _spell(part.thoughtSignature), None, kind))


def _spell(raw: Raw) -> str:
    """Return the JSON text of an object or a text that is not empty, as it was sent.

    Raises
    ------
    ValueError
        It is no strict JSON, or neither of them.
    """
    text = bytes(raw)
    if text[:1] not in b'{"' or text == b'""':
        raise ValueError("neither an object nor a text")
    load_json(text)
    return str(text, "utf-8")


@lru_cache(maxsize=16)
def make_identity(id: str, model: str) -> IdentityDelta:
    """Return who answers; one value for all the chunks that say the same."""
    return IdentityDelta(id, model)


@lru_cache(maxsize=64)
def make_finish(choice: int, reason: str) -> FinishDelta:
    """Return why a candidate ended; one value for all the chunks that say the same."""
    return FinishDelta(choice, reason)


def make_usage(usage: Usage) -> UsageDelta:
    """Return what was counted when a chunk was sent."""
    return UsageDelta(usage, USAGE_FIELD, "snapshot")
