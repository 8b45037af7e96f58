"""What keys look like: the shapes by which known kinds of secrets are found in any bytes.

A shape begins with a fixed prefix, which is looked for first: most bodies hold none, and a search
for fixed bytes is fast. The expressions are possessive where they repeat, so that none backtracks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["KEY_SHAPES", "KeyShape", "Span", "find_keys", "find_patterns"]

# A key begins where no word runs on: "task-force" holds no key. An escape (\n, \u003d, %3D) ends
# a word, though it ends in a letter or a digit.
_BEGIN: Final = (
    rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))"
)
_END: Final = rb"(?![A-Za-z0-9_-])"
_DIGIT_IN: Final = rb"(?=[A-Za-z]*+[0-9])"


@dataclass(frozen=True, slots=True)
class KeyShape:
    """What one kind of secret looks like.

    Attributes
    ----------
    name : str
        Whose key it is; named in the list of what was removed.
    prefixes : tuple[bytes, ...]
        What the secret begins with, or what comes right before it.
    pattern : bytes
        The expression that must match at the prefix. Its group ``key``, where it has one, is what
        is secret of it.
    before : int
        How many bytes of a key come before what it is looked for by: some kinds are known by their
        middle.
    """

    name: str
    prefixes: tuple[bytes, ...]
    pattern: bytes
    before: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Where a secret is in some bytes, and why it is taken for one."""

    start: int
    end: int
    reason: str


def _token(name: str, *prefixes: str, then: bytes = rb"[A-Za-z0-9]{20,}+") -> KeyShape:
    """Return the shape of a key that is its prefix and then letters and digits."""
    encoded = tuple(prefix.encode() for prefix in prefixes)
    choice = b"|".join(re.escape(prefix) for prefix in encoded)
    return KeyShape(name, encoded, _BEGIN + rb"(?:" + choice + rb")" + then)


_URL_SAFE: Final = rb"[A-Za-z0-9_-]{16,}+"

KEY_SHAPES: Final[tuple[KeyShape, ...]] = (
    KeyShape(
        "sk-",  # OpenAI, Anthropic, OpenRouter, DeepSeek and many more
        (b"sk-",),
        # With a known second part anything may follow; without one there must be a run of letters
        # and digits, so that "sk-learn-tutorial-2024" is no key.
        _BEGIN
        + rb"sk-(?:(?:proj|svcacct|admin|None|ant|or|lf)-[A-Za-z0-9_-]{16,}+"
        + rb"|(?:[A-Za-z0-9]{1,15}[_-]){0,4}"
        + _DIGIT_IN
        + rb"[A-Za-z0-9]{16,}+[A-Za-z0-9_-]*+)",
    ),
    _token("OpenAI", "ek_"),
    _token("Groq", "gsk_"),
    _token("xAI", "xai-"),
    _token("Cerebras", "csk-"),
    _token("Fireworks", "fw_"),
    _token("Together", "tgp_v1_", then=_URL_SAFE),
    _token("Perplexity", "pplx-"),
    _token("Replicate", "r8_"),
    _token("NVIDIA", "nvapi-", then=_URL_SAFE),
    _token("Vercel", "vck_"),
    _token("Tavily", "tvly-", then=_URL_SAFE),
    _token("Hugging Face", "hf_"),
    _token("Google", "AIza", then=rb"[A-Za-z0-9_-]{30,40}+" + _END),
    _token("Google", "AQ.Ab", then=rb"[A-Za-z0-9_-]{30,}+"),
    _token("Google OAuth", "ya29.", "GOCSPX-", then=_URL_SAFE),
    _token("AWS", "AKIA", "ASIA", "ABIA", "ACCA", then=rb"[A-Z0-9]{16}" + _END),
    _token("AWS Bedrock", "ABSKQmVkcm9ja", then=rb"[A-Za-z0-9+/]{20,}+={0,2}"),
    _token("AWS Bedrock", "bedrock-api-key-", then=rb"[A-Za-z0-9+/]{20,}+={0,2}"),
    _token("GitHub", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _token("GitHub", "github_pat_", then=rb"[A-Za-z0-9_]{20,}+"),
    _token(
        "GitLab",
        *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941", "glcbt-", "glimt-"),
        *("glptt-", "glagent-", "gloas-"),
        then=_URL_SAFE,
    ),
    _token("npm", "npm_", then=rb"[A-Za-z0-9]{36}" + _END),
    _token("PyPI", "pypi-AgE", then=_URL_SAFE),
    _token("SendGrid", "SG.", then=rb"[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+"),
    _token("Square", "sq0csp-", "sq0atp-", "sq0idp-", then=_URL_SAFE),
    _token("Artifactory", "AKC", then=_DIGIT_IN + rb"[A-Za-z0-9]{10,}+" + _END),
    KeyShape(
        "Artifactory", (b"AP",), _BEGIN + rb"AP[0-9A-F]" + _DIGIT_IN + rb"[A-Za-z0-9]{8,}+" + _END
    ),
    _token("Twilio", "AC", "SK", then=rb"(?=[a-z]*+[0-9])[a-z0-9]{32}" + _END),
    _token("HashiCorp", "hvs.", then=_URL_SAFE),
    _token("DigitalOcean", "dop_v1_"),
    _token("Databricks", "dapi", then=rb"[a-f0-9]{32}(?:-[0-9])?" + _END),
    _token("Notion", "ntn_"),
    _token("Linear", "lin_api_"),
    _token("Shopify", "shpat_"),
    KeyShape("Mailchimp", (b"-us",), _BEGIN + rb"[0-9a-z]{32}-us[0-9]{1,2}" + _END, before=32),
    KeyShape("Telegram", (b":",), rb"[0-9]{8}:(?P<key>[A-Za-z0-9_-]{35})" + _END, before=8),
    KeyShape(
        "Discord",
        (b".",),
        rb"(?P<key>[A-Za-z0-9_-]{23}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27})" + _END,
        before=23,
    ),
    KeyShape(
        "webhook",
        (b"hooks.slack.com/services/", b"/api/webhooks/", b"api.softlayer.com/soap/"),
        rb"[a-z./]{10,40}/"
        rb"(?P<key>[A-Za-z0-9_-]{8,}+(?:/[A-Za-z0-9_-]{8,}+)*+|v3(?:\.1)?/[a-z0-9]{64})",
    ),
    _token("Stripe", "sk_live_", "sk_test_", "rk_live_", "rk_test_", then=rb"[A-Za-z0-9]{16,}+"),
    KeyShape(
        "Slack",
        (b"xox", b"xapp-"),
        _BEGIN + rb"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}+",
    ),
    KeyShape(
        "JSON web token",
        (b"eyJ",),
        _BEGIN + rb"eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]{8,}+){2,4}+",
    ),
    KeyShape(
        "Bearer",
        (b"earer",),
        # A digit tells a token from words: "Bearer token-based-authentication".
        rb"earer(?: |%20|\+){1,4}(?P<key>(?=[A-Za-z._~+/-]*+[0-9])[A-Za-z0-9._~+/-]{16,}+=*+)",
    ),
    KeyShape(
        "private key",
        (b"-----BEGIN ", b"---- BEGIN "),
        # Up to its end; or, where the text was cut before it, the lines of base64 that there are.
        rb"-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
        rb"(?P<key>(?:[^-]|-(?!---)){0,20000}+(?=-{4,5} ?END )"
        rb"|(?:(?:\s|\\++[nr])*+[A-Za-z0-9+/=]{40,}+)++)",
    ),
    KeyShape(
        "private key",  # of PuTTY
        (b"Private-Lines:",),
        rb"Private-Lines: {0,4}[0-9]{1,4}(?P<key>(?:(?:\s|\\++[nr])*+[A-Za-z0-9+/=]{40,}+)++)",
    ),
)


def find_keys(data: bytes, shapes: Iterable[KeyShape] = KEY_SHAPES) -> Iterator[Span]:
    """Yield where bytes hold what has the shape of a key."""
    for shape in shapes:
        expression = _compiled(shape.pattern)
        for prefix in shape.prefixes:
            place = data.find(prefix)
            while place >= 0:
                match = expression.match(data, max(0, place - shape.before))
                if match is not None and not _is_in_base64(data, *match.span()):
                    yield _span(match, f"key shape {shape.name!r}")
                place = data.find(prefix, max(place + 1, 0 if match is None else match.end()))


def find_patterns(data: bytes, patterns: Iterable[str]) -> Iterator[Span]:
    """Yield where bytes match a user's own expressions."""
    for pattern in patterns:
        for match in _compiled(pattern.encode()).finditer(data):
            yield _span(match, "a pattern of yours")


# What base64 is made of; its two signs may be escaped, as in JSON and in URLs.
_SIGN_OR_LETTER: Final = rb"(?:[A-Za-z0-9+/]|\\++(?=/|u002[bB])|%(?=2[bBfF]))"
_BASE64: Final = re.compile(_SIGN_OR_LETTER + rb"*+")
_BASE64_BEHIND: Final = re.compile(rb"(" + _SIGN_OR_LETTER + rb"{0,120})")
_BASE64_BEFORE: Final = re.compile(rb"(?:\\++[nrt])?(" + _SIGN_OR_LETTER + rb"*)\Z")
_NO_TEXT: Final = re.compile(rb"(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9]).{16}")
_URL_BREAK: Final = re.compile(rb"[\s\"'<>`,;]")
_SCHEME: Final = re.compile(rb":(?:\\*/){2}")
_LINE_BREAK: Final = rb"(?:\r?\n|(?:\\+r)?\\+n)"
_SHORTEST_LINE: Final = 57  # of base64 that is wrapped


def _is_in_base64(data: bytes, start: int, end: int) -> bool:
    """Say whether bytes are a piece of base64: an image, or audio, may spell the shape of a key.

    A key in the path of a URL is none, and base64 that goes on in neither direction neither.
    """
    if _BASE64.fullmatch(data, start, end) is None:
        return False
    before = _group(_BASE64_BEFORE.search(data[max(0, start - 120) : start]))
    after = _group(_BASE64_BEHIND.match(data, end))
    around = before + after
    if len(around) + end - start >= _SHORTEST_LINE:
        around += _lines_beside(data, start - len(before), end + len(after))
    return _NO_TEXT.match(around) is not None and not _is_in_url(data, start)


def _is_in_url(data: bytes, place: int) -> bool:
    before = _URL_BREAK.split(data[max(0, place - 2_000) : place])[-1]
    return _SCHEME.search(before) is not None


def _lines_beside(data: bytes, start: int, end: int) -> bytes:
    """Return the lines of base64 before and behind a line that is as long; else nothing."""
    line = rb"([A-Za-z0-9+/]{%d})" % (end - start)
    before = re.search(line + _LINE_BREAK + rb"\Z", data[max(0, 2 * start - end - 20) : start])
    after = re.match(_LINE_BREAK + line, data[end : 2 * end - start + 20])
    return _group(before) + _group(after) if before and after else b""


def _group(match: re.Match[bytes] | None) -> bytes:
    return b"" if match is None else match[1]


def _span(match: re.Match[bytes], reason: str) -> Span:
    group = "key" if "key" in match.re.groupindex else 0
    return Span(match.start(group), match.end(group), reason)


@lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)
