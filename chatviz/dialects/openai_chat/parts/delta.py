"""The ``delta`` of a choice, or the ``message`` of an answer that was not streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    said_again,
)
from chatviz.chat.manners import is_encrypted
from chatviz.chat.messages import Reasoning
from chatviz.dialects.json_values import items_of, placed_items, text_of
from chatviz.dialects.openai_chat.fast_path import make_role
from chatviz.dialects.openai_chat.known_fields import (
    BLOCKS,
    DELTA_FIELDS,
    OPAQUE,
    REASONING_FIELDS,
    STEPS,
)
from chatviz.dialects.openai_chat.parts.calls import (
    SIGNED,
    read_function_call,
    read_tool_calls,
    read_typed_delta,
)
from chatviz.dialects.openai_chat.parts.citations import read_context
from chatviz.dialects.openai_chat.parts.media import (
    MEDIA_FIELDS,
    MEDIA_PARTS,
    read_media,
    read_media_part,
)
from chatviz.dialects.openai_chat.parts.sent_in import SentIn
from chatviz.dialects.openai_chat.parts.server_tools import EXECUTED, read_executed_tools
from chatviz.dialects.openai_chat.parts.thinking_blocks import keep_blocks, text_of_blocks
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json, load_any_json

__all__ = ["hides_reasoning", "read_delta", "read_message_again"]

_DELTA_KEYS: Final = frozenset(
    [
        "role",
        "content",
        "reasoning_details",
        "refusal",
        "tool_calls",
        "function_call",
        "annotations",
        "context",
        BLOCKS,
        OPAQUE,
        STEPS,
        SIGNED,
        EXECUTED,
        *MEDIA_FIELDS,
        *DELTA_FIELDS,
        *REASONING_FIELDS,
    ]
)
_SELDOM: Final = frozenset(
    (SIGNED, "annotations", "context", "refusal", "function_call", EXECUTED, *MEDIA_FIELDS)
)
_REASONING: Final = frozenset((*REASONING_FIELDS, "reasoning_details", STEPS, BLOCKS, OPAQUE))
_HIDDEN: Final = ("reasoning.summary", "reasoning.encrypted")


def read_delta(delta: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append what a delta, or a whole message, says; the calls of a message have part keys."""
    choice, where = sent.choice, sent.where
    if delta.__class__ is not dict:
        deltas.append(UnknownDelta(where, dump_json(delta), True))
        return
    if "type" in delta:
        delta = read_typed_delta(delta, sent, deltas)
    role = delta.get("role")
    if role:
        deltas.append(make_role(choice, text_of(role)))
    if not _REASONING.isdisjoint(delta):
        _read_reasoning(delta, choice, deltas)
    if content := delta.get("content"):
        _read_content(content, delta.get(SIGNED), sent, deltas)
    if "tool_calls" in delta:
        read_tool_calls(delta["tool_calls"], sent, deltas)
    keep_unknown(delta, _DELTA_KEYS, where, deltas, in_message=True)
    if not _SELDOM.isdisjoint(delta):
        _read_seldom(delta, sent, deltas)


def read_message_again(message: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append what a whole message says that comes after pieces of itself: only what they lack."""
    said: list[Delta] = []
    read_delta(message, sent, said)
    position = 0
    for delta in said:
        match delta:
            case ToolCallDelta():
                index = position if delta.index is None else delta.index
                deltas.append(replace(delta, again=True, index=index))
                position += 1
            case RoleDelta() | NoteDelta():
                pass  # they are nothing new
            case _:
                deltas.append(said_again(delta))


def hides_reasoning(part: Reasoning) -> bool:
    """Whether a part of the reasoning is a summary, or some of it is encrypted (OpenRouter)."""
    kinds = [one.get("type") for one in map(load_any_json, part.details) if isinstance(one, dict)]
    return is_encrypted(part) or any(kind in _HIDDEN for kind in kinds)


def _read_seldom(delta: dict[str, Any], sent: SentIn, deltas: list[Delta]) -> None:
    """Read what few deltas hold: citations, a refusal, media, the older form of a call."""
    choice, signed = sent.choice, delta.get(SIGNED)
    if signed and not _is_thought(signed):
        deltas.append(SignatureDelta(choice, dump_json({SIGNED: signed}), None, "text", sent.whole))
    read_executed_tools(delta.get(EXECUTED), choice, sent.where, deltas)
    annotations = delta.get("annotations")  # an object is Copilot's: what is wrong with its code
    for annotation in () if isinstance(annotations, dict) else items_of(annotations):
        deltas.append(CitationDelta(choice, dump_json(annotation)))
    if "context" in delta:
        read_context(delta["context"], sent, deltas)
    if delta.get("refusal"):
        deltas.append(RefusalDelta(choice, text_of(delta["refusal"])))
    read_media(delta, sent, deltas)
    if delta.get("function_call"):
        read_function_call(delta["function_call"], sent, deltas)


def _is_thought(signed: Any) -> bool:
    """Whether Gemini's compatible endpoint says that a text is what the model thought."""
    named = signed if isinstance(signed, dict) else {}
    said = [named.get(who) for who in ("google", "vertex")]
    return any(isinstance(one, dict) and one.get("thought") is True for one in said)


def _read_content(content: Any, signed: Any, sent: SentIn, deltas: list[Delta]) -> None:
    if signed and _is_thought(signed):
        if text := _joined_text(content):
            deltas.append(ReasoningDelta(sent.choice, text, f"content, {SIGNED}.thought"))
    elif content.__class__ is str:
        deltas.append(TextDelta(sent.choice, content))
    else:
        _read_content_parts(content, sent, deltas)


def _read_content_parts(content: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Read content that came as a list of parts (Mistral): text, thinking, media."""
    for position, (part, place) in enumerate(placed_items(content, f"{sent.where}.content")):
        match part:
            case str(text) | {"type": "text", "text": str(text)}:
                if text:
                    deltas += TextDelta(sent.choice, text), NoteDelta("content_as_list")
            case {"type": "thinking", "thinking": thinking}:
                if text := _joined_text(thinking):
                    deltas.append(ReasoningDelta(sent.choice, text, "content[].thinking"))
                cited = [one for one in items_of(thinking) if _is_reference(one)]
                deltas.extend(CitationDelta(sent.choice, dump_json(one)) for one in cited)
            case {"type": "reasoning", "summary": [*summary]}:  # Databricks
                if text := _joined_text(summary):
                    deltas.append(ReasoningDelta(sent.choice, text, "content[].summary"))
            case dict() if _is_reference(part):
                deltas.append(CitationDelta(sent.choice, dump_json(part)))
            case {"type": str(kind)} if kind in MEDIA_PARTS:
                read_media_part(part, position, sent, deltas)
            case _:
                deltas.append(UnknownDelta(place, dump_json(part), True))


def _is_reference(part: Any) -> bool:
    """Whether it says what is cited (Mistral)."""
    return isinstance(part, dict) and part.get("type") in ("reference", "tool_reference")


def _read_reasoning(delta: dict[str, Any], choice: int, deltas: list[Delta]) -> None:
    """Read the reasoning of one chunk: its text once, its details whole."""
    if texts := list(_reasoning_in(delta)):
        (field, text), *others = texts
        deltas.append(ReasoningDelta(choice, text, field))
        if others:
            differ = any(other != text for _, other in others)
            code = "reasoning_fields_differ" if differ else "reasoning_in_two_fields"
            names = ", ".join(name for name, _ in texts)
            deltas.append(NoteDelta(code, "", (("text", names),)))
    for entry in items_of(delta.get("reasoning_details") or None):
        deltas.append(SignatureDelta(choice, dump_json(entry)))
    deltas.extend(SignatureDelta(choice, kept) for kept in keep_blocks(delta.get(BLOCKS)))
    if opaque := delta.get(OPAQUE):
        deltas.append(SignatureDelta(choice, dump_json({OPAQUE: opaque})))


def _reasoning_in(delta: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that shows reasoning, and its text."""
    details = delta.get("reasoning_details") or None
    texts = [(field, _joined_text(delta.get(field))) for field in REASONING_FIELDS]
    texts.append(("reasoning_details", "".join(map(_detail_text, items_of(details)))))
    texts.append((STEPS, "".join(_thoughts_in(delta.get(STEPS)))))
    texts.append((BLOCKS, text_of_blocks(delta.get(BLOCKS))))
    yield from (shown for shown in texts if shown[1])


def _thoughts_in(steps: Any) -> list[str]:
    """Return what was thought before each search of Perplexity's."""
    return [text_of(step.get("thought")) for step in items_of(steps) if isinstance(step, dict)]


def _detail_text(entry: Any) -> str:
    """Return the readable text of one entry of ``reasoning_details``; '' where it is encrypted."""
    match entry:
        case {"text": str(text)} | {"summary": str(text)}:
            return text
        case _:
            return ""


def _joined_text(value: Any) -> str:
    """Return a text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "".join(
            _detail_text(part) if isinstance(part, dict) else text_of(part) for part in value
        )
    return text_of(value)
