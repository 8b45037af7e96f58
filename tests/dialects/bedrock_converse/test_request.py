"""Requests of Converse: read, written again, and linked with the answers between them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.chat.messages import (
    ChatRequest,
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
from chatviz.dialects import dialect_of_request, find_writable_dialect
from chatviz.dialects.bedrock_converse.request import read_converse_request, read_messages
from chatviz.dialects.bedrock_converse.stream import BedrockConverse
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from tests.dialects.bedrock_converse.events_made import HEAD, answer, call, stream, text

DIALECT = BedrockConverse()
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}}
SPEC = {"toolSpec": {"name": "f", "description": "does", "inputSchema": {"json": SCHEMA}}}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": [*content]}


def model(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": [*content]}


def use(id: str = "t1", name: str = "f", input: Any = None) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": id, "name": name, "input": {} if input is None else input}}


def result(id: str = "t1", *content: Any) -> dict[str, Any]:
    return {"toolResult": {"toolUseId": id, "content": [*content]}}


# ---- read


def test_the_model_stands_in_the_path_and_the_rest_in_the_body() -> None:
    body = {
        "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
        "messages": [user({"text": "hi"})],
        "toolConfig": {
            "tools": [
                SPEC,
                {"systemTool": {"name": "web"}},
                {"cachePoint": {}},
                {"toolSpec": {"name": "g", "inputSchema": 4}},
            ]
        },
    }
    asked = read_converse_request(body, "/model/us.m%3A0/converse-stream")
    assert asked.model == "us.m:0"
    assert [(one.role, one.text) for one in asked.messages] == [
        ("system", "Be brief."),
        ("user", "hi"),
    ]
    assert asked.tools == (ToolDefinition("f", "does", SCHEMA), ToolDefinition("g", "", {}))
    assert read_converse_request({"modelId": "m", "toolConfig": 4}).model == "m"


def test_results_are_messages_of_their_own_with_the_names_of_their_calls() -> None:
    messages = read_messages(
        [
            user({"text": "Add."}),
            model({"text": "I will."}, use("t1", "add", {"a": 1}), use("t2", "mul")),
            user(
                {"text": "Here:"},
                result("t1", {"text": "3"}, {"json": {"b": 1}}, "!", {"image": 1}),
                result("t2"),
                {"text": "Go on."},
            ),
        ]
    )
    roles = [message.role for message in messages]
    assert roles == ["user", "assistant", "user", "tool", "tool", "user"]
    assert [(call.id, call.name, call.arguments) for call in messages[1].tool_calls] == [
        ("t1", "add", '{"a":1}'),
        ("t2", "mul", "{}"),
    ]
    assert messages[3].parts == (ToolResult("t1", '3{"b":1}!{"image":1}', "add"),)
    assert messages[4].parts == (ToolResult("t2", "", "mul"),)


@pytest.mark.parametrize("sent", [None, 4, "x", [None, 4], [{"content": 4}], [{"role": 5}]])
def test_no_odd_history_raises(sent: Any) -> None:
    read_messages(sent)
    read_converse_request({"messages": sent, "system": sent, "toolConfig": {"tools": sent}})


def test_what_is_not_known_is_kept_and_marks_of_the_cache_are_no_part() -> None:
    odd = {"document": {"name": "a"}}
    mark = {"cachePoint": {"type": "default"}}
    (asked, said) = read_messages([user("hi", "", odd, 4, mark), model("so", mark, {"new": 1}, 4)])
    assert asked.parts == (
        Text("hi"),
        UnknownPart("document", '{"document":{"name":"a"}}'),
        UnknownPart("", "4"),
    )
    assert said.text == "so"
    assert [type(part) for part in said.parts] == [Text, UnknownPart]


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        ({"messages": [user({"text": "hi"})]}, True),
        ({"messages": [], "inferenceConfig": {}}, True),
        ({"messages": [user({"type": "text", "text": "hi"})]}, False),
        ({"messages": [{"role": "user", "content": "hi"}, 4]}, False),
        ({"messages": "hi", "inferenceConfig": {}}, False),
    ],
)
def test_a_body_tells_the_dialect(body: dict[str, Any], is_ours: bool) -> None:
    found = dialect_of_request(body)
    assert (found is not None and found.name == "bedrock-converse") is is_ours
    assert DIALECT.recognises_request(body) is is_ours


# ---- written


def test_a_question_is_written() -> None:
    messages = (Message("system", (Text("Be brief."),)), Message("user", (Text("hi"),)))
    body = DIALECT.write_request(
        ChatRequest("m", messages, (ToolDefinition("f", "does", SCHEMA),)), max_tokens=9
    )
    assert body == {
        "messages": [user({"text": "hi"})],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 9},
        "toolConfig": {"tools": [SPEC]},
    }
    (bare,) = DIALECT.write_request(ChatRequest("m", (), (ToolDefinition("f", "", {}),)))[
        "toolConfig"
    ]["tools"]
    assert bare == {"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}


def test_what_the_body_holds_goes_before_defaults_and_none_leaves_out() -> None:
    given = {
        "inferenceConfig": {"temperature": 0},
        "toolConfig": {"toolChoice": {"auto": {}}},
        "system": None,
    }
    messages = (Message("system", (Text("x"),)), Message("user", (Text("hi"),)))
    asked = ChatRequest("m", messages, (ToolDefinition("f", "does", SCHEMA),), given)
    assert DIALECT.write_request(asked, max_tokens=9) == {
        "messages": [user({"text": "hi"})],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0},
        "toolConfig": {"tools": [SPEC], "toolChoice": {"auto": {}}},
    }


def test_parallel_results_go_back_in_one_message_and_blank_texts_in_none() -> None:
    calls = tuple(
        ToolCall(position=n, index=n, id=f"t{n}", name="f", arguments=arguments, fragments=None)  # type: ignore[arg-type]
        for n, arguments in enumerate(['{"x": 1}', "", "{broken"])
    )
    said = Message("assistant", (Text(" "), *calls))
    results = [Message("tool", (ToolResult(f"t{n}", text),)) for n, text in enumerate("5 ")]
    body = DIALECT.write_request(ChatRequest("m", (said, *results, Message("user", (Text(""),)))))
    assert body["messages"] == [
        model(use("t0", "f", {"x": 1}), use("t1"), use("t2", "f", {"INVALID_JSON": "{broken"})),
        user(result("t0", {"text": "5"}), result("t1")),
    ]


@pytest.mark.parametrize(
    ("wanted", "blocks"),
    [
        ("none", []),
        (
            "details",
            [
                {"redactedContent": "AAA="},
                {"reasoningText": {"text": "Hm.", "signature": "s1s2"}},
            ],
        ),
        (
            "all",
            [
                {"redactedContent": "AAA="},
                {"reasoningText": {"text": "Hm.", "signature": "s1s2"}},
                {"reasoningText": {"text": "Unsigned."}},
            ],
        ),
    ],
)
def test_reasoning_goes_back_as_it_is_signed(wanted: Any, blocks: list[Any]) -> None:
    details = ('{"redactedContent": "AAA="}', '{"signature": "s1"}', '{"signature": "s2"}', "no")
    said = (Reasoning("Hm.", details, ""), Reasoning("Unsigned.", (), ""))
    body = DIALECT.write_request(
        ChatRequest("m", (Message("assistant", (*said, Text("So."))),)), reasoning=wanted
    )
    content = body["messages"][0]["content"]
    assert content == [*({"reasoningContent": block} for block in blocks), {"text": "So."}]


def test_what_is_not_ours_goes_back_as_it_came() -> None:
    pieces = [{"toolUseId": "s1", "status": "success"}, [{"json": {"a": 1}}], 4]
    parts = (
        ServerToolCall("s1", "web", "server_tool_use", '{"q": 1}', ()),
        ServerToolCall("s2", "web", "of_another_api", "{}", ()),
        ServerToolResult("s1", "x", json.dumps(pieces)),
        ServerToolResult("s1", "x", json.dumps({"toolUseId": "s1", "content": []})),
        ServerToolResult("s1", "x", "4"),
        Media("image", json.dumps([{"format": "png"}, {"source": {"bytes": "AA=="}}, 4])),
        Media("image", json.dumps({"format": "gif"})),
        Media("image", "4"),
        UnknownPart("new", '{"new": 1}'),
        UnknownPart("of another api", '{"type": "text"}'),
        UnknownPart("", "4"),
        Refusal("No."),
        Text("cited", (), ('{"title": "t"}',)),
    )
    body = DIALECT.write_request(ChatRequest("m", (Message("assistant", parts),)))
    assert body["messages"][0]["content"] == [
        {
            "toolUse": {
                "toolUseId": "s1",
                "name": "web",
                "input": {"q": 1},
                "type": "server_tool_use",
            }
        },
        {"toolResult": {"content": [{"json": {"a": 1}}], "toolUseId": "s1", "status": "success"}},
        {"toolResult": {"toolUseId": "s1", "content": []}},
        {"image": {"format": "png", "source": {"bytes": "AA=="}}},
        {"image": {"format": "gif"}},
        {"new": 1},
        {"citationsContent": {"content": [{"text": "cited"}], "citations": [{"title": "t"}]}},
    ]


def test_a_history_that_was_sent_stays_as_it_was_and_is_gone_on_with() -> None:
    sent = [user({"text": "hi"}, {"cachePoint": {"type": "default"}}), model({"text": "ho"})]
    asked = read_converse_request({"messages": sent})
    messages = (*asked.messages, Message("user", (Text("And?"),)))
    body = DIALECT.write_request(ChatRequest("m", messages, (), {"messages": sent}, written=2))
    assert body["messages"] == [*sent, user({"text": "And?"})]


def test_the_paths_and_the_header_of_a_key() -> None:
    assert DIALECT.endpoint_path("us.m:0") == "/model/us.m%3A0/converse-stream"
    assert DIALECT.endpoint_path("m", streamed=False) == "/model/m/converse"
    assert DIALECT.auth_headers("k") == {"Authorization": "Bearer k"}
    found = find_writable_dialect("bedrock-converse", "bedrock-runtime.eu-west-1.amazonaws.com")
    assert found.name == "bedrock-converse"


@pytest.mark.parametrize(
    ("payload", "is_whole"),
    [
        (json.loads(answer({"text": "hi"})), True),
        ({"output": None, "stopReason": "end_turn"}, True),
        ({"output": {}}, False),
        ({"output": 4, "stopReason": "x"}, False),
        ([], False),
    ],
)
def test_a_whole_answer_is_known(payload: Any, is_whole: bool) -> None:
    assert DIALECT.is_response(payload) is is_whole


# ---- linked


def test_a_conversation_is_linked_by_the_ids_of_its_calls() -> None:
    asked = user({"text": "Add."})
    bodies = (
        ([asked], stream(call('{"x": 1}', id="t1"), stop="tool_use")),
        (
            [asked, model(use("t1", "f", {"x": 1})), user(result("t1", {"text": "5"}))],
            stream(text("It is 5.")),
        ),
    )
    runs = []
    for messages, body in bodies:
        head = type(HEAD)(HEAD.method, HEAD.url, body=json.dumps({"messages": messages}).encode())
        reader = StreamReader(head)
        reader.feed(body)
        runs.append(reader.close())
    (talk,) = link_runs(runs)
    assert [message.role for message in talk.messages] == ["user", "assistant", "tool", "assistant"]
    assert talk.steps[0].followed_by[0].parts[0].name == "f"  # type: ignore[union-attr]
