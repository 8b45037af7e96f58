"""What is odd about the events of a body: keep-alives, what is cut off, what is damaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, ErrorDelta, NoteDelta, StreamError
from chatviz.chat.findings.log import FindingLog, start_of
from chatviz.dialects import UNKNOWN, Dialect
from chatviz.dialects.error_payloads import read_body_error, read_stray_error
from chatviz.dialects.sequence import check_order
from chatviz.wire.events import Events
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.json_text import load_json, load_json_leniently
from chatviz.wire.wire_event import WireEvent

__all__ = [
    "MALFORMED",
    "find_breaches",
    "find_stray_error",
    "load_payload",
    "note_end",
    "note_event",
    "note_flaws",
    "note_late",
    "read_malformed",
]

MALFORMED: Final = object()  # in place of a payload that is no JSON

_FLAWS: Final[Mapping[str, str]] = {
    "crc": "its checksum is wrong",
    "headers": "its headers cannot be read",
    "prelude": "the checksum of its lengths is wrong, and nothing after it is read",
    "length": "its lengths cannot be right, and nothing after it is read",
}


def load_payload(data: bytes, log: FindingLog, chunk: int) -> Any:
    """Return the decoded data of a chunk, ``MALFORMED`` where it is no JSON at all.

    What strict readers refuse is noted.
    """
    try:
        return load_json(data)
    except ValueError:
        return _load_leniently(data, log, chunk)


def _load_leniently(data: bytes, log: FindingLog, chunk: int) -> Any:
    try:
        payload = load_json_leniently(data)
    except ValueError:
        return MALFORMED
    log.add("lenient_json", chunk=chunk)
    return payload


def read_malformed(event: WireEvent, log: FindingLog, chunk: int) -> Sequence[Delta]:
    """Note a chunk that is no JSON; one that is named an error is read as one."""
    log.add("not_json", chunk=chunk, text=start_of(event.data))
    return [ErrorDelta(read_body_error(event.data))] if event.name == b"error" else ()


def note_event(
    log: FindingLog, events: Events, event: WireEvent, chunk: int | None, *, used_as: str = ""
) -> None:
    """Note an event that is no chunk; ``chunk`` came before it. ``used_as``: what it is read as."""
    match event.kind:
        case "comment":
            log.add("keep_alive", chunk=chunk, text=start_of(event.data))
        case "fields" if used_as:
            log.add("error_outside_data", chunk=chunk)
        case "fields":
            # The first one tells the sentence: joining the body for each would take too long.
            is_first = not log.holds("fields_without_data")
            text = _start_of_event(events, event) if is_first else ""
            log.add("fields_without_data", chunk=chunk, text=text)
        case "unfinished":
            size = event.end - event.start
            text = _start_of_event(events, event)
            how = f"read as {used_as}" if used_as else "kept, but not read"
            log.add("unfinished_event", chunk=chunk, size=size, text=text, how=how)
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


def find_breaches(
    dialect: Dialect, events: Events, log: FindingLog
) -> Iterable[tuple[int | None, NoteDelta]]:
    """Return what breaks the order of a dialect's events; usual bodies are seen at a glance."""
    order = dialect.order
    if order is None:
        return ()
    may_be_usual = events.framing in ("sse", "json_lines") and not log.holds("not_json")
    if may_be_usual and order.usual and order.usual(events.body, events.chunk_count):
        return ()
    return check_order(order, events.chunk_data())


def note_late(log: FindingLog, done_at: int | None, number: int) -> int | None:
    """Note the chunks up to one that came behind the marker that ends a stream.

    ``done_at`` is the last chunk before the marker, or the last one that was noted; None where no
    marker came. Returned is what it is from now on.
    """
    if done_at is None or number <= done_at:
        return done_at
    count = number - done_at
    log.add("bytes_after_end", chunk=done_at + 1, count=count, last_chunk=number)
    return number


def find_stray_error(events: Events, event: WireEvent) -> StreamError | None:
    """Return the error that lies outside of data lines, or in the unfinished last one."""
    if event.kind not in ("fields", "unfinished"):
        return None
    return read_stray_error(events.body_from(event.start)[: event.end - event.start])


def note_end(
    assembler: MessageAssembler, wire: Events, decoder: BodyDecoder, found: Dialect | None
) -> None:
    """Note what the end of the body shows, and what never came; ``found`` is the dialect."""
    log, is_failed = assembler.log, assembler.status >= 400
    if is_failed:
        chunk = 0 if wire.chunk_count else None
        assembler.add(ErrorDelta(read_body_error(wire.body)), chunk)
    elif not wire.body:
        log.add("empty_body")
    elif not wire.chunk_count and assembler.error is None:
        log.add("answer_empty")
    dialect = found or (UNKNOWN if wire.chunk_count else None)
    if dialect is not None and not is_failed:
        _note_ending(assembler, dialect, decoder, is_known=found is not None)
    if decoder.unseparated:
        log.add("blank_lines_missing", count=decoder.unseparated)
    if decoder.white_space:
        log.add("keep_alive_white_space", count=decoder.white_space)


def _note_ending(
    assembler: MessageAssembler, dialect: Dialect, decoder: BodyDecoder, *, is_known: bool
) -> None:
    """Note an end that never came, and a dialect that is not read."""
    manners = dialect.manners
    if not manners.is_read:
        if assembler.error is None or is_known:
            assembler.log.add("dialect_not_read", text=dialect.name)
    elif manners.end and assembler.streamed and not assembler.ended:
        if manners.end == "[DONE]":
            if decoder.framing == "sse":
                assembler.log.add("done_missing")
        elif assembler.choices and assembler.error is None:
            assembler.log.add("end_missing", text=manners.end)


def _start_of_event(events: Events, event: WireEvent) -> str:
    return start_of(events.body[event.start : event.end])
