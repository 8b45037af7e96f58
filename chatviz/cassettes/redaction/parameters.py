"""Secrets in the fields of forms, and in URLs wherever they are in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_plus

from chatviz.key_shapes import Span

__all__ = ["find_form_fields", "find_in_urls", "find_multipart_fields"]

IsSecret = Callable[[str], bool]

_FORM_FIELD: Final = re.compile(rb"(?:\A|(?<=&))([^&=]+)=([^&]+)")
_FIELD_NAME: Final = re.compile(
    rb"content-disposition:[^\r\n]{0,200}?\bname=\"?([^\"\r\n;]{1,200})[^\r\n]*\r?\n", re.IGNORECASE
)
_FIELD_BODY: Final = re.compile(rb"(?:[^\r\n]+\r?\n)*\r?\n(.*?)(?=\r?\n--|\Z)", re.DOTALL)
# From behind the scheme up to where a text or a string of JSON goes on.
_URL_REST: Final = re.compile(rb"(?:[^\s\"'<>`\\]|\\/)*+")
_PASSWORD: Final = re.compile(rb"[^/?#@:]*:([^/?#@]+)@|([^/?#@:]{16,})@")
_PARAMETER: Final = re.compile(rb"[?&#;]([A-Za-z0-9_.~\[\]$%+-]{1,80})=([^&#\s\"'<>`\\)]+)")


def find_form_fields(body: bytes, is_secret: IsSecret) -> Iterator[Span]:
    """Yield the values of secret fields in a body that is a form."""
    for match in _FORM_FIELD.finditer(body):
        if is_secret(unquote_plus(match[1].decode("utf-8", "replace"))):
            yield Span(*match.span(2), "a secret field of a form")


def find_multipart_fields(body: bytes, is_secret: IsSecret) -> Iterator[Span]:
    """Yield the values of secret fields in a body of several parts."""
    for match in _FIELD_NAME.finditer(body):
        if is_secret(match[1].decode("utf-8", "replace")):
            value = _FIELD_BODY.match(body, match.end())
            if value is not None:
                yield Span(*value.span(1), "a secret field of a form")


def find_in_urls(data: bytes, is_secret: IsSecret) -> Iterator[Span]:
    """Yield the passwords and the secret parameters of URLs: in queries, fragments and paths."""
    for scheme in (b"://", b":\\/\\/"):
        place, end = data.find(scheme), 0
        while place >= 0:
            start = place + len(scheme)
            if start >= end:  # else it is a URL inside a URL
                rest = _URL_REST.match(data, start)
                end = start if rest is None else rest.end()
                yield from _find_parameters(data, start, end, is_secret)
            user = _PASSWORD.match(data, start, end)
            if user is not None:
                yield Span(*user.span(1 if user[1] is not None else 2), "the user of a URL")
            place = data.find(scheme, start)


def _find_parameters(data: bytes, start: int, end: int, is_secret: IsSecret) -> Iterator[Span]:
    for match in _PARAMETER.finditer(data, start, end):
        if is_secret(unquote_plus(match[1].decode("ascii"))):
            yield Span(*match.span(2), "a secret parameter of a URL")
