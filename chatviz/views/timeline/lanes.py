"""Lanes: what came in a stream, by kind, counted in bins that are not finer than a picture.

All work is done on the columns of a run, in slices: no value is made for a chunk.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.messages import ToolCall
from chatviz.runs.choices import in_choice, tool_calls_of
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.critical_path import find_call_moments
from chatviz.views.timeline.bins import Bins
from chatviz.wire.event_columns import KINDS

__all__ = ["Lane", "LaneKind", "lanes_of"]

LaneKind: TypeAlias = Literal[
    "keep-alive", "silent", "unread", "reasoning", "signed", "text", "citation", "refusal",
    "server_call", "server_result", "media", "call", "head start", "finish", "usage", "error",
]  # fmt: skip

HEAD_START: Final = "▶ tool could run"
_COMMENT: Final = KINDS.index("comment")
_SAID: Final[tuple[tuple[LaneKind, str, type[Delta]], ...]] = (
    ("reasoning", "reasoning", ReasoningDelta),
    ("signed", "signed details", SignatureDelta),
    ("text", "text", TextDelta),
    ("citation", "sources", CitationDelta),
    ("refusal", "refusal", RefusalDelta),
    ("server_call", "calls (server)", ServerCallDelta),
    ("server_result", "results (server)", ServerResultDelta),
    ("media", "media", MediaDelta),
)
_ENDS: Final[tuple[tuple[LaneKind, str, type[Delta]], ...]] = (
    ("finish", "finish", FinishDelta),
    ("usage", "usage", UsageDelta),
    ("error", "error", ErrorDelta),
)
_WITH_TEXT: Final = frozenset({"reasoning", "text", "refusal"})
_SAYS_NOTHING: Final = frozenset({RoleDelta, IdentityDelta, UnknownDelta, NoteDelta, EndDelta})


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of thing that came, bin by bin.

    Attributes
    ----------
    kind, label : str
    counts : sequence of int
        How many pieces each bin holds.
    sizes : sequence of int
        How many characters; empty where pieces have none.
    first, last : int | None
        The first and the last chunk; None where the pieces are no chunks.
    """

    kind: LaneKind
    label: str
    counts: Sequence[int]
    sizes: Sequence[int] = ()
    first: int | None = None
    last: int | None = None

    @property
    def count(self) -> int:
        """All its pieces."""
        return sum(self.counts)


def lanes_of(run: StreamRun, bins: Bins, *, max_calls: int = 12) -> list[Lane]:
    """Return the lanes of a run in which anything came.

    Parameters
    ----------
    max_calls : int
        How many tool calls get a lane of their own; those behind them share one.
    """
    edges = [bisect_left(run.deltas.chunks, chunk) for chunk in bins.chunks]
    said = _BinnedDeltas(run, edges)
    lanes = [
        _keep_alives(run, bins),
        *_silent_and_unread(said, bins),
        *(said.lane(*row) for row in _SAID),
        *_calls(run, bins, max_calls),
        _head_starts(run, bins),
        *(said.lane(*row) for row in _ENDS),
    ]
    return [lane for lane in lanes if lane.count]


class _BinnedDeltas:
    """The deltas of a run, cut into bins."""

    def __init__(self, run: StreamRun, edges: Sequence[int]) -> None:
        self.chunks = run.deltas.chunks
        self.values = run.deltas.values
        self.types: list[type[Delta]] = list(map(type, self.values))
        self.spans = list(pairwise(edges))
        self.tallies = [_tally(self.types[a:b]) for a, b in self.spans]

    def lane(self, kind: LaneKind, label: str, wanted: type[Delta]) -> Lane:
        """Return the lane of one type of delta."""
        counts = [tally.get(wanted, 0) for tally in self.tallies]
        spans = [span for span, count in zip(self.spans, counts, strict=True) if count]
        if not spans:
            return Lane(kind, label, ())
        sizes: Sequence[int] = ()
        if kind in _WITH_TEXT:
            pairs = zip(self.spans, counts, strict=True)
            sizes = [self._characters(a, b, count, wanted) for (a, b), count in pairs]
        first, last = self._places(spans[0], wanted)[0], self._places(spans[-1], wanted)[-1]
        return Lane(kind, label, counts, sizes, self.chunks[first], self.chunks[last])

    def chunks_saying(self, bin: int, start: int, end: int) -> Collection[int]:
        """Return which of the chunks from start to end, those of a bin, say something."""
        a, b = self.spans[bin]
        chunks = self.chunks[a:b]
        if _SAYS_NOTHING.isdisjoint(self.tallies[bin]):
            return range(start, end) if _is_counting(chunks, start, end) else set(chunks)
        pairs = zip(chunks, self.types[a:b], strict=True)
        return {chunk for chunk, kind in pairs if kind not in _SAYS_NOTHING}

    def chunks_unread(self, bin: int) -> set[int]:
        """Return the chunks of a bin whose message is not modelled."""
        if UnknownDelta not in self.tallies[bin]:
            return set()
        a, b = self.spans[bin]
        pairs = zip(self.chunks[a:b], self.values[a:b], strict=True)
        return {chunk for chunk, delta in pairs if _is_unread(delta)}

    def _places(self, span: tuple[int, int], wanted: type[Delta]) -> list[int]:
        return [place for place in range(*span) if self.types[place] is wanted]

    def _characters(self, a: int, b: int, count: int, wanted: type[Delta]) -> int:
        pieces: Any = self.values[a:b]
        if count < b - a:
            pieces = [piece for piece in pieces if type(piece) is wanted]
        return len("".join([piece.text for piece in pieces]))


def _tally(types: Sequence[type[Delta]]) -> Mapping[type[Delta], int]:
    """Count deltas by type; where all are of one, without counting."""
    kinds = set(types)
    return {kinds.pop(): len(types)} if len(kinds) == 1 else Counter(types)


def _is_counting(numbers: array[int], start: int, end: int) -> bool:
    """Whether numbers count from start to end by one: the usual case, one delta in each chunk.

    All differences of neighbours are taken at once, as one long subtraction; numbers that are
    sorted lend nothing to each other.
    """
    if len(numbers) != end - start or not numbers or numbers[0] != start:
        return False
    lower, upper = (int.from_bytes(part, "little") for part in (numbers[:-1], numbers[1:]))
    ones = (1).to_bytes(numbers.itemsize, "little") * (len(numbers) - 1)
    return upper - lower == int.from_bytes(ones, "little")


def _is_unread(delta: Delta) -> bool:
    """Whether a delta is a whole chunk, or something inside a message, that is not modelled."""
    return isinstance(delta, UnknownDelta) and delta.in_message


def _keep_alives(run: StreamRun, bins: Bins) -> Lane:
    kinds = run.wire.kinds.tobytes()
    counts = [kinds.count(_COMMENT, a, b) for a, b in pairwise(bins.events)]
    return Lane("keep-alive", "keep-alive", counts)


def _silent_and_unread(said: _BinnedDeltas, bins: Bins) -> list[Lane]:
    """Return the chunks that say nothing but a role, and those that are not read."""
    silent, unread = _Numbers(), _Numbers()
    for bin, (start, end) in enumerate(pairwise(bins.chunks)):
        speaking = said.chunks_saying(bin, start, end)
        if len(speaking) == end - start:
            rest, unknown = set[int](), set[int]()
        else:
            rest = set(range(start, end)).difference(speaking)
            unknown = said.chunks_unread(bin) & rest
        silent.add(rest - unknown)
        unread.add(unknown)
    return [silent.lane("silent", "role, empty"), unread.lane("unread", "not read")]


class _Numbers:
    """Counts chunks bin by bin, and remembers the first and the last."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._first: int | None = None
        self._last: int | None = None

    def add(self, chunks: set[int]) -> None:
        """Take the chunks of the next bin."""
        self._counts.append(len(chunks))
        if chunks:
            self._first = min(chunks) if self._first is None else self._first
            self._last = max(chunks)

    def lane(self, kind: LaneKind, label: str) -> Lane:
        """Return the lane of what was counted."""
        return Lane(kind, label, self._counts, (), self._first, self._last)


def _calls(run: StreamRun, bins: Bins, limit: int) -> list[Lane]:
    shown = [_call_lane(call, bins) for call in tool_calls_of(run)]
    if len(shown) <= limit:
        return shown
    rest = shown[limit - 1 :]
    merged = Lane(
        "call",
        f"{len(rest):,} more calls",
        [sum(counts) for counts in zip(*(lane.counts for lane in rest), strict=True)],
        [sum(sizes) for sizes in zip(*(lane.sizes for lane in rest), strict=True)],
        min(lane.first for lane in rest if lane.first is not None),
        max(lane.last for lane in rest if lane.last is not None),
    )
    return [*shown[: limit - 1], merged]


def _head_starts(run: StreamRun, bins: Bins) -> Lane:
    """Return where tools could have started before the answer's last chunk."""
    last = len(run.chunks) - 1
    moments = [find_call_moments(call).startable for call in tool_calls_of(run)]
    starts = sorted(chunk for chunk in moments if chunk is not None and chunk < last)
    if not starts:
        return Lane("head start", HEAD_START, ())
    edges = [bisect_left(starts, chunk) for chunk in bins.chunks]
    counts = [b - a for a, b in pairwise(edges)]
    return Lane("head start", HEAD_START, counts, (), starts[0], starts[-1])


def _call_lane(call: ToolCall, bins: Bins) -> Lane:
    """Return the lane of one call: its first appearance, and its fragments."""
    chunks, texts = call.fragments.chunks, call.fragments.texts
    edges = [bisect_left(chunks, chunk) for chunk in bins.chunks]
    counts = [b - a for a, b in pairwise(edges)]
    sizes = [sum(map(len, texts[a:b])) for a, b in pairwise(edges)]
    if call.chunk >= 0 and (not chunks or chunks[0] != call.chunk):
        counts[bisect_right(bins.chunks, call.chunk) - 1] += 1
    last = chunks[-1] if chunks else call.chunk
    label = f"{in_choice(call.choice)}call {call.position}: {call.name}"
    return Lane("call", label, counts, sizes, call.chunk, last)
