"""Where a text is in a body's JSON: under which keys, beside which numbers, ids and types.

No word of a protocol is known here: a number that counts is called an index by everybody.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

__all__ = ["Holder", "JsonPlace", "is_index", "is_label", "is_time"]

_MOST_LABELS: Final = 16
_INDEX: Final = re.compile(rb".*[iI]ndex")
_TIME: Final = re.compile(rb".*(?:_at|At)")
# What an event says of a text, the same each time or nothing: no text goes on in these.
_LABEL: Final = re.compile(
    rb"(?:.*_)?(?:id|type|role|name|model|event|format|object|status|provider|tier|fingerprint)"
    rb"|.*(?:Id|finish_reason|finishReason)"
)


class JsonPlace(msgspec.Struct, frozen=True, gc=False):
    """Where an object or a list is, in all the ways in which texts are told apart.

    Attributes
    ----------
    path : bytes
        The keys above it.
    indices : bytes
        The numbers called an index, its own and those above it.
    rank : int
        Its position in the innermost list around it; -1 in none.
    positions : bytes
        Its positions in all lists around it.
    labels : dict of bytes to bytes
        What else is said of it: ids, types, other numbers.
    """

    path: bytes
    indices: bytes
    rank: int
    positions: bytes
    labels: dict[bytes, bytes]


class Holder(msgspec.Struct, gc=False):
    """An object or a list, as it is read.

    Attributes
    ----------
    parent : Holder | None
    key : bytes
        The key that it is under; in a list, that of the list.
    is_list : bool
    position : int
        In the list that it is in; -1 in none.
    """

    parent: Holder | None = None
    key: bytes = b""
    is_list: bool = False
    position: int = -1
    _held: int = 0
    _indices: bytes = b""
    _labels: dict[bytes, bytes] | None = None
    _place: JsonPlace | None = None

    def count(self) -> int:
        """Return the position of what it holds next."""
        self._held += 1
        return self._held - 1

    def open(self, key: bytes | None, *, is_list: bool) -> Holder:
        """Return what begins in it."""
        if self.is_list:
            return Holder(self, self.key, is_list, self.count())
        return Holder(self, key or b"", is_list)

    def note(self, name: bytes, value: bytes) -> None:
        """Take a number that it holds, or another label."""
        if is_index(name):
            self._indices += b"%b=%b;" % (name, value)
            return
        if self._labels is None:
            self._labels = {}
        if len(self._labels) < _MOST_LABELS:
            self._labels[name] = value

    @property
    def place(self) -> JsonPlace:
        """Where it is; known once the body is read, since a number may come last."""
        if self._place is None:
            outer = JsonPlace(b"", b"", -1, b"", {}) if self.parent is None else self.parent.place
            self._place = self._place_in(outer)
        return self._place

    def _place_in(self, outer: JsonPlace) -> JsonPlace:
        labels = outer.labels
        if self._labels and len(labels) < _MOST_LABELS:
            labels = {**labels, **self._labels}
        is_one = self.position >= 0 and not self._is_event
        return JsonPlace(
            outer.path if self.position >= 0 else b"%b.%b" % (outer.path, self.key),
            outer.indices + self._indices,
            self.position if is_one else outer.rank,
            b"%b.%d" % (outer.positions, self.position) if is_one else outer.positions,
            labels,
        )

    @property
    def _is_event(self) -> bool:
        """Whether it is in a list that holds all else: each event has a position of its own."""
        above = self.parent and self.parent.parent
        return above is None or above.parent is None


@lru_cache(maxsize=1024)
def is_index(name: bytes) -> bool:
    """Say whether a number says which of several something is."""
    return _INDEX.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def is_label(name: bytes) -> bool:
    """Say whether a field tells of a text, and is none."""
    return _LABEL.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def is_time(name: bytes) -> bool:
    """Say whether a field is a time: it is no text, and tells of none."""
    return _TIME.fullmatch(name) is not None
