"""The texts in a body, each with its places, so that others of the same size can be put there."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from chatviz.cassettes.redaction.framed import FramedBody
from chatviz.wire.decoders.aws_frames import PRELUDE_SIZE, is_prelude
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.wire_event import WireEvent

__all__ = ["BodyText", "find_texts", "put_texts"]

TextKind = Literal["data", "line", "parameters"]

_ID_LINE: Final = re.compile(rb"(?m)^id:[ ]?([^\r\n]+)")
_BOM: Final = b"\xef\xbb\xbf"
_FIELDS: Final = frozenset([b"data", b"event", b"id", b"retry"])
_PART: Final = re.compile(rb"\r?\n\r?\n(.*?)(?=\r?\n--|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BodyText:
    """A text of a body.

    Attributes
    ----------
    text : str
        Bytes that are no UTF-8 are surrogates in it, as ``surrogateescape`` makes them.
    places : tuple of (int, int)
        Where its lines are in the body.
    chunk : int | None
        The number of the chunk whose data it is.
    kind : str
        ``"data"``; ``"line"`` for a line of the protocol (a comment, an id); ``"parameters"`` for
        the fields of a form, with their escapes.
    is_encoded : bool
        Whether it stands in base64 at its place.
    """

    text: str
    places: tuple[tuple[int, int], ...]
    chunk: int | None = None
    kind: TextKind = "data"
    is_encoded: bool = False


def find_texts(body: bytes, content_type: str = "") -> list[BodyText]:
    """Return the texts of a body: the data of its events, its comments, or all of it."""
    if "x-www-form-urlencoded" in content_type:
        return [_text_at(body, 0, len(body), kind="parameters")]
    if "multipart" in content_type:
        spans = [match.span(1) for match in _PART.finditer(body)]
        return [_text_at(body, *span) for span in spans]
    if is_prelude(body):
        return list(_in_frames(body))
    return list(_in_events(body))


def put_texts(body: bytes, texts: Iterable[tuple[BodyText, str]]) -> bytes:
    """Return a body with other texts in place of its own, and its frames sealed again."""
    written = bytearray(body)
    for old, new in texts:
        data = new.encode("utf-8", "surrogateescape")
        at = 0
        for start, end in old.places:
            size = len(_plain(body[start:end], old.is_encoded))
            piece = data[at : at + size]
            at += size + 1
            written[start:end] = b64encode(piece) if old.is_encoded else piece
    return FramedBody(body).seal(bytes(written))


def _in_frames(body: bytes) -> Iterator[BodyText]:
    frames = FramedBody(body)
    for number, stretches in enumerate(frames.frames):
        carries = any(each.is_encoded for each in stretches)
        for each in stretches:
            if each.is_encoded or not carries:
                yield BodyText(
                    each.text.decode("utf-8", "surrogateescape"),
                    ((each.start, each.end),),
                    number,
                    is_encoded=each.is_encoded,
                )
    rest = frames.end
    if is_prelude(body[rest:]):  # a frame that was cut off: behind its lengths and its headers
        rest += PRELUDE_SIZE + int.from_bytes(body[rest + 4 : rest + 8])
    if rest < len(body):
        yield _text_at(body, rest, len(body))


def _in_events(body: bytes) -> Iterator[BodyText]:
    decoder = BodyDecoder()
    events = [*decoder.feed(body), *decoder.close()]
    chunk = 0
    for event in events:
        is_chunk = event.kind == "data"
        is_said = bool(event.data) and event.kind not in ("done", "fields")
        texts = [_of_event(body, event, chunk if is_chunk else None)] if is_said else []
        yield from texts
        if decoder.framing == "sse" and event.kind != "comment":
            yield from _in_other_lines(body, event, texts)
        chunk += is_chunk
    if decoder.framing == "sse":
        for match in _ID_LINE.finditer(body):
            yield _text_at(body, *match.span(1), kind="line")


def _of_event(body: bytes, event: WireEvent, chunk: int | None) -> BodyText:
    """Return the data of an event with its places: that of several lines is not in one."""
    is_comment = event.kind == "comment"
    places = _values(body, event, b"" if is_comment else b"data")
    if b"\n".join(body[start:end] for start, end in places) != event.data:
        start = body.find(event.data, event.start, event.end)  # no field, but JSON as it is
        if start < 0:
            return _text_at(body, event.start, event.end, kind="line")
        places = [(start, start + len(event.data))]
    text = event.data.decode("utf-8", "surrogateescape")
    return BodyText(text, tuple(places), chunk, "line" if is_comment else "data")


def _values(body: bytes, event: WireEvent, name: bytes) -> list[tuple[int, int]]:
    """Return where the values of an event's fields of one name are."""
    places, at = [], event.start
    for line in body[event.start : event.end].splitlines(keepends=True):
        bare = line.rstrip(b"\r\n")
        field, _, value = bare.removeprefix(_BOM).partition(b":")
        if field == name:
            end = at + len(bare)
            places.append((end - len(value.removeprefix(b" ")), end))
        at += len(line)
    return places


def _in_other_lines(body: bytes, event: WireEvent, texts: Sequence[BodyText]) -> Iterator[BodyText]:
    """Yield the lines of an event in which none of its texts is.

    What no field of the standard begins is text; comments are events of their own.
    """
    covered = [place for text in texts for place in text.places]
    at = event.start
    for line in body[event.start : event.end].splitlines(keepends=True):
        end = at + len(line)
        is_free = all(stop <= at or start >= end for start, stop in covered)
        name = line.rstrip(b"\r\n").removeprefix(_BOM).partition(b":")[0]  # perhaps without value
        if is_free and name:
            yield _text_at(body, at, end, kind="line" if name in _FIELDS else "data")
        at = end


def _text_at(body: bytes, start: int, end: int, *, kind: TextKind = "data") -> BodyText:
    return BodyText(body[start:end].decode("utf-8", "surrogateescape"), ((start, end),), None, kind)


def _plain(data: bytes, is_encoded: bool) -> bytes:
    return b64decode(data) if is_encoded else data
