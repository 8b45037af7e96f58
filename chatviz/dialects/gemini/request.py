"""What a request asks: the system's instruction, contents as messages, and tools.

Google accepts each name in two spellings, ``functionCall`` and ``function_call``. A model's turn is
read by the same rules as an answer; contents of the model that follow each other are one message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, UnknownDelta
from chatviz.chat.manners import Manners
from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Part,
    Text,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.gemini.parts import SentPart, read_part
from chatviz.dialects.gemini.schemas import read_schema
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.reading_once import Schemas, reads_once
from chatviz.wire.json_text import dump_json

__all__ = ["in_camel_case", "read_contents", "read_gemini_request", "read_tools", "unwrapped"]

_MANNERS: Final = Manners(parts="open")
_SNAKE: Final = re.compile(r"_([a-z])")
# What Google, and the clients that were recorded, call the text of a result.
_RESULT_KEYS: Final = frozenset(("result", "output", "error", "return_value", "content"))


def read_gemini_request(body: Mapping[str, Any], model: str) -> ChatRequest:
    """Read the JSON body of a request; what is not as expected is left out or kept unknown."""
    inner = unwrapped(body)
    sent = in_camel_case(inner)
    if inner is not body:
        model = ""  # the URL names none
    tools = read_tools(body)
    schemas = {tool.name: tool.schema for tool in tools}
    messages = (
        *_read_instruction(sent.get("systemInstruction")),
        *read_contents(sent.get("contents"), schemas),
    )
    return ChatRequest(model or text_of(body.get("model")), messages, tools, body)


def unwrapped(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is asked of the model: the body, or the request in it.

    Gemini CLI and Code Assist ask ``{"model", "project", "request": {…}}`` at
    ``…/v1internal:streamGenerateContent`` (gemini-cli, ``code_assist/converter.ts``).
    """
    asked = body.get("request")
    return asked if isinstance(asked, dict) and "contents" not in body else body


def in_camel_case(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with its own names, and no names inside it, spelled in one way."""
    return {_SNAKE.sub(lambda found: found[1].upper(), name): fields[name] for name in fields}


def read_contents(contents: Any, schemas: Schemas | None = None) -> tuple[Message, ...]:
    """Read the contents of a request as messages."""
    messages: list[Message] = []
    turn: list[Any] = []
    for content in items_of(contents):
        if isinstance(content, dict) and content.get("role") == "model":
            turn.append(content)
            continue
        if turn:
            messages.append(_read_turn(turn, schemas or {}))
            turn = []
        messages.append(_read_clients(content))
    if turn:
        messages.append(_read_turn(turn, schemas or {}))
    return tuple(messages)


def _read_instruction(sent: Any) -> Iterator[Message]:
    if sent:
        parts = sent.get("parts") if isinstance(sent, dict) else sent
        yield Message("system", tuple(map(_read_clients_part, items_of(parts))))


@reads_once
def _read_turn(contents: list[Any], schemas: Schemas) -> Message:
    """Read what the model said, as an answer is read; the parts that are unknown stay behind it."""
    assembler, unknown = MessageAssembler(_MANNERS), list[Part]()
    parts = [part for content in contents for part in items_of(content.get("parts"))]
    for number, part in enumerate(parts):
        deltas: list[Delta] = []
        plain = in_camel_case(part) if isinstance(part, dict) else part
        read_part(SentPart(plain, 0, number, (), lambda _, value: dump_json(value)), deltas)
        for delta in deltas:
            if isinstance(delta, UnknownDelta):
                unknown.append(
                    UnknownPart(delta.path.removeprefix("$").removeprefix("."), delta.json)
                )
            else:
                assembler.add(delta, -1)
    said = assembler.answer(schemas, is_last=True).messages[0]
    return Message("assistant", (*said.parts, *unknown))


def _read_clients(content: Any) -> Message:
    if isinstance(content, str):
        return Message("user", (Text(content),))
    if not isinstance(content, dict):
        return Message("user", (UnknownPart("", dump_json(content)),))
    parts = tuple(map(_read_clients_part, items_of(content.get("parts"))))
    if parts and all(isinstance(part, ToolResult) for part in parts):
        return Message("tool", parts)
    return Message(text_of(content.get("role")) or "user", parts)


def _read_clients_part(part: Any) -> Part:
    if isinstance(part, str):
        return Text(part)
    if not isinstance(part, dict):
        return UnknownPart("", dump_json(part))
    match in_camel_case(part):
        case {"functionResponse": dict(result)}:
            return ToolResult(
                text_of(result.get("id")),
                _result_text(result.get("response")),
                text_of(result.get("name")),
            )
        case {"text": str(text)}:
            return Text(text)
        case plain:
            return UnknownPart(next(iter(plain), ""), dump_json(part))


def _result_text(response: Any) -> str:
    """Return what a tool answered: a text that is alone in its object, or the object."""
    if isinstance(response, dict) and len(response) == 1:
        ((key, value),) = response.items()
        if key in _RESULT_KEYS and isinstance(value, str):
            return value
    return text_of(response)


def read_tools(body: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the client's functions; Google's own tools (a search, code) are none of them."""
    return tuple(_read_tools(unwrapped(body)))


def _read_tools(body: Mapping[str, Any]) -> Iterator[ToolDefinition]:
    for tool in items_of(body.get("tools")):
        plain = in_camel_case(tool) if isinstance(tool, dict) else {}
        for sent in items_of(plain.get("functionDeclarations")):
            if isinstance(sent, dict):
                declared = in_camel_case(sent)
                yield ToolDefinition(
                    text_of(declared.get("name")),
                    text_of(declared.get("description")),
                    _schema_of(declared),
                )


def _schema_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    schema = declared.get("parametersJsonSchema")
    if isinstance(schema, dict):
        return schema
    schema = declared.get("parameters")
    return read_schema(schema) if isinstance(schema, dict) else {}
