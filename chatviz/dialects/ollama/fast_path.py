"""The usual lines, read at one glance: a piece of text or of thinking, and the last line.

A line is decoded straight into typed values. Whatever does not fit the types to the letter (calls
of tools among it, which are seldom) is not read here: there is no rule in this file that ``line``
does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from chatviz.chat.deltas import Delta, IdentityDelta, ReasoningDelta, TextDelta
from chatviz.dialects.ollama.line import Stamp, read_end
from chatviz.wire.alike import Alike, Own, read_alike
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_lines_alike", "read_usual_line"]

_Count = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["assistant", ""] = ""
    content: str = ""
    thinking: str = ""


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    model: str
    created_at: Stamp
    message: _Message
    done: bool
    done_reason: str = ""
    total_duration: _Count | None = None
    load_duration: _Count | None = None
    prompt_eval_count: _Count | None = None
    prompt_eval_duration: _Count | None = None
    eval_count: _Count | None = None
    eval_duration: _Count | None = None
    remote_model: str = ""
    remote_host: str = ""


_decode: Final = msgspec.json.Decoder(_Line).decode


def read_usual_line(event: WireEvent) -> list[Delta] | None:
    """Return what a usual line says; None for any other, and for what is no JSON."""
    try:
        line = _decode(event.data)
    except (ValueError, RecursionError):  # of msgspec, too: it is no usual line
        return None
    message = line.message
    thinking = message.thinking
    who = IdentityDelta("", line.model, "", line.created_at.timestamp())
    deltas: list[Delta] = [who, ReasoningDelta(0, thinking)] if thinking else [who]
    if message.content:
        deltas.append(TextDelta(0, message.content))
    if line.done:
        read_end(line.done_reason, _metrics(line), deltas)
    return deltas


def read_lines_alike(events: Sequence[WireEvent], place: int, text: str) -> Alike:
    """Return what is their own of the lines that follow one, and say the same."""
    return read_alike(events, place, text, _decode, _take_own)


def _take_own(line: _Line) -> Own | None:
    message, stamp = line.message, line.created_at
    text = message.thinking or message.content
    if not text:
        return None
    if message.thinking:
        message.thinking = _TAKEN
    else:
        message.content = _TAKEN
    line.created_at = _LONG_AGO
    return text, None, stamp.timestamp()


_TAKEN: Final = "a text"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _metrics(line: _Line) -> dict[str, int]:
    sent = {
        "total_duration": line.total_duration,
        "load_duration": line.load_duration,
        "prompt_eval_count": line.prompt_eval_count,
        "prompt_eval_duration": line.prompt_eval_duration,
        "eval_count": line.eval_count,
        "eval_duration": line.eval_duration,
    }
    return {name: number for name, number in sent.items() if number is not None}
