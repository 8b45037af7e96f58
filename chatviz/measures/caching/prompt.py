"""Prompt: a request as a cache compares it, value by value, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec

from chatviz.wire.json_text import dump_json

__all__ = ["REGIONS", "PieceKind", "Prompt", "PromptBlock", "PromptPiece", "Region"]

Region: TypeAlias = Literal["model", "tools", "system", "options", "message"]
PieceKind: TypeAlias = Literal["text", "value", "names"]
REGIONS: Final[tuple[Region, ...]] = get_args(Region)
HIDDEN: Final = "(not shown)"
_STANDS_FOR: Final = ("[0].content[0].text", "[0].content[0]", "[0].text", "[0]")


class PromptPiece(msgspec.Struct, frozen=True, gc=False):
    """One value of a prompt, or the names of one object.

    Attributes
    ----------
    place : str
        Its path in the body, ``"messages[2].content[0].text"``.
    kind : str
        ``"text"``, another ``"value"``, or ``"names"`` of an object.
    text : str
        What is compared.
    size : int
        Its bytes in UTF-8; 0 for the names of an object that is the API's own.
    sent : mapping | None
        The object whose names these are.
    is_secret : bool
        Whether its text is compared, and never shown.
    """

    place: str
    kind: PieceKind
    text: str
    size: int
    sent: Mapping[str, Any] | None = None
    is_secret: bool = False


class PromptBlock(msgspec.Struct):
    """A message, a tool, or another item of a request: the pieces of its values.

    Attributes
    ----------
    region : str
    message : int | None
        The number of the message, counted in the body.
    pieces : list of PromptPiece
    marks : list of str
        Of each mark up to where the prompt is to be cached, for how long: ``""`` where it does not
        say.
    alone : list of str
        Places of texts that were sent alone, and not as the item of a list that they stand for.
    size : int
        Bytes of its values.
    source : object
        What it was read from: held, so that it is known again.
    """

    region: Region
    message: int | None = None
    pieces: list[PromptPiece] = []  # each block has its own: msgspec copies it
    marks: list[str] = []
    alone: list[str] = []
    size: int = 0
    source: Any = None

    def show_place(self, place: str) -> str:
        """Return the path of a value as it was sent."""
        for end in _STANDS_FOR:
            if place.endswith(end) and (whole := place.removesuffix(end)) in self.alone:
                return whole
        return place


@dataclass(slots=True)
class Prompt:
    """A request as a cache compares it.

    Attributes
    ----------
    blocks : list of PromptBlock
    outside : dict
        Options that reach no prompt, by their place.
    retention : list of str
        For how long the request as a whole asks to be cached.
    secrets : frozenset of str
        Names whose values are never shown.
    has_history : bool
        Whether the server keeps what was said before.
    is_raw : bool
        Whether the messages are the prompt's text itself.
    """

    blocks: list[PromptBlock] = field(default_factory=list)
    outside: dict[str, Any] = field(default_factory=dict)
    retention: list[str] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()
    has_history: bool = False
    is_raw: bool = False

    @property
    def size(self) -> int:
        """Its bytes: the values in UTF-8, without JSON's own signs."""
        return sum([block.size for block in self.blocks])

    @property
    def marks(self) -> list[str]:
        """For how long each mark asks to be cached, and the request as a whole."""
        return [*self.retention, *(mark for block in self.blocks for mark in block.marks)]

    def sizes(self) -> dict[Region, int]:
        """Return the bytes of each region that is there."""
        found: dict[Region, int] = {}
        for block in self.blocks:
            found[block.region] = found.get(block.region, 0) + block.size
        return found

    def pieces_from(self, at: int) -> Iterator[tuple[PromptBlock, PromptPiece]]:
        """Yield the pieces from a block on."""
        return ((block, piece) for block in self.blocks[at:] for piece in block.pieces)

    def show_piece(self, piece: PromptPiece) -> str:
        """Return a piece as text; of the names of an object, the whole object."""
        if piece.is_secret:
            return HIDDEN
        return piece.text if piece.sent is None else dump_json(self._show(piece.sent))

    def show_named(self, piece: PromptPiece, name: str) -> str | None:
        """Return what an object holds under a name, as text; None where it has no such name."""
        value = self._show(piece.sent or {}).get(name)
        return value if value is None or isinstance(value, str) else dump_json(value)

    def _show(self, value: Any) -> Any:
        """Return a value without its secrets."""
        if not self.secrets:
            return value
        if isinstance(value, Mapping):
            return {
                name: HIDDEN if name in self.secrets else self._show(inner)
                for name, inner in value.items()
            }
        return [self._show(item) for item in value] if isinstance(value, list) else value
