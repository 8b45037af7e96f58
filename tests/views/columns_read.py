"""Columns of numbers, read by the same rule as in the browser."""

from __future__ import annotations

from chatviz.views.drawing.base46 import ALPHABET

__all__ = ["read_numbers"]


def read_numbers(text: str) -> list[int]:
    """Return the numbers of a column."""
    found, value, scale = [], 0, 1
    for character in text:
        digit = ALPHABET.index(character)
        value += digit % 46 * scale
        scale *= 46
        if digit < 46:
            found.append(value)
            value, scale = 0, 1
    return found
