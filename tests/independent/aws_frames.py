"""AWS event streams: binary frames into headers and payload, and what Bedrock's frames carry."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

# How many bytes a header's value has, by its type; 6 and 7 (bytes, text) begin with their length.
WIDTHS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}


def is_framed(body: bytes) -> bool:
    """Whether a body is cut into frames: JSON and events never begin with a zero byte."""
    return body[:1] == b"\0"


def frames(body: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield headers and payload of each whole frame, up to the first that is cut or damaged."""
    at = 0
    while at + 16 <= len(body):
        total, head, prelude_sum = struct.unpack_from(">III", body, at)
        frame = body[at : at + total]
        if len(frame) < total or total < 16 + head or zlib.crc32(frame[:8]) != prelude_sum:
            return
        if zlib.crc32(frame[:-4]) != struct.unpack(">I", frame[-4:])[0]:
            return
        yield _headers(frame[12 : 12 + head]), frame[12 + head : -4]
        at += total


def events(body: bytes) -> list[dict[str, Any]]:
    """Return one dict a frame: {event type: payload}, an Anthropic event, or {"error": ...}."""
    found: list[dict[str, Any]] = []
    for headers, payload in frames(body):
        value = json.loads(payload or b"{}")
        kind = headers.get(":event-type", "")
        if headers.get(":message-type", "event") != "event":
            kind = headers.get(":exception-type") or headers.get(":error-code") or "error"
            found.append({"error": {"type": kind, **value}})
        elif "bytes" in value:
            found.append(json.loads(base64.b64decode(value["bytes"])))
        else:
            found.append({kind: value})
    return found


def _headers(data: bytes) -> dict[str, str]:
    found, at = {}, 0
    while at < len(data):
        start = at + 1 + data[at]
        name, kind, at = data[at + 1 : start].decode(), data[start], start + 1
        width = WIDTHS.get(kind, 0)
        if kind in (6, 7):
            width, at = struct.unpack_from(">H", data, at)[0], at + 2
        found[name] = data[at : at + width].decode("utf-8", "replace")
        at += width
    return found
