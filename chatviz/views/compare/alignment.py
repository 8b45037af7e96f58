"""Alignment: the parts of several answers side by side, and the first character that differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final, TypeAlias

from chatviz.chat.deltas import ReasoningDelta, RefusalDelta, TextDelta
from chatviz.runs.run import StreamRun
from chatviz.views.timeline.bins import has_times

__all__ = ["Divergence", "Pieces", "Strand", "align_runs"]


_Spoken: TypeAlias = ReasoningDelta | TextDelta | RefusalDelta


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
        ``"text"``, ``"reasoning"``, ``"refusal"`` or ``"call 0: add"``.
    sides : tuple of Pieces | None
        None where a side has no such part.
    difference : Divergence | None
        None where all that have the part say the same.
    """

    step: int
    label: str
    sides: tuple[Pieces | None, ...]
    difference: Divergence | None


def align_runs(sides: Sequence[Sequence[StreamRun]]) -> tuple[Strand, ...]:
    """Align the answers of several sides: step by step, spoken parts by kind, calls by position.

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
    for label, wanted in _SPOKEN.items():
        spoken = [None if run is None else _spoken(run, wanted) for run in runs]
        if any(spoken):
            yield _strand(step, label, spoken)
    calls = max((len(run.message.tool_calls) for run in runs if run is not None), default=0)
    for position in range(calls):
        sides = [None if run is None else _call(run, position) for run in runs]
        yield _strand(step, _call_label(position, runs), sides)


def _strand(step: int, label: str, sides: Sequence[Pieces | None]) -> Strand:
    return Strand(step, label, tuple(sides), _find_difference(sides))


def _find_difference(sides: Sequence[Pieces | None]) -> Divergence | None:
    """Return where the first character stands that is not the same on all sides that speak."""
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


def _spoken(run: StreamRun, wanted: type[_Spoken]) -> Pieces | None:
    """Return the pieces of one kind of delta in the first choice; None where there are none."""
    choice = run.message.choice
    pairs = [
        (chunk, delta.text)
        for chunk, delta in zip(run.deltas.chunks, run.deltas.values, strict=True)
        if isinstance(delta, wanted) and delta.choice == choice and delta.text
    ]
    if not pairs:
        return None
    return _pieces(run, [text for _, text in pairs], [chunk for chunk, _ in pairs])


def _call(run: StreamRun, position: int) -> Pieces | None:
    """Return the fragments of a call; None where there is no such call."""
    calls = run.message.tool_calls
    if position >= len(calls):
        return None
    call = calls[position]
    if call.arguments and not call.fragments:  # it came whole
        return _pieces(run, [call.arguments], [max(call.chunk, 0)])
    return _pieces(run, call.fragments.texts, call.fragments.chunks)


def _pieces(run: StreamRun, texts: Sequence[str], chunks: Sequence[int]) -> Pieces:
    wire, measured = run.wire, run.timing == "measured" and has_times(run)
    times = [wire.times[wire.chunk_events[chunk]] for chunk in chunks] if measured else []
    return Pieces(tuple(texts), tuple(chunks), tuple(times))


def _call_label(position: int, runs: Sequence[StreamRun | None]) -> str:
    names = [
        run.message.tool_calls[position].name
        for run in runs
        if run is not None and position < len(run.message.tool_calls)
    ]
    return f"call {position}: {' / '.join(dict.fromkeys(names))}"


_SPOKEN: Final[dict[str, type[_Spoken]]] = {
    "reasoning": ReasoningDelta,
    "text": TextDelta,
    "refusal": RefusalDelta,
}
