"""The usual lines, read at one glance: a piece of text or of thinking, and the last line.

A line is decoded straight into typed values. Whatever does not fit the types to the letter (calls
of tools among it, which are seldom) is not read here: there is no rule in this file that ``line``
does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from chatviz.chat.deltas import Delta, IdentityDelta, ReasoningDelta, TextDelta
from chatviz.dialects.ollama.line import Stamp, read_end
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_usual_line"]

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
