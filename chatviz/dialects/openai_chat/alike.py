"""Chunks that follow one and say the same but for a text of their own, told by their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET

from chatviz.dialects.openai_chat.fast_path import ABSENT, decode_chunk, text_of_detail
from chatviz.wire.alike import Alike, Own, read_alike
from chatviz.wire.json_text import MAX_DEPTH
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_chunks_alike"]

_TAKEN: Final = "a text"


def read_chunks_alike(events: Sequence[WireEvent], place: int, text: str) -> Alike:
    """Return what is their own of the chunks that follow one, and say the same."""
    return read_alike(events, place, text, decode_chunk, _take_own)


def _take_own(chunk: Any) -> Own | None:
    choices = chunk.choices
    if choices is UNSET or len(choices) != 1 or choices[0].delta is None:
        return None
    delta, json = choices[0].delta, None
    text = _take_text(delta)
    if not text:
        return None
    if delta.reasoning_details:
        json = _take_detail(delta, text)
        if json is None:
            return None
    stamp, chunk.created, chunk.obfuscation = chunk.created, None, ABSENT
    return text, json, stamp


def _take_text(delta: Any) -> str:
    """Take out the one text of a piece; "" where there is none, or where there may be several."""
    text: str | None
    if delta.content:
        text, delta.content = delta.content, _TAKEN
    elif delta.tool_calls:
        function = delta.tool_calls[0].function
        text, function.arguments = function.arguments or None, _TAKEN
    elif delta.reasoning_content:
        text, delta.reasoning_content = delta.reasoning_content, _TAKEN
        text = "" if delta.reasoning else text
    else:
        text, delta.reasoning = delta.reasoning, _TAKEN
    return text or ""


def _take_detail(delta: Any, text: str) -> str | None:
    """Take out the one detail that says the same as the reasoning; None where it does not."""
    detail = delta.reasoning_details[0]
    is_one = len(delta.reasoning_details) == 1 and len(detail) <= 2 * MAX_DEPTH
    if not is_one or text_of_detail(detail) != text:
        return None
    delta.reasoning_details = _TAKEN
    return str(detail, "utf-8")
