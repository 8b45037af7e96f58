"""RedactionRules: what a recording keeps, and what is taken for a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from chatviz.cassettes.redaction.named.names import is_secret_key, is_secret_name
from chatviz.given_values import check_fits
from chatviz.key_shapes import KEY_SHAPES, KeyShape

__all__ = ["DEFAULT_RULES", "RedactionRules", "check_rules"]

_TEXTS: Final = ("request_headers", "response_headers", "names", "patterns", "secrets")


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """What a recording keeps, and what is taken for a secret.

    Extend them: ``RedactionRules(secrets=(password,),
    response_headers=(*DEFAULT_RULES.response_headers, "x-trace"))``.

    Attributes
    ----------
    request_headers, response_headers : tuple of str
        The headers that are kept, in lower case; ``*`` at the end matches any rest. All others
        are removed. Of the response those are kept that describe the body (content-type,
        content-encoding), when and for which request it came (date, request ids), how fast the
        server was, what its limits are and when to ask again, and where a redirect leads.
    names : tuple of str
        Further names of query parameters, fields and keys of JSON that hold secrets.
    shapes : tuple of KeyShape
        What keys look like.
    patterns : tuple of str
        Further regular expressions; what they match in a body, header or URL is removed, or only
        their group ``key``.
    secrets : tuple of str
        Values that are secret wherever they occur. Never shown.
    scan_bodies : bool
        Whether bodies are searched.

    Raises
    ------
    TypeError
        Something is no tuple of texts; no value is shown.
    ValueError
        A pattern is no regular expression.
    """

    request_headers: tuple[str, ...] = ("accept", "content-type", "user-agent")
    response_headers: tuple[str, ...] = (
        "anthropic-ratelimit-*",
        "content-encoding",
        "content-type",
        "date",
        "location",
        "openai-processing-ms",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "server-timing",
        "x-chatviz-*",
        "x-ratelimit-*",
        "x-request-id",
        "x-should-retry",
    )
    names: tuple[str, ...] = ()
    shapes: tuple[KeyShape, ...] = field(default=KEY_SHAPES, repr=False)
    patterns: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    scan_bodies: bool = True

    def __post_init__(self) -> None:
        for name in _TEXTS:
            wanted = f"RedactionRules wants a tuple of texts: {name}=('…',)"
            given = getattr(self, name)
            if isinstance(given, str):
                raise TypeError(f"{wanted}; this is one text.")
            if not isinstance(given, Iterable):
                raise TypeError(f"{wanted}; found {type(given).__name__!r}.")
            texts = tuple(given)
            for text in texts:
                if not isinstance(text, str):
                    raise TypeError(f"{wanted}; one of them is {type(text).__name__!r}.")
            object.__setattr__(self, name, texts)
        for pattern in self.patterns:
            try:
                re.compile(pattern.encode())
            except re.error as error:
                raise ValueError(
                    f"the pattern {pattern!r} is not a regular expression: {error}."
                ) from None

    def is_secret(self, name: str) -> bool:
        """Say whether a parameter, a field or a header of this name holds a secret."""
        return is_secret_name(name) or self._is_named(name)

    def is_secret_key(self, name: str) -> bool:
        """Say whether a key of JSON of this name holds a secret."""
        return is_secret_key(name) or self._is_named(name)

    def _is_named(self, name: str) -> bool:
        return name.lower() in map(str.lower, self.names)


DEFAULT_RULES: Final = RedactionRules()


def check_rules(rules: object, name: str) -> None:
    """Raise a TypeError where an argument is no set of rules.

    None is none, either: there is no recording that keeps the keys of who asks.
    """
    advice = "cv.RedactionRules(scan_bodies=False) leaves bodies as they are"
    check_fits(isinstance(rules, RedactionRules), f"RedactionRules as {name}", rules, advice)
