"""What requests of one conversation repeat is read once, and as it would be read anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.chat.messages import ChatRequest
from chatviz.dialects import dialect_for
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import load_json
from chatviz.wire.repeated_json import load_repeated_json

PAD = "x" * 20_000
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def chat(schema: Any) -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    return {
        "model": "m",
        "tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}],
        "messages": [
            {"role": "user", "content": PAD},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "2"},
        ],
    }


def ollama(schema: Any) -> dict[str, Any]:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    messages = [{"role": "user", "content": PAD}, {"role": "assistant", "tool_calls": [call]}]
    return chat(schema) | {"messages": messages, "options": {}}


def anthropic(schema: Any) -> dict[str, Any]:
    use = {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}
    return {
        "model": "m",
        "max_tokens": 9,
        "tools": [{"name": "f", "input_schema": schema}],
        "messages": [{"role": "user", "content": PAD}, {"role": "assistant", "content": [use]}],
    }


def responses(schema: Any) -> dict[str, Any]:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'}
    reasoning = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "why"}]}
    return {
        "model": "m",
        "tools": [{"type": "function", "name": "f", "parameters": schema}],
        "input": [{"role": "user", "content": PAD}, reasoning, call],
    }


def gemini(schema: Any) -> dict[str, Any]:
    call = {"functionCall": {"name": "f", "args": {"a": 1}}}
    return {
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
        "contents": [
            {"role": "user", "parts": [{"text": PAD}]},
            {"role": "model", "parts": [{"text": "so"}]},
            {"role": "model", "parts": [call]},
        ],
    }


def converse(schema: Any) -> dict[str, Any]:
    use = {"toolUse": {"toolUseId": "c", "name": "f", "input": {"a": 1}}}
    spec = {"toolSpec": {"name": "f", "inputSchema": {"json": schema}}}
    return {
        "toolConfig": {"tools": [spec]},
        "messages": [
            {"role": "user", "content": [{"text": PAD}]},
            {"role": "assistant", "content": [use]},
        ],
    }


ASKED = (
    ("https://h/v1/chat/completions", chat),
    ("http://localhost:11434/api/chat", ollama),
    ("https://h/v1/messages", anthropic),
    ("https://h/v1/responses", responses),
    ("https://h/v1beta/models/m:generateContent", gemini),
    ("https://h/model/m/converse", converse),
)


def read(url: str, body: dict[str, Any], load: Any = load_repeated_json) -> ChatRequest:
    data = json.dumps(body).encode()
    head = RequestHead("POST", url, body=data)
    dialect = dialect_for(head)
    assert dialect is not None
    return dialect.read_request(load(data), head)


@pytest.mark.parametrize(("url", "ask"), ASKED)
def test_what_is_repeated_is_the_same_message(url: str, ask: Any) -> None:
    first, again = read(url, ask(SCHEMA)), read(url, ask(SCHEMA))
    usual = read(url, ask(SCHEMA), load_json)
    assert first.messages == again.messages == usual.messages
    calls = [message for message in again.messages if message.tool_calls]
    assert calls and all(any(one is two for two in first.messages) for one in calls)
    assert all(one is not two for one in usual.messages for two in first.messages)


@pytest.mark.parametrize(("url", "ask"), ASKED)
def test_another_schema_is_another_call(url: str, ask: Any) -> None:
    other = {"type": "object", "properties": {"a": {"type": "string"}}}
    first, second = read(url, ask(SCHEMA)), read(url, ask(other))
    schemas = [
        call.schema for asked in (first, second) for said in asked.messages
        for call in said.tool_calls
    ]  # fmt: skip
    assert schemas[0] != schemas[1] and len(schemas) == 2


def test_a_turn_that_goes_on_is_read_anew() -> None:
    url, body = "https://h/v1/responses", responses(SCHEMA)
    first = read(url, body)
    more = body["input"] + [{"role": "assistant", "content": "and so on"}]
    second = read(url, body | {"input": more})
    assert first.messages[-1].text == "" and second.messages[-1].text == "and so on"
