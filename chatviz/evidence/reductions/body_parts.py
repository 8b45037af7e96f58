"""BodyParts: a body cut where its events end, so that some can go and the rest stays right."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chatviz.runs.run import StreamRun
from chatviz.wire.decoders.aws_frames import frame_data, refill_frame
from chatviz.wire.framing import Framing, event_data
from chatviz.wire.json_text import dump_json, load_any_json

__all__ = ["BodyParts", "EventBytes", "cut_body"]

_BLANK: Final = b" \t\r\n"
_LINES: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class EventBytes:
    """An event as it lies in a body, or the bytes between two events.

    Attributes
    ----------
    raw : bytes
    framing : str
    kind : str
        As an event's; ``"between"`` for the bytes between two.
    at : float | None
        When it was measured to have come, in seconds.
    """

    raw: bytes
    framing: Framing
    kind: str
    at: float | None = None

    @property
    def json(self) -> Any:
        """The JSON object or array in it, out of base64 where AWS wraps it; None for none."""
        if self.kind != "data":
            return None
        try:
            data = event_data(self.framing, "data", self.raw)
        except ValueError:  # so many bytes have gone that it is no event any more
            return None
        value = _load(data)
        return value if (inner := _open(value)) is None else inner

    @property
    def lines(self) -> tuple[bytes, ...]:
        """The lines of a server-sent event that hold no data, and can go (``event:``, ``id:``)."""
        if self.framing != "sse" or self.kind == "between":
            return ()
        return tuple(line for line in _lines(self.raw) if _is_other(line))

    @property
    def loose_bytes(self) -> bytes:
        """The bytes of an event without JSON that can go one by one; its line ends are not."""
        is_fixed = self.kind in ("between", "done") or self.framing == "aws_frames"
        return b"" if is_fixed or self.json is not None else self.raw.rstrip(b"\r\n")

    def with_bytes(self, loose: bytes) -> EventBytes:
        """Return an event without JSON with other bytes before its line ends."""
        return replace(self, raw=loose + self.raw[len(self.loose_bytes) :])

    def with_json(self, value: Any) -> EventBytes:
        """Return the event with another JSON value in it, compactly written."""
        data = dump_json(value).encode("utf-8", "surrogatepass")
        if _open(_load(event_data(self.framing, "data", self.raw))) is not None:
            data = dump_json({"bytes": b64encode(data).decode()}).encode()
        match self.framing:
            case "sse":
                raw = _with_data(self.raw, data)
            case "aws_frames":
                raw = refill_frame(self.raw, data)
            case _:
                old = self.raw.strip(_BLANK)
                raw = self.raw.replace(old, data, 1)
        return replace(self, raw=raw)

    def with_lines(self, kept: Sequence[bytes]) -> EventBytes:
        """Return a server-sent event with only those of its lines without data."""
        if not self.lines:
            return self
        left = list(kept)
        raw = b"".join(
            line for line in _lines(self.raw) if not _is_other(line) or _take(left, line)
        )
        return replace(self, raw=raw)


@dataclass(frozen=True, slots=True)
class BodyParts:
    """A body in parts.

    Attributes
    ----------
    events : tuple of EventBytes
    before, between, behind : bytes
        What a JSON array has around and between its elements; empty for other framings.
    """

    events: tuple[EventBytes, ...]
    before: bytes = b""
    between: bytes = b""
    behind: bytes = b""

    @property
    def body(self) -> bytes:
        """The bytes of the body."""
        return self.before + self.between.join([one.raw for one in self.events]) + self.behind

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """The size of each event, and when it came in nanoseconds; empty where not known."""
        if self.before or any(one.at is None for one in self.events):
            return ()
        return tuple((len(one.raw), round(1e9 * (one.at or 0.0))) for one in self.events)

    def without_times(self) -> BodyParts:
        """Return the same bytes without their times."""
        return replace(self, events=tuple(replace(one, at=None) for one in self.events))


def cut_body(run: StreamRun) -> BodyParts:
    """Cut the body of an answer into its events, and what lies between them; nothing is lost.

    An array that is well formed is cut into its elements; what is put between them is a comma.
    """
    framing, is_measured = run.framing, run.timing == "measured"
    if framing == "json_array" and (elements := _elements(run)) is not None:
        return BodyParts(elements, b"[", b",", b"]")
    parts: list[EventBytes] = []
    done, at = 0, 0.0 if is_measured else None
    body = run.body
    for event in run.events:
        at = event.at if is_measured else None
        if event.start > done:
            parts.append(EventBytes(body[done : event.start], framing, "between", at))
        parts.append(EventBytes(event.raw, framing, _kind_of(framing, event.kind, event.raw), at))
        done = event.end
    if done < len(body):
        parts.append(EventBytes(body[done:], framing, "between", at))
    return BodyParts(tuple(parts))


def _load(data: bytes) -> Any:
    """Return the JSON object or array that some data is; None for anything else."""
    try:
        value = load_any_json(data)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _open(value: Any) -> Any:
    """Return the JSON that an AWS chunk wraps in base64; None where it wraps none."""
    wrapped = value.get("bytes") if isinstance(value, dict) else None
    if not isinstance(wrapped, str):
        return None
    try:
        return _load(b64decode(wrapped, validate=True))
    except ValueError:
        return None


def _kind_of(framing: Framing, kind: str, raw: bytes) -> str:
    """Return a frame's kind: only one that would be written again as it is has data to change."""
    if framing == "aws_frames" and kind == "data" and refill_frame(raw, frame_data(raw)) != raw:
        return "damaged"
    return kind


def _elements(run: StreamRun) -> tuple[EventBytes, ...] | None:
    if not run.body.rstrip(_BLANK).endswith(b"]"):
        return None
    found = tuple(EventBytes(event.raw, run.framing, event.kind) for event in run.events)
    return found if all(one.kind == "data" for one in found) else None


def _lines(raw: bytes) -> Iterator[bytes]:
    return (found[0] for found in _LINES.finditer(raw) if found[0])


def _is_other(line: bytes) -> bool:
    """Whether a line is a field without data, or a comment."""
    return bool(line.strip(b"\r\n")) and not _is_data(line)


def _is_data(line: bytes) -> bool:
    return line.rstrip(b"\r\n").partition(b":")[0] == b"data"


def _take(left: list[bytes], line: bytes) -> bool:
    if line not in left:
        return False
    left.remove(line)
    return True


def _with_data(raw: bytes, data: bytes) -> bytes:
    """Return a server-sent event with one line of data, where its first one was."""
    lines, is_written = [], False
    for line in _lines(raw):
        if not _is_data(line):
            lines.append(line)
        elif not is_written:
            is_written = True
            lines.append(b"data: " + data + line[len(line.rstrip(b"\r\n")) :])
    return b"".join(lines)
