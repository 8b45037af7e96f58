"""What requests ask: instructions, turns of one message each, results, and tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Reasoning,
    Refusal,
    ServerToolCall,
    Text,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.wire.exchange import RequestHead

DIALECT = OpenAIResponses()


def read(**body: Any) -> ChatRequest:
    return DIALECT.read_request(body, RequestHead())


CALL = {"type": "function_call", "call_id": "call_a1", "name": "add", "arguments": '{"a":2}'}


def test_an_input_may_be_a_text() -> None:
    assert read(model="m", input="hi").messages == (Message("user", (Text("hi"),)),)
    assert read(model="m", input="hi").model == "m"


def test_instructions_are_the_system_message_before_all() -> None:
    said = read(instructions="Be brief.", input=[{"role": "developer", "content": "No jokes."}])
    assert said.messages == (
        Message("system", (Text("Be brief."),)),
        Message("developer", (Text("No jokes."),)),
    )
    items = [{"role": "system", "content": [{"type": "input_text", "text": "Be brief."}]}]
    assert read(instructions=items).messages == said.messages[:1]
    assert read(instructions=None, input=None).messages == ()


def test_content_is_text_or_parts_and_what_is_unknown_is_kept() -> None:
    image = {"type": "input_image", "image_url": "data:"}
    content = ["", "a", {"type": "input_text", "text": "b"}, image, 5, {"type": 5}]
    (message,) = read(input=[{"role": "user", "content": content}]).messages
    assert message.parts == (
        Text("a"),
        Text("b"),
        UnknownPart("input_image", json.dumps(image, separators=(",", ":"))),
        UnknownPart("", "5"),
        UnknownPart("", '{"type":5}'),
    )


def test_the_items_of_one_turn_are_one_message() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [
        {"type": "summary_text", "text": "Hm."}], "encrypted_content": "e"}  # fmt: skip
    search = {"type": "web_search_call", "id": "ws_1", "action": {"query": "q"}}
    said = {"role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    asked = read(
        input=[
            {"role": "user", "content": "?"},
            reasoning,
            search,
            said,
            {"type": "message", "role": "assistant", "content": "there"},
            CALL,
            {**CALL, "call_id": "call_b2"},
            {"type": "function_call_output", "call_id": "call_a1", "output": "5"},
            {"type": "function_call_output", "call_id": "call_b2", "output": "6"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        ]
    )
    assert [message.role for message in asked.messages] == [
        "user", "assistant", "tool", "tool", "assistant",
    ]  # fmt: skip
    turn = asked.messages[1]
    assert (turn.reasoning, turn.text) == ("Hm.", "Hithere")
    assert [(call.position, call.id) for call in turn.tool_calls] == [
        (0, "call_a1"), (1, "call_b2"),
    ]  # fmt: skip
    (thought,) = [part for part in turn.parts if isinstance(part, Reasoning)]
    assert json.loads(thought.details[0]) == reasoning
    (server,) = [part for part in turn.parts if isinstance(part, ServerToolCall)]
    assert json.loads(server.details[0]) == search
    assert asked.messages[2].tool_results == (ToolResult("call_a1", "5"),)
    assert asked.messages[4].parts == (Refusal("No."),)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("5", "5"),
        (None, ""),
        ({"a": 1}, '{"a":1}'),
        (["a", {"type": "input_text", "text": "b"}, {"type": "input_image"}],
         'ab{"type":"input_image"}'),
    ],
)  # fmt: skip
def test_a_result_is_text_or_parts(given: Any, text: str) -> None:
    sent = {"type": "function_call_output", "call_id": "call_a1", "output": given}
    (message,) = read(input=[sent]).messages
    assert message.text == text


@pytest.mark.parametrize(
    "kind", ["custom_tool_call_output", "local_shell_call_output", "shell_call_output",
             "apply_patch_call_output", "computer_call_output"]
)  # fmt: skip
def test_results_of_all_tools_of_the_client_are_results(kind: str) -> None:
    (message,) = read(input=[{"type": kind, "id": "call_a1", "output": "x"}]).messages
    assert (message.role, message.tool_results[0].tool_call_id) == ("tool", "call_a1")


def test_what_a_search_for_tools_gave_is_the_clients_or_the_servers() -> None:
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    sent = {"type": "tool_search_output", "call_id": "call_a1", "tools": [tool]}
    clients = read(input=[{**sent, "execution": "client"}])
    servers = read(input=[{**sent, "execution": "server"}])
    assert clients.messages[0].tool_results[0].tool_call_id == "call_a1"
    assert servers.messages[0].role == "assistant"
    assert [one.name for one in clients.tools] == [one.name for one in servers.tools] == ["f"]


def test_an_approval_is_the_users() -> None:
    sent = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}
    (message,) = read(input=[sent]).messages
    assert (message.role, message.parts[0].type) == ("user", "mcp_approval_response")  # type: ignore[union-attr]


def test_an_item_that_is_not_known_is_kept_in_its_turn() -> None:
    reference = {"type": "item_reference", "id": "msg_1"}
    (message,) = read(input=[reference]).messages
    assert message.parts == (UnknownPart("item_reference", json.dumps(
        reference, separators=(",", ":"))),)  # fmt: skip


def test_tools_are_read_wherever_they_are_offered() -> None:
    function = {"type": "function", "name": "f", "description": "does", "parameters": {"a": 1}}
    offered = [
        function,
        {"type": "custom", "name": "sql", "description": None},
        {"type": "namespace", "name": "crm", "tools": [{**function, "name": "g"}]},
        {"type": "web_search"},
        {"type": "local_shell"},
        {"type": "computer_use_preview", "display_width": 1},
        "odd",
        {"type": "function", "name": "h", "parameters": None},
    ]
    more = {"type": "additional_tools", "role": "developer", "tools": [{**function, "name": "i"}]}
    tools = read(tools=offered, input=[more]).tools
    names = ["f", "sql", "g", "local_shell_call", "computer_call", "h", "i"]
    assert [tool.name for tool in tools] == names
    assert (tools[0].description, tools[0].schema) == ("does", {"a": 1})


@pytest.mark.parametrize(
    ("conversation", "id"), [("conv_1", "conv_1"), ({"id": "conv_1"}, "conv_1"), (None, "")]
)
def test_what_the_server_keeps_is_named(conversation: Any, id: str) -> None:
    asked = read(previous_response_id="resp_1", conversation=conversation, input="hi")
    assert (asked.continues, asked.conversation) == ("resp_1", id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
ITEM = st.dictionaries(
    st.sampled_from(["type", "role", "content", "call_id", "output", "summary", "tools", "name"]),
    JSON | st.sampled_from(["message", "assistant", "user", "function_call", "reasoning",
                            "tool_search_output", "function_call_output"]),
)  # fmt: skip


@given(JSON | st.lists(ITEM | JSON, max_size=4), JSON | st.lists(JSON, max_size=3), JSON)
def test_odd_json_raises_nothing(asked: Any, tools: Any, instructions: Any) -> None:
    read(input=asked, tools=tools, instructions=instructions, conversation=tools)
