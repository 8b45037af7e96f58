"""What a request for messages asked: its system text, messages and tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from chatviz.chat.messages import (
    ChatRequest,
    Fragments,
    Message,
    Part,
    Reasoning,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.reading_once import reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["looks_like_request", "read_messages_request", "read_tools"]

_MODEL: Final = re.compile(r"/models/([^/]+):\w+$|/model/([^/]+)/invoke[a-z-]*$")
_BLOCK_TYPES: Final = frozenset(("tool_use", "tool_result", "thinking", "redacted_thinking"))
_OWN_KEYS: Final = frozenset(("type", "id", "name", "input", "cache_control"))


def looks_like_request(body: Mapping[str, Any]) -> bool:
    """Whether a body asks in the form that is Anthropic's alone."""
    if "anthropic_version" in body:
        return True
    if not isinstance(body.get("messages"), list):
        return False
    if "system" in body or "stop_sequences" in body:
        return True
    if any(
        isinstance(tool, dict) and "input_schema" in tool for tool in items_of(body.get("tools"))
    ):
        return True
    return any(
        isinstance(block, dict) and text_of(block.get("type")) in _BLOCK_TYPES
        for message in body["messages"]
        if isinstance(message, dict)
        for block in items_of(message.get("content"))
    )


def read_messages_request(body: Mapping[str, Any], path: str = "") -> ChatRequest:
    """Read the JSON body of a request; what is not as expected is left out or kept unknown.

    Parameters
    ----------
    body : mapping
    path : str
        The URL's path, where the model is if it is not in the body.
    """
    in_path = _MODEL.search(path)
    model = text_of(body.get("model")) or (unquote(in_path[1] or in_path[2]) if in_path else "")
    sent = [message for message in items_of(body.get("messages")) if isinstance(message, dict)]
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    messages = [_read_message(message, schemas) for message in sent]
    if system := tuple(_read_content(body.get("system"), schemas)):
        messages.insert(0, Message("system", system))
    return ChatRequest(model, tuple(messages), tools, body)


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the tools that a request offers, from the start or by a message in between."""
    found = [_read_tool(sent) for sent in items_of(body.get("tools"))]
    for message in items_of(body.get("messages")):
        for block in items_of(message.get("content") if isinstance(message, dict) else None):
            match block:
                case {"type": "tool_addition", "tool": {"definition": sent}}:
                    found.append(_read_tool(sent))
    return tuple([tool for tool in found if tool is not None])


def _read_tool(sent: Any) -> ToolDefinition | None:
    """Read one of the client's tools, or one that Anthropic has defined: then without a schema."""
    if not isinstance(sent, dict):
        return None
    name, schema = text_of(sent.get("name")), sent.get("input_schema")
    if not name:
        return None
    description = text_of(sent.get("description"))
    return ToolDefinition(name, description, schema if isinstance(schema, dict) else {})


@reads_once
def _read_message(sent: dict[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    role = text_of(sent.get("role")) or "user"
    return Message(role, tuple(_read_content(sent.get("content"), schemas)))


def _read_content(content: Any, schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[Part]:
    position = 0
    for block in items_of(content):
        match block:
            case "" | {"type": "text", "text": ""}:
                pass
            case str(text):
                yield Text(text)
            case {"type": "tool_use"}:
                yield _read_call(block, position, schemas)
                position += 1
            case {"type": "tool_result"}:
                yield ToolResult(text_of(block.get("tool_use_id")), _result_text(block))
            case {"type": str(kind)}:
                yield _read_block(block, kind)
            case _:
                yield UnknownPart("", dump_json(block))


def _read_block(block: dict[str, Any], kind: str) -> Part:
    json = dump_json({key: value for key, value in block.items() if key != "cache_control"})
    match block:
        case {"type": "text", "text": str(text)}:
            citations = tuple(dump_json(one) for one in items_of(block.get("citations")))
            return Text(text, citations=citations)
        case {"type": "thinking", "thinking": str(text)}:
            signature = block.get("signature")
            details = (dump_json({"signature": signature}),) if signature else ()
            return Reasoning(text, details, "thinking")
        case {"type": "redacted_thinking"}:
            return Reasoning("", (json,))
        case {"type": "server_tool_use" | "mcp_tool_use"}:
            rest = {key: value for key, value in block.items() if key not in _OWN_KEYS}
            return ServerToolCall(
                text_of(block.get("id")),
                text_of(block.get("name")),
                kind,
                dump_json(block.get("input", {})),
                (dump_json(rest),) if rest else (),
            )
        case {"type": "compaction" | "fallback" | "mcp_tool_listing"}:
            return ServerToolResult("", kind, json)
    if kind.endswith("_tool_result"):
        return ServerToolResult(text_of(block.get("tool_use_id")), kind, json)
    return UnknownPart(kind, json)


def _read_call(
    block: dict[str, Any], position: int, schemas: Mapping[str, Mapping[str, Any]]
) -> ToolCall:
    name, arguments = text_of(block.get("name")), dump_json(block.get("input", {}))
    return ToolCall(
        position=position,
        index=None,
        id=text_of(block.get("id")),
        name=name,
        arguments=arguments,
        fragments=Fragments((arguments,), (-1,)),
        schema=schemas.get(name),
    )


def _result_text(block: Mapping[str, Any]) -> str:
    """Return what a tool answered; blocks that are no text as their JSON."""
    texts = []
    for part in items_of(block.get("content")):
        match part:
            case str(text) | {"type": "text", "text": str(text)}:
                texts.append(text)
            case _:
                texts.append(dump_json(part))
    return "".join(texts)
