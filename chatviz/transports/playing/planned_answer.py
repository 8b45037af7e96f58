"""PlannedAnswer: all that is to be sent for one request, ready for a transport or a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from chatviz.cassettes.cassette import Interaction, RecordedResponse
from chatviz.cassettes.content.decoding import decode_response
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.playing.pace import Piece, is_paced, paced

__all__ = [
    "MISS_STATUS",
    "PACE_HEADER",
    "SIMULATED",
    "PlannedAnswer",
    "answer_miss",
    "answer_with",
    "mark_simulated",
]

PACE_HEADER = "x-chatviz-pace"
"""The response header that says whose pace an answer keeps; absent where nobody held it back."""

SIMULATED = "simulated"
"""Its only value: these times are ours, and no recording of them is ever called measured."""

MISS_STATUS = 404
"""What a miss is answered with: no SDK asks again after it."""


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """What is to be sent for one request.

    Attributes
    ----------
    status : int
    reason : str
        The words of the status line; ``""`` for the usual ones.
    headers : tuple of (str, str)
        True of the body that follows: no coding that it does not have, no length but its own.
    pieces : tuple of Piece
    waits : bool
        Whether any piece is to be waited for.
    headers_at_ns : int
        When the head is due, in nanoseconds since the request came.
    recorded : RecordedResponse | None
        The recording whose body is played; None for a miss, and where a fault changed it.
    breaks : str
        ``""``; or why the connection breaks after the last piece, instead of ending.
    """

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    waits: bool = False
    headers_at_ns: int = 0
    recorded: RecordedResponse | None = field(default=None, repr=False)
    breaks: str = ""

    def raw_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield names and values as bytes: in latin-1, or what that has no letters for in UTF-8.

        A name that is not ASCII is none that HTTP, or a client, has; it stays in the recording.
        """
        for name, value in self.headers:
            if name.isascii():
                yield name.encode(), _encode(value)


def _encode(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def answer_with(
    interaction: Interaction, *, speed: float = inf, chunks_per_second: float | None = None
) -> PlannedAnswer:
    """Return a recorded interaction's answer at a pace; a finite one is marked by a header.

    At a finite pace a coded body is played decoded: its chunks are what a pace is for. One that
    cannot be decoded is one chunk.
    """
    response = interaction.response
    if is_paced(speed, chunks_per_second):
        response = decode_response(response)
    metadata = response.metadata
    headers = tuple(_true_headers(interaction.request.method, response))
    if is_paced(speed, chunks_per_second) or (metadata is not None and metadata.clock == SIMULATED):
        headers = mark_simulated(headers)
    cut_short = "" if metadata is None else metadata.cut_short
    return PlannedAnswer(
        status=response.status,
        reason=response.reason,
        headers=headers,
        pieces=paced(response, speed=speed, chunks_per_second=chunks_per_second),
        waits=is_paced(speed, chunks_per_second),
        headers_at_ns=int((response.time_to_headers_s or 0) * 1e9 / speed),
        recorded=response,
        breaks=cut_short and f"the recording ends here: {cut_short}",
    )


def mark_simulated(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer that we hold back, so that its pace can never pass for real.

    Whatever delays an answer calls this: a finite pace, and a fault that makes it wait.
    """
    others = [(name, value) for name, value in headers if name.lower() != PACE_HEADER]
    return (*others, (PACE_HEADER, SIMULATED))


def answer_miss(miss: NoMatchingInteraction) -> PlannedAnswer:
    """Return the error that a client sees where nothing recorded matches its request."""
    text = str(miss)
    error = {"message": text, "type": "no_matching_interaction", "code": "no_matching_interaction"}
    body = json.dumps({"type": "error", "error": error}, ensure_ascii=False).encode()
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", str(len(body))),
        ("x-should-retry", "false"),  # read by the SDKs of OpenAI, Anthropic and Groq
    )
    return PlannedAnswer(MISS_STATUS, headers=headers, pieces=(Piece(body),))


def _true_headers(method: str, response: RecordedResponse) -> Iterator[tuple[str, str]]:
    """Yield the recorded headers, without those that the body as it is played makes untrue."""
    for name, values in response.headers.items():
        for value in values:
            match name.lower():
                case "content-encoding" if not _is_encoded(response):
                    continue
                case "content-length" if not (method == "HEAD" or value == str(len(response.body))):
                    continue
            yield name, value


def _is_encoded(response: RecordedResponse) -> bool:
    """Say whether a body whose headers name a coding is still in it: coded bytes are no UTF-8."""
    if response.metadata is not None:
        return response.metadata.undecoded
    if response.uncompressed:
        return False
    try:
        response.body.decode()
    except UnicodeDecodeError:
        return True
    return False
