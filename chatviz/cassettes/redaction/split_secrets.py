"""Secrets that a stream spells out in fragments, found in the text that the events make."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from chatviz.cassettes.redaction.key_shapes import Span

__all__ = ["find_in_fragments"]

# The keys under which the dialects send text piece by piece.
_FRAGMENT: Final = re.compile(
    rb'"(arguments|content|delta|output_text|partial_json|reasoning|reasoning_content|refusal|'
    rb'response|text|thinking)"\s{0,4}:\s{0,4}"((?:[^"\\]|\\.)*+)"'
)

Find = Callable[[bytes], Iterable[Span]]


def find_in_fragments(body: bytes, find: Find) -> Iterator[Span]:
    """Yield the parts of secrets that are spread over several fragments of one text.

    The fragments of one key are read one after the other; a secret in two texts that are streamed
    at the same time under one key, turn by turn, is not found.
    """
    texts: dict[bytes, _Text] = {}
    for match in _FRAGMENT.finditer(body):
        start, end = match.span(2)
        if start < end:
            texts.setdefault(match[1], _Text()).add(start, match[2])
    for text in texts.values():
        yield from text.find(find)


@dataclass(slots=True)
class _Text:
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
            first = bisect_right(starts, span.start) - 1
            last = bisect_right(starts, span.end - 1) - 1
            if first == last:
                continue  # whole in one fragment: it is found there anyway
            for index in range(first, last + 1):
                offset = self.places[index] - starts[index]
                yield Span(
                    max(span.start, starts[index]) + offset,
                    min(span.end, starts[index + 1]) + offset,
                    f"{span.reason}, in fragments",
                )
