"""How a request for messages is written: what ``anthropic.request`` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final, assert_never

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
from chatviz.dialects.anthropic.blocks import ORIGIN
from chatviz.dialects.base import ReasoningSentBack
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_messages_request"]

MAX_TOKENS: Final = 4096  # the API wants a limit with each request; no model allows fewer


def write_messages_request(
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
        4096 where it is not given: the API asks for a limit.
    reasoning : {"details", "all", "none"}
        What of the model's reasoning is sent back: what is signed or encrypted, which a server
        checks; what is not signed as well; or nothing.
    """
    body: dict[str, Any] = {
        "model": asked.model,
        "max_tokens": MAX_TOKENS if max_tokens is None else max_tokens,
        "messages": [],
        "stream": True,
    }
    system, said = _split(asked.messages)
    if system:
        body["system"] = [block for one in system for block in _write_parts(one, reasoning)]
    if asked.tools:
        body["tools"] = [_write_tool(tool) for tool in asked.tools]
        body["tool_choice"] = {"type": "auto"}
    body |= asked.body
    missing = asked.messages[asked.written :] if asked.written else said
    body["messages"] = [*body["messages"], *_write_messages(missing, reasoning)]
    return {key: value for key, value in body.items() if value is not None}


def _split(messages: tuple[Message, ...]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Return the instructions that come before everything else, and what is said."""
    count = next(
        (n for n, message in enumerate(messages) if not message.is_instruction), len(messages)
    )
    return messages[:count], messages[count:]


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.name, **described, "input_schema": dict(tool.schema)}


def _write_messages(
    messages: Iterable[Message], reasoning: ReasoningSentBack
) -> list[dict[str, Any]]:
    """Write messages; the results of calls that were made together are one message of the user."""
    written = []
    for role, several in groupby(messages, key=lambda message: message.role):
        if role == "tool":
            blocks = [block for one in several for block in _write_parts(one, reasoning)]
            written.append({"role": "user", "content": blocks})
            continue
        for message in several:
            sent_as = "system" if message.is_instruction else role
            written.append({"role": sent_as, "content": list(_write_parts(message, reasoning))})
    return [message for message in written if message["content"]]


def _write_parts(message: Message, reasoning: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        yield from _write_part(part, reasoning)


def _write_part(part: Part, reasoning: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    match part:
        case Text():
            if part.text.strip():  # servers refuse a text that is empty
                cited = [load_json_leniently(one) for one in part.citations]
                yield {"type": "text", "text": part.text, **({"citations": cited} if cited else {})}
        case ToolCall():
            yield _write_call(part)
        case ToolResult():
            content = [{"type": "text", "text": part.text}] if part.text else []
            yield {"type": "tool_result", "tool_use_id": part.tool_call_id, "content": content}
        case Reasoning():
            yield from _write_reasoning(part, reasoning)
        case ServerToolCall():
            sent = {"id": part.id, "name": part.name, "input": _load(part.arguments or "{}")}
            yield {"type": part.type or "server_tool_use", **sent, **_origin_of(part.details)}
        case ServerToolResult() | Media() | UnknownPart():
            yield from _write_kept(part.json)
        case Refusal():
            pass  # an explanation beside the answer, not a block of it
        case _:
            assert_never(part)


def _write_call(call: ToolCall) -> dict[str, Any]:
    given = call.parsed
    if given is None:
        # https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
        given = {"INVALID_JSON": call.arguments}
    sent = {"type": "tool_use", "id": call.id, "name": call.name, "input": given}
    return {**sent, **_origin_of(call.details)}


def _write_reasoning(part: Reasoning, wanted: ReasoningSentBack) -> Iterator[dict[str, Any]]:
    if wanted == "none":
        return
    details = _details_of(part.details)
    if details.get("type") == "redacted_thinking":
        yield details
    elif details.get("signature") or (wanted == "all" and part.text):
        signature = details.get("signature") or ""
        yield {"type": "thinking", "thinking": part.text, "signature": signature}


def _write_kept(json: str) -> Iterator[dict[str, Any]]:
    """Write a block that was kept as it came; what is no block has come from somewhere else."""
    block = _load(json)
    if isinstance(block, dict) and "type" in block:
        yield block


def _details_of(details: tuple[str, ...]) -> dict[str, Any]:
    """Put together what must be sent back with a part: of each field the last."""
    fields: dict[str, Any] = {}
    for one in details:
        value = _load(one)
        fields.update(value if isinstance(value, dict) else {})
    return fields


def _origin_of(details: tuple[str, ...]) -> dict[str, Any]:
    """Return where a call came from; what other providers want back with theirs is left out."""
    return {key: value for key, value in _details_of(details).items() if key in ORIGIN}


def _load(json: str) -> Any:
    """Decode JSON text; None for text that is none."""
    try:
        return load_json_leniently(json)
    except ValueError:
        return None
