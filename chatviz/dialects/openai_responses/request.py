"""What a request asks: instructions, the items of its input as messages, and the tools it offers.

The items that an assistant's turn consists of (reasoning, text, calls, what the server's tools
did) are one message, as they were one answer. Each result of a tool is a message of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

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
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.openai_responses.items import Sent, read_item
from chatviz.dialects.reading_once import reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["read_input", "read_responses_request", "read_tools"]

_RESULTS: Final = frozenset(
    (
        *("function_call_output", "custom_tool_call_output", "local_shell_call_output"),
        *("shell_call_output", "apply_patch_call_output", "computer_call_output"),
    )
)
# Tools that OpenAI describes and the client runs, and the items that call them.
_DESCRIBED: Final[Mapping[str, str]] = {
    "local_shell": "local_shell_call",
    "shell": "shell_call",
    "apply_patch": "apply_patch_call",
    "computer": "computer_call",
    "computer_use_preview": "computer_call",
    "tool_search": "tool_search_call",
}


def read_responses_request(body: Mapping[str, Any]) -> ChatRequest:
    """Read the JSON body of a request; what is not as expected is left out or kept unknown."""
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    conversation = body.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
    return ChatRequest(
        text_of(body.get("model")),
        (*_read_instructions(body.get("instructions")), *read_input(body.get("input"), schemas)),
        tools,
        body,
        text_of(body.get("previous_response_id")),
        text_of(conversation),
    )


def read_input(
    sent: Any, schemas: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Message, ...]:
    """Read the items of an input as messages: those of one assistant's turn are one message."""
    messages: list[Message] = []
    turn: list[Any] = []
    for item in items_of(sent):
        if _is_the_models(item):
            turn.append(item)
            continue
        if turn:
            messages.append(_read_turn(turn, schemas or {}))
            turn = []
        messages.append(_read_clients(item))
    if turn:
        messages.append(_read_turn(turn, schemas or {}))
    return tuple(messages)


def _is_the_models(item: Any) -> bool:
    """Whether an item is of an answer, sent back; the client's are messages and results."""
    match item:
        case {"role": role}:
            return bool(role == "assistant")
        case {"type": "tool_search_output"}:
            return bool(item.get("execution") != "client")
        case {"type": "mcp_approval_response"}:
            return False
        case {"type": str(kind)}:
            return kind not in _RESULTS
    return False


def _read_clients(item: Any) -> Message:
    match item:
        case str():
            return Message("user", (Text(item),))
        case {"role": role}:
            return Message(text_of(role) or "user", tuple(_read_content(item.get("content"))))
        case {"type": "mcp_approval_response"}:
            return Message("user", (UnknownPart(item["type"], dump_json(item)),))
        case {"type": str()}:
            id = text_of(item.get("call_id")) or text_of(item.get("id"))
            given = item.get("output", item.get("tools"))
            return Message("tool", (ToolResult(id, _result_text(given)),))
        case _:
            return Message("user", (UnknownPart("", dump_json(item)),))


def _read_content(content: Any) -> Iterator[Part]:
    for part in items_of(content):
        match part:
            case "":
                pass
            case str(text) | {"type": "input_text" | "output_text" | "text", "text": str(text)}:
                yield Text(text)
            case {"type": str(kind)}:
                yield UnknownPart(kind, dump_json(part))
            case _:
                yield UnknownPart("", dump_json(part))


def _result_text(given: Any) -> str:
    """Return the text of a tool's result: of a list, its texts, and what is none as JSON."""
    if given is None or isinstance(given, str):
        return given or ""
    if not isinstance(given, list):
        return dump_json(given)
    parts = list(_read_content(given))
    return "".join(one.text if isinstance(one, Text) else dump_json(part)
                   for one, part in zip(parts, given, strict=True))  # fmt: skip


@reads_once
def _read_turn(items: Sequence[Any], schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    """Read what the model said in one turn, as its answer is read."""
    assembler = MessageAssembler()
    unknown: list[UnknownPart] = []
    for place, item in enumerate(items):
        deltas: list[Delta] = []
        if item.get("type", "message") == "message":
            item = {**item, "type": "message", "content": _spelled_out(item.get("content"))}
        read_item(Sent(item, place, "whole", _dump), deltas)
        for delta in deltas:
            if isinstance(delta, UnknownDelta) and delta.in_message:
                unknown.append(UnknownPart(text_of(item.get("type")), delta.json))
            else:
                assembler.add(delta, -1)
    (message,) = assembler.answer(schemas).messages
    return Message("assistant", (*message.parts, *unknown))


def _spelled_out(content: Any) -> list[Any]:
    """Return the content of the model's message as the parts in which the model sends it."""
    return [
        {"type": "output_text", "text": part.text} if isinstance(part, Text) else sent
        for sent in items_of(content)
        for part in _read_content(sent)
    ]


def _dump(field: str, value: Any) -> str:
    return dump_json(value)


def _read_instructions(sent: Any) -> tuple[Message, ...]:
    if not sent:
        return ()
    return (Message("system", (Text(sent),)),) if isinstance(sent, str) else read_input(sent)


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the client's tools that a request offers, those among its input included."""
    return tuple(_read_tools(_offers(body)))


def _offers(body: Mapping[str, Any]) -> Iterator[Any]:
    yield from items_of(body.get("tools"))
    for item in items_of(body.get("input")):
        if isinstance(item, dict) and isinstance(item.get("tools"), list):
            yield from item["tools"]


def _read_tools(offered: Iterable[Any]) -> Iterator[ToolDefinition]:
    for tool in offered:
        match tool:
            case {"type": "namespace", "tools": [*inner]}:
                yield from _read_tools(inner)
            case {"type": "function" | "custom", "name": name}:
                schema = tool.get("parameters")
                yield ToolDefinition(
                    text_of(name),
                    text_of(tool.get("description")),
                    schema if isinstance(schema, dict) else {},
                )
            case {"type": str(kind)} if kind in _DESCRIBED:
                yield ToolDefinition(_DESCRIBED[kind])
