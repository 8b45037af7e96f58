"""A body that is one JSON array, sent element by element, as Gemini streams without ``alt=sse``."""

from __future__ import annotations

import re
from typing import Final, Literal

from chatviz.wire.wire_event import EventKind, Framing, WireEvent

__all__ = ["JSONArrayDecoder"]

_BLANK: Final = b" \t\r\n"
_BLANKS: Final = re.compile(rb"[ \t\r\n]*+")
_BEFORE: Final = re.compile(rb"[\xef\xbb\xbf \t\r\n]*+")  # a byte-order mark, too
_FLAT: Final = re.compile(rb'[^"{}\[\],]*+')
_NESTED: Final = re.compile(  # whole strings, too
    rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+', re.DOTALL
)
_STRING: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)

_CLOSERS: Final = {b"{": ord("}"), b"[": ord("]")}

_Place = Literal["outside", "between", "inside", "behind", "closed", "damaged"]
_NEXT: Final[dict[tuple[_Place, bytes], _Place]] = {
    ("outside", b"["): "between",
    ("behind", b","): "between",
    ("behind", b"]"): "closed",
}


class JSONArrayDecoder:
    """Decode a body that begins with ``[``: each element is an event as soon as it is complete.

    An element ends where its brackets close, a bare number or string at the comma behind it;
    whether it is JSON is not asked. Where brackets do not match, or anything but a comma
    lies between two elements, no later byte can be trusted: the rest is one unfinished event, from
    the element or the byte on that is wrong. An array that is not closed ends in an unfinished
    event, which is empty between two elements.
    """

    framing: Framing = "json_array"

    def __init__(self) -> None:
        self._offset = 0  # where in the body the next piece begins
        self._place: _Place = "outside"
        self._start = 0  # of the element, or of the damaged rest
        self._pieces: list[bytes] = []  # of that
        self._open = bytearray()  # what closes the brackets that are open in the element
        self._in_string = False
        self._is_escaped = False  # a backslash ended the last piece

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        events: list[WireEvent] = []
        at = begin = 0
        while at < len(data) and self._place != "damaged":
            if self._place != "inside":
                begin = at = self._step(data, at)
                continue
            at = self._scan(data, at)
            if at < 0:
                break
            self._place = "behind"
            self._pieces.append(data[begin:at])
            events.append(self._event("data"))
        if self._place in ("inside", "damaged"):
            self._pieces.append(data[begin:])
        self._offset += len(data)
        return events

    def close(self) -> list[WireEvent]:
        """Return the element that did not end, or the rest that is damaged."""
        if self._place in ("outside", "closed"):
            return []
        if self._place in ("between", "behind"):
            self._start = self._offset
        self._place = "closed"
        return [self._event("unfinished")]

    def _step(self, data: bytes, at: int) -> int:
        """Go past white space and one mark between elements, or up to the next element."""
        at = _skip(_BEFORE if self._place == "outside" else _BLANKS, data, at)
        mark = data[at : at + 1]
        if not mark:
            return at
        if place := _NEXT.get((self._place, mark)):
            self._place = place
            return at + 1
        begins = self._place == "between" and mark not in b",]}"
        self._place = "inside" if begins else "damaged"
        self._start = self._offset + at
        return at

    def _scan(self, data: bytes, at: int) -> int:
        """Go on inside an element; return its end, -1 where it does not end in this piece."""
        while at < len(data):
            if self._in_string:
                at = self._scan_string(data, at)
                continue
            at = _skip(_NESTED if self._open else _FLAT, data, at)
            mark = data[at : at + 1]
            if mark == b'"':
                self._in_string = True
            elif mark in _CLOSERS:
                self._open.append(_CLOSERS[mark])
            elif mark and not self._open:
                return at
            elif mark and self._open.pop() != mark[0]:
                self._place = "damaged"
                break
            elif mark and not self._open:
                return at + 1
            at += 1
        return -1

    def _scan_string(self, data: bytes, at: int) -> int:
        """Go on inside a string, past its end or the end of the piece."""
        at = _skip(_STRING, data, at + self._is_escaped)
        mark = data[at : at + 1]
        self._in_string, self._is_escaped = mark != b'"', mark == b"\\"
        return at + 1

    def _event(self, kind: EventKind) -> WireEvent:
        text = b"".join(self._pieces).rstrip(_BLANK)
        self._pieces = []
        return WireEvent(kind, self._start, self._start + len(text), text)


def _skip(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Return where a pattern ends that matches anywhere."""
    match = pattern.match(data, at)
    return match.end() if match else at
