"""Long requests share the objects of their lists, and say what they said before."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire import repeated_json
from chatviz.wire.json_text import MAX_DEPTH, dump_json, load_any_json
from chatviz.wire.repeated_json import HeldOnce, load_repeated_json

LONG = {"role": "user", "content": "x" * 20_000}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def body(*messages: Any, **other: Any) -> bytes:
    return json.dumps({"model": "m", "messages": messages, **other}).encode()


@given(st.dictionaries(st.text(), JSON, max_size=5) | JSON)
def test_it_is_read_as_any_json_is(value: Any) -> None:
    text = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated_json, "_LONG", 0)
        read = load_repeated_json(text)
    usual = load_any_json(text)
    assert repr(read) == repr(usual)  # NaN, and 1.0 for 1, too


def test_equal_objects_of_long_lists_are_one_object() -> None:
    first = load_repeated_json(body(LONG, {"role": "user", "content": "a"}))["messages"]
    second = load_repeated_json(body(LONG, {"role": "user", "content": "b"}))["messages"]
    assert first[0] is second[0] and first[0] == LONG and first[1] != second[1]
    assert json.dumps(first[0]) == json.dumps(LONG)


def test_short_requests_share_nothing() -> None:
    one, other = (load_repeated_json(body({"a": 1}))["messages"][0] for _ in range(2))
    assert one == other and one is not other


def test_what_nobody_holds_is_let_go() -> None:
    message = {"role": "user", "content": "let go " * 5_000}
    read = load_repeated_json(body(message))
    assert json.dumps(message).encode() in repeated_json._HELD
    del read
    gc.collect()
    assert json.dumps(message).encode() not in repeated_json._HELD


@pytest.mark.parametrize("text", [b"{", b"[1]", b'{"a": [1,}', b"\xff" * 3, b'{"a": [{"b": NaN}]}'])
def test_odd_json_is_read_or_refused_as_ever(text: bytes) -> None:
    text += b" " * 20_000
    try:
        usual = load_any_json(text)
    except ValueError as error:
        with pytest.raises(ValueError) as refused:
            load_repeated_json(text)
        assert str(refused.value) == str(error)
    else:
        assert repr(load_repeated_json(text)) == repr(usual)


@pytest.mark.parametrize("more", [0, 1])
def test_the_limit_of_depth_counts_from_the_start(more: int) -> None:
    inner = MAX_DEPTH - 2 + more  # an object, a list, and what is in it
    text = '{"m":[' + "[" * inner + "]" * inner + "]}" + " " * 20_000
    if more:
        with pytest.raises(ValueError, match="too deep"):
            load_repeated_json(text.encode())
    else:
        assert load_repeated_json(text.encode()) == load_any_json(text)


def test_it_shows_itself_as_a_dict() -> None:
    held = HeldOnce({"a": 1})
    assert repr(held) == "{'a': 1}" and held == {"a": 1} and held.reading is None


NESTED = {"role": "user", "content": [{"text": "x" * 20_000, "at": [1, 2]}]}


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(role="x"),
        lambda one: one.pop("role"),
        lambda one: one.__setitem__("role", "x"),
        lambda one: one["content"].append(1),
        lambda one: one["content"][0].clear(),
        lambda one: one["content"][0]["at"].sort(),
        lambda one: one["content"][0].__delitem__("at"),
        lambda one: one["content"].__setitem__(0, 1),
    ],
)
def test_what_is_shared_cannot_be_changed(change: Any) -> None:
    shared = load_repeated_json(body(NESTED))["messages"][0]
    with pytest.raises(TypeError, match=r"copy\.deepcopy"):
        change(shared)
    assert load_repeated_json(body(NESTED))["messages"][0] == NESTED


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_is_plain_and_may_be_changed(copied: Any) -> None:
    mine = copied(load_repeated_json(body(NESTED)))
    assert mine["messages"] == [NESTED]
    mine["messages"][0]["content"][0]["at"].append(3)
    assert type(mine["messages"][0]) is dict and type(mine["messages"][0]["content"]) is list
    assert load_repeated_json(body(NESTED))["messages"][0] == NESTED


def test_what_is_shared_is_written_as_it_came() -> None:
    assert dump_json(load_repeated_json(body(NESTED))) == dump_json(
        {"model": "m", "messages": [NESTED]}
    )
