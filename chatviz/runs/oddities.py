"""What is odd about the events of a body that are no chunks: keep-alives, and what is cut off."""

from __future__ import annotations

from chatviz.chat.findings.log import FindingLog, start_of
from chatviz.wire.events import Events
from chatviz.wire.wire_event import WireEvent

__all__ = ["note_event"]


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


def _start_of_event(events: Events, event: WireEvent) -> str:
    return start_of(events.body[event.start : event.end])
