"""Anthropic's Messages: events of a stream and whole answers into deltas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    NoteDelta,
    RefusalDelta,
    UnknownDelta,
    said_again,
)
from chatviz.chat.findings.log import shorten, start_of
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.anthropic.blocks import (
    BlockIndex,
    read_block,
    read_inputs,
    read_piece,
)
from chatviz.dialects.anthropic.event_order import END, ORDER, ROLES
from chatviz.dialects.anthropic.fast_path import make_identity, make_role, read_usual_event
from chatviz.dialects.anthropic.manners import MANNERS
from chatviz.dialects.anthropic.request import (
    looks_like_request,
    read_messages_request,
    read_tools,
)
from chatviz.dialects.anthropic.usage import usage_deltas
from chatviz.dialects.anthropic.writing import write_messages_request
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.json_values import is_int64, text_of
from chatviz.dialects.sequence import EventOrder
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import dump_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["AnthropicMessages"]

PATH: Final = "/v1/messages"
VERSION: Final = "2023-06-01"  # https://platform.claude.com/docs/en/api/versioning
# A container's id, edits of the context, why it was refused, what was not found in the cache,
# thinking that was left as it was: https://platform.claude.com/docs/en/api/beta/messages/create
_BESIDE: Final = (
    *("container", "context_management", "stop_details", "diagnostics", "input_transformations"),
)
_MESSAGE_KEYS: Final = frozenset(
    (
        *("id", "type", "role", "model", "content", "usage", "stop_reason", "stop_sequence"),
        *_BESIDE,
    )
)
_EVENT_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "message_start": frozenset(("type", "message")),
    "content_block_start": frozenset(("type", "index", "content_block")),
    "content_block_delta": frozenset(("type", "index", "delta")),
    "content_block_stop": frozenset(("type", "index")),
    "message_delta": frozenset(
        ("type", "delta", "usage", "context_management", "input_transformations")
    ),
    # The times and counts of Bedrock's own, beside those of the model.
    END: frozenset(("type", "amazon-bedrock-invocationMetrics")),
    "ping": frozenset(("type",)),
    "error": frozenset(("type", "error", "request_id")),
}
_STOP_KEYS: Final = frozenset(("stop_reason", "stop_sequence", "stop_details", "container"))


class AnthropicMessages:
    """Reads and writes ``/v1/messages``; the base URL ends before it."""

    name = "anthropic-messages"
    history_keys = ("messages", "system")
    only_hosts: ClassVar[tuple[str, ...]] = ()
    manners = MANNERS
    order: EventOrder | None = ORDER
    names_events: ClassVar[bool] = True
    """Whether each event is named on a line of its own, as its type says."""

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to the path of messages."""
        is_post = request.method.upper() in ("POST", "")
        return is_post and request.path.rstrip("/").endswith(PATH)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload is an event of a stream, a whole message, or an error."""
        match payload:
            case {"type": "message_start", "message": dict()}:
                return True
            case {"type": "content_block_start" | "content_block_delta" | "content_block_stop"}:
                return "index" in payload
            case {"type": "message_delta", "delta": dict()} | {"type": "message_stop"}:
                return True
            case {"type": "error", "error": {"type": str(), "message": str()}}:
                return "sequence_number" not in payload
        return self.is_response(payload)

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether messages, tools or other fields have the form that only Anthropic gives them."""
        return looks_like_request(body)

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked; the model is in the body, or else in the path."""
        return read_messages_request(body, head.path)

    read_tools = staticmethod(read_tools)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL: the same for every model."""
        return PATH

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key, and the version of the API."""
        return {"x-api-key": key, "anthropic-version": VERSION}

    def write_request(
        self,
        asked: ChatRequest,
        *,
        max_tokens: int | None = None,
        reasoning: ReasoningSentBack = "details",
    ) -> dict[str, Any]:
        """Return the JSON body that asks this; see ``write_messages_request``."""
        return write_messages_request(asked, max_tokens=max_tokens, reasoning=reasoning)

    read_glance = staticmethod(read_usual_event)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one event says."""
        if event.name == b"error" and isinstance(payload, dict) and "error" not in payload:
            payload = {"type": "error", "error": payload}
        deltas = read_payload(payload, event.data)
        kind = payload.get("type") if isinstance(payload, dict) else None
        if self.names_events and isinstance(kind, str) and kind in ROLES and kind != "error":
            _check_name(event, kind, deltas)
        return deltas

    def is_response(self, payload: Any) -> bool:
        """Whether it is a whole message."""
        return _is_message(payload)

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what a whole message says."""
        deltas: list[Delta] = []
        _read_message(payload, event.data, "$", deltas)
        return deltas


def read_payload(payload: Any, data: bytes) -> list[Delta]:
    """Return what the decoded payload of an event says; ``data`` is its JSON text."""
    if not isinstance(payload, dict):
        return [NoteDelta("not_an_object", "", (("text", start_of(data)),))]
    deltas: list[Delta] = []
    kind = payload.get("type")
    match kind:
        case "content_block_delta":
            read_piece(payload.get("delta"), _place(payload), deltas)
        case "content_block_start":
            (spelled,) = read_inputs(data) or ("",)
            block, place = payload.get("content_block"), _place(payload)
            read_block(block, place, "$.content_block", deltas, spelled=spelled, whole=False)
        case "message_start":
            _read_message(payload.get("message"), data, "$.message", deltas)
        case "message_delta":
            _read_ending(payload, deltas)
        case "message_stop":
            deltas.append(EndDelta())
        case "content_block_stop":
            deltas.append(EndDelta(0, _place(payload)))
        case "ping":
            pass
        case _ if _is_message(payload):
            return _read_message_again(payload, data)
        case _:
            return _read_other(payload, kind)
    keep_unknown(payload, _EVENT_KEYS[kind], "$", deltas)
    return deltas


def _is_message(payload: Any) -> bool:
    match payload:
        case {"type": "message", "content": list()} | {"role": "assistant", "content": list()}:
            return True
    return False


def _read_message_again(message: dict[str, Any], data: bytes) -> list[Delta]:
    """Read a whole message that is no event of a stream: it fills what is still empty."""
    deltas: list[Delta] = []
    _read_message(message, data, "$", deltas)
    return [NoteDelta("message_in_stream"), *map(said_again, deltas)]


def _place(payload: Mapping[str, Any]) -> BlockIndex:
    index = payload.get("index")
    return index if is_int64(index) else None


def _read_message(message: Any, data: bytes, where: str, deltas: list[Delta]) -> None:
    """Read a whole message, or the one that a stream begins with."""
    if not isinstance(message, dict):
        deltas.append(UnknownDelta(where, dump_json(message), True))
        return
    get = message.get
    deltas.append(make_identity(text_of(get("id")), text_of(get("model"))))
    if role := text_of(get("role")):
        deltas.append(make_role(role))
    blocks = get("content")
    blocks = blocks if isinstance(blocks, list) else []
    inputs = read_inputs(data) if blocks and where == "$" else []
    for place, block in enumerate(blocks):
        spelled = inputs[place] if place < len(inputs) else ""
        read_block(block, place, f"{where}.content[{place}]", deltas, spelled=spelled, whole=True)
    append_finish(message, deltas)
    if isinstance(get("usage"), dict):
        deltas += usage_deltas(message["usage"])
    keep_unknown(message, _MESSAGE_KEYS, where, deltas)


def _read_ending(payload: Mapping[str, Any], deltas: list[Delta]) -> None:
    """Read why the answer ends, and the last state of its usage."""
    ending, usage = payload.get("delta"), payload.get("usage")
    if isinstance(ending, dict):
        append_finish(ending, deltas)
        keep_unknown(ending, _STOP_KEYS, "$.delta", deltas)
    elif ending is not None:
        deltas.append(UnknownDelta("$.delta", dump_json(ending), True))
    if isinstance(usage, dict):
        deltas += usage_deltas(usage)


def append_finish(ending: Mapping[str, Any], deltas: list[Delta]) -> None:
    """Append why an answer ended, and what follows from it for whoever goes on."""
    reason = ending.get("stop_reason")
    if not reason:
        return
    deltas.append(FinishDelta(0, text_of(reason)))
    if reason == "pause_turn":
        deltas.append(NoteDelta("turn_paused"))
    elif reason == "refusal":
        details = ending.get("stop_details")
        details = details if isinstance(details, dict) else {}
        if explanation := text_of(details.get("explanation")):
            deltas.append(RefusalDelta(0, explanation))
        category = text_of(details.get("category"))
        deltas.append(NoteDelta("refused", "", (("text", shorten(category or "not named")),)))


def _read_other(payload: dict[str, Any], kind: Any) -> list[Delta]:
    """Read an error, or an event that is not known."""
    error = payload.get("error")
    if kind == "error" or error:
        return [ErrorDelta(read_error(error or payload))]
    if isinstance(payload.get("message"), str):  # all that AWS says of an error
        return [ErrorDelta(read_error(payload))]
    return [UnknownDelta(f"$({text_of(kind)})", dump_json(payload), True)]


def _check_name(event: WireEvent, kind: str, deltas: list[Delta]) -> None:
    is_line = event.end - event.start < len(b"data:") + len(event.data)  # of JSON: it has no name
    if event.name != kind.encode() and not is_line:
        details = (("name", start_of(event.name)), ("text", shorten(kind)))
        deltas.append(NoteDelta("event_name_differs", "", details))
