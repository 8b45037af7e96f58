"""The usual events of Anthropic's streams, read at one glance; all others are read in full.

Whatever does not fit the types to the letter is not read here: there is no rule in this file that
``anthropic.stream`` and ``anthropic.blocks`` do not have, and a test holds the two against each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    RoleDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
)
from chatviz.dialects.anthropic.event_order import END
from chatviz.dialects.anthropic.usage import usage_deltas
from chatviz.dialects.sequence import EventStep, Said
from chatviz.wire.json_text import dump_json, load_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["make_identity", "make_role", "read_usual_data", "read_usual_event"]

# A number of 64 bits: what is larger is a float to one reader and none to another.
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Empty = Annotated[dict[str, Raw], Meta(max_length=0)]


class _Usual(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, gc=False):
    """Anything that its ``type`` names."""


# ---- the pieces of a block


class _Text(_Usual, tag="text_delta"):
    text: str

    def read(self, place: int) -> Sequence[Delta]:
        return [TextDelta(0, self.text, place)] if self.text else ()


class _Input(_Usual, tag="input_json_delta"):
    partial_json: str

    def read(self, place: int) -> Sequence[Delta]:
        return [ToolCallDelta(0, place, None, None, None, self.partial_json, "text", place)]


class _Thinking(_Usual, tag="thinking_delta"):
    thinking: str

    def read(self, place: int) -> Sequence[Delta]:
        return [ReasoningDelta(0, self.thinking, "thinking", place)] if self.thinking else ()


class _Signature(_Usual, tag="signature_delta"):
    signature: str

    def read(self, place: int) -> Sequence[Delta]:
        if not self.signature:
            return ()
        return [SignatureDelta(0, dump_json({"signature": self.signature}), place)]


# ---- what begins a block


class _TextBlock(_Usual, tag="text"):
    text: Literal[""]
    citations: tuple[()] | None = None

    def read(self, place: int) -> Sequence[Delta]:
        return ()


class _ThinkingBlock(_Usual, tag="thinking"):
    thinking: Literal[""]
    signature: Literal[""] = ""

    def read(self, place: int) -> Sequence[Delta]:
        return ()


class _Caller(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: Literal["direct"]


class _CallBlock(_Usual, tag="tool_use"):
    id: str
    name: str
    input: _Empty
    caller: _Caller | None = None

    def read(self, place: int) -> Sequence[Delta]:
        return [ToolCallDelta(0, place, self.id, self.name, None, "", "absent", place)]


# ---- the events


class _Piece(_Usual, tag="content_block_delta"):
    index: _Int64
    delta: _Text | _Input | _Thinking | _Signature

    def read(self) -> Said:
        return [*self.delta.read(self.index), EventStep("content_block_delta", self.index)]


class _Begin(_Usual, tag="content_block_start"):
    index: _Int64
    content_block: _TextBlock | _ThinkingBlock | _CallBlock

    def read(self) -> Said:
        return [*self.content_block.read(self.index), EventStep("content_block_start", self.index)]


class _Close(_Usual, tag="content_block_stop"):
    index: _Int64

    def read(self) -> Said:
        return [EndDelta(0, self.index), EventStep("content_block_stop", self.index)]


class _Ping(_Usual, tag="ping"):
    def read(self) -> Said:
        return ()


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: tuple[()]
    usage: Raw
    stop_reason: None = None
    stop_sequence: None = None
    stop_details: None = None
    container: None = None
    context_management: None = None
    diagnostics: None = None


class _Start(_Usual, tag="message_start"):
    message: _Message

    def read(self) -> Said:
        message = self.message
        return [
            make_identity(message.id, message.model),
            make_role(message.role),
            *_read_usage(message.usage),
            _BEGINS,
        ]


class _Ending(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    stop_reason: Literal["end_turn", "tool_use", "max_tokens", "stop_sequence"]
    stop_sequence: str | None = None
    stop_details: None = None
    container: None = None


class _End(_Usual, tag="message_delta"):
    delta: _Ending
    usage: Raw
    context_management: None = None

    def read(self) -> Said:
        return [FinishDelta(0, self.delta.stop_reason), *_read_usage(self.usage)]


class _Stop(_Usual, tag="message_stop"):
    metrics: dict[str, int | float | None] = msgspec.field(
        default_factory=dict, name="amazon-bedrock-invocationMetrics"
    )

    def read(self) -> Said:
        return _ENDED


_BEGINS: Final = EventStep("message_start")
_ENDED: Final = (EndDelta(), EventStep(END))
_Event: TypeAlias = _Piece | _Begin | _Close | _Ping | _Start | _End | _Stop
_decode: Final[Callable[[bytes], _Event]] = msgspec.json.Decoder(_Event).decode
_NAMES: Final[dict[type, bytes]] = {
    _Piece: b"content_block_delta",
    _Begin: b"content_block_start",
    _Close: b"content_block_stop",
    _Ping: b"ping",
    _Start: b"message_start",
    _End: b"message_delta",
    _Stop: b"message_stop",
}


def read_usual_event(event: WireEvent) -> Said | None:
    """Return what a usual event says; None for any other, and for what is no JSON."""
    try:
        said = _decode(event.data)
        return said.read() if event.name == _NAMES[said.__class__] else None
    except (ValueError, RecursionError):  # of msgspec, and of broken UTF-8, too
        return None


def read_usual_data(data: bytes) -> Said | None:
    """Return what the data of a usual event says, wherever it stood; None for any other."""
    try:
        return _decode(data).read()
    except (ValueError, RecursionError):
        return None


def _read_usage(sent: Raw) -> Sequence[Delta]:
    usage = load_json(bytes(sent))
    if not isinstance(usage, dict):
        raise ValueError("a usage that is no object is left to the full reading")
    return usage_deltas(usage)


@lru_cache(maxsize=16)
def make_identity(id: str, model: str) -> IdentityDelta:
    """Return who answers; one value for all that say the same."""
    return IdentityDelta(id, model)


@lru_cache(maxsize=4)
def make_role(role: str) -> RoleDelta:
    """Return whose message it is; one value for all that say the same."""
    return RoleDelta(0, role)
