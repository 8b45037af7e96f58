"""Requests as they are written: what was recorded can be written again, key for key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolDefinition,
    UnknownPart,
)
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.wire.exchange import RequestHead

CHAT = OpenAIChat()
WRITTEN_FIRST = ("model", "messages", "tools")


def requests_of(path: Path) -> list[dict[str, Any]]:
    recording = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [json.loads(one["request"]["body"]) for one in recording["interactions"]]


def write_again(body: dict[str, Any]) -> dict[str, Any]:
    """Write what was read of a body; of the body itself only what no value holds."""
    read = CHAT.read_request(body, RequestHead())
    rest = {key: value for key, value in body.items() if key not in WRITTEN_FIRST}
    return CHAT.write_request(ChatRequest(read.model, read.messages, read.tools, rest))


def test_the_requests_of_the_seeds_are_written_as_they_were_recorded(seeds: Any) -> None:
    bodies = [body for path in seeds for body in requests_of(path)]
    assert len(bodies) == 4
    assert [write_again(body) for body in bodies] == bodies


def test_a_call_without_text_is_written_without_content(shared_cassettes: Path) -> None:
    path = shared_cassettes / "go-vcr" / "openrouter_gpt-5_first_index_1.yaml"
    bodies = requests_of(path)
    assert "content" not in bodies[1]["messages"][2]
    assert [write_again(body) for body in bodies] == bodies


def test_the_defaults_are_a_stream_with_usage() -> None:
    body = CHAT.write_request(ChatRequest("m", (Message("user", (Text("hi"),)),)))
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_tools_bring_their_choice_and_are_not_strict() -> None:
    tools = (ToolDefinition("f", "does it", {"type": "object"}), ToolDefinition("g"))
    body = CHAT.write_request(ChatRequest("m", tools=tools), max_tokens=5)
    assert (body["tool_choice"], body["max_tokens"]) == ("auto", 5)
    assert [tool["function"] for tool in body["tools"]] == [
        {
            "name": "f",
            "strict": False,
            "description": "does it",
            "parameters": {"type": "object"},
        },
        {"name": "g", "strict": False, "parameters": {}},
    ]


@pytest.mark.parametrize(
    ("extra", "missing"),
    [
        ({"stream_options": None}, "stream_options"),
        ({"stream": False}, "stream_options"),
        ({"max_tokens": None, "max_completion_tokens": 7}, "max_tokens"),
    ],
)
def test_what_the_body_holds_goes_before_the_defaults(extra: dict[str, Any], missing: str) -> None:
    body = CHAT.write_request(ChatRequest("m", body=extra), max_tokens=5)
    assert missing not in body
    assert {key: value for key, value in extra.items() if value is not None}.items() <= body.items()


def test_messages_that_the_body_holds_stay_as_they_are() -> None:
    sent = {"role": "user", "content": "a", "cache_control": {"type": "ephemeral"}}
    asked = ChatRequest("m", (Message("user", (Text("a"),)), Message("user", (Text("b"),))))
    again = ChatRequest("m", asked.messages, body={"messages": [sent]}, written=1)
    body = CHAT.write_request(again)
    assert body["messages"] == [sent, {"role": "user", "content": "b"}]


DETAILS = ('{"type":"reasoning.text","text":"x","signature":"s"}', '{"data":"e"}')


def write_message(*parts: Any, **options: Any) -> dict[str, Any]:
    asked = ChatRequest("m", (Message("assistant", parts),))
    (written,) = CHAT.write_request(asked, **options)["messages"]
    return written


def test_reasoning_details_are_sent_back_in_their_order_without_the_plain_text() -> None:
    written = write_message(Reasoning("x", DETAILS, "reasoning"), Text("so"))
    details = [json.loads(entry) for entry in DETAILS]
    assert written == {"role": "assistant", "reasoning_details": details, "content": "so"}


def test_the_plain_reasoning_is_sent_back_under_its_own_key_if_asked() -> None:
    part = Reasoning("x", DETAILS, "reasoning_content")
    assert write_message(part, reasoning="all")["reasoning_content"] == "x"
    assert "reasoning_details" in write_message(part, reasoning="all")
    assert write_message(part, reasoning="none") == {"role": "assistant", "content": ""}
    only_details = Reasoning("x", DETAILS, "reasoning_details")
    assert write_message(only_details, reasoning="all").keys() == {
        "role",
        "content",
        "reasoning_details",
    }


def test_a_call_without_arguments_is_written_with_an_empty_object() -> None:
    written = write_message(ToolCall(0, 0, "1", "now", ""))
    assert written["tool_calls"] == [
        {"id": "1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    ]


def test_parts_that_are_not_modelled_are_written_as_they_came() -> None:
    image = '{"type":"image_url","image_url":{"url":"data:"}}'
    written = write_message(Text("see"), UnknownPart("image_url", image))
    assert written["content"] == [{"type": "text", "text": "see"}, json.loads(image)]


def test_a_refusal_is_sent_back() -> None:
    assert write_message(Refusal("no")) == {"role": "assistant", "content": "", "refusal": "no"}
