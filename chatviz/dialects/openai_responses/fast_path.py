"""The usual events, read at one glance; all others are read in full.

Nine events of ten are pieces of text, of reasoning or of arguments; the largest ones repeat the
whole request, of which nothing is needed but who answers. Decoding these straight into typed
values takes half the time. Whatever does not fit the types to the letter is not read here: there
is no rule in this file that ``events`` does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from chatviz.chat.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from chatviz.dialects.openai_responses.fast_items import (
    READERS,
    Int64,
    ItemRow,
    OrderNumber,
    echo_of,
    rows_of,
)
from chatviz.dialects.openai_responses.parts import (
    SUMMARY,
    THOUGHT,
    in_content,
    in_item,
    in_summary,
    nowhere,
)
from chatviz.dialects.openai_responses.response import make_identity
from chatviz.dialects.sequence import EventStep, Said
from chatviz.wire.json_text import MAX_DEPTH
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_usual_event"]

_PREFIX: Final = b'{"type":"'


class _Piece(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    output_index: Int64
    item_id: str = ""
    sequence_number: OrderNumber = None
    obfuscation: str = ""


class _Text(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.output_text.delta"]
    content_index: Int64
    delta: str
    logprobs: tuple[()] | None = None


class _TextDone(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.output_text.done"]
    content_index: Int64
    text: str
    logprobs: tuple[()] | None = None


class _Thought(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.reasoning_text.delta"]
    content_index: Int64
    delta: str


class _Summary(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.reasoning_summary_text.delta"]
    summary_index: Int64
    delta: str


class _ThoughtDone(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.reasoning_text.done"]
    content_index: Int64
    text: str


class _SummaryDone(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.reasoning_summary_text.done"]
    summary_index: Int64
    text: str


class _Arguments(_Piece, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.function_call_arguments.delta"]
    delta: str


def _read_text(event: _Text) -> list[Delta]:
    text = event.delta
    return [TextDelta(0, text, (event.output_index, event.content_index))] if text else []


def _read_text_done(event: _TextDone) -> list[Delta]:
    text = event.text
    return [TextDelta(0, text, (event.output_index, event.content_index), True)] if text else []


def _read_thought(event: _Thought) -> list[Delta]:
    part = (event.output_index, THOUGHT, event.content_index)
    return [ReasoningDelta(0, event.delta, THOUGHT, part)] if event.delta else []


def _read_summary(event: _Summary) -> list[Delta]:
    part = (event.output_index, SUMMARY, event.summary_index)
    return [ReasoningDelta(0, event.delta, SUMMARY, part)] if event.delta else []


def _read_thought_done(event: _ThoughtDone) -> list[Delta]:
    part = (event.output_index, THOUGHT, event.content_index)
    return [ReasoningDelta(0, event.text, THOUGHT, part, True)] if event.text else []


def _read_summary_done(event: _SummaryDone) -> list[Delta]:
    part = (event.output_index, SUMMARY, event.summary_index)
    return [ReasoningDelta(0, event.text, SUMMARY, part, True)] if event.text else []


def _read_arguments(event: _Arguments) -> list[Delta]:
    place = event.output_index
    return [ToolCallDelta(0, place, None, None, None, event.delta, "text", place)]


# A response that goes on: its output comes with events of its own.
_Echo: Final[Any] = echo_of("_Echo", (tuple[()], ()), (None, None))


class _GoesOn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: Literal["response.created", "response.in_progress", "response.queued"]
    response: _Echo
    sequence_number: OrderNumber = None


def _read_going_on(event: _GoesOn) -> list[Delta]:
    response = event.response
    return [make_identity(response.id, response.model, response.created_at)]


_READERS: Final[dict[bytes, ItemRow]] = {
    **rows_of(_Text, _read_text, in_content),
    **rows_of(_TextDone, _read_text_done, in_content),
    **rows_of(_Thought, _read_thought, in_content),
    **rows_of(_Summary, _read_summary, in_summary),
    **rows_of(_ThoughtDone, _read_thought_done, in_content),
    **rows_of(_SummaryDone, _read_summary_done, in_summary),
    **rows_of(_Arguments, _read_arguments, in_item),
    **rows_of(_GoesOn, _read_going_on, nowhere),
    **READERS,
}
_PASS_OVER: Final = frozenset(
    [b"response.created", b"response.in_progress", b"response.queued", b"response.completed"]
)


def read_usual_event(event: WireEvent) -> Said | None:
    """Return what a usual event says, and its step; None for any other, and for what is no JSON."""
    data = event.data
    name = event.name
    if not name:
        if not data.startswith(_PREFIX):
            return None
        name = data[9 : data.find(b'"', 9)]
    row = _READERS.get(name)
    if row is None:
        return None
    decode, read, part_of = row
    if name in _PASS_OVER and not _is_sound(data):
        return None
    try:
        said = decode(data)
        return [*read(said), EventStep(said.type, part_of(said), said.sequence_number)]
    except (ValueError, RecursionError):  # of msgspec, too: it is no usual event
        return None


def _is_sound(data: bytes) -> bool:
    """Whether what was passed over can be read at all: it is made of characters, and not deep."""
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        return False
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False
