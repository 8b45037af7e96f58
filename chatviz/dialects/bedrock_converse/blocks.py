"""Blocks of content: what each kind says, whole or in pieces.

A block is an object with one field, whose name is its kind. Its start and its deltas are such
objects, too, of the same kinds, with less in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from chatviz.chat.deltas import (
    ArgumentsForm,
    CitationDelta,
    Delta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.chat.findings.log import shorten
from chatviz.dialects.bedrock_converse.known_fields import TOOL_USE_FIELDS
from chatviz.dialects.json_values import items_of, placed_items, text_of
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = ["MEDIA", "SERVER_CALL", "Block", "read_block"]

SERVER_CALL: Final = "server_tool_use"  # the type of a call that the provider makes and answers
MEDIA: Final = ("image", "audio", "video", "document")


class Block(NamedTuple):
    """A block, or a piece of one, and its place in the message.

    Attributes
    ----------
    fields : mapping
    place : int
    where : str
        Its JSON path, for what is not known of it.
    is_piece : bool
        Whether it goes on with what a block's start began.
    spell : callable
        Takes the kind of the block, a field of it and its value; returns the value's JSON as the
        wire has it.
    """

    fields: Mapping[str, Any]
    place: int
    where: str
    is_piece: bool
    spell: Callable[[str, str, Any], str]


def read_block(block: Block, deltas: list[Delta]) -> None:
    """Append what a block says; of a kind that is not known, the whole of it."""
    for kind, value in block.fields.items():
        read, wanted = _READERS.get(kind, (None, None))
        if read is None or wanted is None or not isinstance(value, wanted):
            if value is not None:
                json = dump_json({kind: value})
                deltas.append(UnknownDelta(f"{block.where}.{kind}", json, True))
        else:
            read(block, value, deltas)


def _read_text(block: Block, text: str, deltas: list[Delta]) -> None:
    if text:
        deltas.append(TextDelta(0, text, block.place))


def _read_reasoning(block: Block, sent: dict[str, Any], deltas: list[Delta]) -> None:
    """Read what was thought: in pieces the text and its signature are a level higher."""
    place, where = block.place, f"{block.where}.reasoningContent"
    whole = sent.get("reasoningText")
    if isinstance(whole, dict):
        sent, where = whole, f"{where}.reasoningText"
    for key, value in sent.items():
        match key, value:
            case "text", str():
                if value:
                    deltas.append(ReasoningDelta(0, value, "", place))
            case ("signature", str()) | ("redactedContent", str()):
                deltas.append(SignatureDelta(0, dump_json({key: value}), place))
            case _, None:
                pass
            case _:
                deltas.append(UnknownDelta(f"{where}.{key}", dump_json(value), True))


def _read_tool_use(block: Block, sent: dict[str, Any], deltas: list[Delta]) -> None:
    """Read a call; whose it is says its start, for later pieces have neither type nor id."""
    place, kind = block.place, sent.get("type")
    arguments, form = _read_input(block, sent)
    if kind == SERVER_CALL:
        id, name = text_of(sent.get("toolUseId")), text_of(sent.get("name"))
        deltas.append(ServerCallDelta(0, id, name, SERVER_CALL, arguments, place))
    else:
        id_sent = text_of(sent["toolUseId"]) if "toolUseId" in sent else None
        name_sent = text_of(sent["name"]) if "name" in sent else None
        deltas.append(ToolCallDelta(0, place, id_sent, name_sent, None, arguments, form, place))
        if kind not in (None, "tool_use"):
            deltas.append(UnknownDelta(f"{block.where}.toolUse.type", dump_json(kind), True))
    keep_unknown(sent, TOOL_USE_FIELDS, f"{block.where}.toolUse", deltas, in_message=True)


def _read_input(block: Block, sent: Mapping[str, Any]) -> tuple[str, ArgumentsForm]:
    if "input" not in sent:
        return "", "absent"
    value = sent["input"]
    if isinstance(value, str):
        return value, "text"
    if value is None:
        return "", "null"
    return block.spell("toolUse", "input", value), "object"


def _read_tool_result(block: Block, sent: Any, deltas: list[Delta]) -> None:
    """Read what the provider's own tool gave: a start and lists of pieces, or all of it."""
    if isinstance(sent, list):
        deltas.append(ServerResultDelta(0, "", "", dump_json(sent), block.place, more=True))
        return
    id, kind = text_of(sent.get("toolUseId")), text_of(sent.get("type"))
    more = block.is_piece
    deltas.append(ServerResultDelta(0, id, kind, dump_json(sent), block.place, more=more))
    if sent.get("status") == "error":
        deltas.append(NoteDelta("server_tool_failed", shorten(id)))


def _read_media(kind: str) -> Callable[[Block, dict[str, Any], list[Delta]], None]:
    def read(block: Block, sent: dict[str, Any], deltas: list[Delta]) -> None:
        more = block.is_piece
        deltas.append(MediaDelta(0, kind, dump_json(sent), block.place, more=more))
        if error := sent.get("error"):
            told = error.get("message") if isinstance(error, dict) else error
            deltas.append(NoteDelta("media_failed", kind, (("text", shorten(text_of(told))),)))

    return read


def _read_citation(block: Block, sent: dict[str, Any], deltas: list[Delta]) -> None:
    deltas.append(CitationDelta(0, dump_json(sent), block.place))


def _read_cited_text(block: Block, sent: dict[str, Any], deltas: list[Delta]) -> None:
    """Read a text with its sources, which whole answers hold in one block."""
    where = f"{block.where}.citationsContent.content"
    for part, place in placed_items(sent.get("content"), where):
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            _read_text(block, text, deltas)
        else:
            deltas.append(UnknownDelta(place, dump_json(part), True))
    for citation in items_of(sent.get("citations")):
        deltas.append(CitationDelta(0, dump_json(citation), block.place))


_Read: TypeAlias = Callable[[Block, Any, list[Delta]], None]
# How each kind is read, and what its value must be.
_READERS: Final[Mapping[str, tuple[_Read, type | tuple[type, ...]]]] = {
    "text": (_read_text, str),
    "reasoningContent": (_read_reasoning, dict),
    "toolUse": (_read_tool_use, dict),
    "toolResult": (_read_tool_result, (dict, list)),
    "citation": (_read_citation, dict),
    "citationsContent": (_read_cited_text, dict),
    **{kind: (_read_media(kind), dict) for kind in MEDIA},
}
