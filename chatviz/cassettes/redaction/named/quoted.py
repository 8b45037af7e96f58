"""Keys and texts of JSON in bytes that may be JSON, JSON inside JSON, or a part of either.

Quotes inside JSON in JSON have backslashes; those of a key and of what it holds have as many.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from chatviz.cassettes.redaction.named.placeholders import is_placeholder

__all__ = ["GAP", "NAME", "ListedText", "key_at", "quote_before", "text_at", "texts_in"]

_LONGEST_NAME: Final = 80
_LONGEST: Final = 16_384
_DEEPEST: Final = 3

GAP: Final = rb"(?:\s|\\+[nrt]){0,40}"
NAME: Final = (
    rb"(?P<slashes>\\{0,15})(?P<quote>[\"'])(?P<name>[^\"'\\\r\n]{1,80})(?P=slashes)(?P=quote)"
)
_KEY: Final = re.compile(NAME + GAP + rb"(?::|=>)" + GAP)  # up to where its value begins
_OPENING: Final = re.compile(rb"\\{0,15}[\"']")
_SCHEMA_KEYS: Final = frozenset(
    [b"$ref", b"anyOf", b"default", b"description", b"enum", b"oneOf", b"properties", b"type"]
)


class ListedText(NamedTuple):
    """A text in a list or a map: its name, and where it is.

    Attributes
    ----------
    name : bytes
        ``b""`` in a list that has none.
    start, end : int
    bracket : int
        Where the list or map begins that it is in.
    depth : int
        In how many of them it is.
    """

    name: bytes
    start: int
    end: int
    bracket: int
    depth: int


def quote_before(data: bytes, place: int) -> int | None:
    """Return where the quotes with their backslashes begin that a place may lie in."""
    first = max(0, place - _LONGEST_NAME)
    quote = max(data.rfind(b'"', first, place), data.rfind(b"'", first, place))
    if quote < 0:
        return None
    return quote - _slashes_before(data, quote, max(0, quote - 15))


def key_at(data: bytes, place: int) -> re.Match[bytes] | None:
    """Return the key of JSON that a place lies in, with the gap up to its value."""
    quote = quote_before(data, place)
    return None if quote is None else _KEY.match(data, quote)


def text_at(data: bytes, place: int, key: re.Match[bytes]) -> tuple[int, int] | None:
    """Return where the text in quotes that begins at a place lies, without them; None for none.

    Its quotes are escaped as those of its key are: others belong to the JSON around it.
    """
    opening = _OPENING.match(data, place)
    if opening is None or not _is_beside(opening[0], key):
        return None
    quote, slashes, start = opening[0][-1:], len(opening[0]) - 1, opening.end()
    last = min(len(data), start + _LONGEST)
    line = data.find(b"\n", start, last)
    last = last if line < 0 else line  # no text of JSON holds one: it was cut
    end = data.find(quote, start, last)
    while end >= 0:
        count = _slashes_before(data, end, start)
        # At each level of JSON in JSON quotes and backslashes are escaped once more.
        if count < slashes or count % (2 * slashes + 2) == slashes:
            return start, end - min(count, slashes)
        end = data.find(quote, end + 1, last)
    return start, last


def texts_in(data: bytes, holder: re.Match[bytes]) -> list[ListedText]:
    """Return the texts of the list or map under a key; nothing of a schema's.

    A text in a list goes by the name of the list. Placeholders are left out.
    """
    place, end = holder.end(), min(len(data), holder.end() + _LONGEST)
    texts: list[ListedText] = []
    brackets: list[tuple[int, bytes]] = []  # where one is open, and under which name
    name = b""
    while place < end:
        if data[place] in b"{[":
            brackets.append((place, name))
        elif data[place] in b"}]" and brackets:
            _, name = brackets.pop()
        if not brackets or len(brackets) > _DEEPEST:
            break
        if _OPENING.match(data, place) is None:
            place += 1
            continue
        key = _key_beside(data, place, holder) if data[brackets[-1][0]] == 0x7B else None
        if key is not None:
            if key["name"] in _SCHEMA_KEYS:
                return []
            name, place = key["name"], key.end()
            continue
        found = text_at(data, place, holder)
        if found is None:
            break  # the quote that ends the string around it
        if found[0] < found[1] and not is_placeholder(data[slice(*found)]):
            texts.append(ListedText(name, *found, brackets[-1][0], len(brackets)))
        place = _behind(data, found[1])
    return texts


def _key_beside(data: bytes, place: int, holder: re.Match[bytes]) -> re.Match[bytes] | None:
    key = _KEY.match(data, place)
    return key if key and _is_beside(key["slashes"] + key["quote"], holder) else None


def _is_beside(opening: bytes, key: re.Match[bytes]) -> bool:
    """Say whether a quote is one that may be beside a key; other quotes have other escapes."""
    return opening[-1:] != key["quote"] or opening[:-1] == key["slashes"]


def _behind(data: bytes, end: int) -> int:
    """Return the place behind the closing quote of a text that ends at a place."""
    closing = _OPENING.match(data, end)
    return end + 1 if closing is None else closing.end()


def _slashes_before(data: bytes, place: int, start: int) -> int:
    count = 0
    while place - count > start and data[place - count - 1] == 0x5C:
        count += 1
    return count
