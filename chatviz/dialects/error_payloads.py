"""What went wrong, from whichever shape a server tells it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from chatviz.chat.deltas import StreamError
from chatviz.wire.json_text import dump_json, load_json_leniently
from chatviz.wire.wire_event import WireEvent

__all__ = [
    "find_any_error",
    "find_error",
    "read_body_error",
    "read_error",
    "read_frame_error",
    "read_stray_error",
]

MAX_TEXT = 2_000  # bytes of a body that is no JSON (a page of HTML, say) to keep as the message

_MESSAGES: Final = ("message", "Message", "detail", "status_msg")
_CODES: Final = ("code", "type", "status_code", "error_code", "error_type")
# What an object may hold, besides its message, that is an error as a whole: gateways of AWS and
# Azure, FastAPI's ``detail``, the problem details of RFC 9457.
_BESIDE_A_MESSAGE: Final = frozenset(
    (
        *("code", "status", "statusCode", "status_code", "type", "param", "title", "instance"),
        *("success", "request_id", "requestId"),
        "error_code",  # Databricks
    )
)


def read_error(error: Any) -> StreamError:
    """Read the value of an ``error`` field, or an object that is an error as a whole."""
    sent = dump_json(error)
    if not isinstance(error, Mapping):
        return StreamError(error if isinstance(error, str) else sent, sent=sent)
    told = next(filter(None, map(error.get, _MESSAGES)), sent)
    code = next(filter(None, map(error.get, _CODES)), "")
    return StreamError(_text(told), _text(code), sent=sent)


def find_error(payload: Any) -> Any:
    """Return the part of a payload that tells an error, whatever the dialect; None where none is.

    It is its ``error``, the first of its ``errors``, or the payload itself, where that says what it
    is, or holds nothing but a message. A list of one is the same as what it holds.
    """
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]  # an answer that would have been a JSON array
    if not isinstance(payload, Mapping):
        return None
    if payload.get("error"):
        return payload["error"]
    errors = payload.get("errors")
    if isinstance(errors, list) and errors:
        return errors[0]
    if "error" in (payload.get("object"), payload.get("type")):
        return payload
    if isinstance(detail := payload.get("detail"), dict) and detail.get("error"):
        return detail["error"]  # DeepInfra
    told = [key for key in ("message", "detail") if payload.get(key)]
    is_told = len(told) == 1 and payload.keys() <= _BESIDE_A_MESSAGE | set(told)
    return payload if is_told and isinstance(payload[told[0]], str | list) else None


def find_any_error(event: WireEvent, payload: Any, status: int) -> StreamError | None:
    """Return the error that a chunk is which its dialect makes nothing of; None where it is none.

    An object is one, too, where its event is named so, or the HTTP status says that all is.
    """
    error = find_error(payload)
    if error is None and isinstance(payload, dict):
        error = payload if event.name == b"error" or status >= 400 else None
    return None if error is None else read_error(error)


def read_body_error(body: bytes) -> StreamError:
    """Read the body of an answer that failed as a whole: JSON, a page of HTML, or plain text."""
    try:
        payload = load_json_leniently(body)
    except ValueError:
        payload = None
    if (error := find_error(payload)) is not None:
        return read_error(error)
    if isinstance(payload, dict):
        return read_error(payload)
    text = body[:MAX_TEXT].decode("utf-8", "replace").strip()
    return StreamError(text or "the answer has no body", sent=text)


def read_stray_error(raw: bytes) -> StreamError | None:
    """Return the error that is outside of any data line: bare JSON, or an ``error:`` field."""
    text = raw.strip().removeprefix(b"data:")
    bare = text.removeprefix(b"error:").strip()
    try:
        payload = load_json_leniently(bare)
    except ValueError:
        is_named = bare is not text and text.startswith(b"error:") and b"\n" not in bare
        return read_body_error(bare) if is_named and bare else None
    error = find_error(payload)
    if error is None and isinstance(payload, dict) and text.startswith(b"error:"):
        error = payload
    return None if error is None else read_error(error)


def read_frame_error(event: WireEvent) -> StreamError | None:
    """Read a frame that is an exception or an error: its name holds the code. None for others."""
    kind, slash, name = event.name.partition(b"/")
    if not slash or kind not in (b"exception", b"error"):
        return None
    code = name.decode("utf-8", "replace")
    if not event.data:
        return StreamError(code or "the frame says only that it is an error", code)
    error = read_body_error(event.data)
    return replace(error, code=code or error.code)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump_json(value)
