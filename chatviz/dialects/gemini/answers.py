"""A chunk, or a whole answer: they have the same fields, and are read by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    ErrorDelta,
    NoteDelta,
    PartKey,
    StreamError,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.chat.findings.log import shorten
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.gemini.fast_path import USAGE_FIELD, make_finish, make_identity, make_usage
from chatviz.dialects.gemini.findings import LOST_CALLS
from chatviz.dialects.gemini.known_fields import (
    CANDIDATE_FIELDS,
    CHUNK_FIELDS,
    CITED_IN,
    CONTENT_FIELDS,
)
from chatviz.dialects.gemini.parts import (
    Path,
    SentPart,
    SpellAt,
    placed_at,
    read_part,
    read_unknown,
    say_path,
)
from chatviz.dialects.gemini.usage import COUNTS, read_usage
from chatviz.dialects.json_values import is_int64, items_of, text_of
from chatviz.dialects.unknown_fields import keep_uncounted, keep_unknown
from chatviz.wire.json_text import dump_json, slice_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["ANSWER", "is_wrapped", "read_payload", "read_wrapped"]

ANSWER: Final = "response"  # Gemini CLI and Code Assist: what holds the answer
_BESIDE: Final = frozenset((ANSWER, "traceId"))


def is_wrapped(payload: Mapping[str, Any]) -> bool:
    """Whether the answer is a level deeper."""
    return isinstance(payload.get(ANSWER), dict) and "candidates" not in payload


def read_wrapped(event: WireEvent, payload: dict[str, Any]) -> list[Delta]:
    """Return what a chunk says; fields that are unknown are named by where they are."""
    inner = payload[ANSWER]
    data = slice_json(event.data, (ANSWER,), inner).encode("utf-8", "surrogatepass")
    deltas: list[Delta] = [
        replace(delta, path=f"$.{ANSWER}{delta.path[1:]}")
        if isinstance(delta, UnknownDelta)
        else delta
        for delta in read_payload(replace(event, data=data), inner)
    ]
    keep_unknown(payload, _BESIDE, "$", deltas)
    return deltas


def read_payload(event: WireEvent, payload: dict[str, Any]) -> list[Delta]:
    """Return what a chunk or a whole answer says: who answers, each candidate, usage, errors."""

    def spell(path: Path, value: Any) -> str:
        return slice_json(event.data, path, value)

    id, model = text_of(payload.get("responseId")), text_of(payload.get("modelVersion"))
    deltas: list[Delta] = [make_identity(id, model)]
    for position, (candidate, path) in enumerate(placed_at(payload, "candidates", ())):
        if isinstance(candidate, dict):
            _read_candidate(candidate, (event.start, position), path, spell, deltas)
        else:
            deltas.append(UnknownDelta(say_path(path), dump_json(candidate), True))
    usage = payload.get(USAGE_FIELD)
    if isinstance(usage, dict):
        deltas.append(make_usage(read_usage(usage, spell((USAGE_FIELD,), usage))))
        keep_uncounted(usage, COUNTS, say_path((USAGE_FIELD,)), deltas)
    elif usage is not None:
        deltas.append(UnknownDelta(say_path((USAGE_FIELD,)), dump_json(usage)))
    if not payload.keys() <= CHUNK_FIELDS:
        read_unknown(payload, CHUNK_FIELDS, (), deltas)
    _read_errors(payload, deltas)
    return deltas


def _read_candidate(
    candidate: dict[str, Any],
    place: tuple[int, int],
    path: Path,
    spell: SpellAt,
    deltas: list[Delta],
) -> None:
    index = candidate.get("index")
    choice = index if is_int64(index) else place[1]
    content = candidate.get("content")
    if isinstance(content, dict):
        _read_content(content, choice, place, (*path, "content"), spell, deltas)
    elif content is not None:
        deltas.append(UnknownDelta(say_path((*path, "content")), dump_json(content), True))
    for field, listed in CITED_IN:
        cited = candidate.get(field)
        if isinstance(cited, dict):
            for number, source in enumerate(items_of(cited.get(listed))):
                json = spell((*path, field, listed, number), source)
                deltas.append(CitationDelta(choice, json, again=True))
        elif cited is not None:
            deltas.append(UnknownDelta(say_path((*path, field)), dump_json(cited)))
    if not candidate.keys() <= CANDIDATE_FIELDS:
        read_unknown(candidate, CANDIDATE_FIELDS, path, deltas)
    reason = text_of(candidate.get("finishReason"))
    if reason:
        deltas.append(make_finish(choice, reason))
        if reason in LOST_CALLS and not any(type(delta) is ToolCallDelta for delta in deltas):
            deltas.append(NoteDelta("call_lost", "", (("text", reason),)))


def _read_content(
    content: dict[str, Any],
    choice: int,
    place: tuple[int, int],
    path: Path,
    spell: SpellAt,
    deltas: list[Delta],
) -> None:
    for number, (part, at) in enumerate(placed_at(content, "parts", path)):
        key: PartKey = (*place, number)
        read_part(SentPart(part, choice, key, at, spell), deltas)
    known = CONTENT_FIELDS
    if content.get("role") not in ("model", "", None):
        known = CONTENT_FIELDS - {"role"}
    if not content.keys() <= known:
        read_unknown(content, known, path, deltas, in_message=True)


def _read_errors(payload: dict[str, Any], deltas: list[Delta]) -> None:
    """Read an error inside a 200, and a prompt that was blocked: no candidate comes then."""
    if payload.get("error"):
        deltas.append(ErrorDelta(read_error(payload["error"])))
    feedback = payload.get("promptFeedback")
    if not isinstance(feedback, dict):
        if feedback is not None:
            deltas.append(UnknownDelta("$.promptFeedback", dump_json(feedback)))
    elif feedback.get("blockReason"):
        reason = text_of(feedback["blockReason"])
        message = text_of(feedback.get("blockReasonMessage"))
        message = message or f"the prompt was blocked: {shorten(reason)}"
        deltas.append(ErrorDelta(StreamError(message, reason, sent=dump_json(feedback))))
