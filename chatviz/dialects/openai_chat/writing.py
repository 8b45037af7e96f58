"""How an OpenAI-style chat request is written: what `openai_request` reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.json_values import items_of, join_objects, text_of
from chatviz.dialects.openai_chat.known_fields import BLOCKS, OPAQUE, REASONING_FIELDS
from chatviz.dialects.openai_chat.parts.calls import CALLED, FREE_TEXT
from chatviz.dialects.openai_chat.parts.media import AUDIO, IMAGE, IMAGES
from chatviz.dialects.openai_chat.parts.thinking_blocks import join_blocks
from chatviz.wire.json_text import load_json_leniently

__all__ = ["write_chat_request"]


def write_chat_request(
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
    reasoning : {"details", "all", "none"}
        What of the model's reasoning is sent back: the entries of ``reasoning_details``, which
        may be signed or encrypted; the plain text too, under the key that it came with (some
        servers want it, others refuse it); or nothing.
    """
    body: dict[str, Any] = {"model": asked.model, "messages": [], "stream": True}
    if asked.body.get("stream", True):
        body["stream_options"] = {"include_usage": True}
    if asked.tools:
        body["tools"] = [_write_tool(tool) for tool in asked.tools]
        body["tool_choice"] = "auto"
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    body |= asked.body
    written = body["messages"]
    missing = asked.messages[asked.written :]
    body["messages"] = [*written, *(_write_message(one, reasoning) for one in missing)]
    return {key: value for key, value in body.items() if value is not None}


def _write_tool(tool: ToolDefinition) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "strict": False}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": {**function, "parameters": dict(tool.schema)}}


def _write_message(message: Message, reasoning: ReasoningSentBack) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role}
    for part in message.parts:
        if isinstance(part, ToolResult):
            return {**sent, "tool_call_id": part.tool_call_id, "content": part.text}
        if isinstance(part, Reasoning):
            sent.update(_write_reasoning(part, reasoning))
        if isinstance(part, Text):
            sent |= join_objects(part.details)
    media = _write_media(message.parts)
    content = _write_content(message.parts, without_audio=AUDIO in media)
    # An answer that only calls tools, or speaks, is sent back without the key.
    if content or not (message.tool_calls or AUDIO in media):
        sent["content"] = content
    sent |= media
    if message.refusal:
        sent["refusal"] = message.refusal
    if message.tool_calls:
        sent["tool_calls"] = [_write_call(call) for call in message.tool_calls]
    return sent


def _write_content(parts: tuple[Part, ...], *, without_audio: bool) -> str | list[Any]:
    """Return the text; a list of parts where one of them is no text."""
    said: list[str | UnknownPart | Media] = []
    for part in parts:
        match part:
            case Text(text):
                said.append(text)
            case Media(type="audio", text=text):
                said += [] if without_audio or not text else [text]
            case UnknownPart() | Media() if part.type != IMAGE:
                said.append(part)
    if all(isinstance(one, str) for one in said):
        return "".join(map(str, said))
    return [
        {"type": "text", "text": one} if isinstance(one, str) else load_json_leniently(one.json)
        for one in said
    ]


def _write_media(parts: tuple[Part, ...]) -> dict[str, Any]:
    """Return audio by its id, and images as they came.

    Audio that has no id cannot be named: its transcript goes back instead.
    """
    media = [part for part in parts if isinstance(part, Media)]
    sent: dict[str, Any] = {}
    for part in media:
        if part.type == AUDIO and (id := _id_of(load_json_leniently(part.json))):
            sent[AUDIO] = {"id": id}
    images = [load_json_leniently(part.json) for part in media if part.type == IMAGE]
    return sent | ({IMAGES: images} if images else {})


def _id_of(audio: Any) -> str:
    """Return the id of audio, whole or in pieces."""
    pieces = [piece for piece in items_of(audio) if isinstance(piece, dict)]
    return next((text_of(piece["id"]) for piece in pieces if piece.get("id")), "")


def _write_reasoning(part: Reasoning, wanted: ReasoningSentBack) -> Iterator[tuple[str, Any]]:
    sent = [load_json_leniently(entry) for entry in part.details]
    details = [one for one in sent if not _is_of_field(one)]
    fields = [one for one in sent if _is_of_field(one)]
    if wanted != "none":
        if details:
            yield "reasoning_details", details
        for one in fields:
            if OPAQUE in one:
                yield OPAQUE, one[OPAQUE]
        if blocks := join_blocks(fields):
            yield BLOCKS, blocks
    if wanted == "all" and part.text and part.sent_as in REASONING_FIELDS:
        yield part.sent_as, part.text


def _is_of_field(sent: Any) -> bool:
    """Whether it came in a field of its own, by whose name it was kept."""
    return isinstance(sent, dict) and not sent.keys().isdisjoint((OPAQUE, BLOCKS))


def _write_call(call: ToolCall) -> dict[str, Any]:
    signed = join_objects(call.details)
    if call.type == FREE_TEXT:
        asked = {"name": call.name, CALLED[FREE_TEXT]: call.arguments}
        return {"id": call.id, "type": call.type, FREE_TEXT: asked, **signed}
    # No arguments at all mean {}, and servers refuse a call that they cannot parse.
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": call.id, "type": call.type, "function": function, **signed}
