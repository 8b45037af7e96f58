"""The texts that a stream said in pieces, put together, and which piece of them each chunk holds.

The dialect says which pieces belong together; in a chunk they are found again by what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace

from chatviz.chat.deltas import (
    Delta,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    TextDelta,
    ToolCallDelta,
)
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import load_any_json

__all__ = ["ChunkPieces", "SaidPiece", "SaidText", "pieces_of"]


@dataclass(slots=True)
class SaidText:
    """A text as it grew."""

    text: str = ""

    def add(self, piece: str) -> int:
        """Take the next piece; return where it begins."""
        self.text += piece
        return len(self.text) - len(piece)


@dataclass(frozen=True, slots=True)
class SaidPiece:
    """What a chunk says of a text, and where in it."""

    said: SaidText
    start: int
    piece: str

    def repeats(self, text: str) -> bool:
        """Say whether a string is this piece and all that was said before it."""
        return bool(text) and text == self.said.text[: self.start + len(self.piece)]


@dataclass(slots=True)
class ChunkPieces:
    """The pieces of one chunk, taken by what they say, in their order; the last one again."""

    waiting: dict[str, list[SaidPiece]] = field(default_factory=lambda: defaultdict(list))

    def take(self, text: str) -> SaidPiece | None:
        """Return the piece that a string of the chunk is; None where it is none."""
        pieces = self.waiting.get(text)
        if pieces:
            return pieces.pop(0) if len(pieces) > 1 else pieces[0]
        # Some servers say all the text so far each time; of that the run keeps what is new.
        known = (piece for each in self.waiting.values() for piece in each)
        return next((replace(piece, start=0) for piece in known if piece.repeats(text)), None)


def pieces_of(run: StreamRun) -> dict[int, ChunkPieces]:
    """Return the pieces of each chunk of a run."""
    chunks: dict[int, ChunkPieces] = defaultdict(ChunkPieces)
    texts: dict[Hashable, SaidText] = defaultdict(SaidText)
    for chunk, key, text in _said_by(run):
        said = texts[key]
        start = said.add(text)
        chunks[chunk].waiting[text].append(SaidPiece(said, start, text))
    return chunks


def _said_by(run: StreamRun) -> Iterator[tuple[int, Hashable, str]]:
    for number, message in enumerate(run.messages):
        for place, call in enumerate(message.tool_calls):
            for fragment in call.fragments:
                yield fragment.chunk, ("call", number, place), fragment.text
    for chunk, delta in run.deltas:
        for key, text in _of_delta(delta):
            yield chunk, key, text


def _of_delta(delta: Delta) -> Iterator[tuple[Hashable, str]]:
    match delta:
        case TextDelta() | ReasoningDelta() | RefusalDelta() if not delta.again:
            sent_as = delta.sent_as if isinstance(delta, ReasoningDelta) else ""
            yield (type(delta).__name__, delta.choice, delta.part, sent_as), delta.text
        case ServerCallDelta() if not delta.again:
            yield ("server call", delta.choice, delta.part), delta.arguments
        case ToolCallDelta(form="paths"):
            for piece in delta.pieces:
                value = load_any_json(piece.json)
                if isinstance(value, str):
                    yield ("piece", delta.choice, delta.part, piece.path), value
        case _:
            return
