"""Headers inside a body: what a tool is asked to send, or what it was answered with.

A table's columns are called headers, too. So names tell: where one of them is a header's, the
values are headers', and whatever else is sent beside a secret may open doors as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from chatviz.cassettes.redaction.named.quoted import ListedText, texts_in
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.key_shapes import Span

__all__ = ["find_headers", "is_header_holder"]

_HOLDER: Final = re.compile(rb"(?i)(?:[a-z]{1,20}[_-]?)?headers")
_RAW: Final = re.compile(rb"(?i)raw[_-]?headers")  # names and values in turn
_KEPT: Final = re.compile(r"(?i)accept.*|content-.*|user-agent|host|date|cache-control")
_SURELY: Final = re.compile(
    r"(?i)x-(?!axis)[a-z0-9-]+|(?:proxy-)?authorization|(?:set-)?cookie|api-?key"
)
_LINE: Final = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]*(?=\S)")
_WORD: Final = re.compile(rb"[A-Za-z][A-Za-z-]*")


class _Header(NamedTuple):
    name: str
    start: int
    end: int


def is_header_holder(name: bytes) -> bool:
    """Say whether headers may be what is under a key."""
    return _HOLDER.fullmatch(name) is not None


def find_headers(data: bytes, holder: re.Match[bytes], rules: RedactionRules) -> Iterator[Span]:
    """Yield the values of headers under a key: all of them where one has a header's name."""
    headers = list(_read_headers(data, holder))
    if any(_is_header(header.name, rules) for header in headers):
        for header in headers:
            if not _KEPT.fullmatch(header.name):
                yield Span(header.start, header.end, "a header inside a body")


def _is_header(name: str, rules: RedactionRules) -> bool:
    return _SURELY.fullmatch(name) is not None or ("-" in name and rules.is_secret(name))


def _read_headers(data: bytes, holder: re.Match[bytes]) -> Iterator[_Header]:
    """Yield what may be headers: members of a map, pairs in a list, lines in a list."""
    texts = texts_in(data, holder)
    is_raw = _RAW.fullmatch(holder["name"]) is not None
    for bracket, together in groupby(texts, key=lambda text: text.bracket):
        listed = list(together)
        if data[bracket] == 0x7B or listed[0].name:
            yield from (_Header(_decode(text.name), text.start, text.end) for text in listed)
        elif is_raw or (len(listed) == 2 and listed[0].depth > 1):
            yield from _read_pairs(data, listed)
        else:
            yield from _read_lines(data, listed)


def _read_pairs(data: bytes, listed: list[ListedText]) -> Iterator[_Header]:
    for name, value in zip(listed[::2], listed[1::2], strict=False):
        if not _WORD.fullmatch(data, value.start, value.end):
            yield _Header(_decode(data[name.start : name.end]), value.start, value.end)


def _read_lines(data: bytes, listed: list[ListedText]) -> Iterator[_Header]:
    for text in listed:
        line = _LINE.match(data, text.start, text.end)
        if line is not None:
            yield _Header(_decode(line[1]), line.end(), text.end)


def _decode(name: bytes) -> str:
    return name.decode("utf-8", "replace")
