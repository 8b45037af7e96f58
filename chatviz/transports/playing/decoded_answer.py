"""A planned answer as its client reads it: decoded, so that faults find its chunks."""

from __future__ import annotations

from dataclasses import replace

from chatviz.cassettes.content.decoding import coding_of
from chatviz.cassettes.content.encodings import decoder_for
from chatviz.transports.playing.piece_cutting import with_data
from chatviz.transports.playing.planned_answer import PlannedAnswer

__all__ = ["decode_answer"]


def decode_answer(answer: PlannedAnswer) -> PlannedAnswer:
    """Return an answer with its body decoded, each piece due when its bytes were.

    One that is plain is returned as it is. The headers stay.

    Raises
    ------
    ValueError
        The body cannot be decoded; the message says why.
    """
    coding = "" if answer.recorded is None else coding_of(answer.recorded)
    if not coding:
        return answer
    decoder = decoder_for(coding)
    pieces = [with_data(piece, decoder.feed(piece.data)) for piece in answer.pieces]
    if not answer.breaks:
        pieces.append(with_data(pieces[-1], decoder.close()))
    return replace(answer, pieces=tuple(pieces), recorded=None)
