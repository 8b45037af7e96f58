"""Examples of what is odd about the indexes and names of tool calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, call, stream

__all__ = ["OF_CALLS"]

_JOIN_BY_INDEX: Final = """\
calls = {}
for chunk in chunks:
    for delta in chunk["choices"][0]["delta"].get("tool_calls", []):
        calls.setdefault(delta["index"], []).append(delta["function"]["arguments"])
["".join(pieces) for pieces in calls.values()]"""
_JOIN_EVERYTHING: Final = """\
name = arguments = ""
for chunk in chunks:
    function = chunk["choices"][0]["delta"]["tool_calls"][0]["function"]
    name += function.get("name", "")
    arguments += function["arguments"]
(name, arguments)"""
_KEEP_THE_LAST: Final = _JOIN_EVERYTHING.replace(
    'name += function.get("name", "")', 'name = function.get("name", name)'
)
_ALL_ARGUMENTS: Final = "[call.arguments for call in run.message.tool_calls]"
_NAME_AND_ARGUMENTS: Final = "(run.message.tool_calls[0].name, run.message.tool_calls[0].arguments)"
_ADD: Final = r'"id":"call_a1","function":{"name":"add","arguments":"{\"a\": 2, \"b\": 3}"}'
_MULTIPLY: Final = (
    r'"id":"call_b2","function":{"name":"multiply","arguments":"{\"a\": 2, \"b\": 3}"}'
)

OF_CALLS: Final[Mapping[str, FindingExample]] = {
    "call_index_gap": FindingExample(
        about="gpt-5 behind OpenRouter numbers its first call 1: slot 0 is its reasoning (13 "
        "streams). An index is a name for a slot, not a place in a list.",
        origin="OpenRouter with gpt-5",
        recording="go-vcr/openrouter_gpt-5_first_index_1.yaml",
        exchanges=answer(
            stream(
                call(
                    '"id":"call_53F5Wfhdi4paefTbQc5dftUM","index":1,"type":"function",'
                    '"function":{"name":"weather","arguments":""}'
                ),
                call(r'"index":1,"type":"function","function":{"arguments":"{\""}'),
                call('"index":1,"type":"function","function":{"arguments":"location"}'),
            )
        ),
        careless="""\
calls = []
for chunk in chunks:
    for delta in chunk["choices"][0]["delta"]["tool_calls"]:
        if "id" in delta:
            calls.append("")
        calls[delta["index"]] += delta["function"]["arguments"]
calls""",
        read=_ALL_ARGUMENTS,
    ),
    "call_index_missing": FindingExample(
        about="Mistral, and proxies before Gemini, send tool deltas without an `index`. A known id "
        "tells the call; without id, a delta continues the call written last.",
        exchanges=answer(stream(call(_ADD), call(_MULTIPLY))),
        careless=_JOIN_BY_INDEX,
        read=_ALL_ARGUMENTS,
    ),
    "call_index_shared": FindingExample(
        about="Ollama and Cerebras have sent two different calls under one index. Another id, or a "
        "new name once the arguments are complete, begins a new call.",
        exchanges=answer(stream(call(f'"index":0,{_ADD}'), call(f'"index":0,{_MULTIPLY}'))),
        careless=_JOIN_BY_INDEX,
        read=_ALL_ARGUMENTS,
    ),
    "call_after_finish": FindingExample(
        about="DeepInfra sends each call with a finish reason of its own: in 8 of 1,040 streams a "
        "call comes after the first `finish_reason`. Who stops there loses it (and the usage, in "
        "863).",
        origin="OpenRouter with Kimi K2 at DeepInfra",
        recording="go-vcr/openrouter_kimi-k2_tool_after_finish.yaml",
        exchanges=answer(
            stream(
                *(
                    call(
                        f'"index":{index},"id":"{index}","function":{{"arguments":'
                        rf'"{{\"a\": 2, \"b\": 3}}","name":"{name}"}},"type":"function"',
                        finish="tool_calls",
                    )
                    for index, name in enumerate(("add", "multiply"))
                )
            )
        ),
        careless="""\
names = []
for chunk in chunks:
    choice = chunk["choices"][0]
    for delta in choice["delta"].get("tool_calls", []):
        names.append(delta["function"]["name"])
    if choice["finish_reason"]:
        break
names""",
        read="[call.name for call in run.message.tool_calls]",
    ),
    "call_name_in_pieces": FindingExample(
        about="The name itself comes in pieces, before any arguments. They are joined.",
        exchanges=answer(
            stream(
                call('"index":0,"id":"call_a1","function":{"name":"multi","arguments":""}'),
                call('"index":0,"function":{"name":"ply","arguments":""}'),
                call(r'"index":0,"function":{"arguments":"{\"a\": 2}"}'),
            )
        ),
        careless=_KEEP_THE_LAST,
        read=_NAME_AND_ARGUMENTS,
    ),
    "call_name_repeated": FindingExample(
        about="The name is sent again with later deltas. It is kept once.",
        exchanges=answer(
            stream(
                call(r'"index":0,"id":"call_a1","function":{"name":"add","arguments":"{\"a\":"}'),
                call(r'"index":0,"function":{"name":"add","arguments":" 2}"}'),
            )
        ),
        careless=_JOIN_EVERYTHING,
        read=_NAME_AND_ARGUMENTS,
    ),
    "call_name_changed": FindingExample(
        about="A call whose arguments have begun, and are not complete, gets another name. The "
        "first is kept; no recording at hand does it.",
        exchanges=answer(
            stream(
                call(r'"index":0,"id":"call_a1","function":{"name":"add","arguments":"{\"a\":"}'),
                call(r'"index":0,"function":{"name":"sum","arguments":" 2}"}'),
            )
        ),
        careless=_KEEP_THE_LAST,
        read=_NAME_AND_ARGUMENTS,
    ),
    "call_name_missing": FindingExample(
        about="A call without a name cannot be run. Its arguments are kept and shown.",
        exchanges=answer(
            stream(call(r'"index":0,"id":"call_a1","function":{"arguments":"{\"a\": 2}"}'))
        ),
        careless='chunks[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"]',
        read=_NAME_AND_ARGUMENTS,
    ),
    "call_without_function": FindingExample(
        about="A tool delta that holds an index and nothing else. It adds nothing.",
        exchanges=answer(stream(call(f'"index":0,{_ADD}'), call('"index":0'))),
        careless=_JOIN_BY_INDEX,
        read=_ALL_ARGUMENTS,
    ),
}
