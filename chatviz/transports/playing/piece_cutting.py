"""Pieces of an answer, cut at bytes: what each piece waits for stays with it."""

from __future__ import annotations

from itertools import accumulate

from chatviz.transports.playing.pace import Piece

__all__ = ["pieces_size", "slice_pieces", "with_data"]


def slice_pieces(pieces: tuple[Piece, ...], start: int, end: int) -> tuple[Piece, ...]:
    """Return the pieces of a span of the body, cut at its ends alone; a pause in it stays."""
    ends = accumulate(len(piece.data) for piece in pieces)
    cut = []
    for piece, after in zip(pieces, ends, strict=True):
        before = after - len(piece.data)
        first, last = max(start, before), min(end, after)
        if piece.pause_ns and not piece.data and start <= before < end:
            cut.append(piece)
        elif first < last:
            cut.append(with_data(piece, piece.data[first - before : last - before]))
    return tuple(cut)


def pieces_size(pieces: tuple[Piece, ...]) -> int:
    """Return how many bytes they have together."""
    return sum(len(piece.data) for piece in pieces)


def with_data(piece: Piece, data: bytes) -> Piece:
    """Return other bytes, due when the piece is."""
    return Piece(data, piece.at_ns, piece.pause_ns)
