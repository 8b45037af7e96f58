"""Columns of numbers are read back as they were written, and mean nothing to JSON or HTML."""

from __future__ import annotations

import json
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.drawing.base46 import ALPHABET, write_numbers, write_repeats, write_steps
from tests.views.columns_read import read_numbers


@given(st.lists(st.integers(0, 2**60)))
def test_numbers_are_read_as_they_were_written(numbers: list[int]) -> None:
    assert read_numbers(write_numbers(numbers)) == numbers


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_signed_steps_are_read_as_they_were_written(numbers: list[int]) -> None:
    steps = [
        -(n + 1) // 2 if n % 2 else n // 2 for n in read_numbers(write_steps(numbers, signed=True))
    ]
    assert list(accumulate(steps)) == numbers


def test_rising_numbers_are_written_as_their_steps() -> None:
    assert read_numbers(write_steps([3, 4, 4, 10])) == [3, 1, 0, 6]


def test_alike_numbers_are_written_once_with_their_count() -> None:
    assert read_numbers(write_repeats([2, 0, 0, 0, 1])) == [2, 1, 0, 3, 1, 1]
    assert write_repeats([]) == ""


def test_no_digit_needs_an_escape() -> None:
    assert len(set(ALPHABET)) == 92
    assert json.dumps(ALPHABET) == f'"{ALPHABET}"'
    assert "<" not in ALPHABET


def test_a_small_number_is_one_character() -> None:
    assert [len(write_numbers([n])) for n in (0, 45, 46, 2115, 2116)] == [1, 1, 2, 2, 3]
