"""What a request asks of Gemini: instructions, contents, results and tools, in both spellings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    Reasoning,
    ServerToolCall,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.gemini.schemas import read_schema
from chatviz.dialects.gemini.stream import Gemini
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.dialects.gemini.chunks_made import ASKED, URL, call, chunk, stream, text

CALL = ToolCall(0, None, "", "", "")


def read(body: dict[str, Any]) -> ChatRequest:
    return Gemini().read_request(body, ASKED)


def test_contents_are_messages() -> None:
    asked = read({
        "systemInstruction": {"role": "user", "parts": [text("Be brief."), text("Be kind.")]},
        "contents": [
            {"role": "user", "parts": [text("see"), {"inlineData": {"mimeType": "image/png"}}]},
            {"role": "model", "parts": [
                text("hm", thought=True), text("so"), call("f", {"a": 1}, "F")]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "f", "response": {"result": "5"}, "id": "1"}},
                {"functionResponse": {"name": "g", "response": {"x": 1}}},
            ]},
            {"parts": [text("and?")]},
        ],
    })  # fmt: skip
    system, user, model, results, last = asked.messages
    assert system == Message("system", (Text("Be brief."), Text("Be kind.")))
    picture = UnknownPart("inlineData", '{"inlineData":{"mimeType":"image/png"}}')
    assert user == Message("user", (Text("see"), picture))
    thought, said, called = model.parts
    assert (model.role, thought, said) == (
        "assistant",
        Reasoning("hm", sent_as="thought"),
        Text("so"),
    )
    assert isinstance(called, ToolCall)
    assert (called.name, called.parsed) == ("f", {"a": 1})
    assert called.details == ('{"thoughtSignature":"F"}',)
    assert results == Message("tool", (ToolResult("1", "5", "f"), ToolResult("", '{"x":1}', "g")))
    assert last == Message("user", (Text("and?"),))


def test_names_may_be_spelled_with_underscores() -> None:
    """In more than 115 recorded parts; Google accepts both."""
    camel = {
        "systemInstruction": {"parts": [text("s")]},
        "contents": [
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}},
                                         "thoughtSignature": "F"}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]},
            {"role": "model", "parts": [{"inlineData": {"data": ""}}]},
        ],
        "tools": [{"functionDeclarations": [
            {"name": "f", "parametersJsonSchema": {"type": "object"}}]}],
    }  # fmt: skip
    snake = json.dumps(camel)
    for name in ("system_instruction", "function_call", "thought_signature", "function_response",
                 "inline_data", "function_declarations", "parameters_json_schema"):  # fmt: skip
        first, *others = name.split("_")
        snake = snake.replace("".join([first, *map(str.title, others)]), name)
    wanted, found = read(camel), read(json.loads(snake))
    assert (found.messages, found.tools) == (wanted.messages, wanted.tools)
    assert [type(part) for message in found.messages for part in message.parts] == [
        Text, ToolCall, ToolResult, Media,
    ]  # fmt: skip


def test_contents_of_the_model_that_follow_each_other_are_one_message() -> None:
    asked = read({"contents": [
        {"role": "model", "parts": [text("a")]},
        {"role": "model", "parts": [{"executableCode": {"code": "1"}}, {"x": 1}, "y"]},
    ]})  # fmt: skip
    (message,) = asked.messages
    said, ran, *unknown = message.parts
    assert said == Text("a")
    assert isinstance(ran, ServerToolCall)
    assert unknown == [UnknownPart("x", "1"), UnknownPart("", '"y"')]


@pytest.mark.parametrize(
    ("response", "wanted"),
    [
        ({"result": "5"}, "5"), ({"output": "5"}, "5"), ({"error": "no"}, "no"),
        ({"return_value": "5"}, "5"), ({"result": 5}, '{"result":5}'),
        ({"result": "5", "x": 1}, '{"result":"5","x":1}'),
        ({"temperature": "5"}, '{"temperature":"5"}'),
        ("5", "5"), (None, ""), ({}, "{}"),
    ],
)  # fmt: skip
def test_a_result_is_its_text_or_its_object(response: Any, wanted: str) -> None:
    sent = {"functionResponse": {"name": "f", "response": response}}
    (message,) = read({"contents": [{"role": "user", "parts": [sent]}]}).messages
    assert message.tool_results == (ToolResult("", wanted, "f"),)


@pytest.mark.parametrize("role", ["user", "function"])
def test_results_beside_text_stay_in_the_clients_message(role: str) -> None:
    parts = [{"functionResponse": {"name": "f", "response": {"result": "5"}}}, text("so?")]
    (message,) = read({"contents": [{"role": role, "parts": parts}]}).messages
    assert (message.role, len(message.tool_results)) == (role, 1)


def test_functions_are_tools_and_googles_own_tools_are_not() -> None:
    google = {"type": "OBJECT", "properties": {"a": {"type": "INTEGER", "nullable": True}}}
    plain = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}
    tools = [
        {"functionDeclarations": [
            {"name": "f", "description": "d", "parameters": google},
            {"name": "g", "parametersJsonSchema": plain}, {"name": "h"}, 5]},
        {"googleSearch": {}}, {"codeExecution": {}}, 5,
    ]  # fmt: skip
    assert read({"tools": tools}).tools == (
        ToolDefinition("f", "d", plain), ToolDefinition("g", "", plain), ToolDefinition("h"),
    )  # fmt: skip
    assert read({"tools": tools[0]}).tools == read({"tools": tools}).tools


def test_googles_schemas_are_read_as_json_schema() -> None:
    google = {
        "type": "OBJECT", "minProperties": "1", "required": ["list"],
        "properties": {"list": {"type": "ARRAY", "maxItems": "3", "items": {"type": "STRING"}},
                       "type": {"anyOf": [{"type": "NUMBER"}, {"type": "BOOLEAN"}]}, "odd": 5},
        "additionalProperties": False, "enum": ["OBJECT"], "maxLength": "x", "nullable": False,
    }  # fmt: skip
    assert read_schema(google) == {
        "type": "object", "minProperties": 1, "required": ["list"],
        "properties": {"list": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
                       "type": {"anyOf": [{"type": "number"}, {"type": "boolean"}]}, "odd": 5},
        "additionalProperties": False, "enum": ["OBJECT"], "maxLength": "x",
    }  # fmt: skip
    assert read_schema({"nullable": True}) == {}


def test_types_are_read_by_their_numbers_too() -> None:
    """Clients made from the protobufs send them; what is no number of a type stays."""
    google = {"type": 6, "properties": {
        "a": {"type": 1}, "b": {"type": 2}, "c": {"type": 3, "nullable": True}, "d": {"type": 4},
        "e": {"type": 5, "items": {"type": 7}}, "f": {"type": 0}, "g": {"type": 8},
        "h": {"type": True}, "i": {"type": "TYPE_UNSPECIFIED"}}}  # fmt: skip
    assert read_schema(google) == {"type": "object", "properties": {
        "a": {"type": "string"}, "b": {"type": "number"}, "c": {"type": ["integer", "null"]},
        "d": {"type": "boolean"}, "e": {"type": "array", "items": {"type": "null"}},
        "f": {}, "g": {"type": 8}, "h": {"type": True}, "i": {}}}  # fmt: skip


def test_the_model_may_stand_in_the_body() -> None:
    assert Gemini().read_request({"model": "m"}, RequestHead()).model == "m"
    tuned = RequestHead("POST", "https://host/v1beta/tunedModels/my-model:generateContent")
    assert Gemini().read_request({}, tuned).model == "my-model"


@pytest.mark.parametrize("body", [
    {"contents": "hi"}, {"contents": ["hi", 5, None, {}]}, {"contents": {"parts": "hi"}},
    {"contents": [{"role": 5, "parts": [5, None]}]}, {"systemInstruction": "s"},
    {"systemInstruction": {"parts": "s"}}, {"tools": "x"}, {"tools": {"functionDeclarations": {}}},
])  # fmt: skip
def test_odd_bodies_are_read_as_far_as_they_go(body: dict[str, Any]) -> None:
    for message in read(body).messages:
        assert isinstance(message.text, str)


def test_text_alone_is_what_the_user_says() -> None:
    assert read({"contents": "hi"}).messages == (Message("user", (Text("hi"),)),)
    assert read({"contents": ["hi"]}).messages == (Message("user", (Text("hi"),)),)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
PART_NAMES = st.sampled_from(["text", "thought", "functionCall", "functionResponse", "inlineData",
                              "executable_code", "thoughtSignature", "x"])  # fmt: skip
CONTENT = st.fixed_dictionaries({}, optional={
    "role": st.sampled_from(["user", "model", "function"]) | JSON,
    "parts": st.lists(st.dictionaries(PART_NAMES, JSON), max_size=3) | JSON,
})  # fmt: skip


@given(st.fixed_dictionaries({}, optional={
    "contents": st.lists(CONTENT | JSON, max_size=3) | JSON,
    "systemInstruction": CONTENT | JSON,
    "tools": st.lists(st.dictionaries(st.sampled_from(["functionDeclarations", "x"]), JSON)) | JSON,
}))  # fmt: skip
def test_no_body_raises(body: dict[str, Any]) -> None:
    asked = read(body)
    assert asked.body is body
    assert all(message.role for message in asked.messages)


# ---- linking


def answer(request: dict[str, Any], *chunks: dict[str, Any]) -> StreamRun:
    head = RequestHead("POST", f"{URL}:streamGenerateContent", body=json.dumps(request).encode())
    reader = StreamReader(head)
    reader.feed(stream(*chunks))
    return reader.close()


@pytest.mark.parametrize("ids", [False, True])
def test_a_request_with_ids_of_the_clients_own_continues_the_answer(ids: bool) -> None:
    """The client makes them up, for most calls have none: they are linked by name and order."""
    question = [{"role": "user", "parts": [text("hi")]}]
    calls = [call("f", {"x": 1}), call("f", {"x": 2}), call("g", {})]
    first = answer({"contents": question}, chunk(*calls, finish="STOP", usage={}))

    def named(number: int) -> dict[str, str]:
        return {"id": f"made-{number}"} if ids else {}

    said = [{"functionCall": {**one["functionCall"], **named(n)}} for n, one in enumerate(calls)]
    results = [
        {"functionResponse": {"name": name, "response": {"result": str(n)}, **named(n)}}
        for n, name in enumerate("ffg")
    ]
    history = [*question, {"role": "model", "parts": said}, {"role": "user", "parts": results}]
    second = answer({"contents": history}, chunk(text("done"), finish="STOP", usage={}))
    (talk,) = link_runs([first, second])
    assert [one.call_index for one in talk.steps[0].tool_results] == [0, 1, 2]
    assert {found.code for found in talk.findings} <= {"no_clock"}
