"""What a request asks: its messages and tools, or one prompt with its system's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Fragments,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.json_values import is_int64, items_of, text_of
from chatviz.dialects.reading_once import reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["read_messages", "read_ollama_request", "read_tools"]


def read_ollama_request(body: Mapping[str, Any]) -> ChatRequest:
    """Read the JSON body of a request; what is not as expected is left out or kept unknown."""
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    messages = (*_read_prompt(body), *read_messages(body.get("messages"), schemas))
    return ChatRequest(text_of(body.get("model")), messages, tools, body)


def read_messages(
    sent: Any, schemas: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Message, ...]:
    """Read the messages of a request; what is no object is no message."""
    found = (one for one in items_of(sent) if isinstance(one, dict))
    return tuple([_read_message(one, schemas or {}) for one in found])


def _read_prompt(body: Mapping[str, Any]) -> Iterator[Message]:
    """Yield what ``/api/generate`` is asked: the system's words, and a prompt with its images."""
    if body.get("system"):
        yield Message("system", (Text(text_of(body["system"])),))
    if body.get("prompt"):
        yield Message("user", (Text(text_of(body["prompt"])), *_read_images(body)))


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the client's tools that a request offers; of its messages nothing is read for it."""
    return tuple(_read_tools(body.get("tools")))


def _read_tools(sent: Any) -> Iterator[ToolDefinition]:
    for tool in items_of(sent):
        match tool:
            case {"function": {"name": name, **rest}}:
                schema = rest.get("parameters")
                yield ToolDefinition(
                    text_of(name),
                    text_of(rest.get("description")),
                    schema if isinstance(schema, dict) else {},
                )


@reads_once
def _read_message(sent: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    role = text_of(sent.get("role")) or "user"
    content = text_of(sent.get("content"))
    if role == "tool":
        name = text_of(sent.get("tool_name")) or text_of(sent.get("name"))
        return Message(role, (ToolResult(text_of(sent.get("tool_call_id")), content, name),))
    parts: list[Part] = []
    if sent.get("thinking"):
        parts.append(Reasoning(text_of(sent["thinking"])))
    if content:
        parts.append(Text(content))
    parts += _read_images(sent)
    calls = [call for call in items_of(sent.get("tool_calls")) if isinstance(call, dict)]
    parts += [_read_call(call, position, schemas) for position, call in enumerate(calls)]
    return Message(role, tuple(parts))


def _read_images(sent: Mapping[str, Any]) -> Iterator[UnknownPart]:
    """Yield the images of a message: base64, or whatever a client's library takes."""
    return (UnknownPart("image", dump_json(image)) for image in items_of(sent.get("images")))


def _read_call(
    call: Mapping[str, Any], position: int, schemas: Mapping[str, Mapping[str, Any]]
) -> ToolCall:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    name, arguments = text_of(function.get("name")), text_of(function.get("arguments"))
    index = function.get("index")
    return ToolCall(
        position=position,
        index=index if is_int64(index) else None,
        id=text_of(call.get("id")),
        name=name,
        arguments=arguments,
        fragments=Fragments((arguments,), (-1,)) if arguments else Fragments(),
        schema=schemas.get(name),
    )
