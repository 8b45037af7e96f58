"""How a request is written: what `request` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    Part,
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
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.json_values import join_objects
from chatviz.dialects.openai_responses.items import SERVER_RESULTS
from chatviz.dialects.openai_responses.parts import AUDIO
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_responses_request"]


def write_responses_request(
    asked: ChatRequest,
    *,
    max_tokens: int | None = None,
    reasoning: ReasoningSentBack = "details",
) -> dict[str, Any]:
    """Write the JSON body that asks for a streamed answer.

    Parameters
    ----------
    asked : ChatRequest
        What its ``body`` holds goes before every default and stays as it is: of ``input``, the
        messages that are missing there are written behind it. A key whose value is None is left
        out, a default's too.
    max_tokens : int | None
    reasoning : {"details", "all", "none"}
        Whether the items of the model's reasoning are sent back, as they came; ``"all"`` is the
        same as ``"details"``, for an item holds its text too. Where the server keeps nothing
        (``store`` is false), only those with encrypted content: the others it cannot know.
    """
    body: dict[str, Any] = {"model": asked.model, "input": [], "stream": True}
    if asked.tools:
        body["tools"] = [_write_tool(tool) for tool in asked.tools]
        body["tool_choice"] = "auto"
    if max_tokens is not None:
        body["max_output_tokens"] = max_tokens
    body |= asked.body
    written = body["input"]
    missing = asked.messages[asked.written :]
    if isinstance(written, str):
        written = [{"role": "user", "content": written}]
    writer = _ItemWriter(asked.messages, reasoning, keeps_nothing=body.get("store") is False)
    body["input"] = [*written, *(item for one in missing for item in writer.write(one))]
    return {key: value for key, value in body.items() if value is not None}


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    function: dict[str, Any] = {"type": "function", "name": tool.name, "strict": False}
    if tool.description:
        function["description"] = tool.description
    return {**function, "parameters": dict(tool.schema)}


class _ItemWriter:
    def __init__(
        self, messages: Iterable[Message], reasoning: ReasoningSentBack, *, keeps_nothing: bool
    ) -> None:
        calls = [call for message in messages for call in message.tool_calls]
        self._types: Mapping[str, str] = {call.id: call.type for call in calls}
        self._reasoning = reasoning
        self._keeps_nothing = keeps_nothing

    def write(self, message: Message) -> Iterator[dict[str, Any]]:
        """Yield the items of a message: one for each part of an answer, and for each result."""
        if message.role == "assistant" or message.tool_results:
            for part in message.parts:
                yield from self._write_part(part)
        else:
            yield _write_message(message)

    def _write_result(self, result: ToolResult) -> dict[str, Any]:
        type = self._types.get(result.tool_call_id, "function")
        kind = _CALLS.get(type, type)
        return {
            "type": f"{kind}_output",
            "call_id": result.tool_call_id,
            "output": result.text,
        }

    def _write_part(self, part: Part) -> Iterator[dict[str, Any]]:
        match part:
            case Text():
                content = [{"type": "output_text", "text": part.text}]
                yield {"role": "assistant", **join_objects(part.details), "content": content}
            case Refusal():
                content = [{"type": "refusal", "refusal": part.text}]
                yield {"role": "assistant", "content": content}
            case Reasoning():
                yield from self._write_reasoning(part)
            case ToolCall():
                yield _write_call(part)
            case ServerToolCall():
                yield from map(load_json_leniently, part.details)
            case ServerToolResult():
                if part.type in SERVER_RESULTS:
                    yield load_json_leniently(part.json)
            case ToolResult():
                yield self._write_result(part)
            case Media(type=kind, text=text) if kind == AUDIO:  # the input has no place for it
                content = [{"type": "output_text", "text": text}]
                yield {"role": "assistant", "content": content}
            case _:
                yield load_json_leniently(part.json)

    def _write_reasoning(self, part: Reasoning) -> Iterator[dict[str, Any]]:
        if self._reasoning == "none":
            return
        for item in map(load_json_leniently, part.details):
            if not self._keeps_nothing or item.get("encrypted_content"):
                yield item


_CALLS: Mapping[str, str] = {"function": "function_call", "custom": "custom_tool_call"}


def _write_call(call: ToolCall) -> dict[str, Any]:
    # No arguments at all mean {}, and servers refuse a call that they cannot parse.
    match call.type:
        case "function":
            asked = {"name": call.name, "arguments": call.arguments or "{}"}
        case "custom":
            asked = {"name": call.name, "input": call.arguments}
        case _:
            return {**join_objects(call.details), "call_id": call.id}
    kind = _CALLS[call.type]
    return {"type": kind, "call_id": call.id, **asked, **join_objects(call.details)}


def _write_message(message: Message) -> dict[str, Any]:
    """Write what the client says: instructions as text, all else as parts."""
    if message.is_instruction and all(isinstance(part, Text) for part in message.parts):
        return {"role": message.role, "content": message.text}
    content = [
        {"type": "input_text", "text": part.text}
        if isinstance(part, Text)
        else load_json_leniently(part.json)
        for part in message.parts
        if isinstance(part, Text | UnknownPart)
    ]
    return {"role": message.role, "content": content}
