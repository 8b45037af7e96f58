"""StreamReader: the bytes of one answer in, piece by piece; a StreamRun out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any, Final

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, ErrorDelta
from chatviz.chat.findings.log import shorten
from chatviz.dialects import DIALECTS, UNKNOWN, Dialect, dialect_for, dialect_of_payload
from chatviz.dialects.error_payloads import read_body_error, read_error
from chatviz.runs.run import Deltas, GrowingRun, StreamRun, Timing
from chatviz.wire.events import Events
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.json_text import load_json, load_json_leniently
from chatviz.wire.sse import WireEvent

__all__ = ["RequestLike", "StreamReader", "read_stream"]

RequestLike = RequestHead | Mapping[str, Any] | bytes | str | None

READ_AT_ONCE: Final = 1 << 18  # bytes: the events of a whole recording need not all exist at once
MALFORMED: Final = object()  # in place of a payload that is no JSON


class StreamReader:
    """Reads one answer, piece by piece, as it comes or as it was recorded.

    Parameters
    ----------
    request : RequestHead | mapping | bytes | str | None
        What was asked: its head with URL and body, or its JSON body alone.
    response : ResponseHead | None
        Status and headers of the answer, where they are known.
    source : str
        Where the answer comes from; shown, never opened.
    interaction : int | None
        Its number in the cassette.
    """

    def __init__(
        self,
        request: RequestLike = None,
        *,
        response: ResponseHead | None = None,
        source: str = "",
        interaction: int | None = None,
    ) -> None:
        self._head, body = _read_request(request)
        self._response = response or ResponseHead()
        self._source = source
        self._interaction = interaction
        self._dialect = dialect_for(self._head) if self._head.url else None
        self._events = Events()
        self._decoder = BodyDecoder()
        self._deltas = Deltas()
        self._is_done = False
        self._is_closed = False
        self._asked = (self._dialect or _dialect_of_request(body)).read_request(body or {})
        schemas = {tool.name: tool.schema for tool in self._asked.tools}
        self._assembler = MessageAssembler(schemas, status=self._response.status)
        self._glance: Callable[[bytes], Sequence[Delta] | None] = _read_nothing

    def feed(self, data: bytes, at: float | None = None) -> None:
        """Take the next piece of the body.

        Parameters
        ----------
        data : bytes
        at : float | None
            When it came, in seconds since the request was sent; None where that is not known.

        Raises
        ------
        TypeError
            The data is not bytes.
        ValueError
            The reader has been closed.
        """
        if not isinstance(data, bytes):
            if not isinstance(data, bytearray | memoryview):
                found = type(data).__name__
                raise TypeError(f"feed() wants the bytes of a body, found {found!r}: encode it.")
            data = bytes(data)
        if self._is_closed:
            raise ValueError("feed() after close(): make a new StreamReader for the next answer.")
        self._events.keep(data)
        for start in range(0, len(data), READ_AT_ONCE):
            self._take(self._decoder.feed(data[start : start + READ_AT_ONCE]), at)

    def close(self) -> StreamRun:
        """Say that the body has ended; return what the answer turned out to be."""
        if not self._is_closed:
            self._is_closed = True
            last = self._events.times[-1] if self._events.times else None
            at = None if last is None or isnan(last) else last
            self._take(self._decoder.close(), at)
            self._note_end()
        return self.run

    @property
    def run(self) -> StreamRun:
        """The run so far: a value of its own that later pieces do not change."""
        self._events.framing = self._decoder.framing
        answer = self._assembler.answer()
        events = self._events.copy() if not self._is_closed else self._events
        timing: Timing = "measured" if events.are_measured else "none"
        resolution = None
        if timing == "none":
            clock = self._assembler
            resolution = events.take_clock(clock.clock_chunks, clock.clock_times)
            timing = "none" if resolution is None else "provider_clock"
        return StreamRun(
            dialect=(self._dialect or UNKNOWN).name,
            source=self._source,
            interaction=self._interaction,
            response=self._response,
            chat_request=self._asked,
            answer=answer,
            timing=timing,
            clock_resolution_s=resolution,
            is_complete=self._is_closed,
            wire=events,
            deltas=self._deltas if self._is_closed else self._deltas.copy(),
            head=self._head,
        )

    @property
    def growing(self) -> GrowingRun:
        """What was read so far, uncopied, for who looks at it again and again."""
        self._events.framing = self._decoder.framing
        return GrowingRun(self._events, self._deltas, self._assembler.choices)

    def _take(self, events: Sequence[WireEvent], at: float | None) -> None:
        number = self._events.extend(events, at) - 1
        assemble, glance = self._assembler.add_all, self._glance
        keep_delta, keep_chunk = self._deltas.values.append, self._deltas.chunks.append
        for event in events:
            if event.kind != "data":
                self._note_event(event, number if number >= 0 else None)
                continue
            number += 1
            if self._is_done:
                self._assembler.log.add("bytes_after_end", chunk=number)
            deltas = None if event.name == b"error" else glance(event.data)
            if deltas is None:
                deltas = self._read_in_full(event, number)
                glance = self._glance
            for kept in assemble(deltas, number):
                keep_delta(kept)
                keep_chunk(number)

    def _read_in_full(self, event: WireEvent, number: int) -> Sequence[Delta]:
        """Read a chunk of any kind; what cannot be read is noted."""
        data = event.data
        try:
            payload = load_json(data)
        except ValueError:
            payload = self._load_leniently(data, number)
        if not isinstance(payload, dict):
            self._note_odd_payload(payload, data, number)
            return ()
        if event.name == b"error" and "error" not in payload:
            payload = {"error": payload}
        return self._read_payload(payload, data)

    def _read_payload(self, payload: dict[str, Any], data: bytes) -> Sequence[Delta]:
        """Read a payload in its dialect, which the first one tells where the request did not."""
        if self._dialect is None:
            self._dialect = dialect_of_payload(payload)
        dialect = self._dialect or UNKNOWN
        self._glance = dialect.read_glance
        if self._decoder.framing == "json" and "choices" in payload:
            self._assembler.streamed = _is_streamed(payload)
        if not dialect.is_read and (payload.get("error") or self._response.status >= 400):
            return [ErrorDelta(read_error(payload.get("error") or payload))]
        return dialect.read_event(payload, data)

    def _load_leniently(self, data: bytes, number: int) -> Any:
        try:
            payload = load_json_leniently(data)
        except ValueError:
            return MALFORMED
        self._assembler.log.add("lenient_json", chunk=number)
        return payload

    def _note_event(self, event: WireEvent, chunk: int | None) -> None:
        """Note an event that is no chunk; ``chunk`` came before it."""
        log = self._assembler.log
        if event.kind == "comment":
            log.add("keep_alive", chunk=chunk, text=_start_of(event.data))
        elif event.kind == "fields":
            # The first one tells the sentence: joining the body for each would take too long.
            text = "" if log.holds("fields_without_data") else self._raw_text(event)
            log.add("fields_without_data", chunk=chunk, text=text)
        elif event.kind == "unfinished":
            size = event.end - event.start
            log.add("unfinished_event", chunk=chunk, size=size, text=self._raw_text(event))
            self._is_done = self._is_done or event.data == b"[DONE]"
        elif self._is_done:
            log.add("bytes_after_end", chunk=chunk)
        else:
            self._is_done = True

    def _raw_text(self, event: WireEvent) -> str:
        return _start_of(self._events.body[event.start : event.end])

    def _note_odd_payload(self, payload: Any, data: bytes, number: int) -> None:
        """Note a chunk that is no JSON object; an answer that failed has its body as its error."""
        if self._response.status >= 400 or (self._dialect and not self._dialect.is_read):
            return
        code = "not_json" if payload is MALFORMED else "not_an_object"
        self._assembler.log.add(code, chunk=number, text=_start_of(data))

    def _note_end(self) -> None:
        """Note what the end of the body shows, and what never came."""
        log, wire = self._assembler.log, self._events
        status = self._response.status
        if status >= 400:
            chunk = 0 if wire.chunk_events else None
            self._assembler.add(ErrorDelta(read_body_error(wire.body)), chunk)
        elif not wire.body:
            log.add("empty_body")
        dialect = self._dialect or (UNKNOWN if wire.chunk_events else None)
        if dialect is not None and not dialect.is_read and status < 400:
            log.add("dialect_not_read", text=dialect.name)
        if self._decoder.framing == "sse" and dialect and dialect.is_read and not self._is_done:
            log.add("done_missing")
        if self._decoder.white_space:
            log.add("keep_alive_white_space", count=self._decoder.white_space)


def read_stream(body: bytes, request: RequestLike = None) -> StreamRun:
    """Read the body of one answer: server-sent events, NDJSON or JSON.

    Never raises on what a server sent: what is odd becomes a finding.

    Parameters
    ----------
    body : bytes
    request : mapping | bytes | str | None
        The request's JSON body, for its messages and the schemas of its tools.

    Raises
    ------
    TypeError
        The body is not bytes.
    """
    reader = StreamReader(request)
    reader.feed(body)
    return reader.close()


def _dialect_of_request(body: Mapping[str, Any] | None) -> Dialect:
    """Return how to read a request of which only the JSON body is known."""
    return DIALECTS[0] if body is not None and "messages" in body else UNKNOWN


def _read_request(request: RequestLike) -> tuple[RequestHead, Mapping[str, Any] | None]:
    if isinstance(request, RequestHead):
        return request, _json_object(request.body)
    if request is None:
        return RequestHead(), None
    if isinstance(request, bytes | str):
        return RequestHead(), _json_object(request)
    if isinstance(request, Mapping):
        return RequestHead(), request
    found = type(request).__name__
    raise TypeError(f"request is the JSON body of the request (a dict or text), found {found!r}.")


def _start_of(data: bytes) -> str:
    """Return as much of some bytes as a sentence may show."""
    return shorten(data[:200].decode("utf-8", "replace"))


def _read_nothing(data: bytes) -> None:
    """Stand for a dialect's glance while the dialect is not known."""


def _json_object(text: bytes | str) -> Mapping[str, Any] | None:
    """Return a JSON object; None where the text is none."""
    try:
        value = load_json_leniently(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_streamed(payload: Mapping[str, Any]) -> bool:
    choices = payload.get("choices")
    return not isinstance(choices, list) or not any(
        isinstance(choice, dict) and "message" in choice for choice in choices
    )
