"""Secrets that a name gives away: members of JSON, pairs of name and value, assignments.

Bytes are searched as they are: a body may be JSON, JSON inside JSON, a stream cut anywhere, or a
text that quotes some. Only places with a stem of a secret name are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatviz.cassettes.redaction.names import STEMS, is_opaque
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.key_shapes import Span

__all__ = ["find_named"]

_LONGEST_NAME: Final = 80
_LONGEST: Final = 16_384
_NEAR: Final = 400

# A key with its quotes, up to where its value begins. Quotes inside JSON in JSON have backslashes.
_GAP: Final = rb"(?:\s|\\+[nrt]){0,40}"
_KEY: Final = re.compile(
    rb"(?P<slashes>\\{0,15})(?P<quote>[\"'])(?P<name>[^\"'\\\r\n]{1,80})(?P=slashes)(?P=quote)"
    + _GAP
    + rb"(?::|=>)"
    + _GAP
)
_OPENING: Final = re.compile(rb"\\{0,15}[\"']")
_BREAK: Final = re.compile(
    rb"[{\[]|\\{0,15}[\"']"
)  # in a list of texts: deeper, or out of the string
_DIGITS: Final = re.compile(rb"[0-9]{3,40}(?![0-9.eE])")
_PASSWORD: Final = re.compile(rb"(?i)pass|pwd|secret")
_LOG_PROBABILITY: Final = re.compile(rb"(?i)log_?prob")
_PAIR: Final = re.compile(
    rb"(\\*)[\"'](?:name|key|field|header|param|parameter)\\*[\"']\s{0,9}:\s{0,9}"
    rb"\\*[\"']([^\"'\\\r\n]{1,80})\\*[\"']",
    re.IGNORECASE,
)
_ASSIGNED: Final = re.compile(
    rb"(?P<name>[A-Za-z0-9_.\x80-\xff-]{2,80})[ \t]{0,3}(?:=>|:=|=(?!=)|:)[ \t]{0,3}"
    rb"(?:(?P<open>\\{0,15}[\"'`])(?P<quoted>[^\s\"'`\\]{6,1024}+)(?P=open)"
    rb"|(?P<bare>(?=[^\s0-9]{0,99}+[0-9])(?=[^\sA-Za-z]{0,99}+[A-Za-z])"
    rb"[A-Za-z0-9_./+=~!@$^*-]{8,1024}+))"
)
_WORD_BEFORE: Final = re.compile(rb"[A-Za-z0-9_.\x80-\xff-]{0,60}\Z")
# What may be written in place of a secret: the name of a type, a variable, a placeholder.
_NO_SECRET: Final = re.compile(
    rb"(?i)(?:string|number|integer|boolean|object|array|null|none|true|false|undefined|required|"
    rb"optional|auto|never|always|basic|bearer|digest|oauth2?|api_?key|token|password|secret|"
    rb"[*x._-]+|(?:\xe2\x80\xa2)+|<[^<>]*>|\$?\{+[^{}]*\}+|\$[A-Za-z_(].*|%[a-z0-9_]+%|"
    rb"REDACTED.*|(?:your|my|insert|the)[_ -].*|os\.environ.*|process\.env.*|getenv.*)"
)
_KEPT_HEADERS: Final = re.compile(r"(?i)accept.*|content-.*|user-agent|host|date|cache-control")
_HEADERS: Final = re.compile(rb"(?i)(?:[a-z]{1,20}[_-]?)?headers")
_SCHEMA_KEYS: Final = frozenset(
    [b"$ref", b"anyOf", b"default", b"description", b"enum", b"oneOf", b"properties", b"type"]
)


def find_named(data: bytes, rules: RedactionRules) -> Iterator[Span]:
    """Yield where bytes hold a value under the name of a secret."""
    lowered = data.lower()
    seen: set[int] = set()
    for stem in (*STEMS, *(name.lower().encode() for name in rules.names)):
        for place in _places(lowered, stem):
            member = _member_at(data, place)
            if member is None:
                yield from _find_assigned(data, place, rules)
            elif member.start() not in seen:
                seen.add(member.start())
                yield from _find_member(data, member, rules)
    for place in _places(lowered, b"value"):
        member = _member_at(data, place)
        if member is not None and member["name"].lower() == b"value":
            yield from _find_paired(data, member, rules)
    for place in _places(lowered, b"headers"):
        member = _member_at(data, place)
        if member is not None and _HEADERS.fullmatch(member["name"]):
            yield from _find_headers(data, member)


def _places(data: bytes, stem: bytes) -> Iterator[int]:
    place = data.find(stem)
    while place >= 0:
        yield place
        place = data.find(stem, place + len(stem))


def _member_at(data: bytes, place: int) -> re.Match[bytes] | None:
    """Return the key of JSON that a place lies in, with the gap up to its value."""
    first = max(0, place - _LONGEST_NAME)
    quote = max(data.rfind(b'"', first, place), data.rfind(b"'", first, place))
    if quote < 0:
        return None
    slashes = quote
    while slashes > 0 and quote - slashes < 15 and data[slashes - 1] == 0x5C:
        slashes -= 1
    return _KEY.match(data, slashes)


def _find_member(data: bytes, member: re.Match[bytes], rules: RedactionRules) -> Iterator[Span]:
    name = member["name"].decode("utf-8", "replace")
    is_secret = rules.is_secret_key(name)
    if not is_secret and not (rules.is_secret(name) and _may_be_opaque(name)):
        return
    digits = _DIGITS.match(data, member.end())
    if digits is not None and is_secret and _PASSWORD.search(member["name"]):
        yield Span(*digits.span(), "a secret field")
    found = _text_at(data, member.end(), member)
    if found is None:
        is_list = data[member.end() : member.end() + 1] == b"["
        if is_secret and (is_list or name.endswith("s")):
            yield from _find_items(data, member)
        return
    value = data[slice(*found)]
    if _is_one(data, member, value) if is_secret else is_opaque(value.decode("latin-1")):
        yield Span(*found, "a secret field")


def _is_one(data: bytes, member: re.Match[bytes], value: bytes) -> bool:
    """Say whether a value is a secret, its name being the name of one."""
    name = member["name"].lower()
    if not value or _NO_SECRET.fullmatch(value):
        return False
    if not name.endswith((b"key", b"token")):
        return True
    if len(value) < 6 or re.search(rb"\s", value):
        return False  # a token of a text, not of a door; or a sentence about one
    around = data[max(0, member.start() - _NEAR) : member.end() + len(value) + _NEAR]
    return name != b"token" or not _LOG_PROBABILITY.search(around)


def _may_be_opaque(name: str) -> bool:
    """Say whether a value under a name may be a secret by its look: no signature of a thought."""
    return not re.search(r"(?i)sig|code|session", name)


def _find_paired(data: bytes, member: re.Match[bytes], rules: RedactionRules) -> Iterator[Span]:
    """Yield the value beside the name of a secret: ``{"name": "Cookie", "value": "…"}``."""
    found = _text_at(data, member.end(), member)
    if found is None or found[0] == found[1] or _NO_SECRET.fullmatch(data[slice(*found)]):
        return
    first = data.rfind(b"{", max(0, member.start() - _NEAR), member.start())
    last = data.find(b"}", found[1], found[1] + _NEAR)
    before = data[first if first >= 0 else member.start() : member.start()]
    after = data[found[1] : last] if last >= 0 else b""
    for pair in (*_PAIR.finditer(before), *_PAIR.finditer(after)):
        is_beside = pair[1] == member["slashes"]
        if is_beside and rules.is_secret(pair[2].decode("utf-8", "replace")):
            yield Span(*found, "the value beside a secret's name")
            return


def _find_headers(data: bytes, member: re.Match[bytes]) -> Iterator[Span]:
    """Yield the values of headers inside a body: whatever their names are, they open doors."""
    for name, span in _items(data, member):
        if not _KEPT_HEADERS.fullmatch(name.decode("latin-1")):
            yield Span(*span, "a header inside a body")


def _find_items(data: bytes, member: re.Match[bytes]) -> Iterator[Span]:
    """Yield the texts in a list or map of secrets: ``"api_keys": ["…"]``."""
    for _, span in _items(data, member):
        yield Span(*span, "one of several secrets")


def _items(data: bytes, holder: re.Match[bytes]) -> list[tuple[bytes, tuple[int, int]]]:
    """Return the texts of a flat list, or of a map with their names; nothing of a schema's map."""
    place = holder.end()
    opening, end = data[place : place + 1], min(len(data), place + _LONGEST)
    if opening not in (b"{", b"["):
        return []
    items: list[tuple[bytes, tuple[int, int]]] = []
    place += 1
    while place < end:
        character = data[place : place + 1]
        member = _KEY.match(data, place) if opening == b"{" else None
        name, start = (b"", place) if member is None else (member["name"], member.end())
        if name in _SCHEMA_KEYS:
            return []
        found = _text_at(data, start, holder)
        if found is not None:
            if found[0] < found[1] and not _NO_SECRET.fullmatch(data[slice(*found)]):
                items.append((name, found))
            place = _after(data, found[1])
        elif character in (b"}", b"]") or _BREAK.match(data, start):
            break
        else:
            place = max(start, place + 1)
    return items


def _text_at(data: bytes, place: int, key: re.Match[bytes]) -> tuple[int, int] | None:
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


def _is_beside(opening: bytes, key: re.Match[bytes]) -> bool:
    """Say whether a quote is one that may be beside a key; other quotes have other escapes."""
    return opening[-1:] != key["quote"] or opening[:-1] == key["slashes"]


def _after(data: bytes, end: int) -> int:
    """Return the place behind the closing quote of a text that ends at a place."""
    closing = _OPENING.match(data, end)
    return end + 1 if closing is None else closing.end()


def _slashes_before(data: bytes, place: int, start: int) -> int:
    count = 0
    while place - count > start and data[place - count - 1] == 0x5C:
        count += 1
    return count


def _find_assigned(data: bytes, place: int, rules: RedactionRules) -> Iterator[Span]:
    """Yield what a text sets a secret's name to: ``export API_KEY=…``, ``password: "…"``."""
    before = _WORD_BEFORE.search(data, max(0, place - 60), place)
    match = _ASSIGNED.match(data, place - len(before[0]) if before else place)
    if match is None:
        return
    name, group = (
        match["name"].decode("utf-8", "replace"),
        "bare" if match["quoted"] is None else "quoted",
    )
    is_one = rules.is_secret_key(name) or (
        rules.is_secret(name) and _may_be_opaque(name) and is_opaque(match[group].decode("latin-1"))
    )
    if is_one and not _NO_SECRET.fullmatch(match[group]):
        yield Span(*match.span(group), "what a secret's name is set to")
