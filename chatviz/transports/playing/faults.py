"""Faults: a recorded answer that goes wrong on purpose, at a chosen chunk.

They are checked when they are made, change what is to be sent, and send nothing. Chunks are
numbered as in the recording, from 0, whatever other faults do to them. An answer that was not
streamed is one chunk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

from chatviz.chat.manners import usual_error
from chatviz.given_values import check_count, check_fits, check_number, check_text, wrong_value
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.piece_cutting import pieces_size, slice_pieces, with_data
from chatviz.wire.event_writing import write_last_event
from chatviz.wire.json_text import dump_json

__all__ = [
    "Corrupt",
    "Cut",
    "Drop",
    "Duplicate",
    "End",
    "Fault",
    "FaultAtChunk",
    "Refuse",
    "SendError",
    "SplitCharacter",
    "Stall",
    "UnfitFault",
]

SentPieces: TypeAlias = tuple[Piece, ...]


class UnfitFault(ValueError):
    """A fault that the recorded answer has no place for; the message says what it has."""


@dataclass(frozen=True, slots=True)
class FaultAtChunk:
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

    def __post_init__(self) -> None:
        check_count(self.chunk, "chunk", "cv.Cut(10) strikes the eleventh", least=0)
        _check_interaction(self.interaction)
        if self.times is not None:
            check_count(self.times, "times", "None strikes always")
        self.check_own()

    def check_own(self) -> None:
        """Raise an error where what is the fault's own does not fit; most have nothing."""

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return what is sent instead of the chunk's pieces; between two chunks goes `between`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Cut(FaultAtChunk):
    """The connection breaks in the middle of the chunk."""

    is_last: ClassVar[bool] = True
    breaks: ClassVar[str] = "the connection was cut on purpose, in the middle of a chunk"

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return the first half of the chunk's bytes."""
        return slice_pieces(pieces, 0, pieces_size(pieces) // 2)


@dataclass(frozen=True, slots=True)
class End(FaultAtChunk):
    """The answer ends before the chunk, in order: no error says that more was to come.

    Where the chunks are elements of a JSON array, the array is closed.
    """

    is_last: ClassVar[bool] = True

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Stall(FaultAtChunk):
    """Nothing comes for some seconds before the chunk, nor any of the rest.

    The answer is marked as simulated, at any speed: planted time was not measured.
    """

    seconds: float = 60.0

    def check_own(self) -> None:
        """Raise an error where the seconds are none."""
        check_number(self.seconds, "seconds", _SOME_SECONDS, may_be_zero=True)
        if self.seconds > _LONGEST_S:
            raise wrong_value("at most a year of seconds", self.seconds, _SOME_SECONDS)

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return a pause and the chunk."""
        return (Piece(b"", pause_ns=int(self.seconds * 1e9)), *pieces)


@dataclass(frozen=True, slots=True)
class Duplicate(FaultAtChunk):
    """The chunk comes twice."""

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return the chunk twice."""
        return pieces + between + pieces


@dataclass(frozen=True, slots=True)
class Drop(FaultAtChunk):
    """The chunk does not come."""

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Corrupt(FaultAtChunk):
    """The byte in the middle of the chunk comes as another one, which UTF-8 never has."""

    byte: bytes = b"\xff"

    def check_own(self) -> None:
        """Raise an error where it is no single byte."""
        wanted, advice = "a single byte as byte", 'byte=b"?"'
        check_fits(isinstance(self.byte, bytes), wanted, self.byte, advice)
        if len(self.byte) != 1:
            raise wrong_value(wanted, self.byte, advice)

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return the chunk with its middle byte exchanged."""
        middle = pieces_size(pieces) // 2
        after = slice_pieces(pieces, middle + 1, pieces_size(pieces))
        return (*slice_pieces(pieces, 0, middle), with_data(pieces[-1], self.byte), *after)


@dataclass(frozen=True, slots=True)
class SplitCharacter(FaultAtChunk):
    """The chunk comes in two pieces, cut inside its first character of more than one byte."""

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return the chunk in two pieces."""
        data = b"".join(piece.data for piece in pieces)
        place = next((n for n, byte in enumerate(data) if byte >= 0xC0), None)
        if place is None:
            raise UnfitFault(
                f"{self!r}: chunk {self.chunk} is all ASCII, so no character of it can be split. "
                "Name a chunk that holds one of more than one byte, such as 'é'."
            )
        first, last = data[: place + 1], data[place + 1 :]
        return (with_data(pieces[0], first), with_data(pieces[-1], last))


@dataclass(frozen=True, slots=True)
class SendError(FaultAtChunk):
    """An error event comes instead of the chunk and of all after it; the answer then ends.

    Attributes
    ----------
    message : str
        What the error says.
    event : bytes
        The whole event as it is sent; by default the one of the recording's dialect.
    """

    message: str = "Provider returned error (planted on purpose)"
    event: bytes = field(default=b"", repr=False)
    is_last: ClassVar[bool] = True

    def check_own(self) -> None:
        """Raise an error where the message is no text, or the event no bytes."""
        check_text(self.message, "message", "message='overloaded'")
        check_fits(isinstance(self.event, bytes), "bytes as event", self.event, "b'data: …'")

    def change(self, pieces: SentPieces, between: SentPieces = ()) -> SentPieces:
        """Return the error event."""
        usual = dump_json(usual_error(self.message).payload).encode()
        return (with_data(pieces[0], self.event or write_last_event("sse", usual)),)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The first requests for an interaction are refused; then it is answered as recorded.

    Attributes
    ----------
    times, status : int
        How many are refused, and how: 400 to 599, an error of HTTP.
    retry_after_s : float
        What the header ``retry-after`` says.
    interaction : int | None
        The only interaction of the cassette that it strikes, by its place from 0; None for all.
    """

    times: int = 1
    status: int = 429
    retry_after_s: float = 1.0
    interaction: int | None = None

    def __post_init__(self) -> None:
        check_count(self.times, "times", "cv.Refuse(2) refuses the first two requests")
        check_count(self.status, "status", _AN_ERROR, least=400)
        if self.status > 599:
            raise wrong_value("a status from 400 to 599", self.status, _AN_ERROR)
        check_number(self.retry_after_s, "retry_after_s", _SOME_SECONDS, may_be_zero=True)
        _check_interaction(self.interaction)


Fault: TypeAlias = (
    Cut | End | Stall | Duplicate | Drop | Corrupt | SplitCharacter | SendError | Refuse
)


def _check_interaction(interaction: object) -> None:
    if interaction is not None:
        advice = "its place in the recording, from 0; None for all"
        check_count(interaction, "interaction", advice, least=0)


_AN_ERROR: Final = "429 is too many requests, 503 a server that is busy"
_SOME_SECONDS: Final = "2.5 is two seconds and a half"
_LONGEST_S: Final = 366 * 86_400
