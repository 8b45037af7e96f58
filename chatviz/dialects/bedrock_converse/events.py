"""The events of a stream, and the answer that was not streamed, read in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    NoteDelta,
    RoleDelta,
    UnknownDelta,
)
from chatviz.chat.findings.log import start_of
from chatviz.dialects.bedrock_converse.blocks import Block, read_block
from chatviz.dialects.bedrock_converse.known_fields import (
    ANSWER_FIELDS,
    EVENT_FIELDS,
    MESSAGE_FIELDS,
)
from chatviz.dialects.bedrock_converse.usage import read_counts
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.json_values import is_int64, placed_items, text_of
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json, slice_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["make_role", "read_answer", "read_event_payload"]

GUARDRAIL: Final = "guardrail_intervened"
_ERROR_KEYS: Final = frozenset(("error", "message", "Message"))

EventPayload: TypeAlias = dict[str, Any]


@lru_cache(maxsize=4)
def make_role(role: str) -> tuple[RoleDelta]:
    """Return whose message it is; one value for all answers."""
    return (RoleDelta(0, role),)


def read_event_payload(event: WireEvent, payload: Any) -> list[Delta]:
    """Return what an event says; of one that is not known, the whole of it.

    The name of an event is in its frame. Where there is none, the payload may be an object
    with the event under its name, as AWS's SDKs hand them out, or an error.
    """
    name, data = event.name.decode("utf-8", "replace"), event.data
    if not name and isinstance(payload, dict):
        if _ERROR_KEYS & payload.keys() and "content" not in payload:
            return [ErrorDelta(read_error(payload.get("error") or payload))]
        known = [key for key in payload if key in _READERS]
        if len(payload) != 1 or not known:
            return [UnknownDelta("$", dump_json(payload), True)]
        name = known[0]
        payload = payload[name]
        data = slice_json(data, (name,), payload).encode("utf-8", "surrogatepass")
    if not isinstance(payload, dict):
        return [NoteDelta("not_an_object", "", (("text", start_of(event.data)),))]
    if name not in _READERS:
        return [UnknownDelta(f"$.{name}", dump_json(payload), True)]
    deltas: list[Delta] = []
    _READERS[name](payload, data, deltas)
    keep_unknown(payload, EVENT_FIELDS[name], "$", deltas)
    return deltas


def read_answer(payload: EventPayload, data: bytes) -> list[Delta]:
    """Return what a whole answer says."""
    deltas: list[Delta] = []
    output = payload.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    if isinstance(message, dict):
        read_message(message, data, deltas)
    elif output is not None:
        deltas.append(UnknownDelta("$.output", dump_json(output), True))
    _read_stop(payload, data, deltas)
    _read_usage(payload, data, deltas)
    keep_unknown(payload, ANSWER_FIELDS, "$", deltas)
    return deltas


def read_message(message: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    """Append what the message of a whole answer says, block by block."""
    _read_role(message, data, deltas)
    where = "$.output.message"
    blocks = placed_items(message.get("content"), f"{where}.content")
    for place, (sent, at) in enumerate(blocks):
        path = ("output", "message", "content", place)
        _read_fields(sent, place, at, data, path, deltas)
    keep_unknown(message, MESSAGE_FIELDS, where, deltas, in_message=True)


def _read_fields(
    sent: Any,
    place: int,
    where: str,
    data: bytes,
    path: tuple[str | int, ...],
    deltas: list[Delta],
    *,
    is_piece: bool = False,
) -> None:
    """Append what a block says that is at a path of some JSON text."""
    if not isinstance(sent, dict):
        if sent is not None:
            deltas.append(UnknownDelta(where, dump_json(sent), True))
        return

    def spell(kind: str, field: str, value: Any) -> str:
        return slice_json(data, (*path, kind, field), value)

    read_block(Block(sent, place, where, is_piece, spell), deltas)


def _read_role(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    if payload.get("role"):
        deltas.extend(make_role(text_of(payload["role"])))


def _read_block(
    field: str, *, is_piece: bool
) -> Callable[[EventPayload, bytes, list[Delta]], None]:
    def read(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
        sent, place = payload.get(field), _place(payload)
        _read_fields(sent, place, f"$.{field}", data, (field,), deltas, is_piece=is_piece)

    return read


def _read_closed(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    deltas.append(EndDelta(0, _place(payload)))


def _place(payload: EventPayload) -> int:
    index = payload.get("contentBlockIndex")
    return index if is_int64(index) else 0


def _read_stop(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    reason = text_of(payload.get("stopReason"))
    if reason:
        deltas.append(FinishDelta(0, reason))
    if reason == GUARDRAIL:
        deltas.append(NoteDelta("guardrail_intervened"))


def _read_usage(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    usage = payload.get("usage")
    if isinstance(usage, dict):
        deltas += read_counts(usage, slice_json(data, ("usage",), usage), beside=payload)
    elif usage is not None:
        deltas.append(UnknownDelta("$.usage", dump_json(usage)))


def _read_metadata(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    _read_usage(payload, data, deltas)
    deltas.append(EndDelta())


def _read_nothing(payload: EventPayload, data: bytes, deltas: list[Delta]) -> None:
    """Read nothing: the event says nothing of the answer."""


_READERS: Final[Mapping[str, Callable[[EventPayload, bytes, list[Delta]], None]]] = {
    "messageStart": _read_role,
    "contentBlockStart": _read_block("start", is_piece=False),
    "contentBlockDelta": _read_block("delta", is_piece=True),
    "contentBlockStop": _read_closed,
    "messageStop": _read_stop,
    "metadata": _read_metadata,
    "initial-response": _read_nothing,
}
