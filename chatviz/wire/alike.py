"""Events that follow one and are like it: each says the same but for one text of its own.

Most events of many streams are. They are told by the typed values that are decoded of them: with
what is each event's own taken out, the values are equal. This file knows no chats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from chatviz.wire.wire_event import WireEvent

__all__ = ["Own", "read_alike"]

_MARK: Final = "a text in place of the text"
_MOST_PLACES: Final = 2  # of a text: in an event, and in the JSON of its signature

Own: TypeAlias = tuple[str, str | None, float | None]
"""What is an event's own: its text (a piece of text, of reasoning, or of arguments, not empty), the
JSON of its signature, and the provider's clock; None where it has none."""


def read_alike(
    events: Sequence[WireEvent],
    place: int,
    text: str,
    decode: Callable[[bytes], Any],
    take_own: Callable[[Any], Own | None],
) -> Sequence[Own]:
    """Return what is their own of the events that follow one, as far as they are like it.

    Parameters
    ----------
    events : sequence of WireEvent
    place : int
        Where the one is.
    text : str
        Its text.
    decode : callable
        Takes the data of an event; returns a value that can be compared, or raises ValueError.
    take_own : callable
        Takes such a value; takes out of it what is its own, and what says nothing (padding,
        numbers), and returns that; None for what is no piece, or not the usual one.
    """
    one = events[place]
    name = one.name
    spelling = _Spelling.of(one.data, text, decode, take_own)
    value = spelling.value if spelling else _take_apart(one.data, decode, take_own)[0]
    found: list[Own] = []
    keep, otherwise = found.append, 0
    for event in islice(events, place + 1, None):
        if event.name != name or event.kind != "data":
            break
        own = spelling.find_own(event.data) if spelling else None
        if own is None:
            if spelling:
                otherwise += 1
                spelling = spelling if otherwise < 3 + len(found) // 4 else None
            try:
                other = decode(event.data)
                own = take_own(other)
            except (ValueError, RecursionError):
                break
            if own is None or other != value:
                break
        keep(own)
    return found


def _take_apart(
    data: bytes, decode: Callable[[bytes], Any], take_own: Callable[[Any], Own | None]
) -> tuple[Any, Own | None]:
    """Return the value of an event without what is its own, and that; None for no such event."""
    try:
        value = decode(data)
        return value, take_own(value)
    except (ValueError, RecursionError):
        return None, None


class _Spelling:
    """How an event is written around its text: with another text there, it is another like it.

    Attributes
    ----------
    value : object
        The value of all such events, with what is their own taken out.
    """

    def __init__(self, pieces: list[bytes], value: Any, own: Own) -> None:
        self.value = value
        _, json, self._stamp = own
        self._pieces = pieces
        self._begin, self._size = len(pieces[0]), sum(map(len, pieces))
        self._json = None if json is None else json.split(_MARK)

    @classmethod
    def of(
        cls,
        data: bytes,
        text: str,
        decode: Callable[[bytes], Any],
        take_own: Callable[[Any], Own | None],
    ) -> _Spelling | None:
        """Return it; None where the text is escaped, or stands in other places, too.

        It may stand in its signature's JSON. Which places are those shows with a mark in them.
        """
        first, *others = data.split(b'"%b"' % text.encode("utf-8", "surrogatepass"))
        if not 1 <= len(others) <= _MOST_PLACES:
            return None
        *between, last = others
        pieces = [first + b'"', *[b'"%b"' % piece for piece in between], b'"' + last]
        value, own = _take_apart(_MARK.encode().join(pieces), decode, take_own)
        if own is None or own[0] != _MARK:
            return None
        places = 1 if own[1] is None else 1 + own[1].count(_MARK)
        return cls(pieces, value, own) if places == len(others) else None

    def find_own(self, data: bytes) -> Own | None:
        """Return what is its own of an event; None for one that is written otherwise."""
        pieces, begin = self._pieces, self._begin
        sent = data[begin : begin + (len(data) - self._size) // (len(pieces) - 1)]
        if not sent or sent.join(pieces) != data:
            return None
        try:
            text = sent.decode()
        except UnicodeDecodeError:
            return None
        if '"' in text or "\\" in text or not text.isprintable():
            return None  # JSON writes it otherwise, or may
        json = None if self._json is None else text.join(self._json)
        return text, json, self._stamp
