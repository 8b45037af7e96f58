"""StreamReader: the bytes of one answer in, piece by piece; a StreamRun out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from math import isnan, nan
from typing import Any, Final

from chatviz.chat.assembly.assembler import RULES, MessageAssembler
from chatviz.chat.assembly.corrections import correct_deltas, correct_texts
from chatviz.chat.deltas import Delta, EndDelta, ErrorDelta, IdentityDelta, UnknownDelta
from chatviz.dialects import UNKNOWN, Dialect, dialect_for
from chatviz.dialects.error_payloads import find_any_error, read_frame_error
from chatviz.dialects.sequence import EventStep, OrderWatch
from chatviz.runs.alike import AlikeChunks
from chatviz.runs.asked import RequestLike, read_sent_request
from chatviz.runs.delta_sequence import Deltas
from chatviz.runs.oddities import (
    MALFORMED,
    find_stray_error,
    load_payload,
    note_end,
    note_event,
    note_flaws,
    note_late,
    read_malformed,
)
from chatviz.runs.run import GrowingRun, StreamRun, Timing
from chatviz.runs.timing.pace import note_pace
from chatviz.wire.decoders.end_marker import kind_of
from chatviz.wire.events import Events
from chatviz.wire.exchange import ResponseHead
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.wire_event import WireEvent

__all__ = ["RequestLike", "StreamReader", "read_stream"]

READ_AT_ONCE: Final = 1 << 18  # bytes: the events of a whole recording need not all exist at once
_MAY_BE_WHOLE: Final = frozenset(("json", "json_lines"))
_EVENT_STREAMS: Final = frozenset(("sse", "aws_frames"))
_SAYING_NOTHING: Final = (IdentityDelta, UnknownDelta)
_RULES: Final = {**RULES, EventStep: lambda *_: False}  # of events whose order is not watched


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
        self._asked = read_sent_request(request)
        self._response = response or ResponseHead()
        self._source = source
        self._interaction = interaction
        self._events = Events()
        self._decoder = BodyDecoder()
        self._deltas = Deltas()
        self._done_at: int | None = None  # the last chunk before the marker that ends a stream
        self._is_closed = False
        self._assembler = MessageAssembler(status=self._response.status)
        self._dialect: Dialect | None = None
        self._spoken_from = 0  # the chunk that told the dialect
        self._watch: OrderWatch | None = None
        self._rules = _RULES
        self._glance: Callable[[WireEvent], Sequence[Any] | None] = UNKNOWN.read_glance
        self._alike = AlikeChunks(self._assembler, self._deltas)
        head = self._asked.head
        if head.url and (dialect := dialect_for(head)) is not None:
            self._speak(dialect, 0)

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
            if events := self._decoder.close():
                self._take(events, self._events.last_at)
            if self._spoken_from:
                self._read_again()
            note_end(self._assembler, self._events, self._decoder, self._dialect)
            note_pace(self._assembler.log, self._events)
            if self._watch is not None:
                self._watch.close()
            self._correct()
        return self.run

    @property
    def run(self) -> StreamRun:
        """The run so far: a value of its own that later pieces do not change."""
        self._events.framing = self._decoder.framing
        schemas = self._asked.schemas_by(self._dialect) if self._assembler.has_calls else {}
        answer = self._assembler.answer(schemas, is_last=self._is_closed)
        events = self._events.copy() if not self._is_closed else self._events
        timing: Timing = "measured" if events.are_measured else "none"
        resolution = None
        if timing == "none":
            resolution = events.take_clock(*self._assembler.identity.clock)
            timing = "none" if resolution is None else "provider_clock"
        return StreamRun(
            spoken=self._dialect or UNKNOWN,
            asked=self._asked,
            source=self._source,
            interaction=self._interaction,
            response=self._response,
            answer=answer,
            timing=timing,
            clock_resolution_s=resolution,
            is_complete=self._is_closed,
            is_order_watched=self._watch is not None,
            wire=events,
            deltas=self._deltas if self._is_closed else self._deltas.copy(),
        )

    @property
    def growing(self) -> GrowingRun:
        """What was read so far, without copying, for repeated polling."""
        self._events.framing = self._decoder.framing
        assembler = self._assembler
        return GrowingRun(self._events, self._deltas, assembler.choices, assembler.manners)

    def _read_again(self) -> None:
        """Read all again in the dialect that was told only after the first chunks."""
        again = StreamReader(self._asked, response=self._response)
        again._speak(self._dialect or UNKNOWN, 0)
        body, start, at = self._events.body, 0, nan
        for end, at in zip(self._events.ends, self._events.times, strict=True):
            again.feed(body[start:end], None if isnan(at) else at)
            start = end
        again.feed(body[start:])
        again._take(again._decoder.close(), None if isnan(at) else at)
        kept = {"_source": self._source, "_interaction": self._interaction, "_is_closed": True}
        vars(self).update(vars(again), **kept)

    def _correct(self) -> None:
        """Correct what only the end can decide, in the message and in the deltas."""
        states = self._assembler.choices
        if correct_texts(states, self._assembler.log):
            self._deltas.values = list(correct_deltas(self._deltas.values, states))

    def _speak(self, dialect: Dialect, number: int) -> None:
        """Read in a dialect from a chunk on; the order of its events is watched from the first."""
        self._dialect, self._spoken_from, order = dialect, number, dialect.order
        if order is not None and order.is_told and number == 0:
            self._watch = OrderWatch(order, self._assembler.log)
            self._rules = {**RULES, EventStep: self._watch.take}
        self._assembler.manners = dialect.manners
        self._alike.speak(dialect)

    def _take(self, events: Sequence[WireEvent], at: float | None) -> None:
        """Take the events that a piece completed, each chunk's deltas by the assembler's rules."""
        number = self._begin(events, at)
        assembler, glance, rules = self._assembler, self._glance, self._rules
        identity = assembler.identity
        keep_delta, keep_chunk = self._deltas.values.append, self._deltas.chunks.append
        alike, last = self._alike, self._alike.last_place(events)
        places = enumerate(events)
        for place, event in places:
            if event.kind != "data":
                self._done_at = note_late(assembler.log, self._done_at, number)
                self._note_event(event, number if number >= 0 else None)
                continue
            number += 1
            deltas: Any = glance(event)  # and a step behind them, where the order is watched
            if deltas is None:
                deltas = self._read_in_full(event, number)
                if self._watch is not None:
                    deltas = self._watch.with_step(deltas, event.data, event.name)
                glance, rules = self._glance, self._rules
                last = alike.last_place(events)
            for delta in deltas:
                if delta is identity.last:
                    continue
                kept = rules[delta.__class__](assembler, delta, number)
                if kept:
                    keep_delta(delta if kept is True else kept)
                    keep_chunk(number)
            if place < last and (count := alike.follow(events, place, deltas, number)):
                number += count
                next(islice(places, count, count), None)  # they are taken
        self._done_at = note_late(assembler.log, self._done_at, number)

    def _begin(self, events: Sequence[WireEvent], at: float | None) -> int:
        """Keep where events lie; return the number of the last chunk before them, or -1."""
        number = self._events.extend(events, at) - 1
        if number < 0 and self._dialect is not None and self._decoder.framing in _EVENT_STREAMS:
            self._glance = self._dialect.read_glance  # a JSON body may be a whole answer
        if self._decoder.framing == "aws_frames":
            note_flaws(self._assembler.log, events, number + 1)
        return number

    def _read_in_full(self, event: WireEvent, number: int) -> Sequence[Delta]:
        """Read a chunk of any kind; what cannot be read is noted."""
        if (error := read_frame_error(event)) is not None:
            return [ErrorDelta(error)]
        payload = load_payload(event.data, self._assembler.log, number)
        if payload is MALFORMED:
            is_expected = self._response.status >= 400 or (
                self._dialect is not None and not self._dialect.manners.is_read
            )
            return () if is_expected else read_malformed(event, self._assembler.log, number)
        dialect = self._dialect or self._asked.dialect_of(payload)
        if dialect is None:
            dialect = UNKNOWN
        elif self._dialect is None:
            self._speak(dialect, number)
        if not dialect.manners.is_read:
            failure = find_any_error(event, payload, self._response.status)
            if failure is not None:
                return [ErrorDelta(failure)]
        self._glance = dialect.read_glance
        is_body = number == 0 and self._decoder.framing in _MAY_BE_WHOLE
        if is_body and dialect.is_response(payload):
            self._assembler.streamed = False
            return dialect.read_response(event, payload)
        deltas = dialect.read_event(event, payload)
        if not (is_body and all(isinstance(delta, _SAYING_NOTHING) for delta in deltas)):
            return deltas
        # What stands between client and server has errors of its own, in no dialect.
        failure = find_any_error(event, payload, self._response.status)
        return deltas if failure is None else [ErrorDelta(failure)]

    def _note_event(self, event: WireEvent, chunk: int | None) -> None:
        """Note an event that is no chunk; ``chunk`` came before it."""
        is_done = event.kind in ("done", "unfinished") and kind_of(event.data) == "done"
        if event.kind != "done" or self._done_at is not None:
            error = find_stray_error(self._events, event)
            used_as = "the error of the answer" if error else "its end" if is_done else ""
            note_event(self._assembler.log, self._events, event, chunk, used_as=used_as)
            if error is not None:
                self._assembler.add(ErrorDelta(error), chunk)
        if is_done and self._done_at is None:
            self._done_at = -1 if chunk is None else chunk
            if self._assembler.manners.end == "[DONE]":
                self._assembler.add(EndDelta(), chunk)


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
