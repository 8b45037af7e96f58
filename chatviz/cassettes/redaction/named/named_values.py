"""Secrets that a name gives away: members of JSON, pairs of name and value, assignments.

Bytes are searched as they are: a body may be JSON, JSON inside JSON, a stream cut anywhere, or a
text that quotes some. Only places with a stem of a secret name are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatviz.cassettes.redaction.named.basic_credentials import basic_at
from chatviz.cassettes.redaction.named.headers import find_headers, is_header_holder
from chatviz.cassettes.redaction.named.listed_pairs import find_listed
from chatviz.cassettes.redaction.named.names import STEMS, is_opaque
from chatviz.cassettes.redaction.named.placeholders import is_placeholder
from chatviz.cassettes.redaction.named.quoted import key_at, text_at, texts_in
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.key_shapes import Span

__all__ = ["find_named"]

_NEAR: Final = 400

_DIGITS: Final = re.compile(rb"[0-9]{3,40}(?![0-9.eE])")
_PASSWORD: Final = re.compile(rb"(?i)pass|pwd|secret")
_LOG_PROBABILITY: Final = re.compile(rb"(?i)log_?prob")
_PAIR: Final = re.compile(
    rb"(\\*)[\"'](?:name|key|field|header|param|parameter)\\*[\"']\s{0,9}:\s{0,9}"
    rb"\\*[\"']([^\"'\\\r\n]{1,80})\\*[\"']",
    re.IGNORECASE,
)
_SCHEME: Final = rb"(?i:(?:basic|bearer|token|api-?key)[ \t]{1,3})?"
_VALUE: Final = (
    rb"(?:(?P<open>\\{0,15}[\"'`])"
    + _SCHEME
    + rb"(?P<quoted>[^\s\"'`\\]{6,1024}+)(?P=open)|"
    + _SCHEME
    + rb"(?P<bare>(?=[^\s0-9]{0,99}+[0-9])(?=[^\sA-Za-z]{0,99}+[A-Za-z])"
    rb"[A-Za-z0-9_./+=~!@$^*-]{8,1024}+))"
)
_ASSIGNED: Final = re.compile(
    rb"(?P<name>[A-Za-z0-9_.\x80-\xff-]{2,80})[ \t]{0,3}(?:=>|:=|=(?!=)|:)[ \t]{0,3}" + _VALUE
)
_OPTION: Final = re.compile(rb"(?P<name>--[A-Za-z0-9_.-]{2,80})[ \t]{1,3}" + _VALUE)
_WORD_BEFORE: Final = re.compile(rb"[A-Za-z0-9_.\x80-\xff-]{0,60}\Z")


def find_named(data: bytes, rules: RedactionRules) -> Iterator[Span]:
    """Yield where bytes hold a value under the name of a secret."""
    lowered = data.lower()
    seen: set[int] = set()
    for stem in (*STEMS, *(name.lower().encode() for name in rules.names)):
        for place in _places(lowered, stem):
            member = key_at(data, place)
            if member is None:
                yield from _find_assigned(data, place, rules)
                yield from find_listed(data, place, rules)
            elif member.start() not in seen:
                seen.add(member.start())
                yield from _find_member(data, member, rules)
    yield from filter(None, (basic_at(data, place) for place in _places(lowered, b"basic")))
    for place in _places(lowered, b"value"):
        member = key_at(data, place)
        if member is not None and member["name"].lower() == b"value":
            yield from _find_paired(data, member, rules)
    for place in _places(lowered, b"headers"):
        member = key_at(data, place)
        if member is not None and is_header_holder(member["name"]):
            yield from find_headers(data, member, rules)


def _places(data: bytes, stem: bytes) -> Iterator[int]:
    place = data.find(stem)
    while place >= 0:
        yield place
        place = data.find(stem, place + len(stem))


def _find_member(data: bytes, member: re.Match[bytes], rules: RedactionRules) -> Iterator[Span]:
    name = member["name"].decode("utf-8", "replace")
    is_secret = rules.is_secret_key(name)
    if not is_secret and not (rules.is_secret(name) and _may_be_opaque(name)):
        return
    digits = _DIGITS.match(data, member.end())
    if digits is not None and is_secret and _PASSWORD.search(member["name"]):
        yield Span(*digits.span(), "a secret field")
    found = text_at(data, member.end(), member)
    if found is None:
        is_list = data[member.end() : member.end() + 1] == b"["
        if is_secret and (is_list or name.endswith("s")):
            yield from _find_items(data, member, rules)
        return
    value = data[slice(*found)]
    if _is_one(data, member, value) if is_secret else is_opaque(value.decode("latin-1")):
        yield Span(*found, "a secret field")


def _is_one(data: bytes, member: re.Match[bytes], value: bytes) -> bool:
    """Say whether a value is a secret, its name being the name of one."""
    name = member["name"].lower()
    if not value or is_placeholder(value):
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
    found = text_at(data, member.end(), member)
    if found is None or found[0] == found[1] or is_placeholder(data[slice(*found)]):
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


def _find_items(data: bytes, member: re.Match[bytes], rules: RedactionRules) -> Iterator[Span]:
    """Yield the texts in a list or map of secrets; deeper in it those with a secret's name."""
    for text in texts_in(data, member):
        name = text.name.decode("utf-8", "replace")
        if text.depth == 1 or name.lower() == "value" or rules.is_secret(name):
            yield Span(text.start, text.end, "one of several secrets")


def _find_assigned(data: bytes, place: int, rules: RedactionRules) -> Iterator[Span]:
    """Yield what a text sets a secret's name to: ``export API_KEY=…``, ``--api-key …``."""
    before = _WORD_BEFORE.search(data, max(0, place - 60), place)
    first = place - len(before[0]) if before else place
    match = _ASSIGNED.match(data, first) or _OPTION.match(data, first)
    if match is None:
        return
    name, group = (
        match["name"].decode("utf-8", "replace"),
        "bare" if match["quoted"] is None else "quoted",
    )
    is_one = rules.is_secret_key(name) or (
        rules.is_secret(name) and _may_be_opaque(name) and is_opaque(match[group].decode("latin-1"))
    )
    if is_one and not is_placeholder(match[group]):
        yield Span(*match.span(group), "what a secret's name is set to")
