"""Columns of whole numbers as short text: one character for a small number, two for most others.

A number is written in base 46, its lowest digit first. There are 92 printable characters: the
first 46 end a number, the others say that a digit follows. None has a meaning inside JSON in
HTML: no quote, backslash or ``<`` is among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Final

__all__ = ["ALPHABET", "write_numbers", "write_repeats", "write_steps"]

ALPHABET: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\<')
_BASE: Final = 46


def write_numbers(numbers: Iterable[int]) -> str:
    """Write numbers from 0 up."""
    return "".join([_SHORT[n] if n < _LIMIT else _write_number(n) for n in numbers])


def write_steps(numbers: Sequence[int], *, signed: bool = False) -> str:
    """Write numbers as the steps between them, the first one from 0.

    Parameters
    ----------
    signed : bool
        Whether they may fall; then a step of n is written as 2n, and of -n as 2n - 1.
    """
    table, write = (_SHORT_SIGNED, _write_signed) if signed else (_SHORT_STEPS, _write_number)
    pairs = pairwise([0, *numbers])
    return "".join([table.get(b - a) or write(b - a) for a, b in pairs])


def write_repeats(numbers: Iterable[int]) -> str:
    """Write numbers of which many are alike: each with how often it comes."""
    pairs = ((value, sum(1 for _ in same)) for value, same in groupby(numbers))
    return write_numbers(number for pair in pairs for number in pair)


def _write_number(number: int) -> str:
    digits = ""
    while number >= _BASE:
        number, digit = divmod(number, _BASE)
        digits += ALPHABET[_BASE + digit]
    return digits + ALPHABET[number]


def _write_signed(number: int) -> str:
    return _write_number(2 * number if number >= 0 else -2 * number - 1)


_LIMIT: Final = _BASE * _BASE
_SHORT: Final = tuple(map(_write_number, range(_LIMIT)))
_SHORT_STEPS: Final = dict(enumerate(_SHORT))
_SHORT_SIGNED: Final = {n: _write_signed(n) for n in range(-_LIMIT // 2, _LIMIT // 2)}
