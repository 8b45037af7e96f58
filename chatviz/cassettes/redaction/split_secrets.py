"""Secrets that are not written in one piece: with escapes, or in the fragments of a stream."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from chatviz.key_shapes import Span

__all__ = ["find_behind_escapes", "find_in_fragments"]

Find = Callable[[bytes], Iterable[Span]]

# Letters and signs that need no escape; a quote and a backslash stay what they are.
_JSON_ESCAPE: Final = re.compile(rb"\\+u00(?!22|5[cC])([2-7a-fA-F][0-9A-Fa-f])|\\+(/)")
_URL_ESCAPE: Final = re.compile(rb"%(?!22|5[cC])([2-7][0-9A-Fa-f])")

# A field of a stream's events that is a text. These say the same in each event, or nothing:
_STRING: Final = re.compile(rb'"([A-Za-z_]{1,40})"\s{0,4}:\s{0,4}"((?:[^"\\]|\\.)*+)"')
_NO_FRAGMENTS: Final = frozenset(
    [
        *(b"created_at", b"event", b"finish_reason", b"format", b"id", b"item_id", b"model"),
        *(b"name", b"native_finish_reason", b"object", b"provider", b"role", b"service_tier"),
        *(b"status", b"system_fingerprint", b"tool_call_id", b"type"),
    ]
)


def find_behind_escapes(data: bytes, find: Find) -> Iterator[Span]:
    r"""Yield the secrets that are seen once escapes are undone: ``\u0073k-…``, ``%73k-…``."""
    for escape, begins in ((_JSON_ESCAPE, (b"\\u00", b"\\/")), (_URL_ESCAPE, (b"%",))):
        is_there = any(begin in data for begin in begins)
        matches = list(escape.finditer(data)) if is_there else []
        if matches:
            yield from _Unescaped(data, matches).find(find)


def find_in_fragments(body: bytes, find: Find) -> Iterator[Span]:
    """Yield the parts of secrets that are in several fragments of one text.

    The fragments of one key are read one after the other; a secret in two texts that are streamed
    at the same time under one key, turn by turn, is not found.
    """
    texts: dict[bytes, _SplitText] = {}
    for match in _STRING.finditer(body):
        start, end = match.span(2)
        if start < end and match[1] not in _NO_FRAGMENTS:
            texts.setdefault(match[1], _SplitText()).add(start, match[2])
    for text in texts.values():
        yield from text.find(find)


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


@dataclass(slots=True)
class _SplitText:
    """A text as the fragments of one key, each with its place in the body."""

    places: list[int] = field(default_factory=list)
    fragments: list[bytes] = field(default_factory=list)

    def add(self, place: int, fragment: bytes) -> None:
        self.places.append(place)
        self.fragments.append(fragment)

    def find(self, find: Find) -> Iterator[Span]:
        if len(self.fragments) < 2:
            return
        starts = [0, *accumulate(map(len, self.fragments))]
        for span in find(b"".join(self.fragments)):
            if span.start >= span.end:
                continue
            first = bisect_right(starts, span.start) - 1
            last = bisect_right(starts, span.end - 1) - 1
            for index in range(first, last + 1):
                offset = self.places[index] - starts[index]
                yield Span(
                    max(span.start, starts[index]) + offset,
                    min(span.end, starts[index + 1]) + offset,
                    span.reason if first == last else f"{span.reason}, in fragments",
                )
