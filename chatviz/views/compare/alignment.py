"""Alignment: the parts of several answers side by side, and the first character that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, groupby
from operator import attrgetter
from typing import Final

from chatviz.chat.arguments.spelling import hold_the_same
from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    MediaDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
)
from chatviz.chat.messages import Message, ToolCall
from chatviz.runs.choices import in_choice, pair_choices
from chatviz.runs.pieces import PartPieces, PieceFinder
from chatviz.runs.run import StreamRun
from chatviz.views.timeline.bins import has_times

__all__ = ["Divergence", "Pieces", "Strand", "align_runs"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What one side said of a part: its pieces, the chunk of each, and its time where measured."""

    texts: tuple[str, ...]
    chunks: tuple[int, ...]
    times: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.texts)

    def chunk_at(self, offset: int) -> int | None:
        """Return the chunk that brought the character at an offset; None behind the end."""
        for end, chunk in zip(accumulate(map(len, self.texts)), self.chunks, strict=True):
            if offset < end:
                return chunk
        return None


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first character that is not the same on all sides, and the chunk that brought it."""

    offset: int
    chunks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Strand:
    """One part of an answer on all sides, such as the text of step 1, or its second call.

    Attributes
    ----------
    step : int
        From 1.
    label : str
        ``"text"``, ``"reasoning"``, ``"refusal"`` or ``"call 0: add"``; of another choice than
        the first with ``"choice 1: "`` before it.
    sides : tuple of Pieces | None
        None where a side has no such part.
    difference : Divergence | None
        None where all that have the part say the same.
    is_respelt : bool
        Whether arguments are the same values in another spelling: other spaces, another order.
    choice : int
        Which of several answers to one request it is a part of.
    """

    step: int
    label: str
    sides: tuple[Pieces | None, ...]
    difference: Divergence | None
    is_respelt: bool = False
    choice: int = 0

    @property
    def part(self) -> str:
        """Its label without its choice."""
        return self.label.removeprefix(in_choice(self.choice))

    @property
    def is_partial(self) -> bool:
        """Whether a side has no such part."""
        return None in self.sides

    @property
    def differs(self) -> bool:
        """Whether what the sides say differs: in its words, or in that a side says nothing."""
        return self.difference is not None or self.is_partial


def align_runs(sides: Sequence[Sequence[StreamRun]]) -> tuple[Strand, ...]:
    """Align the answers of several sides: step by step, by kind and order of their parts.

    Where an answer has several choices, each is set beside the same choice of the others. Ids,
    signatures and framing are no differences: where the same words were cut into another number of
    parts they are compared as one, and arguments are the same where their values are.

    Parameters
    ----------
    sides : sequence of sequences of StreamRun
        For each side its answers, one for each step.
    """
    steps = range(max(map(len, sides), default=0))
    return tuple(chain.from_iterable(
        _align_step(step + 1, [runs[step] if step < len(runs) else None for runs in sides])
        for step in steps
    ))  # fmt: skip


def _align_step(step: int, runs: Sequence[StreamRun | None]) -> Iterator[Strand]:
    """Yield the parts of one step: those of its first choice, then those of the others."""
    said = [{} if run is None else _pieces_by_choice(run) for run in runs]
    for choice, messages in pair_choices(runs):
        pairs = list(zip(said, messages, strict=True))
        sides = [{} if one is None else pieces.get(one.choice, {}) for pieces, one in pairs]
        for strand in _align_choice(step, runs, messages, sides):
            yield replace(strand, label=f"{in_choice(choice)}{strand.label}", choice=choice)


def _align_choice(
    step: int,
    runs: Sequence[StreamRun | None],
    messages: Sequence[Message | None],
    sides: Sequence[Mapping[type[Delta], list[Pieces]]],
) -> Iterator[Strand]:
    for label, said_as in _SPOKEN.items():
        yield from _align_kind(step, label, [side.get(said_as, []) for side in sides])
    calls = [() if message is None else message.tool_calls for message in messages]
    for position in range(max(map(len, calls))):
        here = [some[position] if position < len(some) else None for some in calls]
        yield _align_calls(step, f"call {position}", here, runs)
    server_calls = [side.get(ServerCallDelta, []) for side in sides]
    for strand in _align_kind(step, "server call", server_calls):
        texts = [side.text for side in strand.sides if side is not None]
        is_respelt = strand.difference is not None and hold_the_same(texts)
        yield replace(strand, difference=None, is_respelt=True) if is_respelt else strand


def _align_kind(step: int, label: str, sides: Sequence[list[Pieces]]) -> Iterator[Strand]:
    """Yield the parts of one kind: one by one where all that have any have as many of them."""
    counts = {len(side) for side in sides if side}
    if len(counts) > 1:
        sides = [[_join(side)] if side else [] for side in sides]
    for number in range(max(map(len, sides))):
        name = f"{label} {number + 1}" if number else label
        here = [side[number] if side else None for side in sides]
        yield Strand(step, name, tuple(here), _find_difference(here))


def _align_calls(
    step: int, label: str, calls: Sequence[ToolCall | None], runs: Sequence[StreamRun | None]
) -> Strand:
    names = dict.fromkeys(call.name for call in calls if call is not None)
    pairs = zip(runs, calls, strict=True)
    sides = [None if run is None or call is None else _call(run, call) for run, call in pairs]
    difference = _find_difference(sides)
    is_respelt = difference is not None and hold_the_same(
        call.arguments for call in calls if call is not None
    )
    label = f"{label}: {' / '.join(names)}"
    return Strand(step, label, tuple(sides), None if is_respelt else difference, is_respelt)


def _find_difference(sides: Sequence[Pieces | None]) -> Divergence | None:
    """Return where the first character is that is not the same on all sides that speak."""
    texts = [pieces.text for pieces in sides if pieces is not None]
    if len(texts) < 2 or len(set(texts)) == 1:
        return None
    offset = _count_shared(texts)
    return Divergence(
        offset, tuple(None if side is None else side.chunk_at(offset) for side in sides)
    )


def _count_shared(texts: Sequence[str]) -> int:
    """Return how many characters all texts begin with; of the smallest and the largest it shows."""
    low, high = min(texts), max(texts)
    pairs = enumerate(zip(low, high, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(low), len(high)))


def _pieces_by_choice(run: StreamRun) -> dict[int, dict[type[Delta], list[Pieces]]]:
    """Return what each choice says, part by part; neighbours of one kind are one part."""
    finder = PieceFinder(run.spoken.manners)
    grown = finder.take(run.deltas.chunks, run.deltas.values, run.answer.choices)
    by_choice = groupby(grown, attrgetter("choice"))  # they come choice by choice
    return {choice: _pieces_by_kind(run, parts) for choice, parts in by_choice}


def _pieces_by_kind(run: StreamRun, parts: Iterable[PartPieces]) -> dict[type[Delta], list[Pieces]]:
    found: dict[type[Delta], list[Pieces]] = {}
    before: type[Delta] | None = None
    for grown in parts:
        if grown.said_as in _BESIDE:
            continue
        pairs = [(text, n) for text, n in zip(grown.texts, grown.chunks, strict=True) if text]
        if not pairs:
            continue
        pieces = _pieces(run, [text for text, _ in pairs], [n for _, n in pairs])
        known = found.setdefault(grown.said_as, [])
        if known and grown.said_as is before and before is not ServerCallDelta:
            known[-1] = _join([known[-1], pieces])
        else:
            known.append(pieces)
        before = grown.said_as
    return found


def _join(several: Sequence[Pieces]) -> Pieces:
    """Return several parts as one."""
    return Pieces(
        tuple(chain.from_iterable(one.texts for one in several)),
        tuple(chain.from_iterable(one.chunks for one in several)),
        tuple(chain.from_iterable(one.times for one in several)),
    )


def _call(run: StreamRun, call: ToolCall) -> Pieces:
    """Return the fragments of a call."""
    if call.arguments and not call.fragments:  # it came whole
        return _pieces(run, [call.arguments], [max(call.chunk, 0)])
    return _pieces(run, call.fragments.texts, call.fragments.chunks)


def _pieces(run: StreamRun, texts: Sequence[str], chunks: Sequence[int]) -> Pieces:
    stamps = run.wire.chunk_times if run.timing == "measured" and has_times(run) else []
    times = [stamps[chunk] for chunk in chunks] if stamps else []
    return Pieces(tuple(texts), tuple(chunks), tuple(times))


_SPOKEN: Final[dict[str, type[Delta]]] = {
    "reasoning": ReasoningDelta,
    "text": TextDelta,
    "refusal": RefusalDelta,
}
# Ids, signatures, sources and what a provider's tools gave are shaped by each provider.
_BESIDE: Final = frozenset({SignatureDelta, CitationDelta, ServerResultDelta, MediaDelta})
