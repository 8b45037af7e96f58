"""InteractionRecording: one interaction while its answer streams by, and what is kept in the end.

Noting a piece costs one look at the clock; all other work is left for the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Lock

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.encodings import codings_of, decoder_for
from chatviz.cassettes.metadata import CLOSED_BY_CALLER, RecordingMetadata, TimeSource
from chatviz.cassettes.reading import is_whole
from chatviz.clock import Clock
from chatviz.transports.playing.planned_answer import PACE_HEADER
from chatviz.wire.exchange import header

__all__ = ["InteractionRecording", "say_why_cut"]


class InteractionRecording:
    """One interaction that is being recorded; its time begins when it is made.

    Parameters
    ----------
    request : RecordedRequest
    clock : Clock
    number : int
        The place of its request among those that were recorded.
    """

    def __init__(self, request: RecordedRequest, clock: Clock, number: int) -> None:
        self.request = request
        self.number = number
        self._now_ns = clock.now_ns
        self._start_ns = clock.now_ns()
        self._head = RecordedResponse(0)
        self._headers_ns = 0
        self._pieces: list[tuple[bytes, int]] = []
        self._end_ns: int | None = None
        self._cut_short = ""
        self._lock = Lock()

    def begin(self, head: RecordedResponse) -> None:
        """Take the head of the answer, which has just come."""
        self._headers_ns = self._now_ns() - self._start_ns
        self._head = head

    def add(self, data: bytes) -> None:
        """Take the next piece, which has just come."""
        self._pieces.append((data, self._now_ns()))

    def end(self, cut_short: str = "") -> bool:
        """Mark the end, with the reason where it is early; False if it was marked before."""
        with self._lock:
            if self._end_ns is not None:
                return False
            self._end_ns = self._now_ns()
            self._cut_short = cut_short
            return True

    @property
    def head(self) -> RecordedResponse | None:
        """The head of the answer, once it has come."""
        return self._head if self._head.status else None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self._end_ns is not None

    def pieces_from(self, first: int) -> list[tuple[bytes, float]]:
        """Return what has come from a piece on: bytes as they came, and seconds since the start."""
        return [(data, (at - self._start_ns) / 1e9) for data, at in self._pieces[first:]]

    def interaction(self) -> Interaction:
        """Return what was recorded, its body decoded, with its metadata."""
        start, end = self._start_ns, self._end_ns
        pieces = [(data, at - start) for data, at in self._pieces if end is None or at <= end]
        metadata = RecordingMetadata(
            clock=_clock_of(self._head),
            total_ns=None if end is None else end - start,
            cut_short=self._cut_short,
        )
        response = replace(self._head, duration_ns=self._headers_ns)
        interaction = Interaction(self.request, _with_body(response, pieces, metadata))
        if self._cut_short == CLOSED_BY_CALLER and is_whole(interaction):
            return _without_cut(interaction)
        return interaction


def _without_cut(interaction: Interaction) -> Interaction:
    """Return an interaction that was closed early, but behind the end of its answer."""
    response = interaction.response
    assert response.metadata is not None
    metadata = replace(response.metadata, cut_short="")
    return replace(interaction, response=replace(response, metadata=metadata))


def say_why_cut(error: BaseException | None) -> str:
    """Return why an answer is not whole, from what was raised where it was being read."""
    if error is None or isinstance(error, GeneratorExit):
        return CLOSED_BY_CALLER
    if isinstance(error, Exception):
        return f"broken by the server: {type(error).__name__}"
    return "interrupted"  # KeyboardInterrupt, SystemExit, the cancellation of a task


def _clock_of(head: RecordedResponse) -> TimeSource:
    """Tell the times of a server from those of a paced replay, which are marked."""
    return "simulated" if header(head.headers, PACE_HEADER) else "measured"


def _with_body(
    response: RecordedResponse, pieces: list[tuple[bytes, int]], metadata: RecordingMetadata
) -> RecordedResponse:
    """Return the response with its body decoded, or as it came where that cannot be done."""
    coding = ", ".join(codings_of(header(response.headers, "content-encoding")))
    if coding and pieces:
        size = sum(len(data) for data, _ in pieces)
        metadata = replace(metadata, content_encoding=coding)
        try:
            pieces = _decoded(pieces, coding, is_whole=not metadata.cut_short)
        except ValueError:
            metadata = replace(metadata, undecoded=True)
        else:
            metadata = replace(metadata, encoded_size=size)
            response = _as_decoded(response)
    metadata = replace(metadata, pieces=tuple((len(data), at) for data, at in pieces))
    return replace(response, body=b"".join(data for data, _ in pieces), metadata=metadata)


def _decoded(
    pieces: Iterable[tuple[bytes, int]], coding: str, *, is_whole: bool
) -> list[tuple[bytes, int]]:
    """Return the pieces decoded, each at the time when its bytes came."""
    decoder = decoder_for(coding)
    decoded, last_ns = [], 0
    for data, last_ns in pieces:
        decoded.append((decoder.feed(data), last_ns))
    if is_whole:
        decoded.append((decoder.close(), last_ns))
    return [(data, at) for data, at in decoded if data]


def _as_decoded(response: RecordedResponse) -> RecordedResponse:
    """Return the head of a decoded body as Go's client has it: no coding, and no length."""
    untrue = ("content-encoding", "content-length")
    headers = {name: each for name, each in response.headers.items() if name.lower() not in untrue}
    return replace(response, headers=headers, content_length=-1, uncompressed=True)
