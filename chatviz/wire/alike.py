"""Events that follow one and are like it: each says the same but for a text of its own.

Most events of many streams are. They are told by the typed values that are decoded of them: with
what is each event's own taken out, the values are equal. Those that are also written alike, around
their text, are told without being decoded. This file knows no chats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from chatviz.wire.wire_event import WireEvent

__all__ = ["Alike", "Own", "read_alike"]

_MARK: Final = "a text in place of the text"
_MOST_PLACES: Final = 2  # of a text: in an event, and in the JSON of its signature
_decode_text: Final = msgspec.json.Decoder(str).decode
_decode_texts: Final = msgspec.json.Decoder(list[str]).decode

Own: TypeAlias = tuple[str, str | None, float | None]
"""What is an event's own: its text (a piece of text, of reasoning, or of arguments, not empty), the
JSON of its signature, and the provider's clock; None where it has none."""


class Alike(NamedTuple):
    """What is their own of events that follow one: a column of each of the three."""

    texts: list[str]
    json: list[str | None]
    stamps: list[float | None]


def read_alike(
    events: Sequence[WireEvent],
    place: int,
    text: str,
    decode: Callable[[bytes], Any],
    take_own: Callable[[Any], Own | None],
) -> Alike:
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
    spelling = _Spelling.of(one.data, text, decode, take_own)
    value = spelling.value if spelling else _take_apart(one.data, decode, take_own)[0]
    found = Alike([], [], [])
    may_try = spelling is None  # whether it is worth looking for another spelling
    place += 1
    while place < len(events):
        count = spelling.find(islice(events, place, None), one.name, found) if spelling else 0
        place += count
        following = islice(events, place, place + 1 if count or may_try else None)
        taken = _take_decoded(following, one.name, value, decode, take_own, found)
        place += taken
        if not taken or not (count or may_try):
            break
        if not count:
            spelling = _Spelling.of(events[place - 1].data, found.texts[-1], decode, take_own)
        may_try = count > 0
    return found


def _take_decoded(
    events: Iterable[WireEvent],
    name: bytes,
    value: Any,
    decode: Callable[[bytes], Any],
    take_own: Callable[[Any], Own | None],
    found: Alike,
) -> int:
    """Take the first events that have a value, which is seen when they are decoded; count them."""
    keep_text, keep_json, keep_stamp = found.texts.append, found.json.append, found.stamps.append
    count = 0
    for event in events:
        if event.name != name or event.kind != "data":
            break
        try:
            other = decode(event.data)
            own = take_own(other)
        except (ValueError, RecursionError):
            break
        if own is None or other != value:
            break
        text, json, stamp = own
        keep_text(text)
        keep_json(json)
        keep_stamp(stamp)
        count += 1
    return count


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

    def find(self, events: Iterable[WireEvent], name: bytes, found: Alike) -> int:
        """Find what is their own of the first events that are written so; return their number."""
        pieces, begin = self._pieces, len(self._pieces[0])
        size, places = sum(map(len, pieces)), len(pieces) - 1
        sent: list[bytes] = []
        for event in events:
            data = event.data
            one = data[begin : begin + (len(data) - size) // places]
            if one.join(pieces) != data or event.name != name or event.kind != "data":
                break
            sent.append(one)
        texts = _texts_of(sent)
        found.texts.extend(texts)
        found.stamps.extend([self._stamp] * len(texts))
        if self._json is None:
            found.json.extend([None] * len(texts))
        else:
            sent = sent[: len(texts)]
            found.json.extend([str(one, "utf-8").join(self._json) for one in sent])
        return len(texts)


def _texts_of(sent: Sequence[bytes]) -> list[str]:
    """Return what stands between the quotes of JSON texts, up to what is none, or is empty."""
    joined = b'","'.join(sent)
    texts: list[str] = []
    if b'\\","' not in joined and not joined.endswith(b"\\"):
        try:
            texts = _decode_texts(b'["%b"]' % joined)
        except ValueError:
            texts = []
    if len(texts) != len(sent):  # with more quotes in one, there would be more of them
        texts = []
        for one in sent:
            try:
                texts.append(_decode_text(b'"%b"' % one))
            except ValueError:
                break
    return texts[: texts.index("")] if "" in texts else texts
