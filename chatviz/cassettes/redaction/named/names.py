"""Which names belong to a secret: one notion, asked wherever a name is put beside a value.

Headers, query parameters, form and multipart fields and pairs of name and value ask
`is_secret_name`. JSON's keys ask `is_secret_key`, which is the same but for words that are
ordinary there: an error has a ``code``, a thought a ``signature``, a cache a ``key``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

__all__ = ["STEMS", "is_opaque", "is_secret_key", "is_secret_name"]

NameKind = Literal["harmless", "ordinary in JSON", "secret"]

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OPAQUE: Final = re.compile(
    r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9_./+=-]{20,}"
    r"|(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])[0-9a-z]{32,}"
)

STEMS: Final = (
    *(
        b"assertion",
        b"auth",
        b"bearer",
        b"code",
        b"connection",
        b"contrase",
        b"cookie",
        b"cred",
        b"jwt",
        b"key",
        b"otp",
        b"pass",
    ),
    *(b"pin", b"pwd", b"secret", b"session", b"sid", b"sig", b"token"),
)
"""In lower case: every name of a secret holds one, and a search for fixed bytes is fast."""

# fmt: off
_SECRET_WORDS: Final = frozenset([
    "accesskey", "accesstoken", "apikey", "authkey", "authorization", "authtoken", "bearer",
    "connectionstring", "contrasena", "cookie", "cookies", "credential", "credentials", "jwt",
    "passcode", "passphrase", "passwd", "password", "passwords", "privatekey", "pwd", "secret",
    "secretkey", "secrets",
])
# Words run together: "dbpassword", "xapikey".
_SECRET_ENDINGS: Final = ("apikey", "passwd", "password", "secret", "token")
_ORDINARY_WORDS: Final = frozenset([
    "assertion", "auth", "key", "keys", "pass", "session", "sessionid", "sid", "sig", "signature",
    "token",
])
_ORDINARY_NAMES: Final = frozenset([
    "accesscode", "authcode", "authorizationcode", "code", "devicecode", "jsessionid", "otp",
    "phpsessid", "pin", "ticket", "usercode", "verificationcode",
])
# What a key belongs to that opens something.
_KEYS_OF: Final = frozenset([
    "access", "account", "admin", "api", "app", "application", "auth", "client", "database", "db",
    "deploy", "encryption", "host", "license", "master", "priv", "private", "project", "secret",
    "service", "shared", "signing", "ssh", "storage", "subscription",
])
# The last word says what is named: "token_count" is a count, "authorization_endpoint" a place.
_DESCRIBED: Final = frozenset([
    "alg", "algorithm", "at", "budget", "bytes", "cost", "count", "counts", "created",
    "description", "details", "enabled", "endpoint", "endpoints", "error", "expiration", "expires",
    "expiry", "file", "format", "header", "id", "ids", "in", "index", "label", "length", "limit",
    "limits", "logprob", "logprobs", "method", "mode", "name", "names", "offset", "path", "policy",
    "price", "provider", "rate", "remaining", "required", "reset", "score", "size", "source",
    "status", "supported", "timeout", "ttl", "type", "types", "updated", "uri", "url", "urls",
    "usage", "version",
])
# A page's token, a cache's key and a tokenizer's token are no secrets.
_HARMLESS_BESIDE_KEYS: Final = frozenset([
    "bos", "cache", "cls", "completion", "continuation", "cursor", "end", "eos", "foreign",
    "image", "input", "mask", "max", "next", "output", "pad", "page", "partition", "per",
    "previous", "primary", "prompt", "public", "reasoning", "sep", "sort", "special", "start",
    "stop", "unk",
])
# fmt: on


def is_secret_name(name: str) -> bool:
    """Say whether what goes by a name is a secret: ``api_key``, ``X-Amz-Signature``, ``code``.

    A name is taken apart at signs and at capitals. Counts (``max_tokens``, ``token_count``) and
    what only describes a secret (``token_type``, ``key_id``) are none.
    """
    return _kind(name[:200]) != "harmless"


def is_secret_key(name: str) -> bool:
    """Say whether what is under a key of JSON is a secret: ``apiKey``, ``authorization``."""
    return _kind(name[:200]) == "secret"


def is_opaque(value: str) -> bool:
    """Say whether a value looks drawn by lot: long, letters and digits mixed."""
    return _OPAQUE.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _kind(name: str) -> NameKind:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain.lower().startswith("x-amz-"):
        return "ordinary in JSON"
    words = [word.lower() for word in _WORDS.findall(plain)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or _is_described(words):
        return "harmless"
    words = " ".join(words).replace("connection string", "connectionstring").split()
    if not _SECRET_WORDS.isdisjoint(words) or _is_key_or_token(words):
        return "secret"
    if "".join(words) in _ORDINARY_NAMES:
        return "ordinary in JSON"
    is_ordinary = not _ORDINARY_WORDS.isdisjoint(words) and _HARMLESS_BESIDE_KEYS.isdisjoint(words)
    return "ordinary in JSON" if is_ordinary else "harmless"


def _is_described(words: list[str]) -> bool:
    return words[-1] in _DESCRIBED and words[-2:] not in (["session", "id"], ["secret", "id"])


def _is_key_or_token(words: list[str]) -> bool:
    """Say whether a name ends in a token or in a key that opens something: ``account_key``."""
    *before, last = words if words[-1] != "value" else words[:-1] or [""]
    if not _HARMLESS_BESIDE_KEYS.isdisjoint(before):
        return False
    if last in ("key", "keys"):
        return bool(before) and before[-1] in _KEYS_OF
    return last.endswith(_SECRET_ENDINGS)
