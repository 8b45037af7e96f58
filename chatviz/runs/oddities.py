"""What is odd about the events of a body: keep-alives, what is cut off, what is damaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from chatviz.chat.findings.log import FindingLog, start_of
from chatviz.wire.events import Events
from chatviz.wire.wire_event import WireEvent

__all__ = ["note_event", "note_flaws"]

_FLAWS: Final[Mapping[str, str]] = {
    "crc": "its checksum is wrong",
    "headers": "its headers cannot be read",
    "prelude": "the checksum of its lengths is wrong, and nothing behind it is read",
    "length": "its lengths cannot be right, and nothing behind it is read",
}


def note_event(
    log: FindingLog, events: Events, event: WireEvent, chunk: int | None, *, has_error: bool = False
) -> None:
    """Note an event that is no chunk; ``chunk`` came before it. ``has_error``: it holds one."""
    match event.kind:
        case "comment":
            log.add("keep_alive", chunk=chunk, text=start_of(event.data))
        case "fields" if has_error:
            log.add("error_outside_data", chunk=chunk)
        case "fields":
            # The first one tells the sentence: joining the body for each would take too long.
            is_first = not log.holds("fields_without_data")
            text = _start_of_event(events, event) if is_first else ""
            log.add("fields_without_data", chunk=chunk, text=text)
        case "unfinished":
            size = event.end - event.start
            text = _start_of_event(events, event)
            log.add("unfinished_event", chunk=chunk, size=size, text=text)
        case _:
            log.add("bytes_after_end", chunk=chunk)


def note_flaws(log: FindingLog, events: Iterable[WireEvent], number: int) -> None:
    """Note the frames that are damaged; ``number`` is that of the first chunk among them."""
    for event in events:
        is_chunk = event.kind == "data"
        if event.flaw:
            chunk = number if is_chunk or not number else number - 1
            log.add("frame_damaged", chunk=chunk, text=_FLAWS[event.flaw])
        number += is_chunk


def _start_of_event(events: Events, event: WireEvent) -> str:
    return start_of(events.body[event.start : event.end])
