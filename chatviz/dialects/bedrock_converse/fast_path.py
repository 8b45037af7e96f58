"""The usual events, read at one glance; all others are read in full.

Whatever does not fit the types to the letter is not read here: there is no rule in this file that
``events`` does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    FinishDelta,
    ReasoningDelta,
    ServerCallDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from chatviz.dialects.bedrock_converse.blocks import SERVER_CALL
from chatviz.dialects.bedrock_converse.event_order import PIECE, STARTED_PIECE
from chatviz.dialects.bedrock_converse.events import GUARDRAIL, make_role
from chatviz.dialects.bedrock_converse.usage import make_usage
from chatviz.dialects.sequence import EventStep, Said
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_usual_event"]

_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_NOTHING: Final[tuple[Delta, ...]] = ()
_END: Final = EndDelta()


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    p: str = ""


class _Block(_Event, forbid_unknown_fields=True, gc=False, kw_only=True, rename="camel"):
    content_block_index: _Int64


class _Input(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    input: str


class _Thought(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    text: str


class _Delta(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    text: str | UnsetType = UNSET
    tool_use: _Input | UnsetType = UNSET
    reasoning_content: _Thought | UnsetType = UNSET


class _Piece(_Block, forbid_unknown_fields=True, gc=False, kw_only=True):
    delta: _Delta


class _ToolUse(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    tool_use_id: str
    name: str
    type: Literal["tool_use", "server_tool_use"] | None = None


class _Start(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    tool_use: _ToolUse


class _Opened(_Block, forbid_unknown_fields=True, gc=False, kw_only=True):
    start: _Start


class _Begun(_Event, forbid_unknown_fields=True, gc=False, kw_only=True):
    role: str


class _Stopped(_Event, forbid_unknown_fields=True, gc=False, kw_only=True, rename="camel"):
    stop_reason: str


class _Nothing(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An object without fields, as the work of server tools is counted where there was none."""


class _Metrics(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    latency_ms: int


class _Counted(_Event, forbid_unknown_fields=True, gc=False, kw_only=True):
    usage: msgspec.Raw
    metrics: _Metrics


class _Tokens(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    input_tokens: _Int64
    output_tokens: _Int64
    total_tokens: _Int64
    cache_read_input_tokens: _Int64 | None = None
    cache_write_input_tokens: _Int64 | None = None
    server_tool_usage: _Nothing | None = None


def _read_piece(event: _Piece) -> Sequence[Delta] | None:
    delta, place = event.delta, event.content_block_index
    text, tool_use, thought = delta.text, delta.tool_use, delta.reasoning_content
    if text is not UNSET:
        if tool_use is not UNSET or thought is not UNSET:
            return None
        return [TextDelta(0, text, place)] if text else _NOTHING
    if tool_use is not UNSET:
        if thought is not UNSET:
            return None
        return [ToolCallDelta(0, place, None, None, None, tool_use.input, "text", place)]
    if thought is UNSET:
        return _NOTHING
    return [ReasoningDelta(0, thought.text, "", place)] if thought.text else _NOTHING


def _read_opened(event: _Opened) -> Sequence[Delta]:
    use, place = event.start.tool_use, event.content_block_index
    if use.type == SERVER_CALL:
        return [ServerCallDelta(0, use.tool_use_id, use.name, SERVER_CALL, "", place)]
    return [ToolCallDelta(0, place, use.tool_use_id, use.name, None, "", "absent", place)]


def _read_begun(event: _Begun) -> Sequence[Delta]:
    return make_role(event.role) if event.role else _NOTHING


def _read_stopped(event: _Stopped) -> Sequence[Delta] | None:
    reason = event.stop_reason
    if reason == GUARDRAIL:
        return None
    return [FinishDelta(0, reason)] if reason else _NOTHING


def _read_counted(event: _Counted) -> Sequence[Delta]:
    sent = bytes(event.usage)
    counted = _decode_tokens(sent)
    usage = make_usage(
        counted.input_tokens,
        counted.output_tokens,
        counted.cache_read_input_tokens,
        counted.cache_write_input_tokens,
        counted.total_tokens,
        sent.decode(),
    )
    return [UsageDelta(usage), _END]


def _read_closed(event: _Block) -> Sequence[Delta]:
    return [EndDelta(0, event.content_block_index)]


def _step_of_piece(event: _Piece) -> EventStep:
    name = PIECE if event.delta.tool_use is UNSET else STARTED_PIECE
    return EventStep(name, event.content_block_index)


def _step_of_opened(event: _Opened) -> EventStep:
    return EventStep("contentBlockStart", event.content_block_index)


def _step_of_closed(event: _Block) -> EventStep:
    return EventStep("contentBlockStop", event.content_block_index)


_BEGINS: Final = EventStep("messageStart")
_ENDS: Final = EventStep("messageStop")
_COUNTS: Final = EventStep("metadata")
_decode_tokens: Final = msgspec.json.Decoder(_Tokens).decode
_Row: TypeAlias = tuple[
    Callable[[bytes], Any],
    Callable[[Any], Sequence[Delta] | None],
    Callable[[Any], EventStep],
]
_READERS: Final[dict[bytes, _Row]] = {
    b"contentBlockDelta": (msgspec.json.Decoder(_Piece).decode, _read_piece, _step_of_piece),
    b"contentBlockStart": (msgspec.json.Decoder(_Opened).decode, _read_opened, _step_of_opened),
    b"contentBlockStop": (msgspec.json.Decoder(_Block).decode, _read_closed, _step_of_closed),
    b"messageStart": (msgspec.json.Decoder(_Begun).decode, _read_begun, lambda _: _BEGINS),
    b"messageStop": (msgspec.json.Decoder(_Stopped).decode, _read_stopped, lambda _: _ENDS),
    b"metadata": (msgspec.json.Decoder(_Counted).decode, _read_counted, lambda _: _COUNTS),
}


def read_usual_event(event: WireEvent) -> Said | None:
    """Return what a usual event says, and its step; None for any other, and for what is no JSON."""
    row = _READERS.get(event.name)
    if row is None:
        return None
    try:
        decode, read, step_of = row
        said = decode(event.data)
        deltas = read(said)
        return None if deltas is None else [*deltas, step_of(said)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
