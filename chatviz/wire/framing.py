"""Which framing a body has, seen from its first bytes, and the decoders for bodies without SSE."""

from __future__ import annotations

from typing import Final, Literal

from chatviz.wire.json_text import load_json, load_json_leniently
from chatviz.wire.sse import EventKind, SSEDecoder, WireEvent

__all__ = ["BodyDecoder", "Framing", "JSONDecoder", "OpaqueDecoder", "event_data"]

Framing = Literal["sse", "json", "opaque", "unknown"]

_BLANK: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


class BodyDecoder:
    """Decode any body: the first byte that is not white space tells its framing.

    ``{`` and ``[`` begin JSON (one value, or one a line), ``<`` and control bytes a body that is
    shown whole (a page of HTML, a binary event stream); all else is read as server-sent events.
    The label of the content type is not asked: it is wrong too often.

    Attributes
    ----------
    framing : str
        ``"sse"``, ``"json"``, ``"opaque"``, or ``"unknown"`` while only white space has come.
    white_space : int
        Bytes of white space before the first JSON value, which servers send to keep a line alive.
    """

    def __init__(self) -> None:
        self.framing: Framing = "unknown"
        self.white_space = 0
        self._waiting: list[bytes] = []
        self._decoder: SSEDecoder | JSONDecoder | OpaqueDecoder = SSEDecoder()

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        if self.framing != "unknown":
            return self._decoder.feed(data)
        if data:
            self._waiting.append(data)
        return self._begin() if data.strip(_BLANK + _BOM) else []

    def close(self) -> list[WireEvent]:
        """Return what the end of the body leaves: a last value, or an unfinished event."""
        events = self._begin() if self.framing == "unknown" and self._waiting else []
        return events + self._decoder.close()

    def _begin(self) -> list[WireEvent]:
        body = b"".join(self._waiting)
        self._waiting = []
        text = body.removeprefix(_BOM).lstrip(_BLANK)
        first = text[:1]
        if first in (b"{", b"["):
            self.framing, self._decoder = "json", JSONDecoder()
            self.white_space = len(body) - len(text)
        elif first == b"<" or (first and first < b" "):
            self.framing, self._decoder = "opaque", OpaqueDecoder()
        else:
            self.framing = "sse"
        return self._decoder.feed(body)


class JSONDecoder:
    """Decode a body that is JSON: one value on every line (NDJSON), or one value in all.

    Which of the two it is shows at the first line break: a first line that is a whole JSON value
    is a line of NDJSON.
    """

    def __init__(self) -> None:
        self._offset = 0
        self._pieces: list[bytes] = []
        self._start = 0
        self._by_lines: bool | None = None  # None: not known yet

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        events: list[WireEvent] = []
        position = 0
        while self._by_lines is not False and (end := data.find(b"\n", position)) >= 0:
            self._pieces.append(data[position : end + 1])
            position = end + 1
            self._end_line(self._offset + position, events)
        if position < len(data):
            self._pieces.append(data[position:])
        self._offset += len(data)
        return events

    def close(self) -> list[WireEvent]:
        """Return what has not ended in a line break: a last line, or the whole value."""
        rest = b"".join(self._pieces)
        self._pieces = []
        if not rest.strip(_BLANK):
            return []
        return [self._event(rest, "data" if _is_json(rest) else "unfinished")]

    def _end_line(self, after: int, events: list[WireEvent]) -> None:
        line = b"".join(self._pieces)
        is_blank = not line.strip(_BLANK)
        if not is_blank:
            if self._by_lines is None:
                self._by_lines = _is_json(line)
            if not self._by_lines:
                self._pieces = [line]
                return
            events.append(self._event(line, "data"))
        self._pieces = []
        self._start = after

    def _event(self, line: bytes, kind: EventKind) -> WireEvent:
        text, end = line.removeprefix(_BOM).lstrip(_BLANK), self._start + len(line)
        return WireEvent(kind, end - len(text), end, text.rstrip(_BLANK))


class OpaqueDecoder:
    """Decode a body that is neither events nor JSON: all of it is one event, at its end."""

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
    if framing == "json":
        return raw.strip(_BLANK)
    if framing != "sse" or kind == "fields":
        return raw
    if raw.startswith(b"data: ") and raw.find(b"\n") == len(raw) - 2 and b"\r" not in raw:
        return raw[6:-2]
    decoder = SSEDecoder()
    *_, event = [*decoder.feed(b"\n" + raw), *decoder.close()]  # the first line alone has a mark
    return event.data


def _is_json(text: bytes) -> bool:
    text = text.removeprefix(_BOM)
    try:
        load_json(text)
    except ValueError:
        try:
            load_json_leniently(text)
        except ValueError:
            return False
    return True
