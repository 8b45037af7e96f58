"""When each piece of a recorded answer is due: as it was recorded, at a simulated pace, or at once.

This file reads no clock: it says when, and whoever plays the answer waits.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite

import msgspec

from chatviz.cassettes.cassette import RecordedResponse
from chatviz.given_values import check_number, wrong_value
from chatviz.transports.playing.body_chunks import find_chunks

__all__ = ["Piece", "check_pace", "is_paced", "paced"]


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Bytes to be sent, and when.

    Attributes
    ----------
    data : bytes
    at_ns : int
        Not before this, in nanoseconds since the request came; 0 for at once.
    pause_ns : int
        Waited before it on top of that; all later pieces are as much later.
    """

    data: bytes
    at_ns: int = 0
    pause_ns: int = 0


def paced(
    response: RecordedResponse, *, speed: float = inf, chunks_per_second: float | None = None
) -> tuple[Piece, ...]:
    """Return the pieces of an answer with the time when each is due.

    Parameters
    ----------
    response : RecordedResponse
    speed : float
        1.0 as recorded, 2.0 in half the time, inf at once. Where no times were recorded there is
        nothing to keep to, and the body comes at once, unless `chunks_per_second` is given.
    chunks_per_second : float | None
        A simulated pace, one chunk a piece, for what cannot be played as recorded.

    Returns
    -------
    tuple of Piece
        Cut as recorded, but at a simulated pace one chunk each.
    """
    metadata = response.metadata
    timed = () if metadata is None or metadata.clock == "none" else metadata.pieces
    if timed and isfinite(speed):
        due = [int(at / speed) for size, at in timed if size]
        return tuple(map(Piece, _cut_as_recorded(response), due))
    if chunks_per_second is not None:
        return _simulated(response.body, chunks_per_second)
    return tuple(map(Piece, _cut_as_recorded(response)))


def is_paced(speed: float, chunks_per_second: float | None) -> bool:
    """Say whether an answer is held back at all, so that its arrival tells nothing of a server."""
    return isfinite(speed) or chunks_per_second is not None


def check_pace(speed: float, chunks_per_second: float | None) -> None:
    """Raise a TypeError or ValueError where a pace is none."""
    advice = "1.0 plays as recorded, 2.0 twice as fast, math.inf at once"
    check_number(speed, "speed", advice)
    if chunks_per_second is not None:
        advice = "50.0 sends a chunk every 20 ms; None sends at once"
        check_number(chunks_per_second, "chunks_per_second", advice)
        if not chunks_per_second < inf:
            raise wrong_value("chunks_per_second that end", chunks_per_second, advice)


def _cut_as_recorded(response: RecordedResponse) -> list[bytes]:
    """Return the body as it came, in one piece where no recorder kept more."""
    body, metadata = response.body, response.metadata
    if metadata is None or not metadata.pieces:
        return [body] if body else []
    cut, start = [], 0
    for size, _ in metadata.pieces:  # a plain loop: the fastest, and each replay runs it
        end = start + size
        if size:
            cut.append(body[start:end])
        start = end
    return cut


def _simulated(body: bytes, chunks_per_second: float) -> tuple[Piece, ...]:
    """Send a chunk, with the comments before it, each fraction of a second; the rest with the last.

    What follows the last chunk (``[DONE]``) is a piece of its own, without a wait.
    """
    gap = 1e9 / chunks_per_second
    ends = [end for _, end in find_chunks(body).spans]
    pieces = [body[start:end] for start, end in pairwise((0, *ends, len(body))) if start < end]
    return tuple(
        Piece(data, int(min(number + 1, len(ends)) * gap)) for number, data in enumerate(pieces)
    )
