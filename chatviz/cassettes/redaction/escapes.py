"""Secrets that are written with escapes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from chatviz.key_shapes import Span

__all__ = ["Find", "find_behind_escapes"]

Find: TypeAlias = Callable[[bytes], Iterable[Span]]

# Letters and signs that need no escape; a quote and a backslash stay what they are.
_JSON_ESCAPE: Final = re.compile(rb"\\+u00(?!22|5[cC])([2-7a-fA-F][0-9A-Fa-f])|\\+(/)")
_URL_ESCAPE: Final = re.compile(rb"%(?!22|5[cC])([2-7][0-9A-Fa-f])")


def find_behind_escapes(data: bytes, find: Find) -> Iterator[Span]:
    r"""Yield the secrets that are seen once escapes are undone: ``\u0073k-…``, ``%73k-…``."""
    for escape, begins in ((_JSON_ESCAPE, (b"\\u00", b"\\/")), (_URL_ESCAPE, (b"%",))):
        is_there = any(begin in data for begin in begins)
        matches = list(escape.finditer(data)) if is_there else []
        if matches:
            yield from _Unescaped(data, matches).find(find)


class _Unescaped:
    """Bytes with their escapes undone; each place leads back to where it was."""

    def __init__(self, data: bytes, matches: list[re.Match[bytes]]) -> None:
        parts: list[bytes] = []
        self._ends = [0]  # behind each escape, in what was escaped
        self._places = [0]  # behind each escape, in what is not any more
        for match in matches:
            parts.append(data[self._ends[-1] : match.start()])
            parts.append(b"/" if match[1] is None else chr(int(match[1], 16)).encode())
            self._places.append(self._places[-1] + len(parts[-2]) + len(parts[-1]))
            self._ends.append(match.end())
        parts.append(data[self._ends[-1] :])
        self._starts = [match.start() for match in matches]
        self.data = b"".join(parts)

    def find(self, find: Find) -> Iterator[Span]:
        for span in find(self.data):
            yield Span(self._locate(span.start), self._locate_end(span.end), span.reason)

    def _locate(self, place: int) -> int:
        """Return where the character at a place begins."""
        number = bisect_right(self._places, place) - 1
        raw = self._ends[number] + place - self._places[number]
        return min(raw, self._starts[number]) if number < len(self._starts) else raw

    def _locate_end(self, place: int) -> int:
        """Return where the character before a place ends."""
        number = bisect_right(self._places, place) - 1
        raw = self._ends[number] + place - self._places[number]
        is_inside = number < len(self._starts) and raw > self._starts[number]
        return self._ends[number + 1] if is_inside else raw
