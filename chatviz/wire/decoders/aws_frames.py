"""AWS event streams (``application/vnd.amazon.eventstream``): binary frames with checksums.

A frame is, big-endian: total length, length of the headers, CRC-32 of these two; headers; payload;
CRC-32 of all before. https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

from chatviz.wire.json_text import dump_json
from chatviz.wire.wire_event import Framing, WireEvent

__all__ = [
    "PRELUDE_SIZE",
    "AWSFrameDecoder",
    "FrameSpan",
    "exception_frame",
    "find_frames",
    "frame_data",
    "frame_name",
    "is_prelude",
    "refill_frame",
    "seal_frame",
]

_PRELUDE: Final = Struct(">III")
_CRC: Final = Struct(">I")
_LENGTH: Final = Struct(">H")
PRELUDE_SIZE: Final = _PRELUDE.size
_MAX_HEADERS: Final = 128 << 10  # bytes; both limits are botocore's
_MAX_PAYLOAD: Final = 24 << 20
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of a header's value, by type
_BYTES, _STRING = 6, 7  # these tell their length


class AWSFrameDecoder:
    """Decode frames: each is one data event as soon as it is complete.

    The event's data is the payload, its name the ``:event-type``; of an exception it is
    ``exception/`` and the ``:exception-type``, of an error ``error/`` and the ``:error-code``. The
    message of an error, which lies in a header, is its data as JSON where there is no payload.

    Nothing is dropped. The flaw of an event says what is wrong with its frame:

    - ``"crc"``: the checksum of the frame is wrong; its data may be, too.
    - ``"headers"``: they cannot be read to their end.
    - ``"prelude"``: the checksum of the lengths is wrong; ``"length"``: they cannot be right. Where
      the next frame begins is not known then, and the rest is one unfinished event.
    """

    framing: Framing = "aws_frames"

    def __init__(self) -> None:
        self._offset = 0  # where in the body the bytes that wait begin
        self._waiting: list[bytes] = []
        self._size = 0  # bytes that wait
        self._needed = PRELUDE_SIZE  # so many before there is anything to read
        self._flaw = ""  # of a prelude

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        self._waiting.append(data)
        self._size += len(data)
        if self._flaw or self._size < self._needed:
            return []
        return self._take_frames(b"".join(self._waiting))

    def close(self) -> list[WireEvent]:
        """Return the frame that was cut off, or the rest that cannot be read."""
        rest = b"".join(self._waiting)
        self._waiting = []
        if not rest:
            return []
        end = self._offset + len(rest)
        return [WireEvent("unfinished", self._offset, end, frame_data(rest), b"", self._flaw)]

    def _take_frames(self, data: bytes) -> list[WireEvent]:
        events: list[WireEvent] = []
        view, offset, at = memoryview(data), self._offset, 0
        self._needed = PRELUDE_SIZE
        while len(data) - at >= PRELUDE_SIZE:
            if flaw := _prelude_flaw(view, at):
                self._flaw = flaw
                break
            total, headers, _ = _PRELUDE.unpack_from(data, at)
            if len(data) - at < total:
                self._needed = total
                break
            begin, end, after = at + PRELUDE_SIZE + headers, at + total - _CRC.size, at + total
            head = _read_head(data[at + PRELUDE_SIZE : begin])
            is_right = _CRC.unpack_from(data, end) == (crc32(view[at:end]),)
            flaw = head.flaw if is_right else "crc"
            payload = data[begin:end] or head.message
            events.append(WireEvent("data", offset + at, offset + after, payload, head.name, flaw))
            at = after
        self._offset += at
        self._waiting, self._size = [data[at:]], len(data) - at
        return events


def is_prelude(data: bytes) -> bool:
    """Say whether some bytes begin with the lengths of a frame and their right checksum."""
    return len(data) >= PRELUDE_SIZE and not _prelude_flaw(memoryview(data), 0)


class FrameSpan(NamedTuple):
    """Where a whole frame lies in a body, and its payload; whether its checksum is right."""

    start: int
    payload: int
    payload_end: int
    end: int
    is_sealed: bool


def find_frames(body: bytes) -> Iterator[FrameSpan]:
    """Yield the frames of a body, up to the first that is none or not whole."""
    view, at = memoryview(body), 0
    while is_prelude(body[at : at + _PRELUDE.size]):
        total, headers, _ = _PRELUDE.unpack_from(view, at)
        end = at + total
        if end > len(body):
            return
        crc = _CRC.unpack_from(view, end - _CRC.size)[0]
        is_sealed = crc == crc32(view[at : end - _CRC.size])
        yield FrameSpan(at, at + _PRELUDE.size + headers, end - _CRC.size, end, is_sealed)
        at = end


def seal_frame(raw: bytes) -> bytes:
    """Return a frame with the checksum that its bytes have to have."""
    return raw[: -_CRC.size] + _CRC.pack(crc32(raw[: -_CRC.size]))


def exception_frame(kind: str, payload: bytes) -> bytes:
    """Return a frame that tells of an exception of some type, with JSON that says more."""
    headers = b"".join(
        bytes([len(name)]) + name + bytes([_STRING]) + _LENGTH.pack(len(value)) + value
        for name, value in (
            (b":exception-type", kind.encode()),
            (b":content-type", b"application/json"),
            (b":message-type", b"exception"),
        )
    )
    total = PRELUDE_SIZE + len(headers) + len(payload) + _CRC.size
    lengths = _PRELUDE.pack(total, len(headers), 0)[: -_CRC.size]
    return seal_frame(lengths + _CRC.pack(crc32(lengths)) + headers + payload + bytes(_CRC.size))


def refill_frame(raw: bytes, payload: bytes) -> bytes:
    """Return a whole frame with another payload; its headers stay, its checksums are right.

    Raises
    ------
    ValueError
        The bytes do not begin with the lengths of a frame.
    """
    if not is_prelude(raw):
        raise ValueError(f"wanted a whole frame, found {len(raw):,} bytes that are none.")
    headers = raw[PRELUDE_SIZE : PRELUDE_SIZE + _PRELUDE.unpack_from(raw)[1]]
    total = PRELUDE_SIZE + len(headers) + len(payload) + _CRC.size
    lengths = _PRELUDE.pack(total, len(headers), 0)[: -_CRC.size]
    body = lengths + _CRC.pack(crc32(lengths)) + headers + payload
    return body + _CRC.pack(crc32(body))


def frame_data(raw: bytes) -> bytes:
    """Return a frame's data as far as it has come; all of the bytes where they are no frame."""
    if not is_prelude(raw):
        return raw
    total, headers, _ = _PRELUDE.unpack_from(raw)
    payload = raw[PRELUDE_SIZE + headers : total - _CRC.size]
    if payload or len(raw) < total:
        return payload
    return _read_head(raw[PRELUDE_SIZE : PRELUDE_SIZE + headers]).message


def frame_name(raw: bytes) -> bytes:
    """Return the name of a whole frame's event: see ``AWSFrameDecoder``."""
    headers = _PRELUDE.unpack_from(raw)[1]
    return _read_head(raw[PRELUDE_SIZE : PRELUDE_SIZE + headers]).name


def _prelude_flaw(view: memoryview, at: int) -> str:
    total, headers, crc = _PRELUDE.unpack_from(view, at)
    if crc32(view[at : at + 8]) != crc:
        return "prelude"
    payload = total - headers - PRELUDE_SIZE - _CRC.size
    return "" if headers <= _MAX_HEADERS and 0 <= payload <= _MAX_PAYLOAD else "length"


class _Head(NamedTuple):
    """What the headers of a frame say: the event's name, and the data of an error."""

    name: bytes
    message: bytes
    flaw: str


@lru_cache(maxsize=32)  # a stream repeats a handful
def _read_head(block: bytes) -> _Head:
    texts, flaw = _read_headers(block)
    message = b""
    match texts.get(b":message-type"):
        case b"exception":
            name = b"exception/" + texts.get(b":exception-type", b"")
        case b"error":
            name = b"error/" + texts.get(b":error-code", b"")
            text = texts.get(b":error-message", b"").decode("utf-8", "replace")
            message = dump_json({"message": text}).encode()
        case _:
            name = texts.get(b":event-type", b"")
    return _Head(name, message, flaw)


def _read_headers(block: bytes) -> tuple[dict[bytes, bytes], str]:
    """Return the headers that are strings, and the flaw of the block."""
    texts: dict[bytes, bytes] = {}
    at = 0
    try:
        while at < len(block):
            name_end = at + 1 + block[at]
            name, kind, begin = block[at + 1 : name_end], block[name_end], name_end + 1
            if kind in (_BYTES, _STRING):
                size = _LENGTH.unpack_from(block, begin)[0]
                begin += _LENGTH.size
            else:
                size = _SIZES[kind]
            at = begin + size
            if kind == _STRING:
                texts[name] = block[begin:at]
    except (IndexError, KeyError, struct.error):
        return texts, "headers"
    return texts, "" if at == len(block) else "headers"
