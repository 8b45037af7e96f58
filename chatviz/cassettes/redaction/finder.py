"""Finder: every way in which secrets are looked for in bytes, asked at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from chatviz.cassettes.redaction.escapes import find_behind_escapes
from chatviz.cassettes.redaction.in_pieces.split_secrets import find_in_fragments, find_in_numbers
from chatviz.cassettes.redaction.json_strings import Extent, keep_json
from chatviz.cassettes.redaction.named.named_values import find_named
from chatviz.cassettes.redaction.parameters import (
    find_form_fields,
    find_in_urls,
    find_multipart_fields,
)
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.cassettes.redaction.values import (
    find_values,
    find_words,
    is_long,
    short_spellings,
    spellings,
)
from chatviz.key_shapes import Span, find_keys, find_patterns

__all__ = ["Finder"]


class Finder:
    """Finds secrets by their values, their shapes and their names.

    Parameters
    ----------
    rules : RedactionRules
    secrets : iterable of str
        Values that are known to be secret, besides those of the rules.
    """

    def __init__(self, rules: RedactionRules, secrets: Iterable[str]) -> None:
        carried = set(secrets)
        self._rules = rules
        self._carried = {
            each for secret in carried if is_long(secret) for each in spellings(secret)
        }
        self._short = {each for secret in carried for each in short_spellings(secret)}
        self._given = {each for secret in rules.secrets if secret for each in spellings(secret)}

    def find(self, data: bytes, payloads: Sequence[Extent] = ()) -> Iterator[Span]:
        """Yield the secrets in any bytes, with escapes and without; JSON stays JSON without them.

        Where the bytes are binary, `payloads` says where JSON may be.
        """
        plain = self._find_plain(data)
        escaped = find_behind_escapes(data, self._find_plain)
        yield from keep_json(data, chain(plain, escaped), payloads)

    def find_in_body(
        self,
        body: bytes,
        content_type: str,
        *,
        streamed: bool = False,
        payloads: Sequence[Extent] = (),
    ) -> Iterator[Span]:
        """Yield the secrets in a body: its fields, its lists of bytes, what it says in pieces."""
        yield from self.find(body, payloads)
        if "x-www-form-urlencoded" in content_type:
            yield from find_form_fields(body, self._rules.is_secret)
        if "multipart" in content_type or body.startswith(b"--"):
            yield from find_multipart_fields(body, self._rules.is_secret)
        look = find_in_fragments if streamed else find_in_numbers
        yield from look(body, self.find, payloads)

    def _find_plain(self, data: bytes) -> Iterator[Span]:
        yield from find_values(data, self._carried, "the value of a secret header or parameter")
        yield from find_words(data, self._short, "the value of a secret header or parameter")
        yield from find_values(data, self._given, "a secret of yours")
        yield from find_keys(data, self._rules.shapes)
        yield from find_patterns(data, self._rules.patterns)
        yield from find_named(data, self._rules)
        yield from find_in_urls(data, self._rules.is_secret)
