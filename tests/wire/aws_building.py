"""Frames of AWS event streams, built by their specification and by nothing of chatviz."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from struct import pack
from typing import Any
from uuid import UUID
from zlib import crc32

HeaderValue = str | bool | int | bytes | datetime | UUID


def frame(payload: bytes | Mapping[str, Any], **headers: HeaderValue) -> bytes:
    """Build a frame; ``event_type="chunk"`` is the header ``:event-type``.

    ``:message-type event`` and ``:content-type application/json`` are there unless given otherwise.
    """
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {"message_type": "event", "content_type": "application/json"} | headers
    return raw_frame(data, b"".join(header(name, value) for name, value in headers.items()))


def exception_frame(kind: str, message: str) -> bytes:
    """Build the frame of a modelled exception (``"throttlingException"``)."""
    return frame({"message": message}, message_type="exception", exception_type=kind)


def error_frame(code: str, message: str) -> bytes:
    """Build the frame of an error that is not modelled: all of it is in the headers."""
    return frame(b"", message_type="error", error_code=code, error_message=message)


def raw_frame(payload: bytes, headers: bytes) -> bytes:
    """Build a frame with a block of headers that may be anything."""
    lengths = pack(">II", 16 + len(headers) + len(payload), len(headers))
    begin = lengths + pack(">I", crc32(lengths)) + headers + payload
    return begin + pack(">I", crc32(begin))


def header(name: str, value: HeaderValue) -> bytes:
    """Build a header; ints take as many bytes (1, 2, 4, 8) as they need."""
    key = b":" + name.replace("_", "-").encode()
    return bytes([len(key)]) + key + _value(value)


def _value(value: HeaderValue) -> bytes:
    match value:
        case bool():
            return b"\0" if value else b"\1"
        case int():
            kind, code, _ = next(form for form in _INTS if abs(value) < form[2])
            return bytes([kind]) + pack(code, value)
        case bytes():
            return b"\6" + pack(">H", len(value)) + value
        case str():
            return b"\7" + pack(">H", len(value.encode())) + value.encode()
        case datetime():
            return b"\x08" + pack(">q", int(value.timestamp() * 1000))
        case UUID():
            return b"\x09" + value.bytes


_INTS = [(2, ">b", 1 << 7), (3, ">h", 1 << 15), (4, ">i", 1 << 31), (5, ">q", 1 << 63)]
