"""A body that is JSON: one value on every line, or one value in all."""

from __future__ import annotations

from typing import Final

from chatviz.wire.json_text import load_any_json
from chatviz.wire.wire_event import EventKind, Framing, WireEvent

__all__ = ["JSONDecoder"]

_BLANK: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


class JSONDecoder:
    """Decode a body that is JSON: one value on every line (NDJSON), or one value in all.

    Which of the two it is shows at the first line break: a first line that is a whole JSON value
    is a line of NDJSON.

    Attributes
    ----------
    framing : str
        ``"json"`` as long as no second value has come, then ``"json_lines"``.
    """

    def __init__(self) -> None:
        self.framing: Framing = "json"
        self._has_value = False
        self._offset = 0
        self._pieces: list[bytes] = []
        self._start = 0
        self._by_lines: bool | None = None  # None: not known yet

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        events: list[WireEvent] = []
        position = 0
        while self._by_lines is not False and (end := data.find(b"\n", position)) >= 0:
            if self._by_lines and not self._pieces:
                position = self._end_lines(data, position, events)
                break
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

    def _end_lines(self, data: bytes, position: int, events: list[WireEvent]) -> int:
        """Take all the lines of a piece, each known to be a value; return where they end."""
        after, start = data.rfind(b"\n") + 1, self._start
        for line in data[position : after - 1].split(b"\n"):
            end = start + len(line) + 1
            if line[:1] == b"{":  # nearly every line; others may be blank, or begin with blanks
                self.framing = "json_lines"  # because a first one showed that they are lines
                events.append(WireEvent("data", start, end, line.rstrip(_BLANK)))
                start = end
            else:
                self._pieces.append(line + b"\n")
                self._start = start
                self._end_line(end, events)
                start = self._start
        self._start = start
        return after

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
        if self._has_value:
            self.framing = "json_lines"
        self._has_value = True
        text, end = line.removeprefix(_BOM).lstrip(_BLANK), self._start + len(line)
        return WireEvent(kind, end - len(text), end, text.rstrip(_BLANK))


def _is_json(text: bytes) -> bool:
    try:
        load_any_json(text.removeprefix(_BOM))
    except ValueError:
        return False
    return True
