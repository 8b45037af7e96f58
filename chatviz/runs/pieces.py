"""Which piece filled which part: what was said, put to the parts of the message that it made.

It follows the assembler's rule for parts (``ChoiceState.part``) and merges nothing itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from chatviz.chat.assembly.choice_state import ChoiceState, PartState
from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    MediaDelta,
    PartKind,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
)
from chatviz.chat.findings.log import FindingLog
from chatviz.chat.manners import Manners

__all__ = ["PartPieces", "PieceFinder"]

_OF_PARTS: Final[dict[type[Delta], tuple[PartKind, Callable[[Any], str]]]] = {
    TextDelta: ("text", attrgetter("text")),
    ReasoningDelta: ("reasoning", attrgetter("text")),
    RefusalDelta: ("refusal", attrgetter("text")),
    SignatureDelta: ("reasoning", attrgetter("json")),
    ServerCallDelta: ("server_call", attrgetter("arguments")),
    ServerResultDelta: ("server_result", attrgetter("json")),
    MediaDelta: ("media", attrgetter("json")),
    CitationDelta: ("text", attrgetter("json")),
    ToolCallDelta: ("call", attrgetter("arguments")),
}
_GO_ON: Final = frozenset({TextDelta, ReasoningDelta, RefusalDelta})
_where: Final = attrgetter("__class__", "choice", "part")


class PartPieces(NamedTuple):
    """The pieces of one type that filled one part of a message.

    Attributes
    ----------
    said_as : type
        The type of the deltas: a signature or a citation belongs to a part of another kind, and
        what is said in media is text.
    choice, place : int
        Which message, and where in it the part is.
    part : PartState
        The part, as it has been assembled so far.
    chunks : list of int
        The chunk of each piece.
    texts : list of str
        The pieces: text, or JSON text.
    """

    said_as: type[Delta]
    choice: int
    place: int
    part: PartState
    chunks: list[int]
    texts: list[str]


class PieceFinder:
    """Finds the part of each piece of what was said, but for calls, whose fragments are known.

    Parameters
    ----------
    manners : Manners
        Those of the answer's dialect.
    """

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._followed: dict[int, ChoiceState] = {}
        self._counts: Counter[int] = Counter()
        self._call_pieces: Counter[int] = Counter()  # of each choice
        self._numbers: dict[PartState, int] = {}  # of the parts that follow, without calls

    def take(
        self, chunks: Sequence[int], deltas: Sequence[Delta], choices: Iterable[ChoiceState]
    ) -> list[PartPieces]:
        """Return by what the parts have grown, in the order of the message.

        Parameters
        ----------
        chunks : sequence of int
        deltas : sequence of Delta
            Those that are new, and the chunk of each.
        choices : iterable of ChoiceState
            What these deltas have been assembled to.
        """
        placed = {one.number: _Placed(one) for one in choices}
        grown: dict[tuple[int, int, type[Delta]], PartPieces] = {}
        kept = [(n, delta) for n, delta in enumerate(deltas) if type(delta) in _OF_PARTS]
        for (said_as, *_), group in groupby(kept, lambda pair: _where(pair[1])):
            pairs = list(group)
            for some in [pairs] if said_as in _GO_ON else [[pair] for pair in pairs]:
                delta: Any = some[0][1]
                place = self._find(delta, placed[delta.choice])
                if place is None:
                    continue
                part = placed[delta.choice].state.parts[place]
                empty = PartPieces(said_as, delta.choice, place, part, [], [])
                known = grown.setdefault((delta.choice, place, said_as), empty)
                known.chunks.extend([chunks[n] for n, _ in some])
                known.texts.extend(map(_OF_PARTS[said_as][1], [one for _, one in some]))
                if said_as is MediaDelta and delta.text:
                    empty = PartPieces(TextDelta, delta.choice, place, part, [], [])
                    spoken = grown.setdefault((delta.choice, place, TextDelta), empty)
                    spoken.chunks.append(chunks[some[0][0]])
                    spoken.texts.append(delta.text)
        return sorted(grown.values(), key=attrgetter("choice", "place"))

    def _find(self, delta: Any, placed: _Placed) -> int | None:
        """Return where the part of a delta is in its message; None for a fragment of a call."""
        if isinstance(delta, ToolCallDelta):
            self._call_pieces[delta.choice] += 1
        if isinstance(delta, SignatureDelta) and delta.of == "call":
            call = placed.state.find_call(delta.part, self._call_pieces[delta.choice])
            if call is not None:
                return placed.places[call]
        mine = self._follow(delta)
        if mine.kind == "call":
            return None
        number = self._numbers[mine]
        return placed.spoken[number] if number < len(placed.spoken) else None

    def _follow(self, delta: Any) -> PartState:
        """Return the part that a delta fills, begun where the assembler begins one."""
        state = self._followed.get(delta.choice)
        if state is None:
            state = ChoiceState(delta.choice, FindingLog(), self._manners.parts)
            self._followed[delta.choice] = state
        kind, key = _OF_PARTS[type(delta)][0], delta.part
        if isinstance(delta, SignatureDelta) and delta.of != "call":
            kind = delta.of
        known, count = None, len(state.parts)
        if isinstance(delta, CitationDelta):  # it may come after its part's end
            known = state.by_key.get(("text", key))
        part = known or state.part(kind, key, 0)
        if isinstance(delta, SignatureDelta):
            part.details.append(delta.json)
        if len(state.parts) > count and kind != "call":
            self._numbers[part] = self._counts[delta.choice]
            self._counts[delta.choice] += 1
        return part


class _Placed:
    """Where the parts of a message are: all of them, and those that are no calls."""

    def __init__(self, state: ChoiceState) -> None:
        self.state = state
        self.places = {part: place for place, part in enumerate(state.parts)}
        self.spoken = [place for place, part in enumerate(state.parts) if part.kind != "call"]
