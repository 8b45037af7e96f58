"""Values at paths, written as the JSON text that they make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.arguments.path_writer import PathWriter
from chatviz.chat.deltas import ArgumentPiece

Steps = tuple[str | int, ...]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def pieces_of(value: Any, path: Steps = ()) -> Iterator[ArgumentPiece]:
    """Yield a value as a server sends it; each text in two pieces, the first of which goes on."""
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from pieces_of(inner, (*path, step))
    elif isinstance(value, str):
        half = len(value) // 2
        yield ArgumentPiece(path, json.dumps(value[:half]), True)
        yield ArgumentPiece(path, json.dumps(value[half:]))
    else:
        yield ArgumentPiece(path, json.dumps(value))


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4))
def test_the_pieces_of_a_value_make_its_json(value: dict[str, Any]) -> None:
    writer = PathWriter()
    written = [writer.write(piece) for piece in pieces_of(value)]
    assert None not in written
    assert json.loads("".join([*map(str, written), writer.close()])) == value


def test_a_text_that_goes_on_is_ended_where_another_value_begins() -> None:
    writer = PathWriter()
    first = writer.write(ArgumentPiece(("a", "b"), '"x"', True))
    assert (first, writer.write(ArgumentPiece(("c",), "1"))) == ('{"a":{"b":"x', '"},"c":1')
    assert writer.close() == "}"


def test_an_object_without_values_is_empty_and_ends_once() -> None:
    writer = PathWriter()
    assert (writer.close(), writer.close()) == ("{}", "")
    assert writer.write(ArgumentPiece(("a",), "1")) is None


@pytest.mark.parametrize(
    "path",
    [(), (0,), ("a",), ("a", "x"), ("list", 0), ("list", 3), ("list", "x"), ("o", 0), ("o", "p")],
)
def test_a_place_that_is_closed_or_not_yet_open_takes_nothing(path: Steps) -> None:
    writer = PathWriter()
    for known in (("a",), ("list", 0), ("list", 1), ("o", "p")):
        assert writer.write(ArgumentPiece(known, "1")) is not None
    assert writer.write(ArgumentPiece(path, "2")) is None
    assert writer.write(ArgumentPiece(("o", "q"), "3")) == ',"q":3'


def test_a_text_that_goes_on_takes_no_number() -> None:
    writer = PathWriter()
    writer.write(ArgumentPiece(("a",), '"x"', True))
    assert writer.write(ArgumentPiece(("a",), "1")) is None
    assert writer.write(ArgumentPiece(("a",), '"y"')) == 'y"'
