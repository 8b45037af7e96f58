"""A body with some of its chunks struck by faults, framed as it was.

Chunks of a stream hold their own end, and one may go or come twice. The elements of a JSON array
do not: the comma before one goes and comes with it, and an array that ends in order is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatviz.transports.playing.body_chunks import BodyChunks
from chatviz.transports.playing.faults import FaultAtChunk
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.piece_cutting import pieces_size, slice_pieces, with_data

__all__ = ["StruckBody", "strike_body"]


class StruckBody(NamedTuple):
    """What is sent instead of a body.

    Attributes
    ----------
    pieces : tuple of Piece
    last : FaultAtChunk | None
        The fault behind which nothing comes; None where the body goes on to its end.
    """

    pieces: tuple[Piece, ...]
    last: FaultAtChunk | None


def strike_body(
    pieces: tuple[Piece, ...], chunks: BodyChunks, faults: Sequence[FaultAtChunk]
) -> StruckBody:
    """Return what is sent of a body that faults strike, each at a chunk that there is."""
    sent: list[Piece] = []
    done, has_sent = 0, False  # whether an element has been sent
    for number in sorted({fault.chunk for fault in faults}):
        start, end = chunks.spans[number]
        lead = max(done, chunks.lead(number))
        has_sent = has_sent or (number > 0 and lead > done)
        sent += slice_pieces(pieces, done, lead)
        whole = slice_pieces(pieces, start, end)
        chunk, last = _struck(whole, _between(whole, chunks, number), faults, number)
        if chunk:
            sent += (*slice_pieces(pieces, lead, start), *chunk)
        elif last and not last.breaks and chunks.is_array:
            sent.append(with_data(whole[0], b"]"))
        if last:
            return StruckBody(tuple(sent), last)
        has_sent = has_sent or bool(chunk)
        done = end if has_sent else chunks.end_of_first(number)
    return StruckBody((*sent, *slice_pieces(pieces, done, pieces_size(pieces))), None)


def _struck(
    chunk: tuple[Piece, ...],
    between: tuple[Piece, ...],
    faults: Sequence[FaultAtChunk],
    number: int,
) -> tuple[tuple[Piece, ...], FaultAtChunk | None]:
    """Return what its faults make of a chunk, up to the one that is the last."""
    for fault in faults:
        if fault.chunk == number:
            chunk = fault.change(chunk, between) if chunk else chunk
            if fault.is_last:
                return chunk, fault
    return chunk, None


def _between(chunk: tuple[Piece, ...], chunks: BodyChunks, number: int) -> tuple[Piece, ...]:
    """Return what keeps a chunk apart from another that follows it."""
    text = chunks.between(number)
    return (with_data(chunk[-1], text),) if text else ()
