"""The order of chunks: what is said, and the one that ends it; of several answers, of the first."""

from __future__ import annotations

from typing import Final

import msgspec

from chatviz.dialects.sequence import EventOrder, EventStep

__all__ = ["CHUNK_ORDER"]


class _Parts(msgspec.Struct, gc=False):
    parts: list[msgspec.Raw] | None = None


class _Ended(msgspec.Struct, gc=False):
    content: _Parts | None = None
    finishReason: str | None = None
    index: int | None = None


class _Candidates(msgspec.Struct, gc=False):
    candidates: list[_Ended] | None = None


_decode: Final = msgspec.json.Decoder(_Candidates).decode
_SAYS: Final = EventStep("a chunk with content")
_ENDS: Final = EventStep("a chunk with a finish reason")


def read_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs of a chunk; None for one that says nothing of the answer."""
    try:
        candidates = _decode(data).candidates or ()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for position, candidate in enumerate(candidates):
        if (position if candidate.index is None else candidate.index) == 0:
            if candidate.finishReason:
                return _ENDS
            if candidate.content is not None and candidate.content.parts:
                return _SAYS
    return None


def is_usual(body: bytes, chunks: int) -> bool:
    """Whether no finish reason comes before the last event."""
    last = body.rfind(b"\ndata:")
    return chunks == 1 or (last > 0 and body.find(b'"finishReason"', 0, last) < 0)


CHUNK_ORDER: Final = EventOrder(
    roles={_SAYS.name: "fills", _ENDS.name: "ends"},
    read_step=read_step,
    must_begin=False,
    must_open=False,
    ends_often=True,  # the first models named the reason in each chunk
    usual=is_usual,
)
