"""Requests as they are written: what was recorded can be written again, key for key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    Reasoning,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.ollama.stream import Ollama

DIALECT = Ollama()
USER = Message("user", (Text("hi"),))


def write(*messages: Message, **options: Any) -> list[dict[str, Any]]:
    asked = ChatRequest("m", messages, body=options.pop("body", {}))
    written: list[dict[str, Any]] = DIALECT.write_request(asked, **options)["messages"]
    return written


# ---- a recorded conversation


def test_a_recorded_conversation_with_a_tool_is_asked_again(shared_cassettes: Path) -> None:
    """But for what that client does of its own accord.

    It sends the model's thinking back as the answer's content, numbers the calls itself ("0") in
    place of the ids that came, and asks for a number of tokens where the server does not look.
    """
    first, second = read_runs(shared_cassettes / "go-vcr" / "ollama_tool_call_with_id.yaml")
    assert first.request is not None and second.request is not None
    asked, own = first.chat_request, {"max_tokens": first.request["max_tokens"]}
    again = DIALECT.write_request(ChatRequest(asked.model, asked.messages, asked.tools, own))
    assert again == first.request

    (called,) = first.message.tool_calls
    results = (Message("tool", (ToolResult(called.id, "40 C"),)),)
    messages = (*asked.messages, first.message, *results)
    written = DIALECT.write_request(ChatRequest(asked.model, messages, asked.tools, own))
    recorded = json.loads(json.dumps(second.request))
    model, tool = recorded["messages"][2:]
    assert model["content"] == first.message.reasoning
    assert model["tool_calls"][0]["id"] == tool["tool_call_id"] == "0"
    model["content"] = first.message.text
    model["tool_calls"][0]["id"] = tool["tool_call_id"] = called.id
    assert written == recorded


# ---- the same, made by hand


def test_the_defaults_are_a_stream() -> None:
    body = DIALECT.write_request(ChatRequest("m", (USER,)))
    assert body == {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}


def test_tools_are_functions() -> None:
    tools = (ToolDefinition("f", "does it", {"type": "object"}), ToolDefinition("g"))
    body = DIALECT.write_request(ChatRequest("m", tools=tools))
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": "does it", "parameters": {"type": "object"}},
        },
        {"type": "function", "function": {"name": "g", "parameters": {}}},
    ]


def test_a_limit_of_tokens_is_an_option_which_the_users_own_goes_before() -> None:
    body = {"options": {"temperature": 0}}
    written = DIALECT.write_request(ChatRequest("m", body=body), max_tokens=5)
    assert written["options"] == {"num_predict": 5, "temperature": 0}
    body = {"options": {"num_predict": 9}}
    assert DIALECT.write_request(ChatRequest("m", body=body), max_tokens=5)["options"] == {
        "num_predict": 9
    }
    assert body == {"options": {"num_predict": 9}}


def test_a_key_that_is_none_is_left_out() -> None:
    body = DIALECT.write_request(ChatRequest("m", body={"stream": None, "options": None}))
    assert body == {"model": "m", "messages": []}


def test_messages_that_the_body_holds_are_not_written_again() -> None:
    call = ToolCall(0, 0, "call_a1", "f", "{}")
    turn = (USER, Message("assistant", (call,)), Message("tool", (ToolResult("call_a1", "5"),)))
    once = DIALECT.write_request(ChatRequest("m", turn))
    again = DIALECT.write_request(ChatRequest("m", (*turn, USER), (), once, written=3))
    assert again["messages"] == [*once["messages"], {"role": "user", "content": "hi"}]


def test_calls_go_back_as_objects_and_results_with_the_name_of_their_tool() -> None:
    first = ToolCall(0, None, "", "f", '{"a": 1.50}')
    second = ToolCall(1, None, "call_b2", "g", "[1]")
    model, one, two, three = write(
        Message("assistant", (Text("so"), first, second)),
        Message("tool", (ToolResult("", "5", "f"),)),
        Message("tool", (ToolResult("call_b2", "6"),)),
        Message("tool", (ToolResult("", "7"),)),
    )
    assert model == {
        "role": "assistant",
        "content": "so",
        "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": {"a": 1.5}}},
            {"id": "call_b2", "type": "function", "function": {"name": "g", "arguments": {}}},
        ],
    }
    assert one == {"role": "tool", "content": "5", "tool_name": "f"}
    assert two == {
        "role": "tool", "content": "6", "tool_name": "g", "tool_call_id": "call_b2",
    }  # fmt: skip
    assert three == {"role": "tool", "content": "7"}


@pytest.mark.parametrize(("reasoning", "goes_back"), [("details", 0), ("none", 0), ("all", 1)])
def test_thinking_goes_back_where_it_is_asked_for(reasoning: Any, goes_back: int) -> None:
    (sent,) = write(Message("assistant", (Reasoning("hm"), Text("so"))), reasoning=reasoning)
    thinking = {"thinking": "hm"} if goes_back else {}
    assert sent == {"role": "assistant", "content": "so", **thinking}


def test_images_go_as_they_came() -> None:
    image = UnknownPart("image", '"aGk="')
    user, model = write(
        Message("user", (Text("see"), image, UnknownPart("odd", "1"))),
        Message("assistant", (Media("image", '"aG8="'),)),
    )
    assert user == {"role": "user", "content": "see", "images": ["aGk="]}
    assert model == {"role": "assistant", "content": "", "images": ["aG8="]}


def test_where_it_asks_and_with_which_header() -> None:
    assert DIALECT.endpoint_path("m") == DIALECT.endpoint_path("n", streamed=False) == "/api/chat"
    assert DIALECT.auth_headers("k") == {"Authorization": "Bearer k"}
