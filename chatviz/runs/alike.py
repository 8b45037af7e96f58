"""AlikeChunks: chunks that follow one and say the same but for a text, taken together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.assembly.repetition import Repeated, repeat, repeatable_text
from chatviz.chat.deltas import Delta, ReasoningDelta, SignatureDelta, TextDelta, ToolCallDelta
from chatviz.dialects import Dialect
from chatviz.runs.delta_sequence import Deltas
from chatviz.wire.alike import Alike
from chatviz.wire.wire_event import WireEvent

__all__ = ["AlikeChunks"]

_PIECES: Final = frozenset((TextDelta, ReasoningDelta, SignatureDelta, ToolCallDelta))
_FEWEST: Final = 6  # chunks that are worth being taken together
_NEAR: Final = 48  # bytes: the sizes of chunks that are alike differ by no more
_MOST_FAILURES: Final = 4  # in a row: a stream whose chunks differ is left alone


class AlikeChunks:
    """Takes the chunks that follow one and say the same, as far as the dialect can tell them.

    Parameters
    ----------
    assembler : MessageAssembler
    deltas : Deltas
        Who take what the chunks say.
    """

    def __init__(self, assembler: MessageAssembler, deltas: Deltas) -> None:
        self._assembler = assembler
        self._deltas = deltas
        self._read_alike: Callable[..., Alike] | None = None
        self._failures = 0

    def speak(self, dialect: Dialect) -> None:
        """Say how the chunks speak; some dialects tell no chunks that are alike."""
        self._read_alike = getattr(dialect, "read_alike", None)

    def last_place(self, events: Sequence[WireEvent]) -> int:
        """Return up to which of some events it may be worth a look what follows."""
        return -1 if self._read_alike is None else len(events) - _FEWEST

    def follow(
        self, events: Sequence[WireEvent], place: int, said: Sequence[Delta], number: int
    ) -> int:
        """Take the chunks that follow one, which was taken, and say the same; return how many.

        Parameters
        ----------
        events : sequence of WireEvent
        place, number : int
            Where the one is among them, before their ``last_place``; its number among the chunks.
        said : sequence of Delta
            What it said.
        """
        if not said or said[-1].__class__ not in _PIECES or self._failures == _MOST_FAILURES:
            return 0
        one, other = events[place], events[place + _FEWEST]
        if one.name != other.name or abs(len(one.data) - len(other.data)) > _NEAR:
            return 0
        text = repeatable_text(self._assembler, said)
        found = self._read_alike(events, place, text) if self._read_alike and text else None
        if found is None or not found.texts:
            self._failures += 1
            return 0
        self._failures = 0
        again = Repeated(number + 1, *found)
        self._deltas.extend(repeat(self._assembler, said, again), again.first)
        return len(found.texts)
