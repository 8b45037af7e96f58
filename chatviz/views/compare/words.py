"""Which words of a text are not those of another: what a comparison marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final, TypeAlias

__all__ = ["Spans", "count_differing", "differing_spans", "take_near"]

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Where marked words begin and end in a text, in its order."""

MAX_WORDS: Final = 4_000  # of a text; comparing takes the square of it at worst
_COUNTED: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


def differing_spans(texts: Sequence[str]) -> list[Spans]:
    """Return, for each text, the spans of the words that are not in the first one, in order.

    Of the first text they are those that any other lacks. Beyond 4,000 words, what follows the
    first difference is marked as a whole.
    """
    first, *others = texts
    marked: list[Spans] = []
    of_first: list[tuple[int, int]] = []
    for other in others:
        spans, back = _compare(other, first)
        marked.append(_merge(other, spans))
        of_first += back
    return [_merge(first, of_first), *marked]


def count_differing(text: str, spans: Spans) -> tuple[int, int]:
    """Return how many words of a text lie in spans, and how many there are."""
    places = [found.span() for found in _COUNTED.finditer(text)]
    edges = [edge for span in spans for edge in span]
    return sum(bisect_right(edges, start) % 2 for start, _ in places), len(places)


def take_near(text: str, spans: Spans, *, around: int = 30, most: int = 600) -> tuple[str, Spans]:
    """Return what is near the spans of a text, with the spans in it.

    Parameters
    ----------
    around : int
        Characters that are kept before and after each span.
    most : int
        Characters that are kept at most; a text that has no more is kept whole.

    Returns
    -------
    str
        What was left out is ``" … "``.
    tuple of spans
    """
    if len(text) <= most:
        return text, spans
    taken, marks, size, done = list[str](), list[tuple[int, int]](), 0, 0
    for start, end in spans or ((0, 0),):
        if start - around > done:
            taken.append(" … ")
            size, done = size + len(taken[-1]), start - around
        marks.append((size + start - done, size + end - done))
        stop = min(end + around, len(text))
        taken.append(text[done:stop])
        size, done = size + stop - done, stop
        if size >= most:
            break
    kept = "".join(taken)[:most] + (" … " if done < len(text) or size > most else "")
    return kept, tuple((low, min(high, most)) for low, high in marks if low < most)


def _compare(one: str, other: str) -> tuple[Spans, Spans]:
    """Return the spans of each of two texts that the other does not have."""
    words, other_words = _WORD.findall(one), _WORD.findall(other)
    if max(len(words), len(other_words)) > MAX_WORDS:
        shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        start = min(len(one), len(other)) if shared is None else shared
        return _tail(one, start), _tail(other, start)
    ends, other_ends = _edges(words), _edges(other_words)
    spans, back = [], []
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            spans += [(ends[a], ends[b])] if a < b else []
            back += [(other_ends[c], other_ends[d])] if c < d else []
    return tuple(spans), tuple(back)


def _edges(words: Sequence[str]) -> list[int]:
    return list(accumulate(map(len, words), initial=0))


def _tail(text: str, start: int) -> Spans:
    return ((start, len(text)),) if start < len(text) else ()


def _merge(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Return spans in order, those as one that touch or have only white space between them."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
