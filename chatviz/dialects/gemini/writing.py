"""How a request is written: what `request` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Part,
    Reasoning,
    Refusal,
    ServerToolCall,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
)
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.gemini.request import in_camel_case
from chatviz.dialects.json_values import items_of, join_objects
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_gemini_request"]


def write_gemini_request(
    asked: ChatRequest,
    *,
    max_tokens: int | None = None,
    reasoning: ReasoningSentBack = "details",
) -> dict[str, Any]:
    """Write the JSON body that asks for an answer; the model is in the URL.

    Parameters
    ----------
    asked : ChatRequest
        What its ``body`` holds goes before every default and stays as it is: of ``contents``, the
        messages that are missing there are written behind it. A key whose value is None is left
        out, a default's too.
    max_tokens : int | None
    reasoning : {"details", "all", "none"}
        Which thoughts are sent back: those with a signature, all, or none. The signatures of calls
        and of text are always sent back: without them the API refuses the calls.
    """
    body: dict[str, Any] = {"contents": []}
    instructions = [message for message in asked.messages if message.is_instruction]
    if instructions:
        parts = [part for one in instructions for part in _write_parts(one.parts, reasoning)]
        body["systemInstruction"] = {"role": "user", "parts": parts}
    if asked.tools:
        body["tools"] = [{"functionDeclarations": [_write_tool(tool) for tool in asked.tools]}]
    if max_tokens is not None:
        body["generationConfig"] = {"maxOutputTokens": max_tokens}
    body |= in_camel_case(asked.body)
    if max_tokens is not None and isinstance(body["generationConfig"], dict):
        body["generationConfig"] = {"maxOutputTokens": max_tokens, **body["generationConfig"]}
    missing = [one for one in asked.messages[asked.written :] if not one.is_instruction]
    body["contents"] = [*items_of(body["contents"]), *_write_contents(missing, reasoning)]
    return {key: value for key, value in body.items() if value is not None}


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": tool.name}
    if tool.description:
        declared["description"] = tool.description
    return {**declared, "parametersJsonSchema": dict(tool.schema)}


def _write_contents(
    messages: Iterable[Message], reasoning: ReasoningSentBack
) -> Iterator[dict[str, Any]]:
    """Yield a content for each message; the results of parallel calls are in one."""
    for role, following in groupby(messages, key=lambda message: message.role):
        written = [list(_write_parts(message.parts, reasoning)) for message in following]
        if role == "tool":
            written = [list(chain.from_iterable(written))]
        for parts in written:
            yield {"role": "model" if role == "assistant" else "user", "parts": parts}


def _write_parts(parts: Iterable[Part], reasoning: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    for part in parts:
        match part:
            case Text():
                yield from _write_text({"text": part.text}, part.details)
            case Refusal():
                yield {"text": part.text}
            case Reasoning():
                if reasoning == "all" or (reasoning == "details" and part.details):
                    yield from _write_text({"text": part.text, "thought": True}, part.details)
            case ToolCall():
                yield {"functionCall": _write_call(part), **join_objects(part.details)}
            case ToolResult():
                yield {"functionResponse": _write_result(part)}
            case ServerToolCall():
                yield {**_write_server_call(part), **join_objects(part.details)}
            case _:
                yield load_json_leniently(part.json)


def _write_text(sent: dict[str, Any], signatures: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield a text with its signature; of several, each further one is on an empty text."""
    first, *others = signatures or ("{}",)
    yield {**sent, **load_json_leniently(first)}
    for signature in others:
        yield {**sent, "text": "", **load_json_leniently(signature)}


def _write_call(call: ToolCall) -> dict[str, Any]:
    arguments = call.parsed
    sent = {"name": call.name, "args": {} if arguments is None else arguments}
    return {**sent, "id": call.id} if call.id else sent


def _write_result(result: ToolResult) -> dict[str, Any]:
    sent = {"name": result.name, "response": {"result": result.text}}
    return {**sent, "id": result.tool_call_id} if result.tool_call_id else sent


def _write_server_call(call: ServerToolCall) -> dict[str, Any]:
    sent = load_json_leniently(call.arguments) if call.arguments else None
    if call.type == "executableCode":
        return {"executableCode": sent}
    asked = {"toolType": call.name, **({"id": call.id} if call.id else {})}
    return {"toolCall": asked if sent is None else {**asked, "args": sent}}
