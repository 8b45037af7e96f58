"""Which names of headers, query parameters and form fields belong to a secret."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_secret_name"]

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# fmt: off
_SECRET_WORDS: Final = frozenset([
    "accesstoken", "apikey", "assertion", "auth", "authorization", "authtoken", "cookie",
    "credential", "credentials", "jwt", "key", "passphrase", "passwd", "password", "pwd", "secret",
    "session", "sessionid", "sig", "signature", "token",
])
# A page's token and a cache's key are not secrets: they tell one question from another.
_HARMLESS_WORDS: Final = frozenset([
    "cache", "continuation", "cursor", "next", "page", "partition", "sort",
])
# fmt: on


def is_secret_name(name: str) -> bool:
    """Say whether what goes by a name is a secret: ``api_key``, ``X-Amz-Signature``, ``apiKey``.

    A name is taken apart at signs and at capitals; one of its words must be one for a secret.
    """
    words = {word.lower() for word in _WORDS.findall(name[:200])}
    if name.lower().startswith("x-amz-"):
        return True
    return not _SECRET_WORDS.isdisjoint(words) and _HARMLESS_WORDS.isdisjoint(words)
