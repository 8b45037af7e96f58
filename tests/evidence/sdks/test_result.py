"""What a reader may return, and what is said of what it may not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chatviz.evidence.sdks.result import check_result

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


@pytest.mark.parametrize(
    ("result", "message"),
    [
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
