"""The scanner: JSON text in pieces goes in, the open and close marks of its values come out.

It knows no fragment, no value and no path's name, and keeps no text: only where each value
began, where it ended, and what it is in. The grammar is RFC 8259's, to the letter, and is
said once, in a table of states: a piece may end anywhere, for the state is all that is carried
on. Nothing recurses, so nesting costs memory, never the stack.
"""

from __future__ import annotations

import re
from array import array
from typing import Final, NamedTuple

__all__ = ["ARRAY", "KINDS", "NUMBER", "OBJECT", "STRING", "ArgumentScanner", "Break", "Marks"]

KINDS: Final = ("object", "array", "string", "number", "boolean", "null")
OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL = range(len(KINDS))


class Break(NamedTuple):
    """The first character that no JSON text could have here."""

    offset: int
    reason: str


class Marks:
    """Columns with one entry per value, in the order in which the values began.

    Attributes
    ----------
    starts, ends
        Offsets of the value's first character and behind its last; an open value's end is -1.
    parents
        The entry of the object or array that it is in; -1 for the outermost value.
    steps
        In an array, the item's number; in an object, the offset of the key's opening quote.
    kinds
        Its place in `KINDS`.
    """

    __slots__ = ("ends", "kinds", "parents", "starts", "steps")

    def __init__(self) -> None:
        self.starts = array("q")
        self.ends = array("q")
        self.parents = array("q")
        self.steps = array("q")
        self.kinds = bytearray()

    def __len__(self) -> int:
        return len(self.kinds)


class ArgumentScanner:
    """Reads JSON text as it comes, in any pieces, in time linear in its length.

    Attributes
    ----------
    marks
        What has been opened and closed so far.
    length
        How many characters were fed.
    broken
        Where the text stopped being the beginning of any JSON text; None while it is one.
        What is fed after a break is only counted.
    writing
        The entry in `marks` of the innermost open value; -1 where none is open.
    """

    __slots__ = ("_counts", "_key", "_state", "broken", "length", "marks", "writing")

    def __init__(self) -> None:
        self.marks = Marks()
        self.length = 0
        self.broken: Break | None = None
        self.writing = -1
        self._state = _NUMBERED["value"]
        self._key = 0  # offset of the latest key
        self._counts: list[int] = []  # items so far, for each open object or array

    @property
    def is_complete(self) -> bool:
        """Whether what was fed is one whole JSON text. A number could still grow: see `close`."""
        return self.broken is None and self._state == _END

    @property
    def wanted(self) -> str:
        """What the text has to go on with, in words."""
        return _WANTED[_NAMES[self._state]]

    def feed(self, text: str) -> None:
        """Read on."""
        base, size, position = self.length, len(text), 0
        self.length += size
        if self.broken is not None:
            return
        state, rows = self._state, _ROWS
        while position < size:
            move = rows[state].get(text[position], _ELSE)
            if move < _OPEN:
                state = move
            elif move < _CLOSE:
                state = self._open(move, base + position)
            elif move == _CLOSE:
                state = self._close(base + position + 1)
            elif move == _KEY:
                self._key, state = base + position, _KEY_STRING
            else:
                state, position = self._read_else(state, text, position, base)
                continue
            position += 1
        self._state = state

    def close(self) -> None:
        """Say that nothing follows: a number with nothing around it is complete now."""
        if self._state in _NUMBER_ENDS and len(self.marks) == 1 and self.broken is None:
            self._state = self._close(self.length)

    def _open(self, move: int, offset: int) -> int:
        kind, state = _OPENED[move - _OPEN]
        marks, parent, counts = self.marks, self.writing, self._counts
        if counts and marks.kinds[parent] == ARRAY:
            marks.steps.append(counts[-1])
            counts[-1] += 1
        else:
            marks.steps.append(self._key)
        self.writing = len(marks.kinds)
        marks.starts.append(offset)
        marks.ends.append(-1)
        marks.parents.append(parent)
        marks.kinds.append(kind)
        if kind <= ARRAY:
            counts.append(0)
        return state

    def _close(self, offset: int) -> int:
        marks, closed = self.marks, self.writing
        marks.ends[closed] = offset
        if marks.kinds[closed] <= ARRAY:
            self._counts.pop()
        self.writing = parent = marks.parents[closed]
        if parent < 0:
            return _END
        return _NEXT_ITEM if marks.kinds[parent] == ARRAY else _NEXT_MEMBER

    def _read_else(self, state: int, text: str, position: int, base: int) -> tuple[int, int]:
        """Read on where the table has no move: plain text, the end of a number, or a break."""
        if state in _NUMBER_ENDS:
            return self._close(base + position), position
        if state in _STRINGS:
            plain = _CONTROL.search(text, position)
            end = plain.start() if plain else len(text)
            if end > position:
                return state, end
        reason = f"wanted {_WANTED[_NAMES[state]]}, found {text[position]!a}"
        self.broken = Break(base + position, reason)
        return state, len(text)


_CONTROL = re.compile(r'["\\\x00-\x1f]')

# What each state waits for, in words for the reader of an error.
_WANTED: Final = {
    "value": "a value",
    "first item": "a value or ']'",
    "first key": "a key in double quotes or '}'",
    "key": "a key in double quotes",
    "colon": "':' after a key",
    "next item": "',' or ']'",
    "next member": "',' or '}'",
    "end": "nothing after the complete value",
    **{
        place + part: f"{words} of a {place.removesuffix(' string')}"
        for place in ("string", "key string")
        for part, words in (
            ("", "the rest, with control characters escaped,"),
            (" escape", 'one of "\\/bfnrtu after a backslash'),
            (" hex 4", "four hexadecimal digits in an escape"),
            (" hex 3", "three hexadecimal digits in an escape"),
            (" hex 2", "two hexadecimal digits in an escape"),
            (" hex 1", "one hexadecimal digit in an escape"),
        )
    },
    "minus": "a digit after '-'",
    "zero": "the end or the fraction of a number",
    "digits": "the end or the rest of a number",
    "point": "a digit after the decimal point",
    "fraction": "the end or the rest of a number",
    "exponent": "a digit or a sign in the exponent",
    "sign": "a digit in the exponent",
    "power": "the end or the rest of a number",
    **{
        word[:size]: f"{word[size:]!r} to finish {word}"
        for word in ("true", "false", "null")
        for size in range(1, len(word))
    },
}
_NAMES: Final = tuple(_WANTED)
_NUMBERED: Final = {name: number for number, name in enumerate(_NAMES)}
_DIGITS, _HEX, _SPACE = "0123456789", "0123456789abcdefABCDEF", " \t\n\r"

# What a value's first character says: its kind, and the state behind that character.
_OPENINGS: Final = {
    "{": (OBJECT, "first key"),
    "[": (ARRAY, "first item"),
    '"': (STRING, "string"),
    "-": (NUMBER, "minus"),
    "0": (NUMBER, "zero"),
    **dict.fromkeys("123456789", (NUMBER, "digits")),
    "t": (BOOLEAN, "t"),
    "f": (BOOLEAN, "f"),
    "n": (NULL, "n"),
}
_OPENED: Final = tuple((kind, _NUMBERED[state]) for kind, state in _OPENINGS.values())

# A move below _OPEN is the next state; from _OPEN to _CLOSE, the opening of a value.
_OPEN: Final = len(_NAMES)
_CLOSE: Final = _OPEN + len(_OPENINGS)
_KEY: Final = _CLOSE + 1
_ELSE: Final = _CLOSE + 2
_MOVES: Final = _NUMBERED | {"(close)": _CLOSE, "(key)": _KEY}

_END, _KEY_STRING = _NUMBERED["end"], _NUMBERED["key string"]
_NEXT_ITEM, _NEXT_MEMBER = _NUMBERED["next item"], _NUMBERED["next member"]
_STRINGS: Final = (_NUMBERED["string"], _KEY_STRING)
_NUMBER_ENDS: Final = tuple(_NUMBERED[name] for name in ("zero", "digits", "fraction", "power"))


def _compile_rows() -> tuple[dict[str, int], ...]:
    """Make the table: for each state, the move for each character that it takes."""
    grammar: dict[str, dict[str, str]] = {
        "first item": {"]": "(close)"},
        "first key": {"}": "(close)", '"': "(key)"},
        "key": {'"': "(key)"},
        "colon": {":": "value"},
        "next item": {",": "value", "]": "(close)"},
        "next member": {",": "key", "}": "(close)"},
        "minus": {"0": "zero", "123456789": "digits"},
        "zero": {".": "point", "eE": "exponent"},
        "digits": {_DIGITS: "digits", ".": "point", "eE": "exponent"},
        "point": {_DIGITS: "fraction"},
        "fraction": {_DIGITS: "fraction", "eE": "exponent"},
        "exponent": {"+-": "sign", _DIGITS: "power"},
        "sign": {_DIGITS: "power"},
        "power": {_DIGITS: "power"},
        **_string_states("string", end="(close)"),
        **_string_states("key string", end="colon"),
        **_literal_states("true", "false", "null"),
    }
    rows: list[dict[str, int]] = []
    openings = {first: _OPEN + number for number, first in enumerate(_OPENINGS)}
    for number, name in enumerate(_NAMES):
        row = dict.fromkeys(_SPACE, number) if number <= _END else {}
        row |= openings if name in ("value", "first item") else {}
        for characters, target in grammar.get(name, {}).items():
            row |= dict.fromkeys(characters, _MOVES[target])
        rows.append(row)
    return tuple(rows)


def _string_states(name: str, *, end: str) -> dict[str, dict[str, str]]:
    return {
        name: {'"': end, "\\": f"{name} escape"},
        f"{name} escape": {'"\\/bfnrt': name, "u": f"{name} hex 4"},
        **{f"{name} hex {left}": {_HEX: f"{name} hex {left - 1}"} for left in (4, 3, 2)},
        f"{name} hex 1": {_HEX: name},
    }


def _literal_states(*words: str) -> dict[str, dict[str, str]]:
    return {
        word[:size]: {word[size]: word[: size + 1] if size + 1 < len(word) else "(close)"}
        for word in words
        for size in range(1, len(word))
    }


_ROWS: Final = _compile_rows()
