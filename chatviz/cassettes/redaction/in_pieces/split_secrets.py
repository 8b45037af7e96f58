"""Secrets that are not written in one piece: in the fragments of a stream, in lists of bytes.

Which fragments are one text is told by an index, by a position, by an id, or by nothing but the
key: each way is tried, and what is a secret in one of them is a secret.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from chatviz.cassettes.redaction.escapes import Find
from chatviz.cassettes.redaction.in_pieces.alike_texts import (
    AlikeTexts,
    Stretch,
    find_number_lists,
    number_places,
    read_numbers,
    read_texts,
)
from chatviz.key_shapes import Span

__all__ = ["find_in_fragments", "find_in_numbers"]

Way: TypeAlias = Callable[[AlikeTexts], Hashable]

_MOST_LABELS: Final = 16
_BETWEEN: Final = b"\n\0\n"  # so that no text goes on in the next one


def find_in_fragments(body: bytes, find: Find, payloads: Sequence[Stretch] = ()) -> Iterator[Span]:
    """Yield the parts of secrets that are in several fragments of one text, or in numbers.

    In a binary body, `payloads` says where its JSON is.
    """
    yield from _find(body, read_texts(body, payloads), find)


def find_in_numbers(body: bytes, find: Find, payloads: Sequence[Stretch] = ()) -> Iterator[Span]:
    """Yield the secrets that lists of numbers spell, a number for each byte."""
    if find_number_lists(body):
        texts = read_texts(body, payloads)
        yield from _find(body, [one for one in texts if one.is_numbers], find)


def _find(body: bytes, texts: Sequence[AlikeTexts], find: Find) -> Iterator[Span]:
    joined = _Joined(body)
    for numbers in find_number_lists(body):
        joined.add([(numbers, True)])
    yield from joined.find(find)
    seen: set[tuple[int, ...]] = set()
    for way in _ways(texts):
        joined = _Joined(body)
        for group in _group(texts, way):
            known = len(seen)
            seen.add(tuple(map(id, group)))
            if len(seen) > known:
                joined.add(_fragments(group))
        yield from joined.find(find)


def _ways(texts: Sequence[AlikeTexts]) -> Iterator[Way]:
    """Yield what may tell which texts are one."""
    yield lambda one: one.key
    yield _by_index
    yield lambda one: (_by_index(one), one.holder.place.rank if one.position < 0 else one.position)
    yield lambda one: (_by_index(one), one.holder.place.positions, one.position)
    yield from map(_by_label, _telling_labels(texts))


def _by_index(one: AlikeTexts) -> Hashable:
    return one.key, one.holder.place.path, one.holder.place.indices


def _by_label(name: bytes) -> Way:
    return lambda one: (_by_index(one), one.holder.place.labels.get(name))


def _telling_labels(texts: Sequence[AlikeTexts]) -> list[bytes]:
    """Return the labels that say the same of some texts, and not of all."""
    items: Counter[tuple[bytes, bytes]] = Counter()
    for one in texts:
        for item in one.holder.place.labels.items():
            items[item] += len(one.stretches)
    most = sum(len(one.stretches) for one in texts)
    telling = (name for (name, _), count in items.items() if 1 < count < most)
    return list(islice(dict.fromkeys(telling), _MOST_LABELS))


def _group(texts: Iterable[AlikeTexts], way: Way) -> Iterable[list[AlikeTexts]]:
    groups: dict[Hashable, list[AlikeTexts]] = {}
    for one in texts:
        groups.setdefault(way(one), []).append(one)
    return groups.values()


def _fragments(group: Iterable[AlikeTexts]) -> list[tuple[Stretch, bool]]:
    """Return what a text is made of, in order; nothing, where it is in one piece."""
    found = [(each, one.is_numbers) for one in group for each in one.stretches if each[0] < each[1]]
    return sorted(found) if len(found) > 1 else []


class _Joined:
    """Texts one behind the other; each part of them leads back to where it is in the body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._fragments: list[tuple[Stretch, bool]] = []
        self._starts: list[int] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._numbers: dict[int, list[Stretch]] = {}

    def add(self, fragments: Iterable[tuple[Stretch, bool]]) -> None:
        """Take a text: where its fragments are, and which of them are lists of numbers."""
        for fragment in fragments:
            (start, end), is_numbers = fragment
            self._fragments.append(fragment)
            self._starts.append(self._size)
            said = self._body[start:end]
            self._append(read_numbers(said) if is_numbers else said)
        self._append(_BETWEEN)

    def find(self, find: Find) -> Iterator[Span]:
        """Yield the secrets in all texts, in parts."""
        for span in find(b"".join(self._parts)):
            if span.start < span.end:
                yield from self._locate(span)

    def _locate(self, found: Span) -> Iterator[Span]:
        first = max(0, bisect_right(self._starts, found.start) - 1)
        last = bisect_right(self._starts, found.end - 1) - 1
        reason = found.reason if first == last else f"{found.reason}, in fragments"
        for index in range(first, last + 1):
            begin = max(found.start - self._starts[index], 0)
            (start, end), is_numbers = self._fragments[index]
            stop = found.end - self._starts[index]
            if is_numbers:
                places = self._number_places(index)[begin:stop]
                if places:
                    yield Span(places[0][0], places[-1][1], f"{reason}, in numbers")
            elif start + begin < end:
                yield Span(start + begin, min(start + stop, end), reason)

    def _number_places(self, index: int) -> list[Stretch]:
        """Return where each number of a list is; a long one may be asked for often."""
        if index not in self._numbers:
            self._numbers[index] = number_places(self._body, *self._fragments[index][0])
        return self._numbers[index]

    def _append(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
