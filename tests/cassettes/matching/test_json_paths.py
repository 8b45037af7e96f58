from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.matching.json_paths import (
    generalise_path,
    parse_paths,
    remove_paths,
    write_path,
)
from chatviz.errors import JSONPathError


def remove(value: Any, *paths: str) -> Any:
    return remove_paths(value, parse_paths(paths))


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("a", {"b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
        ("b[].c", {"a": 1, "b": [{"d": 2}, {}, 4]}),
        ("b[1].c", {"a": 1, "b": [{"c": 1, "d": 2}, {}, 4]}),
        ("b[]", {"a": 1, "b": []}),
        ("b[2]", {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}]}),
        ("b[0]", {"a": 1, "b": [None, {"c": 3}, 4]}),
        ("*", {}),
        ("b[].*", {"a": 1, "b": [{}, {}, 4]}),
        ('["a"]', {"b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
        ("x", {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
        ("a.b.c", {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
        ("[]", {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
        ("b.c", {"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}, 4]}),
    ],
)
def test_what_stands_at_a_path_is_cut_out(path: str, left: Any) -> None:
    assert remove({"a": 1, "b": [{"c": 1, "d": 2}, {"c": 3}, 4]}, path) == left


def test_a_list_at_the_top_is_walked_through_too() -> None:
    assert remove([{"a": 1}, {"a": 2}], "[].a") == [{}, {}]
    assert remove([1, 2], "[]", "[]") == []


def test_a_value_without_anything_left_is_null() -> None:
    assert remove_paths({"a": 1}, [()]) is None


@pytest.mark.parametrize(
    "path", ["", "a..b", "a.", "a[", "a[x]", "[0]a", 'a["b]', '["\\x"]', "a[]]"]
)
def test_what_is_no_path_is_refused_with_an_example(path: str) -> None:
    with pytest.raises(JSONPathError, match=r"messages\[\]"):
        parse_paths([path])


def test_one_text_in_the_place_of_a_list_is_refused_with_the_list() -> None:
    with pytest.raises(JSONPathError, match=r"write \['messages'\]"):
        parse_paths("messages")


@pytest.mark.parametrize("paths", [5, [5], None, {"a": 1}, [None]])
def test_what_is_no_list_of_texts_is_told_what_is_wanted(paths: Any) -> None:
    with pytest.raises(TypeError, match="into a JSON body"):
        parse_paths(paths)


@given(st.lists(st.text() | st.integers(0, 999), min_size=1))
def test_a_written_path_is_read_back(steps: list[str | int]) -> None:
    assert parse_paths([write_path(steps)]) == (tuple(steps),)


def test_a_path_is_generalised_by_its_items() -> None:
    assert generalise_path(("messages", 2, "a.b")) == 'messages[]["a.b"]'
    every = parse_paths(["a[].*"])[0]
    assert write_path(every) == "a[].*"
