"""Requests as they are written: what was recorded can be written again, key for key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
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
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.runs.run import StreamRun
from tests.dialects.openai_responses.responses_made import item, message, part, stream

DIALECT = OpenAIResponses()
WRITTEN_FIRST = ("model", "input", "tools")
Read = Callable[..., StreamRun]


def rest_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what no value of ours holds: the options of the user."""
    return {key: value for key, value in body.items() if key not in WRITTEN_FIRST}


def ask_again(first: StreamRun, *results: str) -> dict[str, Any]:
    """Write what a tool loop asks next: the first question, the answer, and the results."""
    asked = first.chat_request
    calls = zip(first.message.tool_calls, results, strict=True)
    said = [Message("tool", (ToolResult(call.id, text),)) for call, text in calls]
    messages = (*asked.messages, first.message, *said)
    assert first.request is not None
    rest = rest_of(first.request)
    return DIALECT.write_request(ChatRequest(asked.model, messages, asked.tools, rest))


def without(body: Mapping[str, Any], kind: str, *fields: str) -> dict[str, Any]:
    """Leave fields out of the items of a kind (of the model's messages: of its items)."""
    items = [
        {key: value for key, value in one.items() if key not in fields}
        if one.get("type", one.get("role")) == kind
        else one
        for one in body["input"]
    ]
    return {**body, "input": items}


# ---- recorded conversations


def test_a_recorded_conversation_with_tools_is_asked_again(shared_cassettes: Path) -> None:
    """But for ``input[].arguments``: the recorded client encodes them as JSON twice."""
    path = shared_cassettes / "go-vcr" / "openai_responses_multi_tool.yaml"
    first, second = read_runs(path)
    assert first.request is not None and second.request is not None
    asked = first.chat_request
    rest = rest_of(first.request)
    again = DIALECT.write_request(ChatRequest(asked.model, asked.messages, asked.tools, rest))
    assert again == first.request
    written = ask_again(first, "5", "6")
    ignored = ("function_call", "arguments")
    assert without(written, *ignored) == without(second.request, *ignored)
    assert [json.loads(one["arguments"]) for one in second.request["input"][2:4]] == [
        one["arguments"] for one in written["input"][2:4]
    ]


def test_recorded_reasoning_goes_back(shared_cassettes: Path) -> None:
    """But for what that client does: arguments twice, and the encrypted content of ``added``."""
    path = shared_cassettes / "go-vcr" / "openai_responses_reasoning_summary.yaml"
    first, second = read_runs(path)
    assert second.request is not None
    written = ask_again(first, "40 C")
    recorded: Mapping[str, Any] = second.request
    for ignored in (("function_call", "arguments"), ("reasoning", "encrypted_content")):
        written, recorded = without(written, *ignored), without(recorded, *ignored)
    assert written == recorded


def test_a_recorded_comment_goes_back_with_its_phase(shared_cassettes: Path) -> None:
    """But for what that client adds: ids and states of its items, and quotes that were edited."""
    path = shared_cassettes / "vcrpy" / "openai_responses_commentary_then_call.yaml"
    first, second = read_runs(path)
    assert first.request is not None and second.request is not None
    asked, rest = first.chat_request, rest_of(first.request)
    # ``content`` as a text, the system's words as ``instructions``, and its tools: as it likes.
    body = {**rest, "input": first.request["input"], "tools": first.request["tools"]}
    messages = (*asked.messages[1:], first.message, Message("tool", (
        ToolResult(first.message.tool_calls[0].id, "Potato City"),)))  # fmt: skip
    again = ChatRequest(asked.model, messages, asked.tools, body, written=len(asked.messages) - 1)
    written = DIALECT.write_request(again)
    recorded = without(second.request, "function_call", "id")
    said = recorded["input"][2]
    text = written["input"][2]["content"][0]["text"]
    recorded["input"][2] = {
        "role": said["role"],
        "phase": said["phase"],
        "content": [{"type": "output_text", "text": text}],
    }
    assert said["content"][0]["text"] == text.translate({0x2019: "'", 0x201C: '"', 0x201D: '"'})
    assert written == recorded


# ---- the same, made by hand


def write(*messages: Message, **options: Any) -> list[dict[str, Any]]:
    body = options.pop("body", {})
    asked = ChatRequest("m", messages, body=body)
    items: list[dict[str, Any]] = DIALECT.write_request(asked, **options)["input"]
    return items


def test_the_defaults_are_a_stream() -> None:
    body = DIALECT.write_request(ChatRequest("m", (Message("user", (Text("hi"),)),)))
    assert body == {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
        "stream": True,
    }


def test_instructions_are_sent_as_text() -> None:
    said = (Message("developer", (Text("Be brief."),)), Message("user", (Text("hi"),)))
    body = DIALECT.write_request(ChatRequest("m", said))
    assert body["input"][0] == {"role": "developer", "content": "Be brief."}


def test_tools_bring_their_choice_and_are_flat_and_not_strict() -> None:
    tools = (ToolDefinition("f", "does it", {"type": "object"}), ToolDefinition("g"))
    body = DIALECT.write_request(ChatRequest("m", tools=tools), max_tokens=5)
    assert (body["tool_choice"], body["max_output_tokens"]) == ("auto", 5)
    assert body["tools"] == [
        {
            "type": "function",
            "name": "f",
            "strict": False,
            "description": "does it",
            "parameters": {"type": "object"},
        },
        {"type": "function", "name": "g", "strict": False, "parameters": {}},
    ]


def test_a_key_that_is_none_is_left_out() -> None:
    body = DIALECT.write_request(ChatRequest("m", body={"stream": None}), max_tokens=5)
    assert "stream" not in body


@pytest.mark.parametrize("sent", ["hi", [{"role": "user", "content": "hi"}]])
def test_an_input_that_the_body_holds_stays_as_it_is(sent: Any) -> None:
    messages = (Message("user", (Text("hi"),)), Message("user", (Text("more"),)))
    asked = ChatRequest("m", messages, body={"input": sent}, written=1)
    first, second = DIALECT.write_request(asked)["input"]
    assert first == {"role": "user", "content": "hi"}
    assert second["content"] == [{"type": "input_text", "text": "more"}]


def test_an_answer_that_the_body_holds_is_not_written_again() -> None:
    """As the tool loop asks: the body of its last request, and all messages."""
    call = ToolCall(0, 0, "call_a1", "f", "{}")
    turn = (Message("user", (Text("hi"),)), Message("assistant", (Text("so"), call)),
            Message("tool", (ToolResult("call_a1", "5"),)))  # fmt: skip
    once = DIALECT.write_request(ChatRequest("m", turn))
    again = DIALECT.write_request(
        ChatRequest("m", (*turn, Message("user", (Text("?"),))), (), once, written=3)
    )
    assert again["input"][:-1] == once["input"]
    assert len(again["input"]) == 5


@pytest.mark.parametrize(
    ("options", "stored", "kept"),
    [({}, None, [0, 1]), ({}, False, [1]), ({"reasoning": "all"}, None, [0, 1]),
     ({"reasoning": "none"}, None, [])],
)  # fmt: skip
def test_reasoning_goes_back_where_the_server_can_know_it(
    options: dict[str, Any], stored: Any, kept: list[int]
) -> None:
    items = [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "e"},
    ]
    parts = [Reasoning("", (json.dumps(one),)) for one in items]
    body = {} if stored is None else {"store": stored}
    written = write(Message("assistant", (*parts, Text("so"))), body=body, **options)
    assert written[:-1] == [items[number] for number in kept]


def test_what_an_answer_holds_goes_back_as_it_came(read: Read) -> None:
    """Server tools with all that they gave, patches as items, custom calls as text."""
    search = {"id": "ws_1", "type": "web_search_call", "action": {"query": "q"}}
    listed = {"id": "l_1", "type": "mcp_list_tools", "server_label": "s", "tools": []}
    image = {"id": "ig_1", "type": "image_generation_call", "result": "aGk="}
    patch = {"id": "ap_1", "type": "apply_patch_call", "call_id": "call_a1",
             "operation": {"type": "delete_file", "path": "a"}}  # fmt: skip
    custom = {"type": "custom_tool_call", "call_id": "call_b2", "name": "sql", "input": "SELECT"}
    spaced = {"type": "function_call", "call_id": "call_c3", "name": "f", "arguments": "",
              "namespace": "crm"}  # fmt: skip
    sent = [search, listed, image, patch, custom, spaced]
    events = [one for place, it in enumerate(sent, 1) for one in item(it, place=place)]
    run = read(stream(*message(*part("No", kind="refusal")), *events))
    results = [Message("tool", (ToolResult(id, "ok"),)) for id in ("call_a1", "call_b2", "call_c3")]
    refusal, *items = write(run.message, *results)
    assert refusal == {"role": "assistant", "content": [{"type": "refusal", "refusal": "No"}]}
    assert items[:5] == sent[:5]
    assert items[5] == {**spaced, "arguments": "{}"}
    assert [one["type"] for one in items[6:]] == [
        "apply_patch_call_output", "custom_tool_call_output", "function_call_output",
    ]  # fmt: skip
    assert {one["output"] for one in items[6:]} == {"ok"}


def test_ids_that_the_client_made_up_are_written() -> None:
    call = ToolCall(0, 0, "mine", "local_shell_call", "{}", type="local_shell_call", details=(
        '{"type":"local_shell_call","call_id":"theirs","action":{}}',))  # fmt: skip
    assert write(Message("assistant", (call,)))[0]["call_id"] == "mine"


def test_parts_of_a_message_that_are_not_modelled_are_written_as_they_came() -> None:
    image = UnknownPart("input_image", '{"type":"input_image","image_url":"data:"}')
    user, system, model = write(
        Message("user", (Text("see"), image)),
        Message("system", (image,)),
        Message("assistant", (UnknownPart("item_reference", '{"type":"item_reference"}'),
                              ServerToolCall("x", "y"), ServerToolResult("x", "mcp_call", "1"))),
    )  # fmt: skip
    assert user["content"] == [{"type": "input_text", "text": "see"}, json.loads(image.json)]
    assert system == {"role": "system", "content": [json.loads(image.json)]}
    assert model == {"type": "item_reference"}


def test_where_it_asks_and_with_which_header() -> None:
    assert DIALECT.endpoint_path("m") == DIALECT.endpoint_path("n", streamed=False) == "/responses"
    assert DIALECT.auth_headers("k") == {"Authorization": "Bearer k"}
