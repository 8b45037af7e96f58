"""A conversation as a cassette: what was asked and answered, with the times that were measured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isnan

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata, TimeSource
from chatviz.cassettes.redaction.redaction import redact
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import Headers, header

__all__ = ["make_cassette"]

PACE_HEADER = "x-chatviz-pace"  # of an answer whose pace was simulated


def make_cassette(conversation: Conversation) -> Cassette:
    """Return a cassette of a conversation's runs, without secrets.

    Headers of the requests, which hold the key, were never kept. Pieces end where the clock moved.
    """
    found = [redact(_interaction(run, id))[0] for id, run in enumerate(conversation.runs)]
    return Cassette(tuple(found))


def _interaction(run: StreamRun, id: int) -> Interaction:
    head, response = run.head, run.response
    size = len(head.body)
    request = RecordedRequest(
        head.method,
        head.url,
        {"Content-Type": ("application/json",)},
        head.body,
        content_length=size,
    )
    seconds = response.time_to_headers_s
    is_measured = seconds is not None and response.time_source == "measured"
    answer = RecordedResponse(
        response.status,
        headers=_copy(response.headers),
        body=run.body,
        duration_ns=round(seconds * 1e9) if is_measured and seconds is not None else None,
        content_length=-1,
        uncompressed=True,
        metadata=_metadata(run),
    )
    return Interaction(request, answer, id)


def _metadata(run: StreamRun) -> RecordingMetadata | None:
    cut_short = "" if run.is_complete else "interrupted"
    if run.timing != "measured":
        return RecordingMetadata(cut_short=cut_short) if cut_short else None
    clock: TimeSource = "simulated" if header(run.response.headers, PACE_HEADER) else "measured"
    return RecordingMetadata(clock=clock, pieces=tuple(_pieces(run)), cut_short=cut_short)


def _pieces(run: StreamRun) -> Iterator[tuple[int, int]]:
    """Yield the size of each piece and when it came, in nanoseconds."""
    wire, size = run.wire, len(run.body)
    times = [0 if isnan(at) else round(at * 1e9) for at in wire.times]
    moved = [n for n, (before, after) in enumerate(pairwise(times), 1) if after > before]
    begins = [0, *(wire.starts[n] for n in moved), size]
    for (begin, end), n in zip(pairwise(begins), [0, *moved], strict=True):
        yield end - begin, times[n] if times else 0


def _copy(headers: Headers) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in headers.items()}
