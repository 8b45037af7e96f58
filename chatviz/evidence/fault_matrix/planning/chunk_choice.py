"""Which chunks of an answer are struck: all, or of many a sample that says most.

A boundary is a chunk that says something else than the one before: the first of a text, of a call,
of the reason to end. What breaks at all breaks there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatviz.chat.deltas import IdentityDelta, NoteDelta, RoleDelta
from chatviz.runs.run import StreamRun

__all__ = ["FIRST_OF_SEVERAL", "boundaries", "choose_chunks"]

FIRST_OF_SEVERAL: Final = 0xC0  # from here on a byte of UTF-8 begins a character of several
_BESIDE: Final = (IdentityDelta, NoteDelta, RoleDelta)  # these come with any other


def boundaries(run: StreamRun) -> tuple[int, ...]:
    """Return the chunks that say something else than the chunk before; the first is one."""
    said: dict[int, set[tuple[object, ...]]] = {}
    for chunk, delta in run.deltas:
        if not isinstance(delta, _BESIDE):
            part = getattr(delta, "part", None)
            key = (type(delta), getattr(delta, "choice", None), part, getattr(delta, "index", None))
            said.setdefault(chunk, set()).add(key)
    found, before = [], None
    for chunk in range(len(run.chunks)):
        now = said.get(chunk, set())
        if now != before:
            found.append(chunk)
        before = now
    return tuple(found)


def choose_chunks(
    run: StreamRun, *, chunks: Iterable[int] | None = None, most: int | None = None
) -> tuple[int, ...]:
    """Return the chunks of an answer that are to be struck, in their order.

    Parameters
    ----------
    run : StreamRun
    chunks : iterable of int or None
        These and no others, as far as the answer has them.
    most : int | None
        How many at most. Of more, the first and the last are taken and the first in which a
        character can be split, then the boundaries, then others at equal distances. None for all.
    """
    count = len(run.chunks)
    if chunks is not None:
        return tuple(sorted({chunk for chunk in chunks if 0 <= chunk < count}))
    if most is None or count <= most:
        return tuple(range(count))
    split = [chunk.index for chunk in run.chunks if max(chunk.data, default=0) >= FIRST_OF_SEVERAL]
    chosen = dict.fromkeys((0, count - 1, *split[:1])[:most])
    inner = [chunk for chunk in boundaries(run) if chunk not in chosen]
    chosen |= dict.fromkeys(_spread(inner, most - len(chosen)))
    rest = [chunk for chunk in range(count) if chunk not in chosen]
    chosen |= dict.fromkeys(_spread(rest, most - len(chosen)))
    return tuple(sorted(chosen))


def _spread(numbers: list[int], most: int) -> list[int]:
    """Return so many of some numbers, at equal distances."""
    if len(numbers) <= most:
        return numbers
    return [numbers[len(numbers) * (2 * place + 1) // (2 * most)] for place in range(most)]
