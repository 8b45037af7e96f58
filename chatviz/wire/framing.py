"""Which framing a body has, seen from its first bytes."""

from __future__ import annotations

from typing import Final, Protocol

from chatviz.wire.decoders.aws_frames import PRELUDE_SIZE, AWSFrameDecoder, frame_data, is_prelude
from chatviz.wire.decoders.json_array import JSONArrayDecoder
from chatviz.wire.decoders.json_lines import JSONDecoder
from chatviz.wire.decoders.sse import SSEDecoder
from chatviz.wire.wire_event import EventKind, Framing, WireEvent

__all__ = ["BodyDecoder", "Framing", "OpaqueDecoder", "event_data"]

_BLANK: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


class BodyDecoder:
    """Decode any body: its first bytes tell its framing.

    ``{`` begins JSON (one value, or one a line), ``[`` with an element behind it an array whose
    elements are events, a good prelude an AWS event stream; ``<`` and other control bytes begin a
    body that is shown whole (a page of HTML, unknown binary data); all else is read as server-sent
    events. The label of the content type is not asked: it is wrong too often.

    Attributes
    ----------
    white_space : int
        Bytes of white space before the first JSON value, which servers send to keep a line alive.
    """

    def __init__(self) -> None:
        self.white_space = 0
        self._waiting: list[bytes] = []
        self._size = 0  # bytes that wait
        self._decoder: _Decoder | None = None

    @property
    def framing(self) -> Framing:
        """How the body is framed, as far as its bytes so far show it.

        ``"sse"``, ``"json_array"``, ``"aws_frames"``, ``"opaque"``; ``"json"`` for one value, which
        turns out to be ``"json_lines"`` when a second one comes; ``"unknown"`` at first.
        """
        return "unknown" if self._decoder is None else self._decoder.framing

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        if self._decoder is not None:
            return self._decoder.feed(data)
        if not data:
            return []
        may_tell = self._size < PRELUDE_SIZE or data.lstrip(_BLANK + _BOM)
        self._waiting.append(data)
        self._size += len(data)
        if not may_tell:  # joining the body at each blank piece would take too long
            return []
        self._waiting = [b"".join(self._waiting)]
        decoder = _choose_decoder(self._waiting[0])
        return [] if decoder is None else self._begin(decoder)

    def close(self) -> list[WireEvent]:
        """Return what the end of the body leaves: a last value, or an unfinished event."""
        events: list[WireEvent] = []
        if self._decoder is None and self._waiting:
            events = self._begin(_plain_decoder(_text_of(b"".join(self._waiting))))
        return events if self._decoder is None else events + self._decoder.close()

    @property
    def unseparated(self) -> int:
        """How many server-sent events have no blank line behind them."""
        return getattr(self._decoder, "unseparated", 0)

    def _begin(self, decoder: _Decoder) -> list[WireEvent]:
        body = b"".join(self._waiting)
        self._waiting = []
        self._decoder = decoder
        if decoder.framing in ("json", "json_array"):
            self.white_space = len(body) - len(_text_of(body))
        return decoder.feed(body)


class OpaqueDecoder:
    """Decode a body of which no event is known: all of it is one event, at its end."""

    framing: Framing = "opaque"

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; nothing is known before the end."""
        self._pieces.append(data)
        return []

    def close(self) -> list[WireEvent]:
        """Return the whole body as one event."""
        body = b"".join(self._pieces)
        self._pieces = []
        return [WireEvent("data", 0, len(body), body)] if body else []


def event_data(framing: Framing, kind: EventKind, raw: bytes) -> bytes:
    """Return the data of an event of which only the span was kept.

    Parameters
    ----------
    framing, kind : str
        How the body is framed, and the event's kind.
    raw : bytes
        The bytes of its span.
    """
    if framing in ("json", "json_lines", "json_array"):
        return raw.strip(_BLANK)
    if framing == "aws_frames":
        return frame_data(raw)
    if framing != "sse" or kind == "fields":
        return raw
    if (usual := _usual_data(raw)) is not None:
        return usual
    decoder = SSEDecoder()
    *_, event = [*decoder.feed(b"\n" + raw), *decoder.close()]  # the first line alone has a mark
    return event.data


def _usual_data(raw: bytes) -> bytes | None:
    """Return the data of an event of one data line, perhaps below its name; None for others."""
    start = raw.find(b"\n") + 1 if raw.startswith(b"event: ") else 0
    if not raw.startswith(b"data: ", start) or b"\r" in raw:
        return None
    return raw[start + 6 : -2] if raw.find(b"\n", start) == len(raw) - 2 else None


class _Decoder(Protocol):
    @property
    def framing(self) -> Framing: ...
    def feed(self, data: bytes, /) -> list[WireEvent]: ...
    def close(self) -> list[WireEvent]: ...


def _text_of(body: bytes) -> bytes:
    return body.removeprefix(_BOM).lstrip(_BLANK)


def _choose_decoder(body: bytes) -> _Decoder | None:
    """Return a decoder for a body of which these are the first bytes; None for too few of them."""
    text = _text_of(body)
    if not text.lstrip(_BLANK + _BOM):
        return None
    if text.startswith(b"["):
        element = text[1:].lstrip(_BLANK)[:1]
        if not element:
            return None
        if element != b"]":
            return JSONArrayDecoder()
    elif text < b" ":
        if len(body) < PRELUDE_SIZE:
            return None
        if is_prelude(body):
            return AWSFrameDecoder()
    return _plain_decoder(text)


def _plain_decoder(text: bytes) -> _Decoder:
    """Return a decoder for a body that is neither an array nor frames."""
    if text.startswith((b"{", b"[")):
        return JSONDecoder()
    if text.startswith(b"<") or b"" < text < b" ":
        return OpaqueDecoder()
    return SSEDecoder()
