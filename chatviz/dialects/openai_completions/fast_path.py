"""The chunks that real streams hold, read at one glance; all others are read in full.

There is no rule in this file that ``stream`` does not have, and a test holds the two against each
other.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from chatviz.chat.deltas import Delta, TextDelta
from chatviz.dialects.openai_chat.fast_path import make_finish, make_identity
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_usual_chunk"]

_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Choice(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    text: str
    index: _Int64
    finish_reason: str | None = None
    logprobs: None = None
    native_finish_reason: str | None = None
    stop_reason: None = None
    token_ids: None = None


class _Chunk(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    choices: list[_Choice]
    id: str = ""
    object: str = ""
    created: _Int64 | None = None
    model: str = ""
    provider: str = ""
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: None = None


_decode: Final = msgspec.json.Decoder(_Chunk).decode


def read_usual_chunk(event: WireEvent) -> list[Delta] | None:
    """Return what a usual chunk says; None for any other, and for what is no JSON."""
    if event.name == b"error":
        return None
    try:
        chunk = _decode(event.data)
    except (ValueError, RecursionError):  # of msgspec, too: it is no usual chunk
        return None
    deltas: list[Delta] = [make_identity(chunk.id, chunk.model, chunk.provider, chunk.created)]
    for choice in chunk.choices:
        if choice.text:
            deltas.append(TextDelta(choice.index, choice.text))
        if choice.finish_reason:
            native = choice.native_finish_reason or ""
            deltas.append(make_finish(choice.index, choice.finish_reason, native))
    return deltas
