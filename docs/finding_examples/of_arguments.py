"""Examples of what is odd about the arguments of tool calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from finding_examples.example import FindingExample, answer, call, stream

__all__ = ["OF_ARGUMENTS"]

_ARGUMENTS: Final = """\
arguments = ""
for chunk in chunks:
    arguments += chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
"""
_PARSED: Final = "run.message.tool_calls[0].parsed"


def _call(arguments: str) -> str:
    """Return a chunk with a whole call; its arguments as they are on the wire."""
    return call(f'"index":0,"id":"call_a1","function":{{"name":"add","arguments":{arguments}}}')


def _offer(schema: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": "add", "parameters": schema}
    return {"messages": [], "tools": [{"type": "function", "function": function}]}


OF_ARGUMENTS: Final[Mapping[str, FindingExample]] = {
    "arguments_null": FindingExample(
        about="`arguments` is null on a delta that has nothing to add. Null adds nothing.",
        exchanges=answer(
            stream(_call("null"), call(r'"index":0,"function":{"arguments":"{\"a\": 2}"}'))
        ),
        careless=_ARGUMENTS + "json.loads(arguments)",
        read=_PARSED,
    ),
    "arguments_object": FindingExample(
        about="The arguments are an object, as in Ollama's own API, where this dialect has JSON "
        "text. They are written as text once.",
        exchanges=answer(stream(_call('{"a":2,"b":3}'))),
        careless="""\
function = chunks[0]["choices"][0]["delta"]["tool_calls"][0]["function"]
json.loads(function["arguments"])""",
        read=_PARSED,
    ),
    "arguments_empty": FindingExample(
        about="A tool without parameters is often called with no arguments text at all. That means "
        "`{}`.",
        exchanges=answer(stream(_call('""'))),
        careless=_ARGUMENTS + "json.loads(arguments)",
        read=_PARSED,
    ),
    "arguments_not_json": FindingExample(
        about="The arguments end too early (often with the finish reason `length`) or are broken. "
        "What was complete before that is still known. No recording at hand shows it.",
        exchanges=answer(stream(_call(r'"{\"a\": 2, \"b\": "'))),
        careless=_ARGUMENTS + "json.loads(arguments)",
        read="{path.path: path.value for path in run.message.tool_calls[0].paths if path.parent "
        "is not None}",
    ),
    "arguments_not_object": FindingExample(
        about="The arguments are JSON, but a list, a text or a number: they name no parameters.",
        exchanges=answer(stream(_call('"[2, 3]"'))),
        careless="""\
def add(a, b):
    return a + b


"""
        + _ARGUMENTS
        + "add(**json.loads(arguments))",
        read=_PARSED,
    ),
    "arguments_against_schema": FindingExample(
        about="The arguments are JSON, but not what the request's schema allows: a wrong type, a "
        "property that is missing or not allowed. chatviz tells it for each path.",
        exchanges=answer(
            stream(_call(r'"{\"a\": \"2\", \"b\": \"3\"}"')),
            request=_offer(
                {
                    "type": "object",
                    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                }
            ),
        ),
        careless=_ARGUMENTS
        + """\
values = json.loads(arguments)
values["a"] + values["b"]""",
        read="[(one.path, one.verdict) for one in run.message.tool_calls[0].check.verdicts]",
    ),
    "schema_fault": FindingExample(
        about="The tool's schema cannot be used: it is no schema, or points to a part of itself "
        "that is not there (its `$defs` were left behind on the way). Nothing is checked then.",
        exchanges=answer(
            stream(_call(r'"{\"a\": 2}"')),
            request=_offer(
                {
                    "type": "object",
                    "properties": {"a": {"$ref": "#/$defs/number"}},
                }
            ),
        ),
        careless="""\
schema = requests[0]["tools"][0]["function"]["parameters"]
{name: rule["type"] for name, rule in schema["properties"].items()}""",
        read=_PARSED,
    ),
    "tool_not_offered": FindingExample(
        about="The model invents a tool, or the client no longer offers one that the conversation "
        "has used before. There is nothing to run and no schema to check against.",
        exchanges=answer(
            stream(call('"index":0,"id":"call_a1","function":{"name":"sum","arguments":"{}"}')),
            request=_offer({"type": "object"}),
        ),
        careless="""\
tools = {tool["function"]["name"]: tool for tool in requests[0]["tools"]}
tools[chunks[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"]]""",
        read="run.message.tool_calls[0].name",
    ),
}
