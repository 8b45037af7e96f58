"""Which words of a text are not those of another: what a comparison marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate
from typing import Final, TypeAlias

__all__ = ["Spans", "count_differing", "differing_spans", "take_near"]

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Where marked words begin and end in a text, in its order."""

MAX_WORDS: Final = 2_500  # between what both share; comparing takes the square of it at worst
_COUNTED: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


def differing_spans(texts: Sequence[str]) -> list[Spans]:
    """Return, for each text, the spans of the words that are not in the first one, in order.

    Of the first text they are those that any other lacks. Where more than 2,500 words and signs lie
    between what two texts begin and end with, all of it is marked.
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


@lru_cache(maxsize=32)  # a view asks for the marks, and for how many words they are
def _compare(one: str, other: str) -> tuple[Spans, Spans]:
    """Return the spans of each of two texts that the other does not have."""
    words, other_words = _WORD.findall(one), _WORD.findall(other)
    head = _count_shared(words, other_words)
    tail = _count_shared(words[head:][::-1], other_words[head:][::-1])
    middle = words[head : len(words) - tail], other_words[head : len(other_words) - tail]
    start = sum(map(len, words[:head]))
    ends, other_ends = (_edges(one, start) for one in middle)
    if max(map(len, middle)) > MAX_WORDS:
        return _span(ends[0], ends[-1]), _span(other_ends[0], other_ends[-1])
    spans: Spans = ()
    back: Spans = ()
    for tag, a, b, c, d in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
        if tag != "equal":
            spans += _span(ends[a], ends[b])
            back += _span(other_ends[c], other_ends[d])
    return spans, back


def _count_shared(words: Sequence[str], other_words: Sequence[str]) -> int:
    """Return how many words two texts begin with in common."""
    pairs = enumerate(zip(words, other_words, strict=False))
    shorter = min(len(words), len(other_words))
    return next((place for place, (a, b) in pairs if a != b), shorter)


def _edges(words: Sequence[str], start: int) -> list[int]:
    return list(accumulate(map(len, words), initial=start))


def _span(start: int, end: int) -> Spans:
    return ((start, end),) if start < end else ()


def _merge(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Return spans in order, those as one that touch or have only white space between them."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
