"""What a request asked: messages and tools, each as it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from chatviz.chat.messages import Reasoning, Refusal, Text, ToolResult, UnknownPart
from chatviz.dialects.openai_chat.request import read_chat_request

SCHEMA = {"type": "object"}


def parts_of(message: dict[str, Any]) -> tuple[Any, ...]:
    (read,) = read_chat_request({"messages": [message]}).messages
    return read.parts


def test_model_messages_and_tools_are_read() -> None:
    request = read_chat_request(
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}, "odd"],
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "f", "description": "d", "parameters": SCHEMA},
                },
                {"type": "function", "function": {"name": "g", "parameters": 5}},
                {"type": "web_search"},
                "odd",
            ],
        }
    )
    assert request.model == "m"
    assert [(message.role, message.text) for message in request.messages] == [("user", "hi")]
    told = [(tool.name, tool.description, tool.schema) for tool in request.tools]
    assert told == [("f", "d", SCHEMA), ("g", "", {})]


@pytest.mark.parametrize(
    "body", [{}, {"messages": None, "tools": 5}, {"messages": "x", "model": 5}]
)
def test_what_is_not_as_expected_is_left_out(body: dict[str, Any]) -> None:
    request = read_chat_request(body)
    assert request.messages == request.tools == ()


IMAGE = {"type": "image_url", "image_url": {"url": "data:"}}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("hi", (Text("hi"),)),
        ("", ()),
        (None, ()),
        ([], ()),
        (["a", ""], (Text("a"),)),
        (
            [{"type": "text", "text": "a"}, {"type": "input_text", "text": "b"}],
            (Text("a"), Text("b")),
        ),
        ([IMAGE], (UnknownPart("image_url", '{"type":"image_url","image_url":{"url":"data:"}}'),)),
        ([5], (UnknownPart("", "5"),)),
        ({"a": 1}, (UnknownPart("", '{"a":1}'),)),
    ],
)
def test_content_is_text_or_parts(content: Any, parts: tuple[Any, ...]) -> None:
    assert parts_of({"role": "user", "content": content}) == parts


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("5", "5"),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "text", "text": "a"}, {"type": "x"}], 'a{"type":"x"}'),
        ({"sum": 5}, '{"sum":5}'),
    ],
)
def test_a_tool_message_holds_a_result(content: Any, text: str) -> None:
    sent = {"role": "tool", "tool_call_id": "c", "name": "f", "content": content}
    assert parts_of(sent) == (ToolResult("c", text, "f"),)


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"reasoning": "r"}, Reasoning("r", (), "reasoning")),
        ({"reasoning_content": "r"}, Reasoning("r", (), "reasoning_content")),
        (
            {"reasoning": "r", "reasoning_details": [{"a": 1}]},
            Reasoning("r", ('{"a":1}',), "reasoning"),
        ),
        ({"reasoning_details": [{"a": 1}]}, Reasoning("", ('{"a":1}',), "reasoning_details")),
        ({"refusal": "no"}, Refusal("no")),
    ],
)
def test_reasoning_and_refusals_are_sent_back(fields: dict[str, Any], part: Any) -> None:
    assert parts_of({"role": "assistant", "content": None, **fields}) == (part,)


def test_calls_that_are_sent_back_know_their_schema() -> None:
    call = {"id": "c", "index": 0, "function": {"name": "f", "arguments": '{"a": 1}'}}
    odd = {"id": 5, "function": "f"}
    request = read_chat_request(
        {
            "messages": [{"role": "assistant", "tool_calls": [call, odd, "odd"]}],
            "tools": [{"function": {"name": "f", "parameters": SCHEMA}}],
        }
    )
    first, second = request.messages[0].tool_calls
    assert (first.id, first.index, first.parsed, first.schema) == ("c", 0, {"a": 1}, SCHEMA)
    assert (second.id, second.name, second.parsed, second.schema) == ("5", "", {}, None)


def test_a_message_without_a_role_is_the_users() -> None:
    assert read_chat_request({"messages": [{"content": "a"}]}).messages[0].role == "user"
