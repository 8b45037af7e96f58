"""Names and values that are texts of a list: ``[["API_KEY", "…"]]``, ``["--api-key", "…"]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatviz.cassettes.redaction.named.placeholders import is_placeholder
from chatviz.cassettes.redaction.named.quoted import GAP, NAME, quote_before, text_at
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.key_shapes import Span

__all__ = ["find_listed"]

_NAMED: Final = re.compile(NAME + GAP + rb"," + GAP)
_LIST_BEFORE: Final = re.compile(rb"[\[,]" + GAP + rb"\[" + GAP + rb"\Z")
_LIST_AFTER: Final = re.compile(rb"\\{0,15}[\"']" + GAP + rb"\]" + GAP + rb"[\],]")
# Letters and digits: a name beside a name is none of a secret's values.
_VALUE: Final = re.compile(
    rb"(?i:(?:basic|bearer|token|api-?key) +)?"
    rb"(?P<key>(?=[^\s0-9]{0,99}[0-9])(?=[^\sA-Za-z]{0,99}[A-Za-z])[^\s-]\S{7,1023})"
)


def find_listed(data: bytes, place: int, rules: RedactionRules) -> Iterator[Span]:
    """Yield the value behind a secret's name: in a pair among others, or behind an option's."""
    quote = quote_before(data, place)
    name = None if quote is None else _NAMED.match(data, quote)
    if name is None or not rules.is_secret_key(name["name"].decode("utf-8", "replace")):
        return
    found = text_at(data, name.end(), name)
    value = None if found is None else _VALUE.fullmatch(data, *found)
    if value is None or is_placeholder(value["key"]):
        return
    if name["name"].startswith(b"--") or _is_pair(data, name.start(), value.end()):
        yield Span(*value.span("key"), "the value behind a secret's name")


def _is_pair(data: bytes, start: int, end: int) -> bool:
    """Say whether two texts are a list of their own among other lists."""
    before = _LIST_BEFORE.search(data[max(0, start - 100) : start])
    return before is not None and _LIST_AFTER.match(data, end) is not None
