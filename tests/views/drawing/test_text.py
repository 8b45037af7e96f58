from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.drawing.text import cut_text, fit_text, measure_text, show_text, wrap_text

ANY_TEXT = st.text(st.characters(codec=None))  # lone surrogates and controls too


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x00\n\x1b", "␀␊␛"),
        ("\x7f\x85", "␡\\u0085"),
        ("\ud800", "\\ud800"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("\ufffe\u2028", "\\ufffe\\u2028"),
        ("plain – é 漢 😀", "plain – é 漢 😀"),
    ],
)
def test_what_hides_is_made_visible(hidden: str, shown: str) -> None:
    assert show_text(hidden) == shown


@given(ANY_TEXT)
def test_any_text_becomes_valid_utf_8_on_one_line(text: str) -> None:
    assert len(show_text(text).encode().decode().splitlines()) <= 1


def test_a_cut_says_how_many_characters_more_there_are() -> None:
    assert cut_text("abcdef", 6) == "abcdef"
    assert cut_text("abcdef", 2) == "ab… (4 more characters)"
    assert cut_text("abcdef", 2, size=5_000) == "ab… (4,998 more characters)"


@given(ANY_TEXT, st.sampled_from([20.0, 60.0, 200.0]), st.booleans())
def test_fitted_text_is_never_wider_than_its_place(text: str, width: float, mono: bool) -> None:
    assert measure_text(fit_text(text, width, 12, mono=mono), 12, mono=mono) <= width


def test_text_that_fits_is_not_cut() -> None:
    assert fit_text("tool", 100, 12) == "tool"
    assert fit_text("a long name of a tool", 60, 12).endswith("…")


@given(ANY_TEXT, st.sampled_from([30.0, 200.0]))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text: str, width: float) -> None:
    lines = list(wrap_text(text, width, 12))
    assert all(measure_text(line, 12) <= width for line in lines)
    kept = "".join(lines).replace(" ", "")
    assert kept == "".join(show_text(line) for line in text.splitlines()).replace(" ", "")


def test_empty_lines_stay() -> None:
    assert list(wrap_text("a\n\nb", 100, 12)) == ["a", "", "b"]
