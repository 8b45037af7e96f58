"""The texts in a body's JSON, by their place: strings, lists of numbers that spell one, keys.

The body is read as bytes: it may be whole, cut off or damaged, one JSON or many. Of events that say
the same but for their texts, one is read token by token, and the others like it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from chatviz.cassettes.redaction.in_pieces.places import Holder, is_index, is_label, is_time

__all__ = [
    "AlikeTexts",
    "Stretch",
    "find_number_lists",
    "number_places",
    "read_numbers",
    "read_texts",
]

_DEEPEST: Final = 32  # what is nested deeper has the place of what holds it
_EVENT: Final = re.compile(rb"^(?:data:[ ]?)?+(?=[{\[])", re.MULTILINE)
# A line break in a string is damage; where an event ends or begins behind it, the string ends, too.
# One that is not closed is taken all the same: or each quote in it would be tried as the first.
_TEXT: Final = rb"\"(?P<text>(?:[^\"\\\n]|\\.|\n(?!\n|data:|[{\[]|\Z))*+)(?:\"|(?=\n)|\\?\Z)"
_GAP: Final = rb"(?:\s|\\+[nrt])*+"
_LIST: Final = _GAP.join((rb"\[", rb"[0-9]{1,3}(?:", rb",", rb"[0-9]{1,3})*+", rb"\]"))
_NUMBERS: Final = rb"(?P<numbers>" + _LIST + rb")"
_NAME: Final = rb"\"(?P<name>[^\"\\\n]{0,80}+)\"\s{0,4}+:\s{0,4}+"
_NUMBER: Final = rb"(?P<number>-?[0-9][0-9.eE+-]*+)"
_NUMBER_LIST: Final = re.compile(_NUMBERS)
# With the sign before it: what is written over it is then seen to be one of a list.
_LISTED: Final = re.compile(rb"[\[,]" + _GAP + rb"([0-9]{1,3})")
_TOKEN: Final = re.compile(
    rb"(?:" + _NAME + rb")?+(?:" + _TEXT + rb"|" + _NUMBERS + rb"|(?P<opening>[{\[])"
    rb"|(?(name)(?:" + _NUMBER + rb"|(?P<word>true|false))?+|(?!)))"
    rb"|(?P<closing>[}\]](?:\s*+[}\]])*+)",
    re.DOTALL,
)
_VALUE: Final = re.compile(
    _NAME + rb"(?:" + _TEXT + rb"|" + _NUMBERS + rb"|" + _NUMBER + rb")", re.S
)
_CLOSING: Final = re.compile(rb"[}\]]")
_FRACTION: Final = re.compile(rb"[.eE]")

Stretch: TypeAlias = tuple[int, int]


class AlikeTexts(msgspec.Struct, gc=False):
    """The texts at one place of alike events, in their order.

    Attributes
    ----------
    key : bytes
        The key that they are under; in a list, that of the list.
    holder : Holder
        The object or list that they are in.
    position : int
        Among those of their list; -1 in none.
    is_numbers : bool
        Whether they are lists of numbers, one for each byte.
    stretches : list of (int, int)
        Where they are in the body.
    """

    key: bytes
    holder: Holder
    position: int = -1
    is_numbers: bool = False
    stretches: list[Stretch] = []


# Where a text of an alike event is: how many values are before it, where it begins behind them, and
# its size; a size of -1 says that it is the next value itself.
_PlannedText: TypeAlias = tuple[AlikeTexts, int, int, int]


def read_texts(body: bytes, payloads: Sequence[Stretch] = ()) -> list[AlikeTexts]:
    """Return the texts of a body; of a binary one, `payloads` says where its JSON is."""
    reader = _Reader(body)
    for start, end in payloads or _events_of(body):
        reader.read(start, end)
    return reader.texts


def _events_of(body: bytes) -> Iterator[Stretch]:
    """Yield from where to where each event of a body is that is text."""
    starts = [match.end() for match in _EVENT.finditer(body)]
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    yield from zip(starts, [*starts[1:], len(body)], strict=True)


def find_number_lists(body: bytes) -> list[Stretch]:
    """Return where lists of small numbers are in any bytes, in a text of JSON in JSON, too."""
    return [match.span() for match in _NUMBER_LIST.finditer(body)]


def read_numbers(numbers: bytes) -> bytes:
    """Return what a list of numbers spells; nothing, where they are no bytes."""
    values = [int(match[1]) for match in _LISTED.finditer(numbers)]
    return bytes(values) if max(values) < 256 else b""


def number_places(body: bytes, start: int, end: int) -> list[Stretch]:
    """Return where each number of a list is, with the sign before it."""
    return [match.span() for match in _LISTED.finditer(body, start, end)]


class _Reader:
    """Reads a body event by event."""

    def __init__(self, body: bytes) -> None:
        self.texts: list[AlikeTexts] = []
        self._body = body
        self._plans: dict[tuple[bytes, ...], list[_PlannedText]] = {}

    def read(self, start: int, end: int) -> None:
        """Read an event: like one before, or token by token."""
        values, rest = self._take_out_values(start, end)
        plan = self._plans.get(rest)
        if plan is None:
            self._read_anew(start, end, values, rest)
            return
        for alike, number, begin, size in plan:
            base = values[number - 1][1] if number else start
            alike.stretches.append(
                values[number] if size < 0 else (base + begin, base + begin + size)
            )

    def _take_out_values(self, start: int, end: int) -> tuple[list[Stretch], tuple[bytes, ...]]:
        """Return where the values are that alike events differ in, and all around them."""
        body, values, rest, place = self._body, [], [], start
        for match in _VALUE.finditer(body, start, end):
            kind, name = match.lastgroup or "", match["name"]
            if not _tells(kind, name, match):
                begin, stop = match.span(kind)
                # A list keeps its sign, and a fraction is told by one: they are read otherwise.
                sign = b"[" if kind == "numbers" else b"." if _is_fraction(match) else b""
                rest.append(body[place:begin] + sign)
                values.append((begin, stop))
                place = stop
        last = max(body.rfind(sign, place, end) for sign in (b"}", b"]", b'"'))
        return values, (*rest, body[place : last + 1 if last >= 0 else end])

    def _read_anew(
        self, start: int, end: int, values: list[Stretch], rest: tuple[bytes, ...]
    ) -> None:
        """Read an event token by token, and keep how those like it are read."""
        known: set[Stretch] = set()
        texts = self._read_tokens(start, end, known)
        if not known.issuperset(values):
            self._take_what_is_lost(start, end, known)
            return
        ends = [stop for _, stop in values]
        last = (ends[-1] if ends else start) + len(rest[-1])
        if any(stop > last for _, stop in known):
            return  # a string that is not closed: what is behind the event is in it
        numbers = {value: number for number, value in enumerate(values)}
        plan: list[_PlannedText] = []
        for (begin, stop), alike in texts:
            number = numbers.get((begin, stop))
            if number is not None:
                plan.append((alike, number, 0, -1))
                continue
            number = bisect_right(ends, begin)
            base = ends[number - 1] if number else start
            plan.append((alike, number, begin - base, stop - begin))
        self._plans[rest] = plan

    def _take_what_is_lost(self, start: int, end: int, known: set[Stretch]) -> None:
        """Take the texts of a damaged event that are none of its tokens: by their keys alone."""
        for match in _VALUE.finditer(self._body, start, end):
            if match.lastgroup == "text" and match.span("text") not in known:
                self._take(match, "text", Holder())

    def _read_tokens(
        self, start: int, end: int, known: set[Stretch]
    ) -> list[tuple[Stretch, AlikeTexts]]:
        """Read an event; return its texts, and note where its values are."""
        stack, first = [Holder()], len(self.texts)
        for match in _TOKEN.finditer(self._body, start, end):
            holder, name = stack[-1], match["name"]
            match match.lastgroup:
                case "opening":
                    is_list = self._body[match.end() - 1] == 0x5B
                    is_deep = len(stack) > _DEEPEST
                    stack.append(holder if is_deep else holder.open(name, is_list=is_list))
                case "closing":
                    del stack[max(1, len(stack) - len(_CLOSING.findall(match[0]))) :]
                case "word":
                    holder.note(name, match["word"])
                case "text" | "numbers" | "number" as kind:
                    known.add(match.span(kind))
                    self._take(match, kind, holder)
                case _:
                    pass
        return [(alike.stretches[0], alike) for alike in self.texts[first:]]

    def _take(self, match: re.Match[bytes], kind: str, holder: Holder) -> None:
        """Take a value: as a text, or as what it tells of one."""
        name, stretch = match["name"], match.span(kind)
        if _tells(kind, name, match):
            holder.note(name, match[kind])
        elif kind == "number":
            if _is_fraction(match):  # how probable its key is, which may be a piece of a text
                stretch = match.span("name")
                self.texts.append(AlikeTexts(holder.key, holder, holder.count(), False, [stretch]))
        elif name is None and holder.is_list:
            is_numbers = kind == "numbers"
            alike = AlikeTexts(holder.key, holder, holder.count(), is_numbers, [stretch])
            self.texts.append(alike)
        elif name is not None and not is_time(name):
            self.texts.append(AlikeTexts(name, holder, -1, kind == "numbers", [stretch]))


def _tells(kind: str, name: bytes | None, match: re.Match[bytes]) -> bool:
    """Say whether a value tells which of several texts its neighbours are."""
    if name is None or kind == "numbers":
        return False
    if kind == "text":
        return is_label(name)
    return is_index(name) or (len(match["number"]) < 3 and not _is_fraction(match))


def _is_fraction(match: re.Match[bytes]) -> bool:
    number = match["number"]
    return number is not None and _FRACTION.search(number) is not None
