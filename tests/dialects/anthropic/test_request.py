"""What a request for messages asked."""

from __future__ import annotations

from typing import Any

import pytest

from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Reasoning,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects import dialect_of_request
from chatviz.dialects.anthropic.stream import AnthropicMessages
from chatviz.wire.exchange import RequestHead

URL = "https://host/v1/messages"


def asked(body: dict[str, Any], url: str = URL) -> ChatRequest:
    return AnthropicMessages().read_request(body, RequestHead("POST", url))


def parts_of(*content: Any, role: str = "assistant") -> tuple[Any, ...]:
    return asked({"messages": [{"role": role, "content": list(content)}]}).messages[0].parts


@pytest.mark.parametrize(
    ("url", "model"),
    [
        (URL, ""),
        (
            "https://h/v1/projects/p/publishers/anthropic/models/claude@2:streamRawPredict",
            "claude@2",
        ),
        ("https://h/v1/publishers/anthropic/models/claude%402:rawPredict", "claude@2"),
    ],
)
def test_the_model_stands_in_the_body_or_in_the_path(url: str, model: str) -> None:
    assert asked({}, url).model == model
    assert asked({"model": "m"}, url).model == "m"


@pytest.mark.parametrize(
    ("system", "parts"),
    [
        ("Be brief.", (Text("Be brief."),)),
        ([{"type": "text", "text": "A", "cache_control": {}}, {"type": "text", "text": "B"}],
         (Text("A"), Text("B"))),
    ],
)  # fmt: skip
def test_the_system_text_is_the_first_message(system: Any, parts: Any) -> None:
    request = asked({"system": system, "messages": [{"role": "user", "content": "Hi"}]})
    assert request.messages == (Message("system", parts), Message("user", (Text("Hi"),)))


@pytest.mark.parametrize("system", [None, "", []])
def test_no_system_text_is_no_message(system: Any) -> None:
    assert asked({"system": system, "messages": []}).messages == ()


def test_a_turn_of_the_model_is_read_block_by_block() -> None:
    block = {"type": "redacted_thinking", "data": "x"}
    result = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    parts = parts_of(
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "thinking", "thinking": "Oh"},
        block,
        {"type": "text", "text": "Hi", "citations": [{"a": 1}], "cache_control": {"type": "e"}},
        {"type": "text", "text": ""},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"q": 1}},
        {"type": "mcp_tool_use", "id": "m", "name": "look", "server_name": "docs"},
        result,
        {"type": "compaction", "content": "All."},
        {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1.5}},
        {"type": "tool_use", "id": "b", "name": "g"},
    )
    assert parts[:9] == (
        Reasoning("Hm", ('{"signature":"sig"}',), "thinking"),
        Reasoning("Oh", (), "thinking"),
        Reasoning("", ('{"type":"redacted_thinking","data":"x"}',)),
        Text("Hi", citations=('{"a":1}',)),
        ServerToolCall("s", "web_search", "server_tool_use", '{"q":1}'),
        ServerToolCall("m", "look", "mcp_tool_use", "{}", ('{"server_name":"docs"}',)),
        ServerToolResult(
            "s",
            "web_search_tool_result",
            '{"type":"web_search_tool_result","tool_use_id":"s","content":[]}',
        ),
        ServerToolResult("", "compaction", '{"type":"compaction","content":"All."}'),
        parts[8],
    )
    calls = [part for part in parts if isinstance(part, ToolCall)]
    assert [(one.position, one.id, one.arguments) for one in calls] == [
        (0, "a", '{"x":1.5}'),
        (1, "b", "{}"),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("5", "5"),
        ([{"type": "text", "text": "5"}, {"type": "text", "text": "6"}], "56"),
        ([{"type": "image", "source": 1}], '{"type":"image","source":1}'),
        (None, ""),
    ],
)
def test_results_stand_in_one_message_of_the_user(content: Any, text: str) -> None:
    sent = {"type": "tool_result", "tool_use_id": "a", "content": content, "is_error": False}
    parts = parts_of(sent, {**sent, "tool_use_id": "b"}, "And now?", role="user")
    assert parts == (ToolResult("a", text), ToolResult("b", text), Text("And now?"))


def test_a_moving_mark_of_the_cache_does_not_change_a_message() -> None:
    image = {"type": "image", "source": {"data": "x"}}
    marked = {**image, "cache_control": {"type": "ephemeral"}}
    assert (
        parts_of(marked)
        == parts_of(image)
        == (UnknownPart("image", '{"type":"image","source":{"data":"x"}}'),)
    )


def test_tools_are_the_clients_those_of_the_api_and_those_that_come_later() -> None:
    schema = {"type": "object"}
    later = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {
        "name": "late", "input_schema": schema}}}  # fmt: skip
    other = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {}}}
    request = asked(
        {
            "tools": [
                {"name": "add", "description": "Adds.", "input_schema": schema},
                {"type": "computer_20250124", "name": "computer", "display_width_px": 1},
                {"type": "mcp_toolset", "mcp_server_name": "docs"},
                5,
            ],
            "messages": [{"role": "system", "content": [later, other]}, 5],
        }
    )
    assert request.tools == (
        ToolDefinition("add", "Adds.", schema),
        ToolDefinition("computer"),
        ToolDefinition("late", "", schema),
    )


def test_a_call_has_the_schema_of_its_tool() -> None:
    body = {
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "messages": [{"role": "assistant", "content": [{"type": "tool_use", "name": "f"}]}],
    }
    (call,) = asked(body).messages[0].tool_calls
    assert call.schema == {"type": "object"}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"anthropic_version": "bedrock-2023-05-31"}, True),
        ({"anthropic_version": "of a host that is not known"}, True),
        ({"messages": [], "system": "x"}, True),
        ({"messages": [], "tools": [{"name": "f", "input_schema": {}}]}, True),
        ({"messages": [{"content": [{"type": "tool_result"}]}]}, True),
        ({"messages": [{"role": "user", "content": "Hi"}], "tools": [5]}, False),
        ({"messages": [5, {"content": [{"type": "text"}]}]}, False),
        ({"system": "x", "prompt": "y"}, False),
    ],
)
def test_a_body_without_its_url_is_known_by_what_only_anthropic_has(
    body: dict[str, Any], wanted: bool
) -> None:
    dialect = dialect_of_request(body)
    assert (dialect is not None and dialect.name == "anthropic-messages") == wanted


@pytest.mark.parametrize("odd", [None, 5, "x", {}, [], [5], [None], [{"type": 5}], [{"text": 1}]])
def test_odd_requests_raise_nothing(odd: Any) -> None:
    request = asked({"model": odd, "system": odd, "tools": odd, "messages": odd})
    assert isinstance(request.model, str)
    parts_of(odd)
    asked({"messages": [{"role": odd, "content": odd}]})
