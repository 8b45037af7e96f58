"""Chunks that are alike: each differs from the one before in one text, and in nothing else.

Most chunks of many streams are. Where two have come, those that follow need no decoding: what
stands in the place of the text is the text, and all else is said again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from chatviz.chat.assembly.assembler import RULES, MessageAssembler
from chatviz.chat.assembly.repetition import REPEATABLE, can_repeat, repeat
from chatviz.chat.deltas import Delta, ReasoningDelta, SignatureDelta, TextDelta
from chatviz.runs.delta_sequence import Deltas
from chatviz.wire.wire_event import WireEvent

__all__ = ["AlikeChunks"]

Glance = Callable[[WireEvent], Sequence[Delta] | None]

_MARK: Final = "a text in place of the text"
_FAR: Final = 1 << 40  # bytes: a place where no chunk is
_MOST_FAILURES: Final = 3  # in a row, to learn: a stream whose chunks differ is left alone
_MOST_MISSES: Final = 8  # in a row, of what was learned
_MOST_PLACES: Final = 2  # of one text: reasoning comes in two fields at once
_SAYING: Final = (TextDelta, ReasoningDelta)


class AlikeChunks:
    """Learns what the chunks of a stream have in common, and collects the texts of the next ones.

    Parameters
    ----------
    assembler : MessageAssembler
    deltas : Deltas
        Who take what the chunks say.

    Attributes
    ----------
    is_learned : bool
        Whether there is anything that a chunk can be compared with.
    may_learn : bool
        Whether other chunks may be alike; no longer where none has been for a while.
    texts : list of str
        Of the chunks that were taken.
    """

    def __init__(self, assembler: MessageAssembler, deltas: Deltas) -> None:
        self._assembler = assembler
        self._deltas = deltas
        self.is_learned = False
        self.may_learn = True
        self.texts: list[str] = []
        self._first = 0
        self._said: Sequence[Delta] = ()
        self._name = b""
        self._pieces: list[bytes] = []  # of the data, before, between and behind the text
        self._begin = self._size = 0
        self._failures = self._misses = 0

    def take(self, event: WireEvent, number: int) -> bool:
        """Keep the text of a chunk that is like those before; return whether it is."""
        data, pieces, begin = event.data, self._pieces, self._begin
        text = data[begin : begin + (len(data) - self._size) // (len(pieces) - 1)]
        if not text or text.join(pieces) != data or event.name != self._name:
            self._misses += 1
            self.is_learned = self._misses < _MOST_MISSES
            return False
        try:
            said = text.decode()
        except UnicodeDecodeError:
            return False
        if '"' in said or "\\" in said or not said.isprintable():
            return False  # JSON writes it otherwise, or may: left to those who read JSON
        if not self.texts:
            self._first = number
        self.texts.append(said)
        return True

    def put(self) -> None:
        """Have the assembler take the chunks that were collected."""
        if not self.texts:
            return
        columns = [_with_texts(delta, self.texts) for delta in self._said]
        count = len(self.texts)
        self.texts.clear()
        self._failures = self._misses = 0
        self.may_learn = True
        said = [column[0] for column in columns]
        self._put_one(said, self._first)
        if count > 1 and can_repeat(self._assembler, said):
            others = [column[1:] for column in columns]
            kept = repeat(self._assembler, others, self._first + count - 1)
            self._deltas.extend(kept, self._first + 1)
            return
        for place in range(1, count):
            self._put_one([column[place] for column in columns], self._first + place)

    def _put_one(self, said: Sequence[Delta], number: int) -> None:
        for delta in said:
            if delta is not self._assembler.identity.last:
                kept = RULES[delta.__class__](self._assembler, delta, number)
                if kept:
                    self._deltas.add(delta if kept is True else kept, number)

    def learn(self, event: WireEvent, deltas: Sequence[Delta], glance: Glance) -> None:
        """Look at a chunk that was read at a glance: the next ones may be like it, and the last."""
        texts = [delta.text for delta in deltas if delta.__class__ in _SAYING]
        if len(texts) != 1:
            return
        text = texts[0]
        pieces = event.data.split(b'"%b"' % text.encode("utf-8", "surrogatepass"))
        if not 1 <= len(pieces) - 1 <= _MOST_PLACES:  # it is written otherwise, or is a mere ":"
            return
        pieces = _closed(pieces)
        is_alike = pieces == self._pieces and event.name == self._name
        self._pieces, self._name = pieces, event.name
        self._failures += 1
        self.may_learn = self._failures < _MOST_FAILURES
        self.is_learned = is_alike and self._compare(event, deltas, text, glance)

    def _compare(
        self, event: WireEvent, deltas: Sequence[Delta], text: str, glance: Glance
    ) -> bool:
        """Whether another text, at another place, is said just so; what they share is kept then."""
        data = _MARK.encode().join(self._pieces)
        said = glance(WireEvent("data", event.start + _FAR, event.end + _FAR, data, event.name))
        if said is None or len(said) != len(deltas):
            return False
        for other, delta in zip(said, deltas, strict=True):
            if not isinstance(delta, REPEATABLE) or _with_texts(other, [text]) != [delta]:
                return False
        self._said = said
        self._begin, self._size = len(self._pieces[0]), sum(map(len, self._pieces))
        return True


def _closed(pieces: list[bytes]) -> list[bytes]:
    """Return pieces between texts with the quotation marks of the texts."""
    first, *others, last = pieces
    return [first + b'"', *[b'"%b"' % other for other in others], b'"' + last]


def _with_texts(delta: Delta, texts: Sequence[str]) -> list[Delta]:
    """Return a delta of the chunk that held the mark, as it is for other texts."""
    match delta:
        case TextDelta(choice, said, part, False) if said == _MARK:
            return [TextDelta(choice, text, part) for text in texts]
        case ReasoningDelta(choice, said, sent_as, part, False) if said == _MARK:
            return [ReasoningDelta(choice, text, sent_as, part) for text in texts]
        case SignatureDelta(choice, json, part, of, False) if _MARK in json:
            pieces = json.split(_MARK)
            return [SignatureDelta(choice, text.join(pieces), part, of) for text in texts]
    return [delta] * len(texts)
