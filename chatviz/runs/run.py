"""StreamRun: what one answer turned out to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from math import isnan
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

import msgspec

from chatviz.chat.assembly.choice_state import Answer, ChoiceState
from chatviz.chat.assembly.conclusions import conclude, effective_finish_reason
from chatviz.chat.deltas import StreamError
from chatviz.chat.findings.log import Finding
from chatviz.chat.manners import Manners
from chatviz.chat.messages import ChatRequest, Message
from chatviz.chat.server_time import ServerTime
from chatviz.chat.usage import Usage
from chatviz.dialects import UNKNOWN, Dialect
from chatviz.dialects.hosts import find_host
from chatviz.dialects.sequence import ORDER_KINDS
from chatviz.runs.asked import SentRequest
from chatviz.runs.delta_sequence import Deltas
from chatviz.runs.oddities import find_breaches
from chatviz.runs.timing.server_timing import read_chunk_times, read_header_times
from chatviz.runs.timing.token_rate import tokens_that_came
from chatviz.shown import Shown
from chatviz.wire.event_sequences import ChunkSequence, EventSequence
from chatviz.wire.events import Events
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.wire_event import Framing

__all__ = ["GrowingRun", "StreamRun", "Timing"]

Timing = Literal["measured", "provider_clock", "none"]


class StreamRun(Shown, msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """One answer read to its end.

    Attributes
    ----------
    spoken : Dialect
        How the answer speaks; ``run.dialect`` is its name.
    asked : SentRequest
        The request as it was sent.
    source : str
        Where it comes from, ``""`` where that is not known.
    interaction : int | None
        Its number in the cassette.
    response : ResponseHead
        Status and headers.
    timing : str
        Whose clock the chunks' times are: ``"measured"``, ``"provider_clock"`` or ``"none"``.
    clock_resolution_s : float | None
        The step of the provider's clock; None for another one.
    is_complete : bool
        Whether the body has ended; False for the state of a reader in between.
    is_order_watched : bool
        Whether the order of the events was watched while they came; what breaks it is noted then.
    deltas : sequence of ChunkDelta
        All that was said, each with its chunk.
    """

    spoken: Dialect = UNKNOWN
    asked: SentRequest = msgspec.field(default_factory=SentRequest)
    source: str = ""
    interaction: int | None = None
    response: ResponseHead = msgspec.field(default_factory=ResponseHead)
    answer: Answer
    timing: Timing = "none"
    clock_resolution_s: float | None = None
    is_complete: bool = True
    is_order_watched: bool = False
    wire: Events
    deltas: Deltas

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StreamRun):
            return NotImplemented
        return type(self.spoken) is type(other.spoken) and _compared(self) == _compared(other)

    __ne__ = object.__ne__  # a struct's own compares identity
    __hash__ = None  # type: ignore[assignment]  # its events are columns that grow

    def __repr__(self) -> str:
        return (
            f"StreamRun(dialect={self.dialect!r}, source={self.source!r}, "
            f"interaction={self.interaction!r}, timing={self.timing!r})"
        )

    @property
    def dialect(self) -> str:
        """The name of its dialect: ``"openai-chat"`` …; ``"unknown"``."""
        return self.spoken.name

    @property
    def framing(self) -> Framing:
        """How the body is framed.

        ``"sse"``, ``"json_lines"``, ``"json_array"``, ``"aws_frames"``; ``"json"`` for one value,
        ``"opaque"`` for a body of which no event is known, ``"unknown"`` for an empty one.
        """
        return self.wire.framing

    @property
    def head(self) -> RequestHead:
        """Method, URL, headers and body of the request; empty where they are not known."""
        return self.asked.head

    @property
    def request(self) -> Mapping[str, Any] | None:
        """The request's JSON body; None where it is not known."""
        return self.asked.json or None

    @cached_property
    def chat_request(self) -> ChatRequest:
        """What was asked: model, messages, tools."""
        return self.asked.read_by(self.spoken)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages of all choices; one, but for ``n`` > 1."""
        return self.answer.messages

    @property
    def message(self) -> Message:
        """The message of the first choice; an empty one where nothing came."""
        return self.answer.messages[0]

    @property
    def chunks(self) -> ChunkSequence:
        """The data events other than ``[DONE]``."""
        return ChunkSequence(self.wire)

    @property
    def events(self) -> EventSequence:
        """Everything decoded on the wire, keep-alives included."""
        return EventSequence(self.wire)

    @property
    def body(self) -> bytes:
        """Every byte of the answer's body."""
        return self.wire.body

    @property
    def finish_reason_sent(self) -> str | None:
        """The provider's last finish reason (of several choices, the first's); None for none."""
        sent = self.answer.finish(self.message.choice)
        return None if sent is None else sent.reason

    @property
    def finish_reason(self) -> str | None:
        """Why the answer (its first choice) ended, in our words: ``effective_finish_reason``."""
        sent, failed = self.answer.finish(self.message.choice), self.error is not None
        return effective_finish_reason(sent, self.message, self.spoken.manners, failed=failed)

    @property
    def has_ended(self) -> bool:
        """Whether the answer said that it is whole.

        It says so by ``[DONE]`` or its dialect's last event; where a dialect has none, or the
        answer is no stream, by a finish reason of each choice.
        """
        if self.spoken.manners.end and self.answer.streamed:
            return self.answer.ended
        choices = self.answer.choices
        return bool(choices) and all(choice.finish for choice in choices)

    @property
    def usage(self) -> Usage | None:
        """What the provider counted; None where it sent nothing."""
        return self.answer.usage

    @property
    def cost(self) -> Decimal | None:
        """What the provider charged, in USD, exactly as sent; None where it sent nothing."""
        return self.usage.cost.total_usd if self.usage and self.usage.cost else None

    @property
    def model(self) -> str:
        """The model that the answer names, else the one that was asked for."""
        return self.answer.identity.model or self.chat_request.model

    @property
    def provider(self) -> str:
        """Who answered: as the answer says (a gateway's upstream), else who runs the host."""
        host = find_host(self.host)
        return self.answer.identity.provider or ("" if host is None else host.provider)

    @property
    def host(self) -> str:
        """The server in the URL; ``""`` where it is not known."""
        return self.head.host

    @property
    def error(self) -> StreamError | None:
        """What went wrong; None where nothing did."""
        return self.answer.error

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd on the wire, errors first."""
        chunks = self.wire.chunk_count
        manners, host = self.spoken.manners, find_host(self.host)
        log = conclude(
            self.answer,
            manners,
            chunks=chunks,
            offers_tools=any(one.tool_calls for one in self.messages)
            and bool(self.asked.tools_by(self.spoken)),
            sends_cost=host is not None and host.sends_cost,
        )
        if self.answer.streamed and not self.is_order_watched:
            for chunk, note in find_breaches(self.spoken, self.wire, self.answer.log):
                log.take(note, chunk)
        if self.timing == "none" and chunks > 1:
            log.add("no_clock")
        elif self.clock_resolution_s is not None and self.clock_resolution_s >= 1:
            log.add("coarse_clock", resolution=f"{self.clock_resolution_s:g}")
        return log.findings(manners.kinds, ORDER_KINDS)

    @cached_property
    def server_timing(self) -> tuple[ServerTime, ...]:
        """What the server says that its work took; never mixed with what was measured."""
        manners = self.spoken.manners
        chunks: Iterable[bytes] = (data for data, _ in self.wire.chunk_data())
        if manners.open_chunk is not None:
            chunks = map(manners.open_chunk, chunks)
        times = read_chunk_times(manners.server_times, chunks)
        return times + read_header_times(self.response.headers)

    @property
    def time_to_headers_s(self) -> float | None:
        """Seconds from the request sent to the response headers; ``response.time_source`` whose."""
        return self.response.time_to_headers_s

    @property
    def time_to_first_chunk_s(self) -> float | None:
        """Seconds from the request sent to the first chunk; None unless it was measured."""
        return self.measured_at(0)

    @property
    def time_to_first_token_s(self) -> float | None:
        """Seconds to the first chunk with text, reasoning or a tool call; None unless measured."""
        return self.measured_at(self.answer.said_at)

    @property
    def duration_s(self) -> float | None:
        """Seconds from the request sent to the last event; None unless it was measured."""
        times = self.wire.times
        is_known = self.timing == "measured" and len(times) and not isnan(times[-1])
        return times[-1] if is_known else None

    @property
    def time_per_output_token_s(self) -> float | None:
        """Seconds a token, (last event − first token) / (tokens that came − 1).

        Reasoning is among these where its text came, wherever it is counted, and only there. None
        without a clock, with one that is coarser than the gaps, below two tokens, and where only a
        summary of the reasoning came, or something encrypted: how many came is not known then.
        """
        tokens = tokens_that_came(self.answer, self.spoken.manners, self.model)
        said_at = self.answer.said_at
        if self.timing == "none" or tokens is None or tokens < 2 or said_at is None:
            return None
        times, events = self.wire.times, self.wire.chunk_events
        span, gaps = times[-1] - times[events[said_at]], len(events) - 1 - said_at
        if isnan(span) or gaps < 1 or (self.clock_resolution_s or 0.0) > span / gaps:
            return None
        return span / (tokens - 1)

    def measured_at(self, chunk: int | None) -> float | None:
        """Seconds from the request sent to a chunk; None for no chunk, or unless measured."""
        events = self.wire.chunk_events
        if chunk is None or self.timing != "measured" or chunk >= len(events):
            return None
        at = self.wire.times[events[chunk]]
        return None if isnan(at) else at


# What is made of these, the answer, is equal where they are.
_compared: Final = attrgetter(
    *("dialect", "asked", "source", "interaction", "response", "timing", "clock_resolution_s"),
    *("is_complete", "wire", "deltas"),
)


class GrowingRun(NamedTuple):
    """What a reader has read so far, not copied: to be looked at before the reader is fed again."""

    wire: Events
    deltas: Deltas
    choices: Sequence[ChoiceState]
    manners: Manners
