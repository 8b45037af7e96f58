"""The texts that a stream said in pieces, put together, and which piece of them each chunk holds.

The dialect says which pieces belong together; in a chunk they are found again by what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

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

_LONG = 16  # characters of a text that do not come twice by chance


@dataclass(slots=True)
class SaidText:
    """A text as it grew."""

    text: str = ""

    def add(self, piece: str, *, is_cumulative: bool) -> int:
        """Take the next piece; return where it begins. One that says all again begins at 0."""
        repeats = is_cumulative or len(self.text) >= _LONG
        if self.text and repeats and piece.startswith(self.text):
            self.text = piece
            return 0
        self.text += piece
        return len(self.text) - len(piece)


@dataclass(frozen=True, slots=True)
class SaidPiece:
    """What a chunk says of a text, and where in it."""

    said: SaidText
    start: int
    piece: str


@dataclass(slots=True)
class ChunkPieces:
    """The pieces of one chunk, taken by what they say, in their order; the last one again."""

    waiting: dict[str, list[SaidPiece]] = field(default_factory=lambda: defaultdict(list))

    def take(self, text: str) -> SaidPiece | None:
        """Return the piece that a string of the chunk is; None where it is none."""
        pieces = self.waiting.get(text)
        if not pieces:
            return None
        return pieces.pop(0) if len(pieces) > 1 else pieces[0]


def pieces_of(run: StreamRun) -> dict[int, ChunkPieces]:
    """Return the pieces of each chunk of a run."""
    is_cumulative = any(each.code == "content_cumulative" for each in run.findings)
    chunks: dict[int, ChunkPieces] = defaultdict(ChunkPieces)
    texts: dict[Hashable, SaidText] = defaultdict(SaidText)
    for chunk, key, text in _said_by(run):
        said = texts[key]
        start = said.add(text, is_cumulative=is_cumulative)
        chunks[chunk].waiting[text].append(SaidPiece(said, start, text))
    return chunks


def _said_by(run: StreamRun) -> Iterator[tuple[int, Hashable, str]]:
    for number, message in enumerate(run.messages):
        for place, call in enumerate(message.tool_calls):
            for fragment in call.fragments:
                if fragment.text:
                    yield fragment.chunk, ("call", number, place), fragment.text
    for count, (chunk, delta) in enumerate(run.deltas):
        for key, text in _of_delta(delta, count):
            if text:
                yield chunk, key, text


def _of_delta(delta: Delta, count: int) -> Iterator[tuple[Hashable, str]]:
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
