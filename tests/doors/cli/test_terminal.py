"""Text and tables on a terminal: nothing that it would obey, and no line wider than it."""

from __future__ import annotations

import click
import hypothesis.strategies as st
import pytest
from hypothesis import given

from chatviz.doors.cli.grids import grid_lines
from chatviz.doors.cli.terminal import cell_width, indented, safe_text, wrap_cells

TEXTS = st.text(st.sampled_from("ab  \n\t日本e\u0301😀\x1b\x9b\u202e\ud800"), max_size=120)


def test_what_a_terminal_obeys_is_shown() -> None:
    assert safe_text("a\r\n\x1b]0;t\x07\x9b\u202e\ud800\U000e0041") == (
        "a\n\\u001b]0;t\\u0007\\u009b\\u202e\\ud800\\ue0041"
    )


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert [cell_width(one) for one in ("abc", "日本", "e\u0301", "😀", "é")] == [3, 4, 1, 2, 1]


def test_lines_break_at_words_and_inside_a_word_that_is_too_long() -> None:
    assert list(wrap_cells("one two three", 8)) == ["one two", "three"]
    assert list(wrap_cells("x" * 10 + " y", 4)) == ["xxxx", "xxxx", "xx y"]
    assert list(wrap_cells("日本語の", 5)) == ["日本", "語の"]
    assert list(wrap_cells("    deep\n\nend", 20)) == ["    deep", "", "end"]


@given(TEXTS, st.integers(12, 40))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = list(wrap_cells(text, width))
    assert all(cell_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(safe_text(text).expandtabs(4).split())
    assert all(
        cell_width(click.unstyle(line)) <= width + 12 for line in indented("x", text, width + 12)
    )


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=4), st.integers(64, 120))
def test_a_table_fits_its_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = [click.unstyle(line) for line in grid_lines(("one", "two", "three"), rows, width)]
    assert all(cell_width(line) <= width for line in lines)
    assert lines[0].split() == ["one", "two", "three"]


def test_numbers_stand_to_the_right_and_long_cells_on_several_lines() -> None:
    lines = list(grid_lines(("n", "text"), [("7", "word " * 9), ("1,234", "x")], 40))
    assert [click.unstyle(line) for line in lines] == [
        "    n  text",
        "    7  word word word word word word",
        "       word word word",
        "1,234  x",
    ]


def test_more_columns_than_fit_are_shown_in_parts_led_by_the_row() -> None:
    names = [f"column_{number}_of_a_wide_one" for number in range(8)]
    lines = list(grid_lines(names, [[str(n) * 20 for n in range(8)]], 60))
    told = [click.unstyle(line) for line in lines]
    assert told.count("") == 3 and max(map(len, told)) <= 60
    assert [line.split()[0] for line in told if line] == ["row", "0"] * 4


@pytest.mark.parametrize("rows", [[], [("", "")]])
def test_a_table_without_values_is_its_head(rows: list[tuple[str, str]]) -> None:
    head, *rest = grid_lines(("one", "two"), rows, 80)
    assert click.unstyle(head).split() == ["one", "two"] and not any(rest)
