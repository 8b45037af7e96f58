from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.cassettes.matching.tool_ids import normalise_tool_ids


def ids(*numbers: Any) -> list[Any]:
    return [number if number is None else f"id {number}" for number in numbers]


def normalised(value: Any) -> Any:
    copy = json.loads(json.dumps(value))
    normalise_tool_ids(copy)
    return copy


def openai(*turns: list[str]) -> dict[str, Any]:
    messages: list[dict[str, Any]] = []
    for turn in turns:
        calls = [{"id": id, "type": "function", "function": {"name": "add"}} for id in turn]
        messages.append({"role": "assistant", "tool_calls": calls})
        messages += [{"role": "tool", "tool_call_id": id, "content": "5"} for id in turn]
    return {"messages": messages}


def test_ids_are_replaced_by_their_order_of_appearance() -> None:
    assert normalised(openai(["a", "b"], ["c"])) == openai(ids(1, 2), ids(3))


def test_calls_that_share_an_id_are_told_apart_by_their_turn() -> None:
    """``add:0`` is only a position: a client that rewrites such ids makes them different."""
    assert normalised(openai(["add:0"], ["add:0"])) == normalised(openai(["x-1"], ["x-2"]))
    assert normalised(openai(["0", "0"])) == normalised(openai(["x-1", "x-2"]))


def test_a_result_without_its_call_gets_a_number_of_its_own() -> None:
    messages = [{"tool_call_id": "a"}, {"tool_call_id": "b"}, {"tool_call_id": "a"}]
    assert [item["tool_call_id"] for item in normalised(messages)] == ids(1, 2, 1)


@pytest.mark.parametrize(
    ("call", "result", "key"),
    [
        ({"type": "tool_use", "id": "a"}, {"type": "tool_result", "tool_use_id": "a"}, "id"),
        ({"toolUse": {"toolUseId": "a"}}, {"toolResult": {"toolUseId": "a"}}, "toolUse"),
        ({"functionCall": {"id": "a"}}, {"functionResponse": {"id": "a"}}, "functionCall"),
        (
            {"type": "function_call", "call_id": "a"},
            {"type": "function_call_output", "call_id": "a"},
            "call_id",
        ),
        (
            {"type": "tool-call", "toolCallId": "a"},
            {"type": "tool-result", "toolCallId": "a"},
            "toolCallId",
        ),
    ],
)
def test_every_dialect_names_its_ids_in_its_own_way(call: Any, result: Any, key: str) -> None:
    assert '"a"' not in json.dumps(normalised([call, result]))
    assert json.dumps(normalised([call, result])).count("id 1") == 2
    assert normalised([call, result])[0][key]


def test_nothing_else_is_touched() -> None:
    body = {
        "id": "keep",
        "metadata": {"id": "keep"},
        "tools": [{"type": "function", "id": "keep", "parameters": {"call_id": "keep"}}],
        "messages": [{"type": "tool_use", "id": "", "input": {"call_id": "keep"}}],
        "response_format": {"type": ["object", "null"], "id": 3, "tool_call_id": 4},
    }
    assert normalised(body) == body


def test_the_order_of_keys_does_not_matter() -> None:
    one = {"a": {"tool_call_id": "x"}, "b": {"tool_call_id": "y"}}
    other = {"b": {"tool_call_id": "y"}, "a": {"tool_call_id": "x"}}
    assert normalised(one) == normalised(other)
