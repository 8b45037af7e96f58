"""Writing over secrets: as many bytes as before, and no character or escape cut in two."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from chatviz.key_shapes import Span

__all__ = ["MASK", "cover_listed", "is_masked", "mask_spans", "merge_spans", "unify_masks"]

MASK: Final = b"REDACTED"
"""What replaces a secret, cut to its length or filled up with ``_``."""

_MASKED: Final = re.compile(rb"REDACTED_*+")
# Numbers of a list, from the sign before the first of them: each is a byte of a text.
_LISTED: Final = re.compile(rb"[\[,](?:[0-9,\s]|\\+[nrt])*+(?<=[0-9])")
_DIGIT: Final = re.compile(rb"[0-9]")
_ESCAPE: Final = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[^u])")
_LINE_BREAK: Final = re.compile(rb"[\r\n]")


def merge_spans(data: bytes, spans: Iterable[Span]) -> list[Span]:
    """Return what is to be written over: in order, apart from each other, and not done already."""
    return [span for span in _merge(data, spans) if not is_masked(data[span.start : span.end])]


def _merge(data: bytes, spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        start, end = _begin(data, span.start), _finish(data, span.end)
        if merged and start < merged[-1].end:
            last = merged.pop()
            merged.append(Span(last.start, max(last.end, end), last.reason))
        elif start < end:
            merged.append(Span(start, end, span.reason))
    return merged


def mask_spans(data: bytes, spans: Iterable[Span]) -> bytes:
    """Write over spans; the length stays, and so do line breaks, which frame a stream."""
    masked = bytearray(data)
    for span in spans:
        masked[span.start : span.end] = _cover(data[span.start : span.end])
    return bytes(masked)


def _cover(secret: bytes) -> bytes:
    """Return what is written over a secret; a number stays one, or the JSON around it breaks."""
    size = len(secret)
    if secret.isdigit():
        return b"9" * size
    if _LISTED.fullmatch(secret):
        return cover_listed(secret)
    filling = bytearray(MASK[:size].ljust(size, b"_"))
    for line_break in _LINE_BREAK.finditer(secret):
        filling[line_break.start()] = secret[line_break.start()]
    return bytes(filling)


def unify_masks(data: bytes, spans: Iterable[Span] = ()) -> bytes:
    """Give every mask, and every span, the same length: keys of other lengths are then the same."""
    parts, place = [], 0
    for span in _merge(data, spans):
        secret = data[span.start : span.end]
        parts += [data[place : span.start], _unify(secret)]
        place = span.end
    return _MASKED.sub(MASK, b"".join([*parts, data[place:]]))


def _unify(secret: bytes) -> bytes:
    if _LISTED.fullmatch(secret):
        return cover_listed(secret)
    return b"9" if secret.isdigit() else MASK


def cover_listed(numbers: bytes) -> bytes:
    """Return what is written over numbers that spell a text; each stays one that may be a byte."""
    return _DIGIT.sub(b"1", numbers)


def is_masked(data: bytes) -> bool:
    """Say whether these bytes were written over before."""
    return data == _cover(data)


def _begin(data: bytes, place: int) -> int:
    r"""Return the place moved to where a character begins, and out of a JSON escape.

    In ``\nsecret-1234`` the letter ``n`` belongs to the escape; what follows may be written over.
    """
    while 0 < place < len(data) and 0x80 <= data[place] < 0xC0:
        place -= 1
    backslash = data.rfind(b"\\", max(0, place - 5), place)
    if backslash < 0 or _count_backslashes(data, backslash) % 2 == 0:
        return place
    escape = _ESCAPE.match(data, backslash)
    return place if escape is None else max(place, escape.end())


def _count_backslashes(data: bytes, last: int) -> int:
    """Return how many backslashes are in a row, up to the last one."""
    first = last
    while first > 0 and data[first - 1] == 0x5C:
        first -= 1
    return last - first + 1


def _finish(data: bytes, place: int) -> int:
    """Return the place moved to where a character ends."""
    while place < len(data) and 0x80 <= data[place] < 0xC0:
        place += 1
    return place
