"""One line, read in full: who answers and when, what is said, and at the end what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RoleDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import shorten
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.json_values import is_int64, items_of, placed_items, text_of
from chatviz.dialects.ollama.known_fields import (
    CALL_FIELDS,
    FUNCTION_FIELDS,
    LINE_FIELDS,
    MESSAGE_FIELDS,
    METRICS,
)
from chatviz.dialects.ollama.usage import read_usage
from chatviz.dialects.unknown_fields import keep_uncounted, keep_unknown
from chatviz.wire.json_text import dump_json, slice_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["ONLY_LOADED", "Stamp", "read_end", "read_payload"]

Stamp = Annotated[datetime, msgspec.Meta(tz=True)]  # as RFC 3339 has it
ONLY_LOADED: Final = frozenset(("load", "unload"))


def read_payload(event: WireEvent, payload: dict[str, Any]) -> list[Delta]:
    """Return what one line says, or a whole answer."""
    deltas: list[Delta] = [_read_identity(payload)]
    message = payload.get("message")
    if isinstance(message, dict):
        _LineReader(event, ("message",), deltas).read(message, "content", "images")
        keep_unknown(message, MESSAGE_FIELDS, "$.message", deltas, in_message=True)
    elif message is not None:
        deltas.append(UnknownDelta("$.message", dump_json(message), True))
    if "response" in payload:
        _LineReader(event, (), deltas).read(payload, "response", "image")
    if payload.get("error"):
        deltas.append(ErrorDelta(read_error(payload["error"])))
    if payload.get("done") is True:
        metrics = {name: payload[name] for name in METRICS if payload.get(name) is not None}
        read_end(text_of(payload.get("done_reason")), metrics, deltas)
        keep_uncounted(metrics, ("prompt_eval_count", "eval_count"), "$", deltas)
    keep_unknown(payload, LINE_FIELDS, "$", deltas)
    return deltas


def read_end(reason: str, metrics: Mapping[str, Any], deltas: list[Delta]) -> None:
    """Append what the last line says: why the answer ended, and what was counted."""
    deltas.append(FinishDelta(0, reason, means="" if reason else "stop"))
    if not reason:
        deltas.append(NoteDelta("reason_not_named"))
    elif reason.lower() in ONLY_LOADED:
        deltas.append(NoteDelta("only_loaded", "", (("text", reason),)))
    usage = read_usage(metrics)
    if usage is not None:
        deltas.append(UsageDelta(usage, "eval_count"))
        if "prompt_eval_count" not in metrics:
            deltas.append(NoteDelta("prompt_not_counted"))
    deltas.append(EndDelta())


def _read_identity(payload: Mapping[str, Any]) -> IdentityDelta:
    try:
        created = msgspec.convert(payload.get("created_at"), Stamp).timestamp()
    except (msgspec.ValidationError, UnicodeEncodeError):  # no date, or half a character in it
        created = None
    return IdentityDelta(model=text_of(payload.get("model")), created=created)


class _LineReader:
    """Reads what a line says, from its message or, where one prompt is completed, from itself."""

    def __init__(self, event: WireEvent, path: tuple[str | int, ...], deltas: list[Delta]) -> None:
        self._event = event
        self._path = path
        self._where = ".".join(("$", *map(str, path)))
        self._deltas = deltas

    def read(self, said: Mapping[str, Any], text: str, images: str) -> None:
        """Append what is said; the arguments name the fields that hold text and images."""
        role = said.get("role")
        if role and role != "assistant":  # the usual one comes with every line, and says nothing
            self._deltas.append(RoleDelta(0, text_of(role)))
        if thought := self._text(said, "thinking"):
            self._deltas.append(ReasoningDelta(0, thought))
        if spoken := self._text(said, text):
            self._deltas.append(TextDelta(0, spoken))
        for position, image in enumerate(items_of(said.get(images))):
            part = (self._event.start, position)
            self._deltas.append(MediaDelta(0, "image", dump_json(image), part))
        calls = placed_items(said.get("tool_calls"), f"{self._where}.tool_calls")
        for position, (call, where) in enumerate(calls):
            self._read_call(call, position, where)

    def _text(self, said: Mapping[str, Any], field: str) -> str:
        """Return the text of a field; what should be one and is not is kept as unknown."""
        value = said.get(field)
        if isinstance(value, str):
            return value
        if value is not None:
            self._deltas.append(UnknownDelta(f"{self._where}.{field}", dump_json(value), True))
        return ""

    def _read_call(self, call: Any, position: int, where: str) -> None:
        """Append a call: each comes whole, so that its line and its place in it tell it."""
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            self._deltas.append(UnknownDelta(where, dump_json(call), True))
            return
        arguments, form = self._read_arguments(function, position)
        index, name, id = (function.get("index"), function.get("name"), call.get("id"))
        self._deltas.append(
            ToolCallDelta(
                0,
                index if is_int64(index) else None,
                None if id is None else text_of(id),
                None if name is None else text_of(name),
                None if call.get("type") is None else text_of(call["type"]),
                arguments,
                form,
                (self._event.start, position),
            )
        )
        self._deltas.append(EndDelta(0, (self._event.start, position)))
        if form == "text":
            label = shorten(id or name or f"#{position}")
            self._deltas.append(NoteDelta("arguments_as_text", label))
        keep_unknown(call, CALL_FIELDS, where, self._deltas, in_message=True)
        where = f"{where}.function"
        keep_unknown(function, FUNCTION_FIELDS, where, self._deltas, in_message=True)

    def _read_arguments(
        self, function: Mapping[str, Any], position: int
    ) -> tuple[str, Literal["text", "object", "null", "absent"]]:
        """Return the arguments in the wire's spelling, and the form in which they came."""
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            return arguments, "text"
        if arguments is None:
            return "", "null" if "arguments" in function else "absent"
        path = (*self._path, "tool_calls", position, "function", "arguments")
        return slice_json(self._event.data, path, arguments), "object"
