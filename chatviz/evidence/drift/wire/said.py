"""What each chunk of an answer says, in kinds: text, a call, usage, the end …."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.runs.run import StreamRun

__all__ = ["OF_PARTS", "Kinds", "kinds_by_chunk"]

Kinds = frozenset[str]
_NOTHING: Final[Kinds] = frozenset()

# Kinds that a part, or an error, brings: where one answer has none, what came with them is no
# change of the wire.
OF_PARTS: Final = frozenset({
    "text", "reasoning", "refusal", "call", "server_call", "server_result", "media", "citation",
    "signature", "error",
})  # fmt: skip

_NAMES: Final[Mapping[type[Delta], str]] = {
    RoleDelta: "role",
    TextDelta: "text",
    ReasoningDelta: "reasoning",
    RefusalDelta: "refusal",
    ToolCallDelta: "call",
    ServerCallDelta: "server_call",
    ServerResultDelta: "server_result",
    MediaDelta: "media",
    CitationDelta: "citation",
    SignatureDelta: "signature",
    FinishDelta: "finish",
    UsageDelta: "usage",
    EndDelta: "end",
    ErrorDelta: "error",
    # what says nothing of its own
    IdentityDelta: "",
    NoteDelta: "",
    UnknownDelta: "",
}


def kinds_by_chunk(run: StreamRun) -> dict[int, Kinds]:
    """Return the kinds of what each chunk says; a chunk that says nothing is left out."""
    known: dict[frozenset[str], Kinds] = {}
    found: dict[int, Kinds] = {}
    for chunk, delta in zip(run.deltas.chunks, run.deltas.values, strict=True):
        if name := _name(delta):
            kinds = found.get(chunk, _NOTHING)
            if name not in kinds:
                more = kinds | {name}
                found[chunk] = known.setdefault(more, more)
    return found


def _name(delta: Delta) -> str:
    """Return the kind of a delta; ``""`` for one that says nothing."""
    match delta:
        case TextDelta(text="") | ReasoningDelta(text="") | RefusalDelta(text=""):
            return ""
        case _:
            return _NAMES[type(delta)]
