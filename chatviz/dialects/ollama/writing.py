"""How a request is written: what `request` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.base import ReasoningSentBack
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_ollama_request"]


def write_ollama_request(
    asked: ChatRequest,
    *,
    max_tokens: int | None = None,
    reasoning: ReasoningSentBack = "details",
) -> dict[str, Any]:
    """Write the JSON body that asks for a streamed answer.

    Parameters
    ----------
    asked : ChatRequest
        What its ``body`` holds goes before every default and stays as it is: of ``messages``,
        those that are missing there are written behind them. A key whose value is None is left
        out, a default's too.
    max_tokens : int | None
        Written as ``num_predict`` among the ``options``.
    reasoning : {"details", "all", "none"}
        ``"all"`` sends the model's thinking back as text; nothing of it is signed or encrypted, so
        that ``"details"`` is nothing.
    """
    body: dict[str, Any] = {"model": asked.model, "messages": [], "stream": True}
    if asked.tools:
        body["tools"] = [_write_tool(tool) for tool in asked.tools]
    body |= asked.body
    if max_tokens is not None:
        body["options"] = {"num_predict": max_tokens, **(body.get("options") or {})}
    written = body["messages"]
    missing = asked.messages[asked.written :]
    names = {call.id: call.name for one in asked.messages for call in one.tool_calls if call.id}
    body["messages"] = [*written, *(_write_message(one, names, reasoning) for one in missing)]
    return {key: value for key, value in body.items() if value is not None}


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": {**function, "parameters": dict(tool.schema)}}


def _write_message(
    message: Message, names: Mapping[str, str], reasoning: ReasoningSentBack
) -> dict[str, Any]:
    for part in message.parts:
        if isinstance(part, ToolResult):
            return _write_result(message.role, part, names)
    sent: dict[str, Any] = {"role": message.role, "content": message.text}
    if reasoning == "all" and message.reasoning:
        sent["thinking"] = message.reasoning
    if images := list(_write_images(message.parts)):
        sent["images"] = images
    if message.tool_calls:
        sent["tool_calls"] = [_write_call(call) for call in message.tool_calls]
    return sent


def _write_result(role: str, result: ToolResult, names: Mapping[str, str]) -> dict[str, Any]:
    """Write a tool's result: its name tells the call where no id was sent."""
    sent: dict[str, Any] = {"role": role, "content": result.text}
    if name := result.name or names.get(result.tool_call_id):
        sent["tool_name"] = name
    if result.tool_call_id:
        sent["tool_call_id"] = result.tool_call_id
    return sent


def _write_images(parts: Iterable[Any]) -> Iterable[Any]:
    return (
        load_json_leniently(part.json)
        for part in parts
        if isinstance(part, UnknownPart | Media) and part.type == "image"
    )


def _write_call(call: ToolCall) -> dict[str, Any]:
    # The server wants an object: what is none cannot be sent back.
    function: dict[str, Any] = {"name": call.name, "arguments": call.parsed or {}}
    sent: dict[str, Any] = {"type": "function", "function": function}
    return {"id": call.id, **sent} if call.id else sent
