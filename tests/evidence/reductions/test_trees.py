"""JSON values, smaller and smaller."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatviz.evidence.reductions.trees import (
    read_at,
    replace_at,
    shrink_fields,
    shrink_texts,
    texts_in,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)
TREE: dict[str, Any] = {"a": [{"b": "hello", "c": 1}, {"b": "world", "d": [1, 2, 3]}], "e": None}


def test_only_the_way_to_what_is_needed_is_left() -> None:
    def fails(tree: Any) -> bool:
        return "world" in dict(texts_in(tree)).values()

    assert shrink_fields(TREE, fails) == {"a": [{"b": "world"}]}


def test_characters_that_are_not_needed_go() -> None:
    def fails(tree: Any) -> bool:
        return "rl" in tree["a"][1]["b"]

    assert shrink_texts(TREE, fails)["a"] == [{"b": "", "c": 1}, {"b": "rl", "d": [1, 2, 3]}]


@given(JSON)
def test_what_nothing_depends_on_goes_whole_and_the_tree_is_not_changed(tree: Any) -> None:
    before = repr(tree)
    left = shrink_fields(tree, lambda _: True)
    assert left == (type(tree)() if isinstance(tree, dict | list) else tree)
    assert not list(texts_in(shrink_texts(tree, lambda _: True)))
    assert repr(tree) == before


@given(JSON)
def test_every_text_is_at_its_path(tree: Any) -> None:
    for path, text in texts_in(tree):
        assert read_at(tree, path) == text
        assert read_at(replace_at(tree, path, 0), path) == 0
