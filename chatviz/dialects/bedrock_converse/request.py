"""What a request asks: its system text, messages and tools.

Each result of a tool is a message of its own, though several of them are in one of the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, UnknownDelta
from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Part,
    Text,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.bedrock_converse.blocks import Block, read_block
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.reading_once import reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["PATH", "looks_like_request", "read_converse_request", "read_messages", "read_tools"]

PATH: Final = re.compile(r"/model/(.+)/converse(?:-stream)?/?$")
# What only these requests have, beside their messages.
_OWN_KEYS: Final = frozenset(
    ("inferenceConfig", "toolConfig", "guardrailConfig", "additionalModelRequestFields")
)
_KINDS: Final = frozenset(
    ("text", "toolUse", "toolResult", "reasoningContent", "image", "document", "cachePoint")
)
_MARK: Final = "cachePoint"  # it moves from turn to turn, and is no part of what is said


def looks_like_request(body: Mapping[str, Any]) -> bool:
    """Whether a body asks in the form that is this dialect's alone: blocks without a type."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return False
    if _OWN_KEYS & body.keys():
        return True
    blocks = [
        block
        for message in messages
        if isinstance(message, dict)
        for block in items_of(message.get("content"))
    ]
    return bool(blocks) and all(
        isinstance(block, dict) and "type" not in block and _KINDS & block.keys()
        for block in blocks
    )


def read_converse_request(body: Mapping[str, Any], path: str = "") -> ChatRequest:
    """Read the JSON body of a request; what is not as expected is left out or kept unknown.

    Parameters
    ----------
    body : mapping
    path : str
        The URL's path, where the model is.
    """
    found = PATH.search(path)
    model = unquote(found[1]) if found else text_of(body.get("modelId"))
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    messages = read_messages(body.get("messages"), schemas)
    if system := tuple(_read_parts(items_of(body.get("system")))):
        messages = (Message("system", system), *messages)
    return ChatRequest(model, messages, tools, body)


def read_messages(
    sent: Any, schemas: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Message, ...]:
    """Read messages: those of the user with results of tools are one for each result."""
    messages: list[Message] = []
    names: dict[str, str] = {}
    for message in items_of(sent):
        if not isinstance(message, dict):
            continue
        role, blocks = text_of(message.get("role")) or "user", items_of(message.get("content"))
        if role == "assistant":
            turn = _read_turn(message, schemas or {})
            names |= {call.id: call.name for call in turn.tool_calls}
            messages.append(turn)
        else:
            messages.extend(_read_clients(role, blocks, names))
    return tuple(messages)


def _read_clients(role: str, blocks: list[Any], names: Mapping[str, str]) -> Iterator[Message]:
    said: list[Any] = []
    has_results = False
    for block in blocks:
        match block:
            case {"toolResult": dict(result)}:
                if parts := tuple(_read_parts(said)):
                    yield Message(role, parts)
                id, said, has_results = text_of(result.get("toolUseId")), [], True
                text = _result_text(result.get("content"))
                yield Message("tool", (ToolResult(id, text, names.get(id, "")),))
            case _:
                said.append(block)
    parts = tuple(_read_parts(said))
    if parts or not has_results:
        yield Message(role, parts)


def _read_parts(blocks: list[Any]) -> Iterator[Part]:
    for block in blocks:
        match block:
            case "" | {"text": ""}:
                pass
            case str(text) | {"text": str(text)}:
                yield Text(text)
            case dict() if block.keys() == {_MARK}:
                pass
            case dict():
                yield UnknownPart(next(iter(block), ""), dump_json(block))
            case _:
                yield UnknownPart("", dump_json(block))


def _result_text(content: Any) -> str:
    """Return what a tool answered; what is no text as its JSON."""
    texts = []
    for block in items_of(content):
        match block:
            case str(text) | {"text": str(text)}:
                texts.append(text)
            case {"json": value}:
                texts.append(dump_json(value))
            case _:
                texts.append(dump_json(block))
    return "".join(texts)


@reads_once
def _read_turn(message: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    """Read what the model said in one turn, as its answer is read."""
    assembler = MessageAssembler()
    unknown: list[UnknownPart] = []
    for place, block in enumerate(items_of(message.get("content"))):
        deltas: list[Delta] = []
        match block:
            case str():
                read_block(Block({"text": block}, place, "", False, _dump), deltas)
            case dict() if block.keys() != {_MARK}:
                read_block(Block(block, place, "", False, _dump), deltas)
        for delta in deltas:
            if isinstance(delta, UnknownDelta):
                unknown.append(UnknownPart(delta.path.lstrip("."), delta.json))
            else:
                assembler.add(delta, -1)
    (said,) = assembler.answer(schemas).messages
    return Message("assistant", (*said.parts, *unknown))


def _dump(kind: str, field: str, value: Any) -> str:
    return dump_json(value)


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the client's tools; a systemTool is the provider's, and a cachePoint is none."""
    config, tools = body.get("toolConfig"), list[ToolDefinition]()
    for tool in items_of(config.get("tools") if isinstance(config, dict) else None):
        match tool:
            case {"toolSpec": {"name": name, **spec}}:
                match spec.get("inputSchema"):
                    case {"json": dict(schema)}:
                        pass
                    case _:
                        schema = {}
                tools.append(
                    ToolDefinition(text_of(name), text_of(spec.get("description")), schema)
                )
    return tuple(tools)
