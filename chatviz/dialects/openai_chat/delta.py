"""The ``delta`` of a choice, or the ``message`` of an answer that was not streamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    NoteDelta,
    PartKey,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.dialects.json_values import is_int64, items_of, text_of
from chatviz.dialects.openai_chat.fast_path import make_role
from chatviz.dialects.openai_chat.known_fields import DELTA_FIELDS
from chatviz.dialects.openai_chat.server_tools import EXECUTED, read_executed_tools
from chatviz.wire.json_text import dump_json

__all__ = ["read_delta", "read_message_again", "read_unknown"]

_DELTA_KEYS: Final = frozenset(
    [
        "role",
        "content",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "refusal",
        "tool_calls",
        "function_call",
        "annotations",
        EXECUTED,
        *DELTA_FIELDS,
    ]
)
_SELDOM: Final = frozenset(("annotations", "refusal", "function_call", EXECUTED))
_CALL_KEYS: Final = frozenset(("index", "id", "type", "function"))
_FUNCTION_KEYS: Final = frozenset(("name", "arguments"))
_REASONING_FIELDS: Final = ("reasoning", "reasoning_content")


def read_delta(delta: Any, choice: int, deltas: list[Delta], whole: str | None = None) -> None:
    """Append what a delta, or a whole message, says; the calls of a message have part keys."""
    where = f"$.choices[{choice}].delta"
    if delta.__class__ is not dict:
        deltas.append(UnknownDelta(where, dump_json(delta), True))
        return
    role = delta.get("role")
    if role:
        deltas.append(make_role(choice, text_of(role)))
    if "reasoning" in delta or "reasoning_content" in delta or "reasoning_details" in delta:
        _read_reasoning(delta, choice, deltas)
    content = delta.get("content")
    if content:
        if content.__class__ is str:
            deltas.append(TextDelta(choice, content))
        else:
            _read_content_parts(content, choice, where, deltas)
    if "tool_calls" in delta:
        _read_tool_calls(delta["tool_calls"], choice, where, whole, deltas)
    if not delta.keys() <= _DELTA_KEYS:
        read_unknown(delta, _DELTA_KEYS, where, deltas)
    if _SELDOM.intersection(delta):
        _read_seldom(delta, choice, where, deltas)


def read_message_again(message: Any, choice: int, deltas: list[Delta]) -> None:
    """Append what a whole message says that comes after pieces of itself: only what they lack."""
    said: list[Delta] = []
    read_delta(message, choice, said)
    position = 0
    for delta in said:
        match delta:
            case (
                TextDelta()
                | ReasoningDelta()
                | RefusalDelta()
                | SignatureDelta()
                | CitationDelta()
                | ServerCallDelta()
                | ServerResultDelta()
            ):
                deltas.append(replace(delta, again=True))
            case ToolCallDelta():
                index = position if delta.index is None else delta.index
                deltas.append(replace(delta, again=True, index=index))
                position += 1
            case UnknownDelta():
                deltas.append(delta)


def _read_seldom(delta: dict[str, Any], choice: int, where: str, deltas: list[Delta]) -> None:
    """Read what few deltas hold: citations, a refusal, the older form of a call, a server's."""
    read_executed_tools(delta.get(EXECUTED), choice, where, deltas)
    for annotation in items_of(delta.get("annotations")):
        deltas.append(CitationDelta(choice, dump_json(annotation)))
    if delta.get("refusal"):
        deltas.append(RefusalDelta(choice, text_of(delta["refusal"])))
    if delta.get("function_call"):
        deltas.append(_tool_call({"function": delta["function_call"]}, choice))
        _read_unknown_of_function(delta["function_call"], f"{where}.function_call", deltas)


def _read_content_parts(content: Any, choice: int, where: str, deltas: list[Delta]) -> None:
    """Read content that came as a list of parts (Mistral): text, thinking, or what is unknown."""
    for position, part in enumerate(content if isinstance(content, list) else [content]):
        match part:
            case str(text) | {"type": "text", "text": str(text)}:
                if text:
                    deltas += TextDelta(choice, text), NoteDelta("content_as_list")
            case {"type": "thinking", "thinking": thinking}:
                if text := _joined_text(thinking):
                    deltas.append(ReasoningDelta(choice, text, "content[].thinking"))
            case _:
                place = f"{where}.content[{position}]"
                deltas.append(UnknownDelta(place, dump_json(part), True))


def _read_reasoning(delta: dict[str, Any], choice: int, deltas: list[Delta]) -> None:
    """Read the reasoning of one chunk: its text once, its details whole."""
    texts: list[tuple[str, str]] = []
    for field in _REASONING_FIELDS:
        if text := _joined_text(delta.get(field)):
            texts.append((field, text))
    details = delta.get("reasoning_details")
    if details:
        entries = details if isinstance(details, list) else [details]
        text = "".join(_detail_text(entry) for entry in entries)
        if text:
            texts.append(("reasoning_details", text))
    if texts:
        (field, text), *others = texts
        deltas.append(ReasoningDelta(choice, text, field))
        if others:
            differ = any(other != text for _, other in others)
            code = "reasoning_fields_differ" if differ else "reasoning_in_two_fields"
            names = ", ".join(name for name, _ in texts)
            deltas.append(NoteDelta(code, "", (("text", names),)))
    if details:
        deltas.extend(SignatureDelta(choice, dump_json(entry)) for entry in entries)


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


def _read_tool_calls(
    calls: Any, choice: int, where: str, whole: str | None, deltas: list[Delta]
) -> None:
    if not calls:
        return
    for position, call in enumerate(calls if isinstance(calls, list) else [calls]):
        if call.__class__ is not dict:
            place = f"{where}.tool_calls[{position}]"
            deltas.append(UnknownDelta(place, dump_json(call), True))
            continue
        part = None if whole is None else (whole, position)
        deltas.append(_tool_call(call, choice, part))
        if not call.keys() <= _CALL_KEYS:
            read_unknown(call, _CALL_KEYS, f"{where}.tool_calls[{position}]", deltas)
        place = f"{where}.tool_calls[{position}].function"
        _read_unknown_of_function(call.get("function"), place, deltas)


def _read_unknown_of_function(function: Any, where: str, deltas: list[Delta]) -> None:
    if function.__class__ is dict:
        if not function.keys() <= _FUNCTION_KEYS:
            read_unknown(function, _FUNCTION_KEYS, where, deltas)
    elif function is not None:
        deltas.append(UnknownDelta(where, dump_json(function), True))


def _tool_call(call: dict[str, Any], choice: int, part: PartKey = None) -> ToolCallDelta:
    function = call.get("function")
    if function.__class__ is not dict:
        function = {}
    index, id = call.get("index"), call.get("id")
    name, type = function.get("name"), call.get("type")
    arguments = function.get("arguments")
    if arguments.__class__ is str:
        form = "text"
    elif arguments is None:
        arguments, form = "", "null" if "arguments" in function else "absent"
    else:
        arguments, form = dump_json(arguments), "object"
    return ToolCallDelta(
        choice,
        index if is_int64(index) else None,
        id if id.__class__ is str else (text_of(id) if "id" in call else None),
        name if name is None or name.__class__ is str else text_of(name),
        type if type is None or type.__class__ is str else text_of(type),
        arguments,
        form,  # type: ignore[arg-type]  # one of the three words above
        part,
    )


def read_unknown(
    fields: Mapping[str, Any],
    known: frozenset[str],
    where: str,
    deltas: list[Delta],
    *,
    in_message: bool = True,
) -> None:
    """Keep every field that is not modelled, but those that are null: they say nothing."""
    for key, value in fields.items():
        if key not in known and value is not None:
            deltas.append(UnknownDelta(f"{where}.{key}", dump_json(value), in_message))
