"""Credentials of HTTP's Basic scheme in a text (RFC 7617): base64 of a user and a password."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Final

from chatviz.key_shapes import Span

__all__ = ["basic_at"]

_BASIC: Final = re.compile(rb"(?i:basic)(?: |%20|\+){1,4}(?P<key>[A-Za-z0-9+/]{6,1024}+={0,2})")


def basic_at(data: bytes, place: int) -> Span | None:
    """Return where the credentials behind the word at a place are; None where none are."""
    match = _BASIC.match(data, place)
    if match is None or not _is_user_and_password(match["key"]):
        return None
    return Span(*match.span("key"), "the credentials of a user")


def _is_user_and_password(coded: bytes) -> bool:
    """Say whether base64 holds a text with a colon: other words do not, "Basic arithmetics"."""
    try:
        text = b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in text and text.isprintable()
