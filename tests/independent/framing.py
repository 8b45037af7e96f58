"""Cuts a body into its decoded payloads: server-sent events, JSON lines, a JSON array, one JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

NO_NUMBERS = ("input", "output", "cache_read", "cache_creation", "reasoning", "total")


def payloads(body: bytes) -> list[dict[str, Any]]:
    """Return one dict a chunk; what is no JSON object is as {}."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text[:1] not in (b"{", b"["):
        return _server_sent(body.removeprefix(b"\xef\xbb\xbf"))
    try:
        whole = json.loads(text)
    except ValueError:
        return [_load(line) for line in text.splitlines() if line.strip()]
    return [item if isinstance(item, dict) else {} for item in _listed(whole)]


def answer(
    body: bytes,
    found: list[dict[str, Any]],
    *,
    text: Iterable[str],
    reasoning: Iterable[str],
    calls: list[tuple[str, str, Any]],
    finish: str,
    usage: dict[str, int | None],
    error: bool,
) -> dict[str, Any]:
    """Return what every reading returns; a body of neither JSON nor events is an error."""
    is_none = bool(body.strip()) and not any(found) and b"data:" not in body
    return {
        "text": "".join(text),
        "reasoning": "".join(reasoning),
        "calls": calls,
        "finish": finish,
        "usage": usage,
        "chunks": len(found),
        "error": error or (is_none and body[:1] not in b":\0"),
    }


def numbers(**known: int | None) -> dict[str, int | None]:
    """Return the six numbers of a usage; None where nothing was sent."""
    return {name: known.get(name) for name in NO_NUMBERS}


def add(first: int | None, *others: int | None) -> int | None:
    """Add up the parts of a count; None where the first one was not sent."""
    return None if first is None else first + sum(other or 0 for other in others)


def parsed(text: Any) -> Any:
    """Return arguments as a value: {} for "", the text itself where it is no JSON."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _server_sent(body: bytes) -> list[dict[str, Any]]:
    """Follow the WHATWG text; an event that the end of the body cuts off is not dispatched."""
    found: list[dict[str, Any]] = []
    data: list[bytes] = []
    name = b""
    for line in body.splitlines():  # bytes are split at CR, LF and CRLF only
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
        elif not line:
            if data and (joined := b"\n".join(data)).strip() != b"[DONE]":
                payload = _load(joined)
                is_bare = name == b"error" and "error" not in payload
                found.append({"error": payload or True} if is_bare else payload)
            data, name = [], b""
    return found


def _load(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
