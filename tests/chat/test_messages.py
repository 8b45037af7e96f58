"""Messages and their parts are values."""

from __future__ import annotations

import pytest

from chatviz.chat.messages import Fragment, Fragments, Message, Text, ToolCall, ToolResult


def test_fragments_are_a_sequence_made_on_demand() -> None:
    fragments = Fragments(("a", ""), (3, 5))
    assert list(fragments) == [Fragment(0, 3, "a"), Fragment(1, 5, "")]
    assert fragments[-1] == fragments[1:][0] == Fragment(1, 5, "")
    assert repr(fragments) == "<2 fragments>"
    with pytest.raises(IndexError):
        fragments[2]


def test_fragments_are_equal_by_what_they_hold() -> None:
    fragments = Fragments(("a", ""), (3, 5))
    assert fragments == Fragments(["a", ""], [3, 5])
    assert hash(fragments) == hash(Fragments(["a", ""], [3, 5]))
    assert fragments != Fragments(("a",), (3,))
    assert fragments != 5


@pytest.mark.parametrize(
    ("arguments", "parsed"),
    [
        ("", {}),
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        (" ", None),
        ("[1]", None),
        ("null", None),
        ('{"a"', None),
        ('{"a": 1} x', None),
        ('{"a":' * 2_000 + "1" + "}" * 2_000, None),
    ],
)
def test_arguments_are_a_dict_or_none(arguments: str, parsed: object) -> None:
    assert ToolCall(0, 0, "c", "f", arguments).parsed == parsed


def test_parsed_arguments_are_made_anew() -> None:
    call = ToolCall(0, 0, "c", "f", '{"a": []}')
    first, second = call.parsed, call.parsed
    assert first == second
    assert first is not second


def test_a_call_without_fragments_grows_at_once() -> None:
    call = ToolCall(0, 0, "c", "f", '{"a": 1}')
    assert [path.path for path in call.paths] == [path.path for path in call.growth.paths]
    assert call.check is None
    assert call.state_after(0) is not None
    with pytest.raises(IndexError):
        call.state_after(1)


def test_a_tools_message_has_its_result_as_text() -> None:
    assert Message("tool", (ToolResult("c", "5"),)).text == "5"
    assert Message("user", (Text("a"), Text("b"))).text == "ab"
