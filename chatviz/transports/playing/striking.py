"""Where planted faults strike: which of them, in a recorded answer, and what is then sent.

What can be told before any request is: a fault that no answer of the recording has a place for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from chatviz.cassettes.cassette import Cassette
from chatviz.given_values import check_fits, check_list
from chatviz.transports.playing.body_chunks import find_chunks
from chatviz.transports.playing.decoded_answer import decode_answer
from chatviz.transports.playing.faults import Fault, FaultAtChunk, Refuse, UnfitFault
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import PlannedAnswer, answer_with, mark_simulated
from chatviz.transports.playing.struck_body import strike_body
from chatviz.wire.json_text import dump_json

__all__ = ["PlantedFaults", "apply_faults", "plant_faults", "refusal"]

PlantedFaults: TypeAlias = Fault | Iterable[Fault]
"""A fault, or several."""

_WANTED: Final = "faults such as cv.Cut(10), in a list, as faults"


def plant_faults(faults: PlantedFaults, cassette: Cassette) -> tuple[Fault, ...]:
    """Return the faults that were given, each of which can strike an answer of a recording.

    One that fits some of the answers and not others passes: `apply_faults` says it of the others
    when they are asked for. A recording without any answer has nothing to be struck.

    Raises
    ------
    TypeError
        Something is no fault.
    UnfitFault
        A fault names an interaction that there is not, or fits none of the answers.
    """
    listed = (faults,) if isinstance(faults, FaultAtChunk | Refuse) else check_list(faults, _WANTED)
    for fault in listed:
        check_fits(isinstance(fault, FaultAtChunk | Refuse), _WANTED, fault)
        if cassette.interactions:
            _check_place(fault, cassette)
    return listed


def _check_place(fault: Fault, cassette: Cassette) -> None:
    count = len(cassette.interactions)
    if fault.interaction is not None and fault.interaction >= count:
        raise UnfitFault(
            f"{fault!r} names interaction {fault.interaction}, and the recording has {count}, "
            "from 0. Name another, or leave it out: then it strikes all."
        )
    if isinstance(fault, Refuse):
        return
    unfit = None
    for number, interaction in enumerate(cassette.interactions):
        if not interaction.fault and _strikes(fault, number):
            try:
                apply_faults(answer_with(interaction), [fault], number)
            except UnfitFault as error:
                unfit = error
            else:
                return
    if unfit is not None:
        of_all = "" if fault.interaction is not None or count == 1 else f" None of {count} fits."
        raise UnfitFault(f"{unfit}{of_all}") from None


def apply_faults(
    answer: PlannedAnswer,
    faults: Iterable[Fault],
    interaction: int = 0,
    *,
    played_before: int = 0,
) -> PlannedAnswer:
    """Return an answer as the faults make it; a coded body that is struck is sent decoded.

    Parameters
    ----------
    answer : PlannedAnswer
    faults : iterable of Fault
        Those of one chunk work in the order in which they are.
    interaction : int
        The answer's place in its cassette.
    played_before : int
        How often it has been given before; a fault may strike the first times alone.

    Raises
    ------
    UnfitFault
        A fault names a chunk that the answer does not have, or no character can be split; or the
        body is coded and cannot be decoded.
    """
    struck = [
        fault
        for fault in faults
        if not isinstance(fault, Refuse)
        and _strikes(fault, interaction)
        and (fault.times is None or played_before < fault.times)
    ]
    if not struck:
        return answer
    try:
        answer = decode_answer(answer)
    except ValueError as error:
        raise UnfitFault(
            f"{struck[0]!r} strikes a chunk, and none is found in the answer of interaction "
            f"{interaction}: {error}. Name another interaction: interaction=0."
        ) from None
    chunks = find_chunks(b"".join(piece.data for piece in answer.pieces))
    for fault in struck:
        if fault.chunk >= len(chunks.spans):
            raise UnfitFault(
                f"{fault!r} names chunk {fault.chunk}, and the answer of interaction {interaction} "
                f"has {len(chunks.spans)}, from 0. Name another, or one interaction: interaction=0."
            )
    pieces, last = strike_body(answer.pieces, chunks, struck)
    return _with_pieces(answer, pieces, last.breaks if last else answer.breaks)


def refusal(faults: Iterable[Fault], interaction: int, asked_before: int) -> PlannedAnswer | None:
    """Return the refusal that is due, or None where the recorded answer is."""
    refused = 0
    for fault in faults:
        if isinstance(fault, Refuse) and _strikes(fault, interaction):
            refused += fault.times
            if asked_before < refused:
                return _refused(fault)
    return None


def _strikes(fault: Fault, interaction: int) -> bool:
    return fault.interaction is None or fault.interaction == interaction


def _with_pieces(answer: PlannedAnswer, pieces: tuple[Piece, ...], breaks: str) -> PlannedAnswer:
    """Return the answer with another body, plain and of no length that was said before.

    A delay that was added is marked.
    """
    headers = tuple(pair for pair in answer.headers if pair[0].lower() not in _UNTRUE)
    is_delayed = any(piece.pause_ns for piece in pieces)
    return replace(
        answer,
        headers=mark_simulated(headers) if is_delayed else headers,
        pieces=pieces,
        waits=answer.waits or is_delayed,
        recorded=None,
        breaks=breaks,
    )


_UNTRUE: Final = ("content-encoding", "content-length")


def _refused(fault: Refuse) -> PlannedAnswer:
    error = {"message": "Refused on purpose; ask again", "type": "rate_limit_error"}
    body = dump_json({"error": {**error, "code": fault.status}}).encode()
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("retry-after", f"{fault.retry_after_s:g}"),
    )
    return PlannedAnswer(fault.status, headers=headers, pieces=(Piece(body),))
