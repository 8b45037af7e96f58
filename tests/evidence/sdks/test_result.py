"""What a reader may return, and what is said of what it may not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chatviz.evidence.sdks.result import check_result, choices_read

NOTHING = {
    "text": None, "reasoning": None, "finish": None, "id": None, "calls": None, "usage": {},
    "cost": None, "seconds": None,
}  # fmt: skip


def test_every_key_may_be_left_out() -> None:
    assert check_result({}) == NOTHING
    assert check_result(None) is None


def test_values_become_plain() -> None:
    call = {"name": "f", "arguments": {"a": 1}}
    result: Any = check_result(
        {"text": "t", "calls": (call, {"arguments": "{"}), "cost": Decimal("0.10"), "seconds": 0.5,
         "usage": {"input_tokens": 3, "output_tokens": None}}
    )  # fmt: skip
    assert result == NOTHING | {
        "text": "t",
        "calls": [
            {"id": "", "name": "f", "arguments": '{"a": 1}'},
            {"id": "", "name": "", "arguments": "{"},
        ],
        "cost": "0.10",
        "seconds": 0.5,
        "usage": {"input_tokens": 3},
    }


def test_what_other_choices_say_becomes_plain_too() -> None:
    other = {"text": "b", "calls": [{"name": "f", "arguments": {"a": 1}}]}
    result: Any = check_result({"text": "a", "choices": (other, {"finish": "stop"})})
    nothing = {"text": None, "reasoning": None, "calls": None, "finish": None}
    call = {"id": "", "name": "f", "arguments": '{"a": 1}'}
    assert result == NOTHING | {
        "text": "a",
        "choices": [nothing | {"text": "b", "calls": [call]}, nothing | {"finish": "stop"}],
    }
    assert choices_read(result) == [result, *result["choices"]]
    assert choices_read({"text": "a"}) == [{"text": "a"}]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"choices": {}}, "wanted a list of dicts as 'choices', found 'dict'"),
        ({"choices": ["b"]}, "each of 'choices' a dict with .* text, .* finish, found 'str'"),
        ({"choices": [{"id": "x"}]}, "each of 'choices' a dict .* found the key 'id', too"),
        ({"choices": [{"text": 3}]}, "wanted text or None as 'text', found 'int'"),
        ([], r"wanted from read\(\) a dict with some of the keys text, .*, found 'list'"),
        ({"tool_calls": []}, r"found the key 'tool_calls', too"),
        ({"text": 3}, "wanted text or None as 'text', found 'int'"),
        ({"calls": {}}, "wanted a list of dicts as 'calls', found 'dict'"),
        (
            {"calls": [("f", "{}")]},
            r"each of 'calls' a dict with .* id, name, arguments, found 'tuple'",
        ),
        (
            {"usage": {"prompt_tokens": 3}},
            "'usage' a dict with .* input_tokens, .* 'prompt_tokens'",
        ),
        (
            {"usage": {"input_tokens": "3"}},
            "wanted a number or None as 'input_tokens', found 'str'",
        ),
        ({"cost": True}, "wanted a number or None as 'cost', found 'bool'"),
    ],
)
def test_what_it_may_not_return_is_said(result: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        check_result(result)
