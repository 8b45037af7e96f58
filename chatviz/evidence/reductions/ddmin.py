"""Delta debugging: the fewest items of a list for which something is still true.

Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002), algorithm ddmin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Final, TypeVar

__all__ = ["ddmin", "drop_pairs"]

Kept = TypeVar("Kept")

MOST_PAIRED: Final = 24  # items: of more, pairs are too many to be tried


def ddmin(items: Sequence[Kept], fails: Callable[[list[Kept]], bool]) -> list[Kept]:
    """Return a part of a list, in its order, for which something is still true, and 1-minimal.

    Parameters
    ----------
    items : sequence
        All of them together fail; that is not asked again.
    fails : callable
        Takes some of the items, in their order.

    Returns
    -------
    list
        Without any one of them it does not fail, if `fails` always says the same.
    """
    kept, count = list(items), 2
    if not kept or fails([]):
        return []
    while len(kept) > 1:
        parts = _split(kept, count)
        found = next((part for part in parts if fails(part)), None)
        if found is not None:
            kept, count = found, 2
            continue
        left = _without_parts(parts, fails) if count > 2 else parts
        if len(left) < len(parts):
            kept = [item for part in left for item in part]
            count = max(len(left), 2)
        elif count >= len(kept):
            break
        else:
            count = min(2 * count, len(kept))
    return kept


def drop_pairs(items: Sequence[Kept], fails: Callable[[list[Kept]], bool]) -> list[Kept]:
    """Return a part of a list from which no two can go, where one cannot go without the other."""
    kept = list(items)
    while 1 < len(kept) <= MOST_PAIRED:
        tries = (
            [item for place, item in enumerate(kept) if place not in pair]
            for pair in combinations(range(len(kept)), 2)
        )
        found = next((left for left in tries if fails(left)), None)
        if found is None:
            break
        kept = found
    return kept


def _split(items: list[Kept], count: int) -> list[list[Kept]]:
    """Return so many parts, as equal as can be."""
    edges = [len(items) * n // count for n in range(count + 1)]
    return [items[start:end] for start, end in pairwise(edges)]


def _without_parts(
    parts: list[list[Kept]], fails: Callable[[list[Kept]], bool]
) -> list[list[Kept]]:
    """Return the parts that cannot go, each tried once, from the last to the first.

    What comes late is tried first: little depends on it.
    """
    left = list(parts)
    for place in range(len(parts) - 1, -1, -1):
        fewer = left[:place] + left[place + 1 :]
        if fewer and fails([item for part in fewer for item in part]):
            left = fewer
    return left
