"""Secrets in binary frames: what frames carry as one text, and frames that are sealed again.

A frame ends with a checksum over its bytes, and may carry its event in base64; a secret may be
spelled over several frames.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator
from typing import Final, NamedTuple

from chatviz.cassettes.redaction.json_strings import Extent
from chatviz.wire.decoders.aws_frames import FrameSpan, find_frames, seal_frame

__all__ = ["Carried", "FramedBody"]

_ENCODED: Final = re.compile(rb'"([A-Za-z0-9+/]{8,}+={0,2})"')


class Carried(NamedTuple):
    """A stretch of a body that is text: as it is, or once its base64 is undone."""

    start: int
    end: int
    text: bytes
    is_encoded: bool


class FramedBody:
    """A body of frames; ``text`` is all that they carry, a line for each stretch.

    Parameters
    ----------
    body : bytes
        Where it holds no whole frame, ``text`` is empty.

    Attributes
    ----------
    text : bytes
    frames : list of list of Carried
        The stretches of each frame.
    payloads : list of Extent
        Where the payload of each frame is.
    end : int
        Where the last whole frame ends.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._frames = list(find_frames(body))
        self.end = self._frames[-1].end if self._frames else 0
        self.payloads = [Extent(frame.payload, frame.payload_end) for frame in self._frames]
        self.frames = [list(_carried_by(body, frame)) for frame in self._frames]
        self._carried = [one for frame in self.frames for one in frame]
        self.text = b"\n".join(one.text for one in self._carried)

    def with_text(self, text: bytes) -> bytes:
        """Return the body with another text of the same length in it, its frames not yet sealed."""
        body, place = bytearray(self._body), 0
        for start, end, before, is_encoded in self._carried:
            piece = text[place : place + len(before)]
            place += len(before) + 1
            if piece != before:
                body[start:end] = b64encode(piece) if is_encoded else piece
        return bytes(body)

    def seal(self, body: bytes) -> bytes:
        """Return a body of the same frames with the checksum that each has to have.

        One that was wrong before stays wrong: damage is not repaired.
        """
        sealed = bytearray(body)
        for frame in self._frames:
            if frame.is_sealed:
                span = slice(frame.start, frame.end)
                sealed[span] = seal_frame(bytes(sealed[span]))
        return bytes(sealed)


def _carried_by(body: bytes, frame: FrameSpan) -> Iterator[Carried]:
    """Yield what a frame carries: a text in base64 on its own, and all that is around it."""
    place = frame.payload
    for match in _ENCODED.finditer(body, frame.payload, frame.payload_end):
        text = _decode(match[1])
        if text is not None:
            yield Carried(place, match.start(1), body[place : match.start(1)], False)
            yield Carried(*match.span(1), text, True)
            place = match.end(1)
    yield Carried(place, frame.payload_end, body[place : frame.payload_end], False)


def _decode(encoded: bytes) -> bytes | None:
    """Return the JSON object that base64 holds; None where it is none, or not written so."""
    try:
        text = b64decode(encoded, validate=True)
    except Error:
        return None
    return text if text.startswith(b"{") and b64encode(text) == encoded else None
