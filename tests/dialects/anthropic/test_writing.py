"""Requests for messages are written as the recorded conversations sent them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatviz.agent.loop import AskModel, CallTools, ModelAnswer, ToolAnswers, agent_loop
from chatviz.agent.results import ToolRun
from chatviz.cassettes.reading import read_conversation
from chatviz.chat.messages import (
    ChatRequest,
    Fragments,
    Media,
    Message,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects import dialect_for, find_writable_dialect
from chatviz.dialects.anthropic.bedrock import AnthropicOnBedrock
from chatviz.dialects.anthropic.stream import AnthropicMessages
from chatviz.dialects.anthropic.vertex import AnthropicOnVertex
from chatviz.dialects.anthropic.writing import write_messages_request
from chatviz.wire.exchange import RequestHead

API, VERTEX, BEDROCK = AnthropicMessages(), AnthropicOnVertex(), AnthropicOnBedrock()


# What the recorded client chose for itself, and our options say as well: a limit of tokens, a
# choice of tools that spells out its default, thinking. Nothing is ignored.
RECORDED: list[tuple[str, Any]] = [
    ("go-vcr/anthropic_multi_tool.yaml", API),
    ("go-vcr/anthropic_thinking.yaml", API),
    ("go-vcr/vertex_claude_stream_raw_predict_tool.yaml", VERTEX),
    ("go-vcr/bedrock_invoke_tool.yaml", BEDROCK),
]


@pytest.mark.parametrize(("name", "dialect"), RECORDED)
def test_the_tool_loop_writes_the_recorded_requests(
    shared_cassettes: Path, name: str, dialect: Any
) -> None:
    """Strictly: the whole JSON of both requests, and the path to which they went."""
    talk = read_conversation(shared_cassettes / name)
    first, second = (step.run for step in talk.steps)
    assert first.request is not None and second.request is not None
    chosen = ("tool_choice", "thinking")
    asked = ChatRequest(
        first.chat_request.model,
        first.chat_request.messages,
        first.chat_request.tools,
        {key: first.request[key] for key in chosen if key in first.request},
    )

    def write(request: ChatRequest) -> dict[str, Any]:
        return dialect.write_request(request, max_tokens=first.request["max_tokens"])  # type: ignore[index,no-any-return]

    loop = agent_loop(asked, write=write, stop=[lambda steps: len(steps) == 2])
    question = next(loop)
    assert isinstance(question, AskModel)
    assert question.body == first.request
    calls = loop.send(ModelAnswer((first,)))
    assert isinstance(calls, CallTools)
    results = zip(calls.calls, talk.steps[0].tool_results, strict=True)
    answers = tuple(
        ToolRun(call.name, call.id, call.id, call.position, "returned", result.text)
        for call, result in results
    )
    question = loop.send(ToolAnswers(answers))
    assert isinstance(question, AskModel)
    assert question.body == second.request
    assert first.head.url.endswith(dialect.endpoint_path(first.chat_request.model))


@pytest.mark.parametrize("dialect", [API, VERTEX, BEDROCK])
@pytest.mark.parametrize("streamed", [True, False])
def test_each_asks_where_it_speaks(dialect: Any, streamed: bool) -> None:
    path = dialect.endpoint_path("anthropic.claude-3@1:0", streamed=streamed)
    body = json.dumps(dialect.write_request(ChatRequest("m"))).encode()
    head = RequestHead("POST", f"https://host{path}", {}, body)
    spoken = dialect_for(head)
    assert type(spoken) is type(dialect)
    assert spoken is not None
    if dialect is not API:
        assert spoken.read_request({}, head).model == "anthropic.claude-3@1:0"


def test_keys_go_where_each_server_looks_for_them() -> None:
    assert API.auth_headers("k") == {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    assert VERTEX.auth_headers("k") == BEDROCK.auth_headers("k") == {"Authorization": "Bearer k"}


def test_the_least_that_can_be_asked() -> None:
    asked = ChatRequest("m", (Message("user", (Text("Hi"),)),))
    assert API.write_request(asked) == {
        "model": "m",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
    }
    assert VERTEX.write_request(asked)["anthropic_version"] == "vertex-2023-10-16"
    assert BEDROCK.write_request(asked, max_tokens=7) == {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 7,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }


def test_what_the_body_holds_goes_before_every_default() -> None:
    tool = ToolDefinition("f", "", {"type": "object"})
    asked = ChatRequest("m", (), (tool,), {"stream": False, "tool_choice": None, "top_k": 3})
    assert API.write_request(asked) == {
        "model": "m",
        "max_tokens": 4096,
        "messages": [],
        "stream": False,
        "top_k": 3,
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    }


def written(*parts: Any, role: str = "assistant", **options: Any) -> list[dict[str, Any]]:
    asked = ChatRequest("m", (Message("user", (Text("Hi"),)), Message(role, parts)))
    messages = write_messages_request(asked, **options)["messages"]
    return messages[1]["content"] if len(messages) > 1 else []


def call(arguments: str, *details: str) -> ToolCall:
    return ToolCall(0, None, "a", "f", arguments, Fragments((arguments,), (0,)), details=details)


def test_what_must_go_back_untouched_does() -> None:
    result = '{"type":"web_search_tool_result","tool_use_id":"s","content":[{"encrypted":"e"}]}'
    cited = '{"encrypted_index":"i"}'
    blocks = written(
        Reasoning("Hm", ('{"signature":"sig"}',), "thinking"),
        Reasoning("", ('{"type":"redacted_thinking","data":"x"}',)),
        Text("So ", citations=(cited,)),
        ServerToolCall("s", "look", "mcp_tool_use", '{"q":1}', ('{"server_name":"docs"}',)),
        ServerToolResult("s", "web_search_tool_result", result),
        Media("container_upload", '{"type":"container_upload","file_id":"f"}'),
        UnknownPart("image", '{"type":"image","source":1}'),
        call('{"n": 7006652.0}', '{"caller":{"type":"code","tool_id":"s"}}', '{"elses":1}'),
    )
    assert blocks == [
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "So ", "citations": [{"encrypted_index": "i"}]},
        {
            "type": "mcp_tool_use",
            "id": "s",
            "name": "look",
            "input": {"q": 1},
            "server_name": "docs",
        },
        json.loads(result),
        {"type": "container_upload", "file_id": "f"},
        {"type": "image", "source": 1},
        {
            "type": "tool_use",
            "id": "a",
            "name": "f",
            "input": {"n": 7006652.0},
            "caller": {"type": "code", "tool_id": "s"},
        },
    ]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [("", {}), ('{"a":1}', {"a": 1}), ('{"a":', {"INVALID_JSON": '{"a":'}), ("[1]", None)],
)
def test_the_input_of_a_call_is_an_object(arguments: str, given: Any) -> None:
    (block,) = written(call(arguments))
    assert block["input"] == (given if given is not None else {"INVALID_JSON": arguments})


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ("details", ["thinking", "redacted_thinking"]),
        ("all", ["thinking", "redacted_thinking", "thinking"]),
        ("none", []),
    ],
)
def test_as_much_reasoning_goes_back_as_is_wanted(wanted: Any, kinds: list[str]) -> None:
    blocks = written(
        Reasoning("Hm", ('{"signature":"old"}', '{"signature":"s"}')),
        Reasoning("", ('{"type":"redacted_thinking","data":"x"}',)),
        Reasoning("unsigned"),
        Reasoning("", ("[1]", "no json")),
        Text("Hi"),
        reasoning=wanted,
    )
    assert [block["type"] for block in blocks] == [*kinds, "text"]
    assert [block["signature"] for block in blocks if "signature" in block][:1] == ["s"] * bool(
        kinds
    )


def test_what_no_server_takes_is_left_out() -> None:
    assert written(Text(""), Text("\n"), Refusal("No."), Media("image", "no json")) == []


def test_results_of_parallel_calls_are_one_message() -> None:
    asked = ChatRequest(
        "m",
        (
            Message("system", (Text("A"),)),
            Message("developer", (Text("B"),)),
            Message("user", (Text("Hi"),)),
            Message("assistant", (call("{}"),)),
            Message("tool", (ToolResult("a", "5"),)),
            Message("tool", (ToolResult("b", ""),)),
            Message("developer", (Text("Now"),)),
            Message("user", (Text("Go"),)),
        ),
    )
    body = API.write_request(asked)
    assert [block["text"] for block in body["system"]] == ["A", "B"]
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["user", "assistant", "user", "system", "user"]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "5"}]},
        {"type": "tool_result", "tool_use_id": "b", "content": []},
    ]
    messages = (*asked.messages, Message("user", (Text("On"),)))
    again = ChatRequest("m", messages, (), body, written=len(asked.messages))
    assert API.write_request(again)["messages"][:-1] == body["messages"]


@pytest.mark.parametrize(
    ("host", "variant"),
    [
        ("api.anthropic.com", AnthropicMessages),
        ("localhost", AnthropicMessages),
        ("us-east5-aiplatform.googleapis.com", AnthropicOnVertex),
        ("aiplatform.googleapis.com", AnthropicOnVertex),
        ("bedrock-runtime.us-east-1.amazonaws.com", AnthropicOnBedrock),
        ("aiplatform.eu.rep.googleapis.com", AnthropicOnVertex),
    ],
)
def test_the_host_says_which_variant_is_asked(host: str, variant: type) -> None:
    dialect = find_writable_dialect("anthropic-messages", host)
    assert type(dialect) is variant
    assert dialect.history_keys == ("messages", "system")
