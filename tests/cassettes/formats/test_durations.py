"""Go's durations, to the nanosecond and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.formats.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0s", 0),
        ("1ns", 1),
        ("755.667µs", 755_667),
        ("761.8ms", 761_800_000),
        ("1.5s", 1_500_000_000),
        ("1.85757275s", 1_857_572_750),
        ("1m18.006s", 78_006_000_000),
        ("1m0s", 60_000_000_000),
        ("1h0m0.000000001s", 3_600_000_000_001),
        ("-1.5s", -1_500_000_000),
    ],
)
def test_a_duration_is_read_and_printed_as_go_does(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds
    assert format_duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("+5us", 5_000),
        ("5μs", 5_000),
        (".5s", 500_000_000),
        ("1.s", 1_000_000_000),
        ("1.9999ns", 1),
        ("1h1h", 7_200_000_000_000),
        ("0.0000000019s", 1),
    ],
)
def test_what_go_reads_but_does_not_print_is_read(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "1", "1.5", "s", ".s", "1 s", "1d", "1s ", "١s", "--1s"])
def test_what_go_does_not_read_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_duration_comes_back_to_the_nanosecond(nanoseconds: int) -> None:
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds
