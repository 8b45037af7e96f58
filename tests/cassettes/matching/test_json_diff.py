from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.matching.json_diff import (
    ABSENT,
    Difference,
    align_items,
    diff_json,
    share_in_common,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("abc", max_size=2), inner),
    max_leaves=20,
)


def sentences(recorded: Any, asked: Any) -> list[str]:
    return [difference.sentence for difference in diff_json(recorded, asked)]


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


TALK = [
    message("system", "Be short."),
    message("user", "What is 2 + 3?"),
    message("assistant", "5"),
    message("user", "And 4 + 5?"),
]


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert diff_json(value, json.loads(json.dumps(value))) == []


@given(JSON, JSON)
def test_values_differ_where_their_json_differs(one: Any, other: Any) -> None:
    spelt = (json.dumps(one, sort_keys=True), json.dumps(other, sort_keys=True))
    assert bool(diff_json(one, other)) == (spelt[0] != spelt[1])


@pytest.mark.parametrize(
    ("recorded", "asked", "said"),
    [
        ({"a": 1}, {"a": 2}, "a: recorded 1, asked 2"),
        ({"a": True}, {"a": 1}, "a: recorded true, asked 1"),
        ({"a": None}, {}, "a: recorded null, asked nothing"),
        ({}, {"a": "x"}, "a: recorded nothing, asked 'x'"),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, 'a: recorded {"b":1}, asked {"c":1}'),
        ({"a": [1, 2, 3]}, {"a": [1, 5, 3]}, "a[1]: recorded 2, asked 5"),
        ({"a": [1]}, {"a": ["x"]}, "a[0]: recorded 1, asked 'x'"),
        ({"a": {}}, {"a": []}, "a: recorded {}, asked []"),
        (1, 2, "body: recorded 1, asked 2"),
        ([1], [], "[0]: recorded 1, asked nothing"),
    ],
)
def test_a_difference_is_said_in_a_sentence(recorded: Any, asked: Any, said: str) -> None:
    assert sentences(recorded, asked) == [said]


def test_a_message_put_in_between_is_one_difference() -> None:
    asked = [*TALK[:2], message("user", "Hurry."), *TALK[2:]]
    hurry = '{"role":"user","content":"Hurry."}'
    assert sentences(TALK, asked) == [f"[2]: recorded nothing, asked {hurry}"]
    assert sentences(asked, TALK) == [f"[2]: recorded {hurry}, asked nothing"]


def test_a_changed_message_is_told_from_the_new_one_before_it() -> None:
    asked = [TALK[0], message("user", "Hurry."), message("user", "What is 2 + 4?"), *TALK[2:]]
    assert sentences(TALK, asked) == [
        '[1]: recorded nothing, asked {"role":"user","content":"Hurry."}',
        "[1].content: recorded 'What is 2 + 3?', asked 'What is 2 + 4?'",
    ]
    behind = [*TALK[:3], message("user", "And 4 + 6?"), message("tool", "no")]
    assert [difference.path for difference in diff_json(TALK, behind)] == ["[3].content", "[4]"]


def test_a_message_less_before_a_changed_one_is_one_difference_each() -> None:
    recorded = [message("user", "Hurry."), message("tool", "2 + 3 is 5")]
    asked = [message("tool", "2 + 3 is 6")]
    assert [difference.path for difference in diff_json(recorded, asked)] == ["[0]", "[1].content"]


def test_long_lists_are_compared_by_their_place() -> None:
    found = diff_json(list(range(100_000)), list(range(1, 100_002)))
    assert len(found) == 100_001
    assert diff_json(list(range(200)), [])[-1].recorded == 199


def test_a_long_text_is_shown_from_where_it_begins_to_differ() -> None:
    text = "x" * 1000
    (difference,) = diff_json({"a": text + "one" + text}, {"a": text + "two" + text})
    assert difference.sentence == (
        f"a: recorded …'{'x' * 20}one{'x' * 35}'…, asked …'{'x' * 20}two{'x' * 35}'…"
    )
    assert len(sentences({"a": list(range(1000))}, {"a": "x" * 5000})[0]) < 160


def test_control_characters_are_shown_escaped() -> None:
    (sentence,) = sentences({"a\x1b": "\x1b[31m\u202e"}, {"a\x1b": {"b\u202e\x7f": 1}})
    assert sentence.isprintable()
    assert sentence == ('["a\\u001b"]: recorded \'\\x1b[31m\\u202e\', asked {"b\\u202e\\x7f":1}')


def test_lone_surrogates_and_huge_numbers_are_compared_and_shown() -> None:
    recorded, asked = [["\ud800", 2**70], 1], [["\ud801", 2**70], 1]
    assert sentences(recorded, asked) == ["[0][0]: recorded '\\ud800', asked '\\ud801'"]


def test_a_difference_hides_long_values_in_its_repr() -> None:
    difference = Difference("a", "x" * 5000, ABSENT)
    assert len(repr(difference)) < 120
    assert str(difference) == difference.sentence
    assert repr(ABSENT) == "ABSENT"


def test_texts_share_their_beginning_and_their_end() -> None:
    assert share_in_common("abcdef", "abXdef") == pytest.approx(5 / 6)
    assert share_in_common("", "") == 0
    assert share_in_common("aa", "aaa") == pytest.approx(2 / 3)


def test_items_are_paired_equal_ones_and_all() -> None:
    assert align_items(["a", "b", "c"], ["a", "x", "b", "c"]) == [(0, 0), (None, 1), (1, 2), (2, 3)]
    assert align_items([1, 2], [1, 2]) == [(0, 0), (1, 1)]
    assert align_items([{"k": 1, "l": 2}], []) == [(0, None)]
    assert align_items([], []) == []
