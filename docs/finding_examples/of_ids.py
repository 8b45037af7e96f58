"""Examples of what is odd about the ids of tool calls, in one answer and between turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import (
    Exchange,
    FindingExample,
    answer,
    call,
    says,
    stream,
)

__all__ = ["OF_IDS"]

_MERGE: Final = """\
call = {}
for chunk in chunks:
    call.update(chunk["choices"][0]["delta"]["tool_calls"][0])
call["id"]"""
_BY_ID: Final = """\
calls = {}
for chunk in chunks:
    for delta in chunk["choices"][0]["delta"]["tool_calls"]:
        calls.setdefault(delta["id"], []).append(delta["function"]["arguments"])
["".join(pieces) for pieces in calls.values()]"""
_ASKED: Final = [{"role": "user", "content": "Add 2 and 3, then 4"}]


def _calls_add(id: str, arguments: str) -> bytes:
    function = f'"function":{{"name":"add","arguments":"{arguments}"}}'
    return stream(call(f'"index":0,"id":"{id}",{function}', finish="tool_calls"))


def _sent_back(id: str, arguments: str, result: str) -> list[dict[str, object]]:
    """Return the messages in which a client repeats a call and adds its result."""
    function = {"name": "add", "arguments": arguments}
    return [
        {"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": id, "content": result},
    ]


_FIRST: Final = Exchange(_calls_add("add:0", r"{\"a\": 2, \"b\": 3}"), {"messages": _ASKED})

OF_IDS: Final[Mapping[str, FindingExample]] = {
    "call_id_repeated": FindingExample(
        about="BaseTen, behind OpenRouter, repeats the id on every delta. The first one counts; "
        "the others are no new calls.",
        origin="OpenRouter with Kimi K2 at BaseTen",
        recording="go-vcr/openrouter_kimi-k2_baseten_multi_tool.yaml",
        exchanges=answer(
            stream(
                call(
                    '"index":0,"id":"functions.add:0","type":"function",'
                    '"function":{"name":"add","arguments":""}'
                ),
                call(
                    '"index":0,"id":"functions.add:0","type":"function",'
                    r'"function":{"name":"","arguments":"{\"a"}'
                ),
            )
        ),
        careless="""\
calls = []
for chunk in chunks:
    for delta in chunk["choices"][0]["delta"]["tool_calls"]:
        if delta.get("id"):
            calls.append(delta["id"])
calls""",
        read="[call.id for call in run.message.tool_calls]",
    ),
    "call_id_null": FindingExample(
        about="The id comes once; later deltas say `null` (16 streams, Fireworks among them) or "
        '`""` (Alibaba). The first id that is not empty counts.',
        origin="OpenRouter with Kimi K2 at Fireworks",
        recording="multi_tool_streaming_kimi-k2_fireworks.yaml",
        exchanges=answer(
            stream(
                call(
                    '"index":0,"id":"functions.add:0","type":"function","function":{"name":"add"}'
                ),
                call(r'"index":0,"id":null,"type":"function","function":{"arguments":"{\""}'),
            )
        ),
        careless=_MERGE,
        read="run.message.tool_calls[0].id",
    ),
    "call_id_missing": FindingExample(
        about="Gemini's own API usually gives its calls no id, and thin proxies before it give "
        "none either. A result must name its call, so a client has to invent one.",
        exchanges=answer(
            stream(call(r'"index":0,"function":{"name":"now","arguments":"{\"zone\": \"CET\"}"}'))
        ),
        careless='chunks[0]["choices"][0]["delta"]["tool_calls"][0]["id"]',
        read="run.message.tool_calls[0].id",
    ),
    "call_id_changed": FindingExample(
        about="vLLM once sent a new id with every delta of the same call. A delta with another id, "
        "no name, and arguments that are not complete continues the call.",
        exchanges=answer(
            stream(
                call(
                    r'"index":0,"id":"chatcmpl-tool-1","function":'
                    r'{"name":"add","arguments":"{\"a\":"}'
                ),
                call(r'"index":0,"id":"chatcmpl-tool-2","function":{"arguments":" 2}"}'),
            )
        ),
        careless=_BY_ID,
        read="[call.arguments for call in run.message.tool_calls]",
    ),
    "call_id_positional": FindingExample(
        about="109 of 608 calls have an id that only counts: `functions.add:0`, `add:0`, `0`. The "
        "same id is in up to 22 recordings. It is unique in its answer at best.",
        exchanges=(
            Exchange(_calls_add("functions.add:0", r"{\"a\": 2, \"b\": 3}")),
            Exchange(_calls_add("functions.add:0", r"{\"a\": 40, \"b\": 2}")),
        ),
        careless="""\
log = {}
for chunks in answers:
    for delta in chunks[0]["choices"][0]["delta"]["tool_calls"]:
        log[delta["id"]] = delta["function"]["arguments"]
list(log.values())""",
        read="[call.arguments for run in runs for call in run.message.tool_calls]",
    ),
    "call_id_not_unique": FindingExample(
        about="A positional id came again in a later turn of the same conversation: two results "
        "now answer to one name.",
        exchanges=(
            _FIRST,
            Exchange(
                _calls_add("add:0", r"{\"a\": 5, \"b\": 4}"),
                {"messages": [*_ASKED, *_sent_back("add:0", '{"a": 2, "b": 3}', "5")]},
            ),
        ),
        careless="""\
calls = {}
for chunks in answers:
    for delta in chunks[0]["choices"][0]["delta"]["tool_calls"]:
        calls[delta["id"]] = delta["function"]["arguments"]
list(calls.values())""",
        read="[call.arguments for step in talk.steps for call in step.run.message.tool_calls]",
    ),
    "call_id_rewritten": FindingExample(
        about="Clients give calls ids of their own, because positional ones collide: in 15 "
        "streams, the packaged Novita recording among them (`add:0` goes back as `test-3`). "
        "Results are then found by the order, names and arguments of the calls.",
        exchanges=(
            _FIRST,
            Exchange(
                stream(says('"role":"assistant","content":"5"', "stop")),
                {"messages": [*_ASKED, *_sent_back("test-3", '{"a": 2, "b": 3}', "5")]},
            ),
        ),
        careless="""\
results = {}
for message in requests[1]["messages"]:
    if message["role"] == "tool":
        results[message["tool_call_id"]] = message["content"]
call = answers[0][0]["choices"][0]["delta"]["tool_calls"][0]
results[call["id"]]""",
        read="[(result.name, result.text) for result in talk.steps[0].tool_results]",
    ),
}
