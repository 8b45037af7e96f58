"""The secrets that a message itself carries, in every spelling in which a body may repeat them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from chatviz.cassettes.redaction.named.names import is_secret_name
from chatviz.key_shapes import Span

__all__ = [
    "find_values",
    "find_words",
    "header_secrets",
    "is_long",
    "short_spellings",
    "spellings",
    "url_secrets",
]

_SHORTEST: Final = 8
"""Shorter values are looked for as whole words only, and none that are a word or a number."""

_NO_WORD: Final = re.compile(r"(?=[^A-Za-z]*[A-Za-z])(?=.*[^A-Za-z])\S{4,}")
_WORD_BEGINS: Final = rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=%[0-9A-F]{2}))"

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s+(\S.*)", re.DOTALL)


def header_secrets(headers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the values of secret headers and their pieces: the token after ``Bearer`` and so on."""
    for name, values in headers.items():
        if is_secret_name(name):
            for value in values:
                yield from filter(None, _header_pieces(name.lower(), value))


def url_secrets(url: str, is_secret: Callable[[str], bool]) -> Iterator[str]:
    """Yield the password in a URL, and the values of its secret query parameters."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return
    pairs += parse_qsl(parts.fragment, keep_blank_values=True)
    yield from filter(None, (value for name, value in pairs if is_secret(name)))
    user = unquote(parts.netloc.rpartition("@")[0])
    yield from filter(None, (user, user.partition(":")[2]))


def spellings(secret: str) -> set[bytes]:
    """Return how a body may spell a secret: as JSON, in JSON in JSON, in a URL, in base64."""
    texts = {secret, quote(secret, safe=""), quote(secret, safe="/"), quote_plus(secret)}
    texts |= {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in texts}
    plain = json.dumps(secret)[1:-1]
    for text in (plain, json.dumps(secret, ensure_ascii=False)[1:-1]):
        escaped = {text, text.replace("/", "\\/"), _escape_by_go(text), _escape_by_dotnet(text)}
        texts |= escaped | {json.dumps(once)[1:-1] for once in escaped}
    raw = secret.encode("utf-8", "surrogatepass")
    coded = {*_in_base64(raw), raw.hex().encode(), raw.hex().upper().encode()}
    coded = {each for each in coded if len(raw) >= _SHORTEST}
    return coded | {text.encode("utf-8", "surrogatepass") for text in texts}


def short_spellings(secret: str) -> set[bytes]:
    """Return how a body may spell a secret that is short: nothing where that is a word, too."""
    if len(secret) >= _SHORTEST or not _NO_WORD.fullmatch(secret):
        return set()
    return spellings(secret)


def is_long(secret: str) -> bool:
    """Say whether a secret is long enough to be looked for inside of words."""
    return len(secret) >= _SHORTEST


def find_words(data: bytes, spelt: Iterable[bytes], reason: str) -> Iterator[Span]:
    """Yield where bytes hold one of the spellings of secrets as a whole word."""
    for spelling in spelt:
        if spelling in data:
            word = _WORD_BEGINS + re.escape(spelling) + rb"(?![A-Za-z0-9])"
            yield from (Span(*match.span(), reason) for match in re.finditer(word, data))


def find_values(data: bytes, spelt: Iterable[bytes], reason: str) -> Iterator[Span]:
    """Yield where bytes hold one of the spellings of secrets."""
    for spelling in spelt:
        place = data.find(spelling)
        while place >= 0:
            yield Span(place, place + len(spelling), reason)
            place = data.find(spelling, place + len(spelling))


def _header_pieces(name: str, value: str) -> Iterator[str]:
    if name == "set-cookie":
        value = value.partition(";")[0]
    yield value.strip()
    if "cookie" in name:
        for pair in value.split(";"):
            yield pair.partition("=")[2].strip().strip('"')
        return
    match = _SCHEME.fullmatch(value)
    if match is None:
        return
    yield match[2].strip()
    if match[1].lower() == "basic":
        user_and_password = _decode_base64(match[2])
        yield user_and_password
        yield user_and_password.partition(":")[2]


def _decode_base64(text: str) -> str:
    try:
        return base64.b64decode(text.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of a secret, wherever in the text it begins.

    Three bytes make four characters; those that hold bits of its neighbours are left out.
    """
    for before in range(3):
        coded = base64.b64encode(bytes(before) + secret)
        inner = coded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]
        yield inner
        yield inner.translate(_URL_SAFE)


def _escape_by_go(text: str) -> str:
    """Escape what Go's encoder escapes in JSON, for HTML."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _escape_by_dotnet(text: str) -> str:
    """Escape what .NET's System.Text.Json escapes: signs that base64 has, too; in upper case."""
    text = re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), text)
    text = text.replace('\\"', "\\u0022")
    return re.sub("[+<>&'`]", lambda match: f"\\u{ord(match[0]):04X}", text)
