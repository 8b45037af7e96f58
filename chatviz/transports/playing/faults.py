"""Faults: a recorded answer that goes wrong on purpose, at a chosen chunk.

They change what is to be sent and send nothing. Chunks are numbered as in the recording, from 0,
whatever other faults do to them. An answer that was not streamed is one chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias

from chatviz.chat.manners import usual_error
from chatviz.transports.playing.pace import Piece, chunk_spans
from chatviz.transports.playing.piece_cutting import pieces_size, slice_pieces, with_data
from chatviz.transports.playing.planned_answer import PlannedAnswer, mark_simulated
from chatviz.wire.event_writing import write_last_event
from chatviz.wire.json_text import dump_json

__all__ = [
    "Corrupt",
    "Cut",
    "Drop",
    "Duplicate",
    "End",
    "Fault",
    "Refuse",
    "SendError",
    "SplitCharacter",
    "Stall",
    "apply_faults",
    "refusal",
]


@dataclass(frozen=True, slots=True)
class _AtChunk:
    """A fault at one chunk.

    Attributes
    ----------
    chunk : int
        The chunk's number in the recorded answer.
    interaction : int | None
        The only interaction of the cassette that it strikes, by its place from 0; None for all.
    times : int | None
        How often it strikes an interaction; None for always.
    """

    chunk: int
    interaction: int | None = field(default=None, kw_only=True)
    times: int | None = field(default=None, kw_only=True)
    is_last: ClassVar[bool] = False  # nothing comes after it
    breaks: ClassVar[str] = ""  # why the connection then breaks; "" where it ends in order

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return what is sent instead of the chunk's pieces."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Cut(_AtChunk):
    """The connection breaks in the middle of the chunk."""

    is_last: ClassVar[bool] = True
    breaks: ClassVar[str] = "the connection was cut on purpose, in the middle of a chunk"

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the first half of the chunk's bytes."""
        return slice_pieces(pieces, 0, pieces_size(pieces) // 2)


@dataclass(frozen=True, slots=True)
class End(_AtChunk):
    """The answer ends before the chunk, in order: no error says that more was to come."""

    is_last: ClassVar[bool] = True

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Stall(_AtChunk):
    """Nothing comes for some seconds before the chunk, nor any of the rest.

    The answer is marked as simulated, at any speed: planted time was not measured.
    """

    seconds: float = 60.0

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return a pause and the chunk."""
        return (Piece(b"", pause_ns=int(self.seconds * 1e9)), *pieces)


@dataclass(frozen=True, slots=True)
class Duplicate(_AtChunk):
    """The chunk comes twice."""

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the chunk twice."""
        return pieces + pieces


@dataclass(frozen=True, slots=True)
class Drop(_AtChunk):
    """The chunk does not come."""

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Corrupt(_AtChunk):
    """The byte in the middle of the chunk comes as another one, which UTF-8 never has."""

    byte: bytes = b"\xff"

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the chunk with its middle byte exchanged."""
        middle = pieces_size(pieces) // 2
        after = slice_pieces(pieces, middle + 1, pieces_size(pieces))
        return (*slice_pieces(pieces, 0, middle), with_data(pieces[-1], self.byte), *after)


@dataclass(frozen=True, slots=True)
class SplitCharacter(_AtChunk):
    """The chunk comes in two pieces, cut inside its first character of more than one byte."""

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the chunk in two pieces."""
        data = b"".join(piece.data for piece in pieces)
        place = next((n for n, byte in enumerate(data) if byte >= 0xC0), None)
        if place is None:
            raise ValueError(
                f"{self!r}: chunk {self.chunk} is all ASCII, so no character of it can be split. "
                "Name a chunk that holds one of more than one byte, such as 'é'."
            )
        first, last = data[: place + 1], data[place + 1 :]
        return (with_data(pieces[0], first), with_data(pieces[-1], last))


@dataclass(frozen=True, slots=True)
class SendError(_AtChunk):
    """An error event comes instead of the chunk and of all after it; the answer then ends.

    Attributes
    ----------
    message : str
        What the error says.
    event : bytes
        The whole event as it is sent; by default the one of the recording's dialect.
    """

    message: str = "Provider returned error (planted on purpose)"
    event: bytes = b""
    is_last: ClassVar[bool] = True

    def change(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the error event."""
        usual = dump_json(usual_error(self.message).payload).encode()
        return (with_data(pieces[0], self.event or write_last_event("sse", usual)),)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The first requests for an interaction are refused; then it is answered as recorded.

    Attributes
    ----------
    times, status : int
        How many are refused, and how.
    retry_after_s : float
        What the header ``retry-after`` says.
    interaction : int | None
        The only interaction of the cassette that it strikes, by its place from 0; None for all.
    """

    times: int = 1
    status: int = 429
    retry_after_s: float = 1.0
    interaction: int | None = None


Fault: TypeAlias = (
    Cut | End | Stall | Duplicate | Drop | Corrupt | SplitCharacter | SendError | Refuse
)


def apply_faults(
    answer: PlannedAnswer,
    faults: Iterable[Fault],
    interaction: int = 0,
    *,
    played_before: int = 0,
) -> PlannedAnswer:
    """Return an answer as the faults make it.

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
    ValueError
        A fault names a chunk that the answer does not have, or no character can be split.
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
    spans = chunk_spans(b"".join(piece.data for piece in answer.pieces))
    for fault in struck:
        if not 0 <= fault.chunk < len(spans):
            raise ValueError(
                f"{fault!r} names chunk {fault.chunk}, and the answer of interaction {interaction} "
                f"has {len(spans)}, from 0. Name another, or one interaction: interaction=0."
            )
    return _rebuilt(answer, struck, spans)


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


def _rebuilt(
    answer: PlannedAnswer, faults: Sequence[_AtChunk], spans: list[tuple[int, int]]
) -> PlannedAnswer:
    pieces: list[Piece] = []
    done = 0
    for number in sorted({fault.chunk for fault in faults}):
        start, end = spans[number]
        pieces += slice_pieces(answer.pieces, done, start)
        chunk, done = slice_pieces(answer.pieces, start, end), end
        for fault in (fault for fault in faults if fault.chunk == number):
            chunk = fault.change(chunk) if chunk else chunk
            if fault.is_last:
                return _with_pieces(answer, (*pieces, *chunk), fault.breaks)
        pieces += chunk
    pieces += slice_pieces(answer.pieces, done, pieces_size(answer.pieces))
    return _with_pieces(answer, tuple(pieces), answer.breaks)


def _with_pieces(answer: PlannedAnswer, pieces: tuple[Piece, ...], breaks: str) -> PlannedAnswer:
    """Return the answer with another body, without its length; a delay that was added is marked."""
    headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
    is_delayed = any(piece.pause_ns for piece in pieces)
    return replace(
        answer,
        headers=mark_simulated(headers) if is_delayed else headers,
        pieces=pieces,
        waits=answer.waits or is_delayed,
        recorded=None,
        breaks=breaks,
    )


def _refused(fault: Refuse) -> PlannedAnswer:
    error = {"message": "Refused on purpose; ask again", "type": "rate_limit_error"}
    body = dump_json({"error": {**error, "code": fault.status}}).encode()
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("retry-after", f"{fault.retry_after_s:g}"),
    )
    return PlannedAnswer(fault.status, headers=headers, pieces=(Piece(body),))
