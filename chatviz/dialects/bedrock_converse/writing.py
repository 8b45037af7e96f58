"""How a request is written: what ``request`` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Media,
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
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.bedrock_converse.blocks import SERVER_CALL
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_converse_request"]


def write_converse_request(
    asked: ChatRequest,
    *,
    max_tokens: int | None = None,
    reasoning: ReasoningSentBack = "details",
) -> dict[str, Any]:
    """Write the JSON body that asks; the model, and whether it streams, are in the path.

    Parameters
    ----------
    asked : ChatRequest
        What its ``body`` holds goes before every default and stays as it is: of ``messages``,
        those that are missing there are written behind them; ``toolConfig`` and
        ``inferenceConfig`` may be given in part. A key whose value is None is left out, a
        default's too.
    max_tokens : int | None
    reasoning : {"details", "all", "none"}
        What of the model's reasoning is sent back: what is signed or encrypted, which a server
        checks; what is not signed as well; or nothing.
    """
    body: dict[str, Any] = {"messages": []}
    instructions = [one for one in asked.messages if one.is_instruction]
    if system := [block for one in instructions for block in _write_parts(one, reasoning)]:
        body["system"] = system
    if max_tokens is not None:
        body["inferenceConfig"] = {"maxTokens": max_tokens}
    if asked.tools:
        body["toolConfig"] = {"tools": [_write_tool(tool) for tool in asked.tools]}
    for key, value in asked.body.items():
        default = body.get(key)
        is_part = key in ("toolConfig", "inferenceConfig") and isinstance(value, Mapping)
        body[key] = {**default, **value} if is_part and default else value
    missing = [one for one in asked.messages[asked.written :] if not one.is_instruction]
    body["messages"] = [*body["messages"], *_write_messages(missing, reasoning)]
    return {key: value for key, value in body.items() if value is not None}


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    schema = {"inputSchema": {"json": dict(tool.schema)}}
    return {"toolSpec": {"name": tool.name, **described, **schema}}


def _write_messages(
    messages: Iterable[Message], reasoning: ReasoningSentBack
) -> list[dict[str, Any]]:
    """Write messages; those of the client that meet become one."""
    sent: list[dict[str, Any]] = []
    for message in messages:
        blocks = list(_write_parts(message, reasoning))
        if message.parts and not blocks:
            continue
        role = "assistant" if message.role == "assistant" else "user"
        if sent and role == "user" and sent[-1]["role"] == role:
            sent[-1]["content"] += blocks
        else:
            sent.append({"role": role, "content": blocks})
    return sent


def _write_parts(message: Message, reasoning: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        yield from _write_part(part, reasoning)


def _write_part(part: Part, reasoning: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    match part:
        case Text():
            yield from _write_text(part)
        case ToolCall():
            given = part.parsed
            use = {"toolUseId": part.id, "name": part.name}
            yield {"toolUse": {**use, "input": _broken(part.arguments) if given is None else given}}
        case ToolResult():
            content = [{"text": part.text}] if part.text.strip() else []
            yield {"toolResult": {"toolUseId": part.tool_call_id, "content": content}}
        case Reasoning():
            yield from _write_reasoning(part, reasoning)
        case _:
            yield from _write_kept(part)


def _write_kept(part: Part) -> Iterator[dict[str, Any]]:
    """Write what is sent back as it came; there is no block for a refusal or others' tools."""
    match part:
        case ServerToolCall(type=kind) if kind == SERVER_CALL:
            use = {"toolUseId": part.id, "name": part.name, "input": _input_of(part.arguments)}
            yield {"toolUse": {**use, "type": SERVER_CALL}}
        case ServerToolResult():
            if "toolUseId" in (result := _whole_result(part.json)):
                yield {"toolResult": result}
        case Media():
            if media := _whole(part.json):
                yield {part.type: media}
        case UnknownPart():
            block = _load(part.json)
            if isinstance(block, dict) and "type" not in block:
                yield block


def _write_text(part: Text) -> Iterator[dict[str, Any]]:
    if not part.text.strip():  # servers refuse a text that is blank
        return
    citations = [_load(one) for one in part.citations]
    if citations:
        yield {"citationsContent": {"content": [{"text": part.text}], "citations": citations}}
    else:
        yield {"text": part.text}


def _write_reasoning(part: Reasoning, wanted: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    if wanted == "none":
        return
    signatures = []
    for detail in map(_load, part.details):
        match detail:
            case {"redactedContent": encrypted}:
                yield {"reasoningContent": {"redactedContent": encrypted}}
            case {"signature": str(signature)}:
                signatures.append(signature)
    if signatures:
        signed = {"text": part.text, "signature": "".join(signatures)}
        yield {"reasoningContent": {"reasoningText": signed}}
    elif wanted == "all" and part.text:
        yield {"reasoningContent": {"reasoningText": {"text": part.text}}}


def _input_of(arguments: str) -> Any:
    """Return the arguments as the object that the API wants; no text at all means {}."""
    given = _load(arguments or "{}")
    return given if isinstance(given, dict) else _broken(arguments)


def _broken(arguments: str) -> dict[str, str]:
    """Return an object that holds arguments which are none."""
    # https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
    return {"INVALID_JSON": arguments}


def _whole_result(json: str) -> dict[str, Any]:
    """Return the result of a server's tool as one block: of a stream it is a list of pieces."""
    sent = _load(json)
    if not isinstance(sent, list):
        return sent if isinstance(sent, dict) else {}
    result: dict[str, Any] = {"content": []}
    for piece in sent:
        if isinstance(piece, dict):
            result |= piece
        elif isinstance(piece, list):
            result["content"] += piece
    return result


def _whole(json: str) -> dict[str, Any]:
    """Return media as one object: of a stream they are a list of their fields."""
    sent = _load(json)
    fields: dict[str, Any] = {}
    for piece in sent if isinstance(sent, list) else [sent]:
        fields |= piece if isinstance(piece, dict) else {}
    return fields


def _load(json: str) -> Any:
    """Decode JSON text; None for text that is none."""
    try:
        return load_json_leniently(json)
    except ValueError:
        return None
