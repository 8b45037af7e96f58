"""A plain schema is told right only where the validator says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.arguments.growth import ArgumentGrowth
from chatviz.chat.arguments.plain_schema import fits_plain_schema
from chatviz.chat.arguments.schema import check_arguments

TYPES = st.sampled_from(
    ["object", "array", "string", "integer", "number", "boolean", "null", "odd", 5, ["string"]]
)
LEAVES = st.fixed_dictionaries(
    {"type": TYPES},
    optional={
        "enum": st.lists(st.sampled_from(["a", "b", 1, None]), max_size=3),
        "description": st.sampled_from(["what", 5]),
        "minimum": st.integers(0, 3),
    },
)
NAMES = st.sampled_from(["a", "b", "c"])
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["object", "object", "array"])},
        optional={
            "properties": st.dictionaries(NAMES, inner, max_size=3) | st.just(5),
            "required": st.lists(NAMES, max_size=2) | st.just("a"),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
        },
    ),
    max_leaves=6,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, 1, 2.0, 1.5, "a", "b", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


def is_right(value: Any, schema: Any) -> bool:
    """Ask the validator."""
    text = json.dumps(value)
    check = check_arguments(ArgumentGrowth([text], [0]), schema)
    return check.fault is None and not check.wrong


@given(VALUES, SCHEMAS)
def test_what_is_told_right_is_right(value: Any, schema: Any) -> None:
    if fits_plain_schema(value, schema):
        assert is_right(value, schema)


ADD = {
    "type": "object",
    "properties": {
        "a": {"type": "integer", "description": "first"},
        "unit": {"type": "string", "enum": ["m", "s"]},
        "list": {"type": "array", "items": {"type": "number"}},
    },
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("value", [{"a": 1}, {"a": 1, "unit": "m", "list": [1, 2.5]}])
def test_the_arguments_of_a_usual_tool_are_told_right(value: Any) -> None:
    assert fits_plain_schema(value, ADD)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"a": "1"}, {"a": True}, {"a": 1, "unit": "k"}, {"a": 1, "b": 2}],
)
def test_what_does_not_fit_is_left_to_the_validator(value: Any) -> None:
    assert not fits_plain_schema(value, ADD)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "object", "properties": {"a": {"$ref": "#"}}},
        {"type": "object", "properties": {"unused": {"type": "strng"}}},
        {"type": "object", "required": ["a", "a"]},
        {"type": "object", "properties": {"unused": {"type": "string", "enum": ["m", "m"]}}},
        {"type": "object", "title": 5},
    ],
)
def test_a_schema_that_is_not_plain_is_left_to_the_validator(schema: Any) -> None:
    assert not fits_plain_schema({"a": 1}, schema)


def test_a_deep_schema_is_left_to_the_validator() -> None:
    schema: Any = {"type": "array"}
    value: Any = []
    for _ in range(12):
        schema, value = {"type": "array", "items": schema}, [value]
    assert not fits_plain_schema(value, schema)
