"""One event of a stream, read in full: pieces as they come, and what is whole only to fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    EndDelta,
    ErrorDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.chat.findings.log import shorten
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.json_values import text_of
from chatviz.dialects.openai_responses.items import Stage
from chatviz.dialects.openai_responses.known_fields import EVENT_FIELDS, SILENT_EVENTS
from chatviz.dialects.openai_responses.parts import (
    SUMMARY,
    THOUGHT,
    place_of,
    read_logprobs,
    read_part,
    read_unknown,
)
from chatviz.dialects.openai_responses.response import (
    read_counted,
    read_end,
    read_identity,
    read_output,
)
from chatviz.wire.json_text import dump_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["read_payload"]

Payload: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[[Payload, bytes, list[Delta]], None]


def read_payload(event: WireEvent, payload: Payload) -> list[Delta]:
    """Return what an event says; of one that is not known, the whole of it."""
    kind, deltas = payload.get("type"), list[Delta]()
    is_known = isinstance(kind, str) and kind in _READERS
    if payload.get("error") and not is_known:
        deltas.append(ErrorDelta(read_error(payload["error"])))
    elif event.name == b"error" and kind is None:
        deltas.append(ErrorDelta(read_error(payload)))
    elif not isinstance(kind, str) or not is_known:
        name = f"$.type={kind}" if isinstance(kind, str) else "$.type"
        deltas.append(UnknownDelta(name, dump_json(payload), True))
    else:
        if event.name and event.name != kind.encode("utf-8", "replace"):
            names = (("name", shorten(event.name.decode("utf-8", "replace"))), ("kind", kind))
            deltas.append(NoteDelta("event_name_differs", "", names))
        _READERS[kind](payload, event.data, deltas)
        read_unknown(payload, EVENT_FIELDS[kind], "$", deltas)
    return deltas


# ---- pieces, and the same as a whole


def _said(payload: Payload, field: str, deltas: list[Delta]) -> str:
    """Return the text of an event; what should be one and is not is kept as unknown."""
    value = payload.get(field)
    if isinstance(value, str):
        return value
    if value is not None:
        deltas.append(UnknownDelta(f"$.{field}", dump_json(value), True))
    return ""


def _text(field: str) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        if text := _said(payload, field, deltas):
            deltas.append(TextDelta(0, text, _key(payload), field != "delta"))
        read_logprobs(payload.get("logprobs"), "$", deltas)

    return read


def _refusal(field: str) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        if text := _said(payload, field, deltas):
            deltas.append(RefusalDelta(0, text, _key(payload), field != "delta"))

    return read


def _reasoning(field: str, sent_as: str, index: str) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        if text := _said(payload, field, deltas):
            part = (place_of(payload), sent_as, place_of(payload, index))
            deltas.append(ReasoningDelta(0, text, sent_as, part, field != "delta"))

    return read


def _call(field: str) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        text, place = _said(payload, field, deltas), place_of(payload)
        index = place if isinstance(place, int) else None
        if text or field == "delta":
            again = field != "delta"
            deltas.append(ToolCallDelta(0, index, None, None, None, text, "text", place, again))

    return read


def _server_call(field: str, kind: str) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        if text := _said(payload, field, deltas):
            id, place = text_of(payload.get("item_id")), place_of(payload)
            deltas.append(ServerCallDelta(0, id, "", kind, text, place, field != "delta"))

    return read


def _key(payload: Payload) -> tuple[int | str, int | str]:
    return (place_of(payload), place_of(payload, "content_index"))


# ---- parts and items


def _part(index: str, *, again: bool) -> Read:
    field = "summary" if index == "summary_index" else "content"

    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        item, place = place_of(payload), place_of(payload, index)
        read_part(payload.get("part"), item, place, deltas, again=again, field=field)

    return read


def _item(stage: Stage) -> Read:
    def read(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
        item = payload.get("item")
        id = text_of(item.get("id")) if isinstance(item, dict) else ""
        place = place_of({"item_id": id, **payload})
        read_output(item, place, stage, data, ("item",), deltas)

    return read


def _annotation(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    deltas.append(CitationDelta(0, dump_json(payload.get("annotation")), _key(payload)))


def _partial_image(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    """Keep an image that is not ready; the next one takes its place."""
    deltas.append(MediaDelta(0, "image_generation_call", dump_json(payload), place_of(payload)))


# ---- the answer as a whole


def _going_on(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    """Read a response that is not at its end: its output comes with events of its own."""
    response = payload.get("response")
    if not isinstance(response, dict):
        deltas.append(UnknownDelta("$.response", dump_json(response)))
        return
    read_identity(response, "$.response", deltas)
    read_counted(response, data, ("response",), deltas)
    if response.get("error"):
        deltas.append(ErrorDelta(read_error(response["error"])))


def _ended(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    response = payload.get("response")
    if isinstance(response, dict):
        deltas.extend(read_end(response, data, ("response",), "end"))
    else:
        deltas += UnknownDelta("$.response", dump_json(response)), EndDelta()


def _error(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    """Read an error, which comes in an object of its own or among the event's fields."""
    told = {key: payload[key] for key in ("code", "message", "param") if key in payload}
    deltas.append(ErrorDelta(read_error(payload.get("error") or told)))


def _silent(payload: Payload, data: bytes, deltas: list[Delta]) -> None:
    """Read nothing: the items say it all."""


_READERS: Final[Mapping[str, Read]] = {
    "response.created": _going_on,
    "response.queued": _going_on,
    "response.in_progress": _going_on,
    "response.completed": _ended,
    "response.incomplete": _ended,
    "response.failed": _ended,
    "response.cancelled": _ended,
    "response.output_item.added": _item("added"),
    "response.output_item.done": _item("done"),
    "response.content_part.added": _part("content_index", again=False),
    "response.content_part.done": _part("content_index", again=True),
    "response.reasoning_part.added": _part("content_index", again=False),
    "response.reasoning_part.done": _part("content_index", again=True),
    "response.reasoning_summary_part.added": _part("summary_index", again=False),
    "response.reasoning_summary_part.done": _part("summary_index", again=True),
    "response.output_text.delta": _text("delta"),
    "response.output_text.done": _text("text"),
    "response.output_text.annotation.added": _annotation,
    "response.refusal.delta": _refusal("delta"),
    "response.refusal.done": _refusal("refusal"),
    "response.reasoning_text.delta": _reasoning("delta", THOUGHT, "content_index"),
    "response.reasoning_text.done": _reasoning("text", THOUGHT, "content_index"),
    "response.reasoning_summary_text.delta": _reasoning("delta", SUMMARY, "summary_index"),
    "response.reasoning_summary_text.done": _reasoning("text", SUMMARY, "summary_index"),
    "response.function_call_arguments.delta": _call("delta"),
    "response.function_call_arguments.done": _call("arguments"),
    "response.custom_tool_call_input.delta": _call("delta"),
    "response.custom_tool_call_input.done": _call("input"),
    "response.mcp_call_arguments.delta": _server_call("delta", "mcp_call"),
    "response.mcp_call_arguments.done": _server_call("arguments", "mcp_call"),
    "response.code_interpreter_call_code.delta": _server_call("delta", "code_interpreter_call"),
    "response.code_interpreter_call_code.done": _server_call("code", "code_interpreter_call"),
    "response.image_generation_call.partial_image": _partial_image,
    "error": _error,
    **dict.fromkeys(SILENT_EVENTS, _silent),
}
