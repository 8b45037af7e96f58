"""What an OpenAI-style chat request asked: its messages and tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatviz.chat.messages import (
    ChatRequest,
    Fragments,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.json_values import is_int64, items_of, text_of
from chatviz.dialects.openai_chat.known_fields import BLOCKS, OPAQUE, REASONING_FIELDS
from chatviz.dialects.openai_chat.parts.calls import CALLED, SIGNED, find_called
from chatviz.dialects.openai_chat.parts.media import AUDIO, IMAGE, IMAGES
from chatviz.dialects.reading_once import reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["read_chat_request", "read_tools"]


def read_chat_request(body: Mapping[str, Any]) -> ChatRequest:
    """Read the JSON body of a chat request; what is not as expected is left out or kept unknown."""
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    messages = tuple(
        _read_message(sent, schemas)
        for sent in _items(body.get("messages"))
        if isinstance(sent, dict)
    )
    return ChatRequest(text_of(body.get("model") or body.get("model_id")), messages, tools, body)


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the client's tools that a request offers; of its messages nothing is read for it."""
    tools = [sent for sent in _items(body.get("tools")) if isinstance(sent, dict)]
    offered = [sent[kind] for sent in tools if (kind := find_called(sent)[0]) in sent]
    functions = _items(body.get("functions"))  # the older form
    return tuple([_read_tool(sent) for sent in (*offered, *functions) if isinstance(sent, dict)])


def _read_tool(offered: Mapping[str, Any]) -> ToolDefinition:
    schema = offered.get("parameters")
    return ToolDefinition(
        text_of(offered.get("name")),
        text_of(offered.get("description")),
        schema if isinstance(schema, dict) else {},
    )


@reads_once
def _read_message(sent: dict[str, Any], schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    role = text_of(sent.get("role")) or "user"
    if role in ("tool", "function"):
        result = ToolResult(
            text_of(sent.get("tool_call_id")), _content_text(sent), text_of(sent.get("name"))
        )
        return Message(role, (result,))
    parts: list[Part] = []
    details = tuple(dump_json(entry) for entry in _items(sent.get("reasoning_details")))
    if sent.get(OPAQUE):
        details += (dump_json({OPAQUE: sent[OPAQUE]}),)
    if sent.get(BLOCKS):
        details += (dump_json({BLOCKS: sent[BLOCKS]}),)
    for key in REASONING_FIELDS:
        if sent.get(key):
            parts.append(Reasoning(text_of(sent[key]), details, key))
            break
    else:
        if details:
            parts.append(Reasoning("", details, "reasoning_details"))
    parts += _sign(_read_content(sent.get("content")), sent.get(SIGNED))
    parts += _read_media(sent)
    if sent.get("refusal"):
        parts.append(Refusal(text_of(sent["refusal"])))
    calls = [call for call in _items(sent.get("tool_calls")) if isinstance(call, dict)]
    if isinstance(sent.get("function_call"), dict):  # the older form, which has no id
        calls.append({"function": sent["function_call"]})
    parts += [_read_call(call, position, schemas) for position, call in enumerate(calls)]
    return Message(role, tuple(parts))


def _read_content(content: Any) -> list[Text | UnknownPart]:
    parts: list[Text | UnknownPart] = []
    for part in content if isinstance(content, list) else [content]:
        match part:
            case None | "":
                pass
            case str():
                parts.append(Text(part))
            case {"type": "text" | "input_text", "text": str(text)}:
                parts.append(Text(text))
            case {"type": str(kind)}:
                parts.append(UnknownPart(kind, dump_json(part)))
            case _:
                parts.append(UnknownPart("", dump_json(part)))
    return parts


def _sign(parts: list[Text | UnknownPart], signed: Any) -> list[Text | UnknownPart]:
    """Return the parts, the text with the signature that goes back with it."""
    if not signed:
        return parts
    said = "".join(part.text for part in parts if isinstance(part, Text))
    others = [part for part in parts if not isinstance(part, Text)]
    return [Text(said, (dump_json({SIGNED: signed}),)), *others]


def _read_media(sent: Mapping[str, Any]) -> Iterator[Media]:
    """Yield the audio and the images of an answer that is sent back."""
    if audio := sent.get(AUDIO):
        said = text_of(audio.get("transcript")) if isinstance(audio, dict) else ""
        yield Media(AUDIO, dump_json(audio), said)
    for image in items_of(sent.get(IMAGES)):
        yield Media(IMAGE, dump_json(image))


def _content_text(sent: Mapping[str, Any]) -> str:
    return "".join(
        part.json if isinstance(part, UnknownPart) else part.text
        for part in _read_content(sent.get("content"))
    )


def _read_call(
    call: dict[str, Any], position: int, schemas: Mapping[str, Mapping[str, Any]]
) -> ToolCall:
    kind, called = find_called(call)
    name, arguments = text_of(called.get("name")), text_of(called.get(CALLED[kind]))
    index = call.get("index")
    return ToolCall(
        position=position,
        index=index if is_int64(index) else None,
        id=text_of(call.get("id")),
        name=name,
        arguments=arguments,
        fragments=Fragments((arguments,), (-1,)) if arguments else Fragments(),
        type=text_of(call.get("type")) or kind,
        schema=schemas.get(name),
        details=(dump_json({SIGNED: call[SIGNED]}),) if call.get(SIGNED) else (),
    )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
