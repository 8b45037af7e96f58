"""JSON is read strictly first, then leniently; anything that was read can be written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire.json_text import (
    MAX_DEPTH,
    dump_json,
    load_json,
    load_json_leniently,
    slice_json,
)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 100_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}"), ('[{"a":[', "]}]")])
def test_what_nests_too_deep_is_no_json(depth: int, begin: str, end: str) -> None:
    text = begin * depth + "1" + end * depth
    for load in (load_json, load_json_leniently):
        with pytest.raises(ValueError):
            load(text.encode())


def test_what_just_does_not_nest_too_deep_is_read_and_written() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert dump_json(load_json(text.encode())) == text
    assert dump_json(load_json_leniently(text)) == text


def test_many_brackets_side_by_side_are_not_deep() -> None:
    text = "[" + ",".join(["{}"] * 5_000) + "]"
    assert load_json(text.encode()) == load_json_leniently(text) == [{}] * 5_000


def test_lenient_reading_takes_what_people_send() -> None:
    assert math.isnan(load_json_leniently(b"NaN"))
    assert load_json_leniently(b'"\\ud800"') == "\ud800"
    assert load_json_leniently(b'"\xff"') == "�"
    with pytest.raises(ValueError):
        load_json_leniently(b"{")


@pytest.mark.parametrize("value", ["\ud800", 10**30, math.inf, [None, "é"], {"é": 1.5}])
def test_anything_that_was_read_can_be_written(value: Any) -> None:
    assert json.loads(dump_json(value)) == value


def test_letters_of_all_alphabets_are_written_as_they_are() -> None:
    assert dump_json({"é": None}) == '{"é":null}'
    assert dump_json(["é"]) == '["é"]'


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_what_was_written_reads_as_the_same_value(value: Any) -> None:
    assert load_json_leniently(dump_json(value)) == value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a",), '{"x": 1.50, "y": [1e3, "\\u00e9"]}'),
        (("a", "y", 0), "1e3"),
        (("b",), "null"),
        (("missing",), "7"),
        (("a", 0), "7"),
        (("a", "y", 5), "7"),
    ],
)
def test_a_value_is_cut_out_as_it_is_spelled(path: tuple[str | int, ...], text: str) -> None:
    data = b'{"a": {"x": 1.50, "y": [1e3, "\\u00e9"]}, "b": null}'
    assert slice_json(data, path, 7) == text


def test_what_is_json_only_leniently_or_nests_too_deep_is_written_anew() -> None:
    assert slice_json(b'{"a": NaN}', ("a",), None) == "null"
    assert slice_json(b'{"\x80": 1, "a": 2}', ("a",), 2) == "2"
    assert slice_json(b'{"b":' + b"[" * 99_999 + b"]" * 99_999 + b"}", ("a",), [1]) == "[1]"
