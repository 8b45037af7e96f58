"""How two JSON values differ: few differences, each with its path, the two values and a sentence.

The items of lists are aligned before they are compared, so that a message put in between is one
difference, and not one for every message after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from chatviz.cassettes.matching.json_paths import PathStep, write_path
from chatviz.wire.json_text import dump_json, dump_sorted

__all__ = ["ABSENT", "Beginning", "Difference", "align_items", "diff_json", "share_in_common"]


class _Absent:
    """The value of the side that has none."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What a difference holds for the side that has no value."""


class Beginning(str):
    """What is kept of the JSON text of a value that is too long to be kept whole."""

    __slots__ = ()


_KEPT: Final = 1000
_SHOWN: Final = 60
_CONTEXT: Final = 20
_MOST_ALIGNED: Final = 64
"""Longer stretches of unlike items are compared by their place: aligning takes the square."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a request differs from a recorded one.

    Attributes
    ----------
    path : str
        Where: ``"messages[2].tool_call_id"`` in the body, ``"method"``, ``"url.path"``, ``"body"``.
    recorded, asked : object
        The two values, without secrets; `ABSENT` on the side that has none. In an error, of long
        texts what is near the difference, and of other long values their `Beginning`.
    part : str
        ``"method"``, ``"url"`` or ``"body"``.
    steps : tuple
        The path in the body as single steps.
    """

    path: str
    recorded: Any
    asked: Any
    part: Literal["method", "url", "body"] = "body"
    steps: tuple[PathStep, ...] = ()

    @property
    def sentence(self) -> str:
        """The difference in words, with long values shortened."""
        recorded, asked = self.shown
        return f"{self.path[:120]}: recorded {recorded}, asked {asked}"

    @property
    def shown(self) -> tuple[str, str]:
        """Both values as text that is short and holds no control characters."""
        start = 0
        if isinstance(self.recorded, str) and isinstance(self.asked, str):
            start = _common_start(self.recorded, self.asked)
        return _show(self.recorded, start), _show(self.asked, start)

    def shortened(self) -> Difference:
        """Return the difference without what makes it long: fit to be kept for ever."""
        start = 0
        if isinstance(self.recorded, str) and isinstance(self.asked, str):
            start = _common_start(self.recorded, self.asked)
        recorded, asked = _shorten(self.recorded, start), _shorten(self.asked, start)
        if len(self.path) <= _KEPT:
            return replace(self, recorded=recorded, asked=asked)
        return Difference(f"{self.path[:_KEPT]}…", recorded, asked, self.part)

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<Difference: {self.sentence}>"


def diff_json(recorded: Any, asked: Any, steps: tuple[PathStep, ...] = ()) -> list[Difference]:
    """Return how two JSON values differ, in the order of the recorded one.

    The values should not be nested deeper than Python's recursion allows. ``1`` and
    ``true`` differ.
    """
    found: list[Difference] = []
    _compare(recorded, asked, steps, found)
    return found


def _compare(
    recorded: Any, asked: Any, steps: tuple[PathStep, ...], found: list[Difference]
) -> None:
    match recorded, asked:
        case dict(), dict() if not steps or not recorded.keys().isdisjoint(asked):
            for name in [*recorded, *(name for name in asked if name not in recorded)]:
                pair = (recorded.get(name, ABSENT), asked.get(name, ABSENT))
                _compare(*pair, (*steps, name), found)
        case list(), list():
            for here, there in _align(recorded, asked)[1]:
                pair = (
                    ABSENT if here is None else recorded[here],
                    ABSENT if there is None else asked[there],
                )
                place = here if here is not None else there
                assert place is not None
                _compare(*pair, (*steps, place), found)
        case _ if type(recorded) is not type(asked) or recorded != asked:
            path = write_path(steps) or "body"
            found.append(Difference(path, recorded, asked, steps=steps))


Pairs = list[tuple[int | None, int | None]]


def align_items(recorded: Sequence[Any], asked: Sequence[Any]) -> Pairs:
    """Pair the items of two lists of JSON values in order, by how alike they are.

    Returns
    -------
    list of pairs
        The places of both; an item without a partner is paired with None.
    """
    head, middle, tail = _align(recorded, asked)
    first, last = range(head), range(tail)
    return [
        *zip(first, first, strict=True),
        *middle,
        *((len(recorded) - tail + n, len(asked) - tail + n) for n in last),
    ]


def _align(recorded: Sequence[Any], asked: Sequence[Any]) -> tuple[int, Pairs, int]:
    """Return how many equal items two lists begin and end with, and the pairs between them."""
    ours, theirs = list(map(dump_sorted, recorded)), list(map(dump_sorted, asked))
    shorter = min(len(ours), len(theirs))
    head = next((n for n in range(shorter) if ours[n] != theirs[n]), shorter)
    tail = 0
    while tail < shorter - head and ours[-1 - tail] == theirs[-1 - tail]:
        tail += 1
    middle = range(head, len(ours) - tail), range(head, len(theirs) - tail)
    if max(map(len, middle)) > _MOST_ALIGNED:
        return head, _pair_by_place(*middle), tail

    def likeness(here: int, there: int) -> float:
        if ours[here] == theirs[there]:
            return 2.0
        return _likeness(recorded[here], asked[there])

    return head, _pair_by_likeness(*middle, likeness), tail


def _pair_by_place(ours: range, theirs: range) -> Pairs:
    both = min(len(ours), len(theirs))
    pairs: Pairs = list(zip(ours, theirs, strict=False))
    pairs += [(here, None) for here in ours[both:]]
    return pairs + [(None, there) for there in theirs[both:]]


def _pair_by_likeness(ours: range, theirs: range, likeness: Callable[[int, int], float]) -> Pairs:
    """Pair so that the sum of the likenesses is the greatest (a longest common subsequence)."""
    rows, columns = len(ours), len(theirs)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    like = [[likeness(here, there) for there in theirs] for here in ours]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            paired = like[row][column] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    pairs: Pairs = []
    row = column = 0
    while row < rows and column < columns:
        if best[row][column] == like[row][column] + best[row + 1][column + 1]:
            pairs.append((ours[row], theirs[column]))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            pairs.append((ours[row], None))
            row += 1
        else:
            pairs.append((None, theirs[column]))
            column += 1
    pairs += [(here, None) for here in ours[row:]]
    return pairs + [(None, there) for there in theirs[column:]]


def _likeness(one: Any, other: Any) -> float:
    """Say how alike two items that are not equal are, from just above 0 to 1."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0.1 if type(one) is type(other) else 0.05
    shared = sum(_closeness(one[name], other[name]) for name in one.keys() & other.keys())
    return 0.1 + 0.9 * shared / max(len(one), len(other), 1)


def _closeness(one: Any, other: Any) -> float:
    if type(one) is type(other) and one == other:
        return 1.0
    if isinstance(one, str) and isinstance(other, str):
        return 0.9 * share_in_common(one, other)
    return 0.0


def share_in_common(one: str | bytes, other: str | bytes) -> float:
    """Return how much of two texts is the same at their beginning and their end: 0 to 1."""
    start = _common_start(one, other)
    rest = one[start:][::-1], other[start:][::-1]
    return (start + _common_start(*rest)) / max(len(one), len(other), 1)


def _common_start(one: str | bytes, other: str | bytes) -> int:
    """Return how many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shorten(value: Any, start: int) -> Any:
    """Return a value as it may be kept: a long text from where it begins to differ."""
    if value is ABSENT or isinstance(value, Beginning):
        return value
    if isinstance(value, str):
        if len(value) <= _KEPT:
            return value
        first = max(0, start - _CONTEXT)
        after = "…" if len(value) > first + _KEPT else ""
        return f"{'…' if first else ''}{value[first : first + _KEPT]}{after}"
    text = dump_json(value)
    return value if len(text) <= _KEPT else Beginning(text[:_KEPT])


def _show(value: Any, start: int) -> str:
    """Shorten a value; a long text is shown from where it begins to differ."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Beginning) or not isinstance(value, str):
        text = value if isinstance(value, Beginning) else dump_json(value)
        text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    if len(value) <= _SHOWN:
        return repr(value)
    first = max(0, start - _CONTEXT)
    cut = value[first : first + _SHOWN - 2]
    after = "…" if first + len(cut) < len(value) else ""
    return f"{'…' if first else ''}{cut!r}{after}"
