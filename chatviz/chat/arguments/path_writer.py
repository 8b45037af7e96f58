"""PathWriter: arguments that come as values at paths, written as the JSON text that they make.

Some providers send no pieces of JSON text but pieces of values, each with the path of its place.
The values come in the order of the text, so that each piece is text that can be appended.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatviz.chat.deltas import ArgumentPiece
from chatviz.wire.json_text import dump_json

__all__ = ["PathWriter"]

_ContainerKey = str | int


class PathWriter:
    """Writes one object; what has been written does not change."""

    def __init__(self) -> None:
        self._steps: list[
            _ContainerKey
        ] = []  # the names and numbers of the containers that are open
        self._levels: list[_Level] = []  # the object itself, and then a level for each step
        self._text_at: tuple[_ContainerKey, ...] | None = None  # the place of a text that goes on
        self._is_closed = False

    def write(self, piece: ArgumentPiece) -> str | None:
        """Return the text that a piece adds; None for a place that is closed, or not yet open."""
        if self._is_closed or not piece.path:
            return None
        is_text = piece.json.startswith('"')
        if piece.path == self._text_at:
            if not is_text:
                return None
            added = piece.json[1:-1]
        else:
            begun = self._begin_value(piece.path)
            if begun is None:
                return None
            added = begun + (piece.json[:-1] if is_text else piece.json)
        self._text_at = piece.path if is_text and piece.goes_on else None
        return added + '"' if is_text and not piece.goes_on else added

    def close(self) -> str:
        """Return the text that ends the object; ``""`` where it has ended."""
        if self._is_closed:
            return ""
        self._is_closed = True
        begun = "" if self._levels else self._open_level("")
        return begun + self._end_text() + self._close_levels(0)

    def _begin_value(self, path: tuple[_ContainerKey, ...]) -> str | None:
        """Return what comes before the value of a path; None where it cannot be there."""
        begun = "" if self._levels else self._open_level(path[0])
        kept = _count_shared(self._steps, path[:-1])
        if not self._levels[kept].has_room_for(path[kept]):
            return None
        texts = [begun, self._end_text(), self._close_levels(kept + 1)]
        self._steps = [*path[:-1]]
        for step, following in zip(path[kept:], path[kept + 1 :], strict=False):
            texts += (self._levels[-1].take(step), self._open_level(following))
        texts.append(self._levels[-1].take(path[-1]))
        return "".join(texts)

    def _open_level(self, first: _ContainerKey) -> str:
        self._levels.append(_Level(is_list=isinstance(first, int)))
        return "[" if self._levels[-1].is_list else "{"

    def _close_levels(self, kept: int) -> str:
        closed = self._levels[kept:]
        del self._levels[kept:]
        return "".join("]" if level.is_list else "}" for level in reversed(closed))

    def _end_text(self) -> str:
        return "" if self._text_at is None else '"'


class _Level:
    """An object or a list that is open, and what was put into it."""

    def __init__(self, *, is_list: bool) -> None:
        self.is_list = is_list
        self._taken: set[_ContainerKey] = set()

    def has_room_for(self, step: _ContainerKey) -> bool:
        if self.is_list:
            return step == len(self._taken)
        return isinstance(step, str) and step not in self._taken

    def take(self, step: _ContainerKey) -> str:
        """Return what comes before the value at a step."""
        comma = "," if self._taken else ""
        self._taken.add(step)
        return comma if self.is_list else f"{comma}{dump_json(step)}:"


def _count_shared(steps: Sequence[_ContainerKey], path: Sequence[_ContainerKey]) -> int:
    count = 0
    for step, other in zip(steps, path, strict=False):
        if step != other:
            break
        count += 1
    return count
