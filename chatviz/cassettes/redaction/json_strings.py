"""JSON around secrets stays JSON: what is written over leaves no string, and no number.

A search of bytes knows names, quotes and shapes, not where a string of the wire ends: behind a
fragment that ends in a secret's name comes the quote that closes the string.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from chatviz.key_shapes import Span
from chatviz.wire.json_text import load_any_json

__all__ = ["Extent", "keep_json"]

_TOKEN: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)"|([0-9]++)', re.DOTALL)
_LINE_BREAK: Final = re.compile(rb"[\r\n]")
_BEFORE_JSON: Final = re.compile(rb'[^{\["\r\n]{0,40}(?=[{\[])')  # data:, a byte-order mark


class Extent(NamedTuple):
    """From where to where in some bytes."""

    start: int
    end: int


def keep_json(
    data: bytes, spans: Iterable[Span], payloads: Sequence[Extent] = ()
) -> Iterator[Span]:
    """Yield what of some spans may be written over: of JSON only inside of strings and numbers.

    Parameters
    ----------
    data : bytes
        JSON, lines of which some hold JSON, or anything else: there the spans stay as they are.
    spans : iterable of Span
    payloads : sequence of Extent
        Where JSON may be besides, in order: in binary frames.
    """
    found = list(dict.fromkeys(spans))
    if not found:
        return
    known = _Payloads(data, payloads)
    for span in found:
        tokens = known.tokens_at(span.start)
        yield from [span] if tokens is None else _clip(data, span, tokens)


class _Payloads:
    """The JSON in some bytes, each read when a place in it is asked for."""

    def __init__(self, data: bytes, payloads: Sequence[Extent]) -> None:
        self._data = data
        self._payloads = payloads
        self._known: dict[Extent, list[Extent] | None] = {}
        self._lines = [0, *(match.end() for match in _LINE_BREAK.finditer(data)), len(data) + 1]

    def tokens_at(self, place: int) -> list[Extent] | None:
        """Return the texts and numbers of the JSON that a place lies in; None where it is none."""
        for stretch in self._around(place):
            if stretch not in self._known:
                self._known[stretch] = _read_tokens(self._data, stretch)
            if self._known[stretch] is not None:
                return self._known[stretch]
        return None

    def _around(self, place: int) -> Iterator[Extent]:
        yield Extent(0, len(self._data))
        index = bisect_right(self._payloads, place, key=lambda payload: payload.start) - 1
        if index >= 0 and place < self._payloads[index].end:
            yield self._payloads[index]
        line = bisect_right(self._lines, place)
        yield Extent(self._lines[line - 1], self._lines[line] - 1)


def _read_tokens(data: bytes, stretch: Extent) -> list[Extent] | None:
    before = _BEFORE_JSON.match(data, *stretch)
    if before is None:
        return None
    start = before.end()
    try:
        load_any_json(data[start : stretch.end])
    except ValueError:
        return None
    tokens = _TOKEN.finditer(data, start, stretch.end)
    return [Extent(*match.span(match.lastindex or 0)) for match in tokens]


def _clip(data: bytes, span: Span, tokens: Sequence[Extent]) -> Iterator[Span]:
    """Yield the part of a span in the token where it begins; or else of each that it touches."""
    index = bisect_right(tokens, span.start, key=lambda token: token.start) - 1
    if index >= 0 and span.start < tokens[index].end:
        yield _cut(data, span, tokens[index])
        return
    for token in tokens[index + 1 :]:
        if token.start >= span.end:
            return
        yield _cut(data, span, token)


def _cut(data: bytes, span: Span, token: Extent) -> Span:
    start, end = max(span.start, token.start), min(span.end, token.end)
    text = data[token.start : end]
    ends_in_escape = (len(text) - len(text.rstrip(b"\\"))) % 2 == 1
    return Span(start, end + 1 if ends_in_escape else end, span.reason)
