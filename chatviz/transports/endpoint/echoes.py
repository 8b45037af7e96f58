"""EchoMask: writes over our own secrets in what a server sends back, before anybody reads it.

A server may quote the key that it refuses. Nothing is made longer or shorter, and nothing is held
back but the few bytes at the end of a piece that a secret might begin with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from chatviz.cassettes.redaction.escapes import find_behind_escapes
from chatviz.cassettes.redaction.masks import mask_spans, merge_spans
from chatviz.cassettes.redaction.values import find_values, is_long, spellings
from chatviz.key_shapes import Span

__all__ = ["EchoMask"]

_CUT_ESCAPE: Final = re.compile(rb"(?:\\+(?:u(?:0(?:0[2-7]?)?)?)?|%[2-7]?)\Z")
_LONGEST_ESCAPE: Final = 6  # bytes: \u0073
_ENDS_OF_ESCAPES: Final = frozenset(b"0123456789abcdefABCDEF/")


class EchoMask:
    """Masks secrets in the pieces of one answer.

    Parameters
    ----------
    secrets : iterable of str
    """

    __slots__ = ("_first", "_held", "_last", "_longest", "_spelt")

    def __init__(self, secrets: Iterable[str]) -> None:
        spelt = {each for secret in secrets if is_long(secret) for each in spellings(secret)}
        # "Bearer …" is written over where its token is.
        self._spelt = [one for one in spelt if not any(o in one for o in spelt if o != one)]
        self._longest = max(map(len, self._spelt), default=0)
        self._first = frozenset(each[0] for each in self._spelt)
        self._last = frozenset(byte for each in self._spelt for byte in each)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take a piece; return what may be read now: all of it, unless a secret may begin there."""
        if not self._spelt:
            return data
        data = self._mask(self._held + data)
        cut = self._find_beginning(data)
        data, self._held = data[:cut], data[cut:]
        return data

    def close(self) -> bytes:
        """Return what was held back."""
        held, self._held = self._held, b""
        return held

    def mask_text(self, text: str) -> str:
        """Return a text without the secrets."""
        data = text.encode("utf-8", "surrogatepass")
        return self._mask(data).decode("utf-8", "surrogatepass")

    def _mask(self, data: bytes) -> bytes:
        found = [*self._find(data), *find_behind_escapes(data, self._find)]
        return mask_spans(data, merge_spans(data, found)) if found else data

    def _find(self, data: bytes) -> Iterable[Span]:
        return find_values(data, self._spelt, "an echo")

    def _find_beginning(self, data: bytes) -> int:
        """Return where the end of the data may be the beginning of a secret."""
        cut = _CUT_ESCAPE.search(data, max(0, len(data) - _LONGEST_ESCAPE))
        whole = data[: cut.start()] if cut else data
        if not whole or (whole[-1] not in self._last and whole[-1] not in _ENDS_OF_ESCAPES):
            return len(whole)  # as a rule: an event ends with a line break
        # An escape takes up to six bytes.
        tail = max(0, len(whole) - _LONGEST_ESCAPE * self._longest)
        found = [*self._begin(whole[tail:]), *find_behind_escapes(whole[tail:], self._begin)]
        return min((tail + span.start for span in found), default=len(whole))

    def _begin(self, data: bytes) -> Iterator[Span]:
        """Yield where the end of some bytes begins a secret, if it does."""
        for place in range(max(0, len(data) - self._longest + 1), len(data)):
            if data[place] in self._first:
                end = data[place:]
                if any(each.startswith(end) for each in self._spelt):
                    yield Span(place, len(data), "an echo")
                    return

    def __repr__(self) -> str:
        return f"<EchoMask: {len(self._spelt)} spellings, not shown>"
