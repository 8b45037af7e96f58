"""Bytes in, events out: server-sent events as the WHATWG text has them.

This file knows no chats, and JSON only where blank lines are missing. It finds where events begin
and end, in any pieces that the bytes come in, in time linear in the bytes.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import accumulate
from typing import Final

from chatviz.wire.decoders.end_marker import DONE, holds_end, kind_of
from chatviz.wire.json_text import load_json_leniently
from chatviz.wire.wire_event import EventKind, Framing, WireEvent

__all__ = ["SSEDecoder"]

_BOM: Final = b"\xef\xbb\xbf"
_END: Final = b"data: [DONE]\n\n"
_BEGINNINGS: Final = (b"data: ", b"event: ")
_chunk: Final = partial(WireEvent, "data")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class SSEDecoder:
    """Decode ``text/event-stream`` as https://html.spec.whatwg.org/#parsing-an-event-stream says.

    What the standard drops is not lost: comments, fields that dispatch nothing, and the unfinished
    last event are events of their own kind. Where blank lines were lost (``grep data:``, home-made
    servers) the standard joins all data lines: if each is a JSON document, each is an event.

    Attributes
    ----------
    unseparated : int
        How many events have no blank line behind them.
    """

    framing: Framing = "sse"

    def __init__(self) -> None:
        self.last_event_id = b""
        self._offset = 0  # where in the body the next piece begins
        self._partial: list[bytes] = []  # the pieces of a line that has not ended
        self._line_start = 0
        self._after_cr = False  # a CR ended the last piece: a LF that follows belongs to it
        self._first_line = True
        self._are_mixed = False  # whether events came that are not all alike
        self._event_start = -1  # -1: no field of a next event has come
        self._field_start = 0  # the first field behind the last data line
        self._data: list[bytes] = []
        self._spans: list[tuple[int, int, bytes]] = []  # of each data line, with its event's name
        self._name = b""
        self.unseparated = 0

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take the next piece; return the events that it completes."""
        events: list[WireEvent] = []
        if not data:
            return events
        if self._first_line and not self._partial and data[0] != _BOM[0]:
            self._first_line = False  # and no mark comes before it
        position = 1 if self._after_cr and data.startswith(b"\n") else 0
        self._after_cr = data.endswith(b"\r")
        if self._partial:
            position = self._finish_partial_line(data, position, events)
        if b"\r" in data:
            position = self._feed_any_lines(data, position, events)
        else:
            position = self._feed_lf_lines(data, position, events)
        if position < len(data):
            if not self._partial:
                self._line_start = self._offset + position
            self._partial.append(data[position:] if position else data)
        self._offset += len(data)
        return events

    def close(self) -> list[WireEvent]:
        """Return the unfinished last event, which the standard discards; [] where there is none."""
        sent = b"".join(self._partial)
        self._partial = []
        if line := self._without_mark(sent):
            start = self._line_start + len(sent) - len(line)
            if self._event_start < 0:
                self._event_start = self._field_start = start
            self._take_field(line, start, self._offset)
        events: list[WireEvent] = []
        if len(self._data) > 1:
            self._split_lines(events)
        if self._event_start >= 0:
            data, start = b"\n".join(self._data), self._event_start
            events.append(WireEvent("unfinished", start, self._offset, data, self._name))
            self._event_start = -1
        return events

    def _feed_lf_lines(self, data: bytes, position: int, events: list[WireEvent]) -> int:
        """Read lines that end in LF; usual events all at once, or else each at one glance."""
        offset, find, startswith = self._offset, data.find, data.startswith
        tried = position  # up to here the events are known to be of several kinds
        while (end := find(b"\n", position)) >= 0:
            if self._event_start < 0 and not self._first_line:
                if position >= tried and startswith(_BEGINNINGS, position):
                    run, tried = self._read_run(data, position)
                    if run:
                        events += run
                        position = tried
                        continue
                start, name = position, b""
                if startswith(b"event: ", position) and startswith(b"data: ", end + 1):
                    name, start = data[position + 7 : end], end + 1
                    end = find(b"\n", start)
                    if end < 0:
                        end = start - 1  # the name's line has ended, and no other
                if startswith(b"data: ", start) and startswith(b"\n", end + 1) and end >= start:
                    payload = data[start + 6 : end]
                    kind = kind_of(payload)
                    events.append(
                        WireEvent(kind, offset + position, offset + end + 2, payload, name)
                    )
                    position = end + 2
                    continue
                end = find(b"\n", position)
            self._read_line(data[position:end], offset + position, offset + end + 1, events)
            position = end + 1
        return position

    def _read_run(self, data: bytes, start: int) -> tuple[list[WireEvent], int]:
        """Read the usual events that follow, where they are all alike; return where they end.

        All to the last one are tried first; if they are not, then those before the next comment.
        """
        end = data.rfind(b"\n\n", start) + 2
        if end < 2:
            return [], len(data)  # none ends in this piece
        if not self._are_mixed:
            if run := _read_alike(data, start, end, self._offset):
                return run, end
            self._are_mixed = True
        comment = data.find(b"\n\n:", start, end)
        end = end if comment < 0 else comment + 2
        return _read_alike(data, start, end, self._offset), end

    def _feed_crlf_events(self, data: bytes, position: int, events: list[WireEvent]) -> int:
        """Read usual events whose lines end in CRLF; return where the first other one begins."""
        offset, find, startswith = self._offset, data.find, data.startswith
        while self._event_start < 0 and startswith(b"data: ", position):
            end = find(b"\n", position) - 1
            if not startswith(b"\r\n\r\n", end) or find(b"\r", position, end) >= 0:
                break
            self._first_line = False  # and no mark comes before it
            payload = data[position + 6 : end]
            end_of_event = offset + end + 3
            events.append(WireEvent(kind_of(payload), offset + position, end_of_event, payload))
            position = end + 4
        return position

    def _feed_any_lines(self, data: bytes, position: int, events: list[WireEvent]) -> int:
        """Read lines that end in CR, LF or CRLF."""
        offset = self._offset
        position = self._feed_crlf_events(data, position, events)
        while (match := _LINE_END.search(data, position)) is not None:
            end, after = match.span()
            self._read_line(data[position:end], offset + position, offset + end + 1, events)
            position = self._feed_crlf_events(data, after, events)
        return position

    def _finish_partial_line(self, data: bytes, position: int, events: list[WireEvent]) -> int:
        """Complete the line that earlier pieces began, if this one ends it."""
        match = _LINE_END.search(data, position)
        if match is None:
            return position
        end, after = match.span()
        self._partial.append(data[position:end])
        line = b"".join(self._partial)
        self._partial = []
        self._read_line(line, self._line_start, self._offset + end + 1, events)
        return after

    def _read_line(self, line: bytes, start: int, after: int, events: list[WireEvent]) -> None:
        sent, line = line, self._without_mark(line)
        start += len(sent) - len(line)
        if not line:
            self._dispatch(after, events)
            return
        if line.startswith(b":"):
            events.append(WireEvent("comment", start, after, _field(line)[1]))
            return
        if self._event_start < 0:
            self._event_start = self._field_start = start
        self._take_field(line, start, after)

    def _take_field(self, line: bytes, start: int, after: int) -> None:
        name, value = _field(line)
        if name == b"data":
            self._data.append(value)
            begin = start if self._field_start < 0 else self._field_start
            self._spans.append((begin, after, self._name))
            self._field_start = -1
            return
        if self._field_start < 0:
            self._field_start = start
        if name == b"event":
            self._name = value
        elif name == b"id" and b"\0" not in value:
            self.last_event_id = value

    def _dispatch(self, after: int, events: list[WireEvent]) -> None:
        if self._event_start < 0:
            return
        if len(self._data) > 1:
            self._split_lines(events)
        if self._event_start >= 0:
            data = b"\n".join(self._data)
            kind: EventKind = kind_of(data) if self._data else "fields"
            events.append(WireEvent(kind, self._event_start, after, data, self._name))
        self._event_start = -1
        self._data, self._spans = [], []
        self._name = b""

    def _split_lines(self, events: list[WireEvent]) -> None:
        """Make an event of each data line that is a whole payload, until one is not."""
        count = 0
        for value, (start, after, name) in zip(self._data, self._spans, strict=True):
            if not _is_payload(value):
                break
            events.append(WireEvent(kind_of(value), start, after, value, name))
            count += 1
        if count:
            self.unseparated += count
            self._event_start = self._spans[count][0] if count < len(self._spans) else -1
            self._data = self._data[count:]

    def _without_mark(self, line: bytes) -> bytes:
        """Drop a byte-order mark, which counts only at the very beginning."""
        is_first, self._first_line = self._first_line, False
        return line.removeprefix(_BOM) if is_first else line


def _read_alike(data: bytes, start: int, end: int, offset: int) -> list[WireEvent]:
    """Read events of one data line each, all with a name above it or none; [] for any others."""
    last = end - len(_END)
    is_ended = data.endswith(_END, start, end) and (
        last == start or data.endswith(b"\n\n", start, last)  # it is an event of its own
    )
    last = last if is_ended else end
    events: list[WireEvent] = []
    if last > start:
        read = _read_named if data.startswith(b"event: ", start) else _read_unnamed
        events = read(data, start, last, offset + start)
        if not events:
            return events
    if is_ended:
        events.append(WireEvent("done", offset + last, offset + end, DONE))
    return events


def _read_unnamed(data: bytes, start: int, end: int, at: int) -> list[WireEvent]:
    payloads = data[start + 6 : end - 2].split(b"\n\ndata: ")
    is_usual = data.startswith(b"data: ", start) and not holds_end(payloads)
    if not is_usual or b"\n" in b"".join(payloads):  # far faster than to count them
        return []
    ends = list(accumulate([len(payload) + 8 for payload in payloads], initial=at))
    return list(map(_chunk, ends, ends[1:], payloads))


def _read_named(data: bytes, start: int, end: int, at: int) -> list[WireEvent]:
    named = data[start + 7 : end - 2].split(b"\n\nevent: ")
    names, found, payloads = zip(*[one.partition(b"\ndata: ") for one in named], strict=True)
    if b"" in found or holds_end(payloads) or b"\n" in b"".join(names + payloads):
        return []
    ends = list(accumulate([len(one) + 9 for one in named], initial=at))
    return list(map(_chunk, ends, ends[1:], payloads, names))


def _is_payload(data: bytes) -> bool:
    """Whether a data line is a whole payload of its own: a JSON object, or the end's marker."""
    if kind_of(data) == "done":
        return True
    if not data.startswith(b"{") or not data.rstrip().endswith(b"}"):
        return False
    try:
        load_json_leniently(data)
    except ValueError:
        return False
    return True


def _field(line: bytes) -> tuple[bytes, bytes]:
    """Split a line into field name and value; a comment has no name."""
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")
