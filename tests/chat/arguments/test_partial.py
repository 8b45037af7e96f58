"""Names of paths, and values that have not come to their end, against a slow reading of them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatviz.chat.arguments.growth import ArgumentGrowth

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_a_whole_value_is_what_python_reads(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert json.dumps(ArgumentGrowth([text]).value) == json.dumps(json.loads(text))


@given(VALUES, st.booleans())
@example({":0": None}, False)
def test_the_value_at_every_cut_is_what_a_slow_reader_makes_of_it(
    value: Any, is_ascii: bool
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    growth = ArgumentGrowth(list(text))
    for cut in range(1, len(text)):
        seen = growth.state_after(cut - 1).value
        assert json.dumps(seen) == json.dumps(read_slowly(text[:cut])), text[:cut]


def read_slowly(text: str) -> Any:
    """Take characters off the end until the rest, closed where it is open, is JSON."""
    for size in range(len(text), 0, -1):
        ending, is_string = close(text[:size])
        rest = text[:size] if is_string else text[:size].rstrip(" ,")
        for guess in ("", ":0"):
            try:
                value = json.loads(rest + '"' * is_string + guess + ending)
            except ValueError:
                continue
            if guess:
                break  # a key without a value: leave it out, with its comma
            return drop_half(value) if is_string else value
    return None


def close(text: str) -> tuple[str, bool]:
    """Tell the brackets that are missing, and whether the text ends in a string."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*("|\\?$)', lambda m: "" if m[1] == '"' else '"', text)
    opened: list[str] = []
    for character in outside:
        if character in "{[":
            opened.append("}" if character == "{" else "]")
        elif character in "}]":
            opened.pop()
    return "".join(reversed(opened)), outside.endswith('"')


def drop_half(value: Any) -> Any:
    """Take the first half of a surrogate pair off the last string."""
    if isinstance(value, str):
        return value[:-1] if "\ud800" <= value[-1:] <= "\udbff" else value
    key = list(value)[-1] if isinstance(value, dict) else -1
    value[key] = drop_half(value[key])
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "x\\u00e', {"a": "x"}),
        ('{"a": "x\\ud83d', {"a": "x"}),
        ('{"a": "x\\ud83d\\ude0', {"a": "x"}),
        ('{"a": "x\\ud83d\\ude00', {"a": "x😀"}),
        ('{"a": "\\\\ud83d', {"a": "\\ud83d"}),
        ('{"a": "\\ud83d"', {"a": "\ud83d"}),
        ('{"a": -', {}),
        ('{"a": -1.', {"a": -1}),
        ('{"a": 1.5e', {"a": 1.5}),
        ('{"a": 1.5e+', {"a": 1.5}),
        ('{"a": 1e2', {"a": 100.0}),
        ('{"a": tru', {}),
        ('{"a": nul', {}),
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b":', {"a": 1}),
        ('{"a": 1, "a": [2', {"a": [2]}),
        ("[1, -", [1]),
        ("[1, x", [1]),
        ("tr", None),
        ("  ", None),
        ("x", None),
        ("", {}),
    ],
)
def test_an_open_value_is_shown_as_far_as_it_can_be_told(text: str, value: Any) -> None:
    assert ArgumentGrowth([text]).value == value


def test_halves_of_a_pair_that_came_in_two_fragments_are_one_character() -> None:
    growth = ArgumentGrowth(['{"\ud83d', '\ude00": "\ud83d', '\ude00"}'])
    assert growth.value == {"😀": "😀"}
    assert growth.state_after(1).value == {"😀": ""}
    assert growth.paths[1].path == '$["😀"]'


def test_numbers_beyond_what_python_reads_are_infinite() -> None:
    assert ArgumentGrowth(["1e999"]).value == math.inf
    assert ArgumentGrowth(["9" * 5000]).value == math.inf
    assert ArgumentGrowth(["9" * 4000]).value == 10**4000 - 1
    assert isinstance(ArgumentGrowth(["18446744073709551616"]).value, int)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a", "$.a"),
        ("_a1", "$._a1"),
        ("1a", '$["1a"]'),
        ("", '$[""]'),
        ("a b", '$["a b"]'),
        ('"', '$["\\""]'),
        ("a.b", '$["a.b"]'),
        ("a\n", '$["a\\n"]'),
        ("größe", '$["größe"]'),
        ("\ud83d", '$["\\ud83d"]'),
        ("\u202ea", '$["\\u202ea"]'),
        ("k" * 81, "$[" + json.dumps("k" * 80 + "…", ensure_ascii=False) + "]"),
    ],
)
def test_a_path_is_written_as_people_write_it(key: str, path: str) -> None:
    assert ArgumentGrowth([json.dumps({key: 1})]).paths[1].path == path


def test_a_path_in_a_deep_nest_tells_its_last_steps() -> None:
    paths = ArgumentGrowth(["[" * 18]).paths
    assert paths[16].path == "$" + "[0]" * 16
    assert paths[17].path == "$…" + "[0]" * 16


def test_a_nest_of_a_hundred_thousand_arrays_has_a_value() -> None:
    value, depth = ArgumentGrowth(["[" * 100_000 + "]" * 100_000]).value, 0
    while value:
        (value,), depth = value, depth + 1
    assert depth == 99_999
