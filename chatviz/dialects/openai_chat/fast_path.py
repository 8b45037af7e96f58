"""The chunks that real streams hold, read at one glance; all others are read in full.

A chunk is decoded straight into typed values, which takes half the time of a dict. The types name
every field that is read or known; what is rare stays raw JSON. Whatever does not fit the types to
the letter is not read here: there is no rule in this file that ``openai_chat.stream`` does not
have, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatviz.chat.deltas import (
    Delta,
    FinishDelta,
    IdentityDelta,
    NoteDelta,
    ReasoningDelta,
    RoleDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from chatviz.dialects.openai_chat.known_fields import CHOICE_FIELDS, CHUNK_FIELDS, DELTA_FIELDS
from chatviz.dialects.openai_chat.usage import read_raw_usage
from chatviz.wire.json_text import MAX_DEPTH, load_json
from chatviz.wire.wire_event import WireEvent

__all__ = [
    "ABSENT",
    "decode_chunk",
    "make_identity",
    "make_note",
    "make_role",
    "read_usual_chunk",
    "text_of_detail",
]

# A number of 64 bits: what is larger is a float to one reader and none to another.
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Empty = Annotated[list[Raw], Meta(max_length=0)]
_NoText = Annotated[str, Meta(max_length=0)]


class _Function(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str | None = None
    arguments: str | UnsetType = UNSET


class _Call(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    index: _Int64
    function: _Function
    id: str | UnsetType | None = UNSET
    type: str | None = None


class _DetailText(msgspec.Struct, gc=False):
    text: str | None = None
    summary: str | None = None


def _struct(name: str, fields: Iterable[tuple[str, Any, Any]], known: frozenset[str]) -> Any:
    """Return a struct of the fields that are read, and of those that are known, and no others.

    Fields are found fastest in the order in which they are sent, the usual ones first.
    """
    listed = list(fields)
    places = {field[0] for field in listed}
    rest = [(other, Raw, ABSENT) for other in sorted(known - places)]
    return msgspec.defstruct(name, listed + rest, forbid_unknown_fields=True, gc=False)


ABSENT: Final = Raw()
_Delta = _struct(
    "_Delta",
    [
        ("role", str | None, None),
        ("content", str | None, None),
        ("reasoning", str | None, None),
        ("reasoning_details", list[Raw] | None, None),
        ("reasoning_content", str | None, None),
        ("tool_calls", list[_Call] | None, None),
        ("refusal", None, None),
        ("function_call", None, None),
        ("annotations", _Empty | None, None),
        ("audio_content", _NoText | None, None),
    ],
    DELTA_FIELDS,
)
_Choice = _struct(
    "_Choice",
    [
        ("index", _Int64 | None, None),
        ("delta", _Delta | None, None),
        ("finish_reason", str | None, None),
        ("native_finish_reason", str | None, None),
        ("logprobs", None, None),
    ],
    CHOICE_FIELDS,
)
_Chunk = _struct(
    "_Chunk",
    [
        ("id", str | None, None),
        ("provider", str | None, None),
        ("object", Raw, ABSENT),
        ("created", _Int64 | None, None),
        ("model", str | None, None),
        ("service_tier", Raw, ABSENT),
        ("system_fingerprint", Raw, ABSENT),
        ("choices", list[_Choice] | UnsetType, UNSET),  # type: ignore[valid-type]
        ("usage", Raw, ABSENT),
        ("error", None, None),
    ],
    CHUNK_FIELDS,
)
_decode_chunk: Final = msgspec.json.Decoder(_Chunk).decode
_decode_detail: Final = msgspec.json.Decoder(_DetailText | str | None).decode
_NULLS: Final = (b"null", b"{}")


def read_usual_chunk(event: WireEvent) -> list[Delta] | None:
    """Return what a usual chunk says; None for any other, and for what is no JSON."""
    data = event.data
    if event.name == b"error" or (len(data) > 2 * MAX_DEPTH and _may_be_deep(data)):
        return None
    try:
        chunk = decode_chunk(data)
        choices = chunk.choices
        if choices is UNSET:
            return None
        deltas: list[Delta] = [
            make_identity(chunk.id or "", chunk.model or "", chunk.provider or "", chunk.created)
        ]
        for choice in choices:
            index = choice.index
            if index is None:
                return None
            if choice.delta is not None:
                _read_delta(choice.delta, index, deltas)
            if choice.finish_reason is not None:
                _read_finish(choice, index, deltas)
        if chunk.usage is not ABSENT and not _read_usage(chunk, deltas):
            return None
    except (ValueError, RecursionError):  # of msgspec, too: it is no usual chunk
        return None
    return deltas


def decode_chunk(data: bytes) -> Any:
    """Return the typed values of a chunk; what is passed over is text, too.

    Raises
    ------
    ValueError
        It is no usual chunk, or no text.
    """
    if not data.isascii():
        data.decode()
    return _decode_chunk(data)


def _may_be_deep(data: bytes) -> bool:
    """Whether JSON may nest deeper than is read: what is skipped here must be readable there."""
    return data.count(b"{") + data.count(b"[") > MAX_DEPTH


def _read_delta(delta: Any, choice: int, deltas: list[Delta]) -> None:
    if delta.role:
        deltas.append(make_role(choice, delta.role))
    if delta.reasoning_details:
        _read_details(delta, choice, deltas)
    elif delta.reasoning:
        if delta.reasoning_content:
            _read_reasoning(delta, choice, "", deltas)
        else:
            deltas.append(ReasoningDelta(choice, delta.reasoning, "reasoning"))
    elif delta.reasoning_content:
        deltas.append(ReasoningDelta(choice, delta.reasoning_content, "reasoning_content"))
    if delta.content:
        deltas.append(TextDelta(choice, delta.content))
    if delta.tool_calls:
        for call in delta.tool_calls:
            deltas.append(_read_call(call, choice))


def _read_finish(choice: Any, index: int, deltas: list[Delta]) -> None:
    if choice.finish_reason:
        native = choice.native_finish_reason or ""
        deltas.append(make_finish(index, choice.finish_reason, native))


def _read_details(delta: Any, choice: int, deltas: list[Delta]) -> None:
    entries = delta.reasoning_details
    text = "".join([text_of_detail(entry) for entry in entries])
    if text and text == delta.reasoning and not delta.reasoning_content:
        deltas += ReasoningDelta(choice, text, "reasoning"), _SAID_TWICE
    else:
        _read_reasoning(delta, choice, text, deltas)
    for entry in entries:
        deltas.append(SignatureDelta(choice, str(entry, "utf-8")))


def _read_reasoning(delta: Any, choice: int, detailed: str, deltas: list[Delta]) -> None:
    """Append the reasoning's text, once for all the fields that hold one."""
    named = (
        ("reasoning", delta.reasoning),
        ("reasoning_content", delta.reasoning_content),
        ("reasoning_details", detailed),
    )
    texts = [pair for pair in named if pair[1]]
    if not texts:
        return
    field, text = texts[0]
    deltas.append(ReasoningDelta(choice, text, field))
    if len(texts) > 1:
        differ = any(other != text for _, other in texts)
        code = "reasoning_fields_differ" if differ else "reasoning_in_two_fields"
        deltas.append(make_note(code, ", ".join([name for name, _ in texts])))


def text_of_detail(sent: Raw) -> str:
    """Return the text of an entry of the details of reasoning; "" where it has none."""
    detail = _decode_detail(sent)
    if detail is None or isinstance(detail, str):
        return ""
    return detail.summary or "" if detail.text is None else detail.text


def _read_call(call: _Call, choice: int) -> ToolCallDelta:
    id, function = call.id, call.function
    arguments = function.arguments
    return ToolCallDelta(
        choice,
        call.index,
        None if id is UNSET else id or "",
        function.name,
        call.type,
        "" if arguments is UNSET else arguments,
        "absent" if arguments is UNSET else "text",
    )


def _read_usage(chunk: Any, deltas: list[Delta]) -> bool:
    """Append what was counted; return whether the field is as usual."""
    raw = bytes(chunk.usage)
    if raw in _NULLS:
        return True
    counted = _usage_delta(raw, bytes(chunk.service_tier)) if raw[:1] == b"{" else None
    if counted is None:
        return False
    deltas.append(counted)
    return True


@lru_cache(maxsize=64)
def _usage_delta(raw: bytes, tier: bytes) -> UsageDelta | None:
    """Return what was counted, one value for all the chunks that say it; None if it is unusual."""
    usage = read_raw_usage(raw, "usage", tier=load_json(tier) if tier else None)
    return None if usage is None else UsageDelta(usage)


@lru_cache(maxsize=16)
def make_identity(id: str, model: str, provider: str, created: float | None) -> IdentityDelta:
    """Return who answers; one value for all the chunks that say the same."""
    return IdentityDelta(id, model, provider, created)


@lru_cache(maxsize=64)
def make_role(choice: int, role: str) -> RoleDelta:
    """Return whose message it is; one value for all the chunks that say the same."""
    return RoleDelta(choice, role)


@lru_cache(maxsize=64)
def make_finish(choice: int, reason: str, native: str) -> FinishDelta:
    """Return why a choice ended; one value for all the chunks that say the same."""
    return FinishDelta(choice, reason, native)


@lru_cache(maxsize=64)
def make_note(code: str, text: str) -> NoteDelta:
    """Return an oddity with the text that its sentence names."""
    return NoteDelta(code, "", (("text", text),))


_SAID_TWICE: Final = make_note("reasoning_in_two_fields", "reasoning, reasoning_details")
