"""How arguments grow: what is known after each fragment, and how it ends."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.arguments.growth import ArgumentGrowth, PathGrowth, PathState

FRAGMENTS = ['{"', "a", '": ', "2", "", ', "items": [', '{"name": "x\\ud8', '3d\\ude00"', "}, tr"]
FRAGMENTS += ["ue, 1", ".5]}", " "]
CHUNKS = [3, 4, 5, 6, 6, 8, 10, 11, 12, 13, 14, 20]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))


def describe(path: PathGrowth) -> tuple[Any, ...]:
    return path.path, path.parent, path.kind, path.start, path.end, path.is_complete, path.value


def test_each_path_tells_which_fragments_and_chunks_brought_it() -> None:
    rows = [
        (path.path, path.parent, path.kind, path.first_fragment, path.last_fragment)
        for path in ArgumentGrowth(FRAGMENTS, CHUNKS).paths
    ]
    assert rows == [
        ("$", None, "object", 0, 10),
        ("$.a", 0, "number", 3, 3),
        ("$.items", 0, "array", 5, 10),
        ("$.items[0]", 2, "object", 6, 8),
        ("$.items[0].name", 3, "string", 6, 7),
        ("$.items[1]", 2, "boolean", 8, 9),
        ("$.items[2]", 2, "number", 9, 10),
    ]
    items = ArgumentGrowth(FRAGMENTS, CHUNKS).paths[2]
    assert (items.first_chunk, items.last_chunk) == (8, 14)
    assert items.value == [{"name": "x😀"}, True, 1.5]
    assert repr(items) == "<PathGrowth $.items array, fragments 5 to 10, complete>"
    assert "".join(FRAGMENTS)[items.start : items.end] == (
        '[{"name": "x\\ud83d\\ude00"}, true, 1.5]'
    )


def test_without_chunks_a_fragment_is_its_own_chunk() -> None:
    path = ArgumentGrowth(["[", "1", "]"]).paths[0]
    assert (path.first_chunk, path.last_chunk) == (0, 2)


def test_after_each_fragment_it_is_known_which_path_is_being_written() -> None:
    growth = ArgumentGrowth(FRAGMENTS, CHUNKS)
    states = [growth.state_after(number) for number in range(len(FRAGMENTS))]
    name = "$.items[0].name"
    assert [state.writing for state in states] == [
        *("$", "$", "$", "$.a", "$.a", "$.items", name, "$.items[0]", "$.items[1]"),
        *("$.items[2]", None, None),
    ]
    assert list(growth.written_paths()) == [state.writing_index for state in states]
    assert all(state.is_prefix for state in states)
    assert [state.is_complete for state in states] == [False] * 10 + [True, True]
    assert growth.runnable_after == 10


def test_a_state_tells_text_value_and_each_path_as_they_were() -> None:
    state = ArgumentGrowth(FRAGMENTS).state_after(6)
    assert state.text == '{"a": 2, "items": [{"name": "x\\ud8'
    assert state.value == {"a": 2, "items": [{"name": "x"}]}
    assert state.paths == (
        PathState(index=0, path="$", state="open"),
        PathState(index=1, path="$.a", state="complete"),
        PathState(index=2, path="$.items", state="open"),
        PathState(index=3, path="$.items[0]", state="open"),
        PathState(index=4, path="$.items[0].name", state="open"),
    )
    assert repr(state) == "<ArgumentState after fragment 6, writing $.items[0].name>"


@given(VALUES, st.booleans(), st.data())
def test_where_a_text_is_cut_changes_no_path(value: Any, is_ascii: bool, data: Any) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    edges = [0, *cuts, len(text)]
    drawn = [text[start:end] for start, end in pairwise(edges)]
    sevens = [text[start : start + 7] for start in range(0, len(text), 7)]
    expected = [describe(path) for path in ArgumentGrowth([text]).paths]
    for fragments in (list(text), sevens, drawn):
        growth = ArgumentGrowth(fragments)
        assert growth.is_valid
        assert [describe(path) for path in growth.paths] == expected


@given(
    st.text(st.sampled_from('{}[]",:\\u01e-.truefals \x00'), max_size=12) | VALUES.map(json.dumps)
)
def test_the_state_after_a_fragment_is_that_of_the_text_so_far(text: str) -> None:
    growth = ArgumentGrowth(list(text))
    assert list(growth.written_paths()) == [
        growth.state_after(number).writing_index for number in range(len(text))
    ]
    for number in range(len(text) - 1):
        state, alone = growth.state_after(number), ArgumentGrowth([text[: number + 1] + " "])
        still = ArgumentGrowth([text[: number + 1]])
        assert state.text == still.text
        assert state.is_prefix == still.is_prefix
        assert [row.path for row in state.paths] == [path.path for path in still.paths]
        if not text[number].isdigit():  # a number at the cut may still grow
            assert state.is_complete == still.is_valid
            assert state.value == still.value or state.value != state.value
        elif state.is_complete:
            assert alone.is_valid


@pytest.mark.parametrize(
    ("fragments", "offset", "fragment", "path", "is_early_end"),
    [
        (['{"a": ', "1,", "}"], 8, 2, "$", False),
        (['{"a":1}', '{"a":1}'], 7, 1, None, False),
        (['{"a": "x', "yz", ""], 10, 1, "$.a", True),
        (['{"a": [1', "x", "]}"], 8, 1, "$.a", False),
        (["  "], 2, 0, None, True),
    ],
)
def test_a_fault_tells_where_and_what_was_being_written(
    fragments: list[str], offset: int, fragment: int, path: str | None, is_early_end: bool
) -> None:
    growth = ArgumentGrowth(fragments, [number + 100 for number in range(len(fragments))])
    fault = growth.error
    assert fault is not None
    assert not growth.is_valid
    assert growth.is_prefix == fault.is_early_end == is_early_end
    assert (fault.offset, fault.fragment, fault.chunk) == (offset, fragment, fragment + 100)
    assert fault.path == path
    ending = "but the text ends" if is_early_end else f"found {growth.text[offset]!r}"
    assert fault.reason.endswith(ending)


def test_behind_a_break_nothing_is_written_and_what_was_open_stays_open() -> None:
    growth = ArgumentGrowth(["[1, [2", " x", "3]]"])
    assert [growth.state_after(number).is_prefix for number in range(3)] == [True, False, False]
    assert list(growth.written_paths()) == [3, None, None]
    assert growth.state_after(2).value == growth.value == [1, [2]]
    assert [row.state for row in growth.state_after(2).paths] == [
        *("open", "complete", "open", "complete")
    ]
    assert growth.paths[2].last_fragment == 1
    assert not growth.paths[2].is_complete


def test_a_second_object_behind_the_first_leaves_the_call_runnable_before_it() -> None:
    growth = ArgumentGrowth(['{"a"', ":1}", '{"a":1}'])
    assert growth.runnable_after == 1
    assert [growth.state_after(number).is_complete for number in range(3)] == [False, True, False]
    assert ArgumentGrowth(['{"a":1}{"a":1}']).runnable_after is None


def test_arguments_without_text_are_an_empty_object() -> None:
    growth = ArgumentGrowth(["", ""], [4, 5])
    assert (growth.is_valid, growth.error, growth.value, growth.paths) == (True, None, {}, ())
    assert [growth.state_after(number).is_complete for number in (0, 1)] == [False, True]
    assert growth.runnable_after == 1
    assert growth.state_after(0).value == {}
    assert growth.state_after(1).paths == ()
    assert ArgumentGrowth([]).runnable_after is None
    assert ArgumentGrowth([]).is_valid


def test_white_space_alone_is_no_arguments_but_an_early_end() -> None:
    growth = ArgumentGrowth([" ", ""])
    assert (growth.is_prefix, growth.is_valid, growth.runnable_after) == (True, False, None)
    assert not growth.state_after(1).is_complete


def test_a_number_alone_is_complete_at_the_end() -> None:
    growth = ArgumentGrowth(["1", "2", ""])
    assert [growth.state_after(number).writing for number in range(3)] == ["$", "$", None]
    assert growth.runnable_after == 2
    assert growth.value == 12
    assert ArgumentGrowth(["1", " "]).runnable_after == 1


def test_equal_keys_are_two_paths_and_the_last_one_is_the_value() -> None:
    growth = ArgumentGrowth(['{"a": [1], "a": 2}'])
    assert [path.path for path in growth.paths] == ["$", "$.a", "$.a[0]", "$.a"]
    assert growth.value == {"a": 2}
    assert growth.paths[1].value == [1]


def test_a_path_of_which_nothing_can_be_told_has_no_value() -> None:
    path = ArgumentGrowth(['{"a": t']).paths[1]
    assert (path.path, path.kind, path.is_complete, path.value) == ("$.a", "boolean", False, None)
    assert repr(path) == "<PathGrowth $.a boolean, fragments 0 to 0, open>"


def test_making_a_growth_reads_nothing() -> None:
    class Untouched(list[str]):
        def __iter__(self) -> Any:
            raise AssertionError("the fragments were read")

    growth = ArgumentGrowth(Untouched(["{", "}"]))
    assert repr(growth) == "<ArgumentGrowth of 2 fragments>"
    with pytest.raises(AssertionError, match="were read"):
        _ = growth.text


@pytest.mark.parametrize("fragment", [-1, 2])
def test_asking_for_a_fragment_that_never_came_says_how_many_there_are(fragment: int) -> None:
    with pytest.raises(IndexError, match=f"from 0 to 1 was wanted, {fragment} was asked"):
        ArgumentGrowth(["{", "}"]).state_after(fragment)
