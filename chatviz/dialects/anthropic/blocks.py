"""The blocks of which an answer is made, whole or as they begin, and the pieces that fill them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from chatviz.chat.deltas import (
    ArgumentsForm,
    CitationDelta,
    Delta,
    IdentityDelta,
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
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = ["ORIGIN", "BlockIndex", "read_block", "read_inputs", "read_piece"]

BlockIndex: TypeAlias = "int | None"
"""The index of a block, which is its part key; None where none was sent."""

_SERVER_CALLS: Final = frozenset(("server_tool_use", "mcp_tool_use"))
# Besides all results of the server's tools: what it did to the conversation, to be sent back.
_SERVER_WORK: Final = frozenset(("compaction", "fallback", "mcp_tool_listing"))
_TEXT_KEYS: Final = frozenset(("type", "text", "citations"))
_THINKING_KEYS: Final = frozenset(("type", "thinking", "signature"))
# Who makes a call (the user's turn, or code that the server runs), and whose tool it is.
ORIGIN: Final = ("caller", "server_name", "toolset_name")
_CALL_KEYS: Final = frozenset(("type", "id", "name", "input", *ORIGIN))


class _Input(msgspec.Struct):
    input: msgspec.Raw = msgspec.Raw(b"")


class _Blocks(msgspec.Struct):
    content: list[_Input] = []
    content_block: _Input | None = None


_decode_blocks: Final = msgspec.json.Decoder(_Blocks).decode


def read_inputs(data: bytes) -> list[str]:
    """Return the input of each block as the wire spells it; nothing where that cannot be sliced."""
    try:
        blocks = _decode_blocks(data)
        inputs = blocks.content if blocks.content_block is None else [blocks.content_block]
        return [bytes(block.input).decode() for block in inputs]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def read_block(
    block: Any,
    place: BlockIndex,
    where: str,
    deltas: list[Delta],
    *,
    spelled: str = "",
    whole: bool,
) -> None:
    """Append what a block says: one that is whole, or one that only begins.

    Parameters
    ----------
    block : object
        The decoded block.
    place : int | None
    where : str
        Its path, for what is unknown.
    deltas : list of Delta
    spelled : str
        Its input as the wire spells it, ``""`` where that is not known.
    whole : bool
        Whether it is complete: no pieces follow.
    """
    kind = text_of(block.get("type")) if isinstance(block, dict) else ""
    if kind == "text":
        _read_text(block, place, where, deltas)
    elif kind == "tool_use":
        _read_call(block, place, where, deltas, spelled, whole=whole)
    elif kind == "thinking":
        _read_thinking(block, place, where, deltas)
    elif kind in _SERVER_CALLS:
        _read_server_call(block, place, where, deltas, spelled, whole=whole)
    elif kind == "redacted_thinking":
        deltas.append(SignatureDelta(0, dump_json(block), place))
    elif kind == "container_upload":
        deltas.append(MediaDelta(0, kind, dump_json(block), place))
    elif kind in _SERVER_WORK or kind.endswith("_tool_result"):
        deltas.append(
            ServerResultDelta(0, text_of(block.get("tool_use_id")), kind, dump_json(block), place)
        )
        match block:
            case {"type": "fallback", "to": {"model": str(model)}}:
                deltas.append(IdentityDelta(model=model))
            case {"is_error": True} | {"content": {"error_code": _}}:
                deltas.append(NoteDelta("server_tool_failed", kind.removesuffix("_tool_result")))
    else:
        deltas.append(UnknownDelta(f"{where}({kind})", dump_json(block), True))


def _read_text(block: dict[str, Any], place: BlockIndex, where: str, deltas: list[Delta]) -> None:
    if text := text_of(block.get("text")):
        deltas.append(TextDelta(0, text, place))
    for citation in items_of(block.get("citations")):
        deltas.append(CitationDelta(0, dump_json(citation), place))
    keep_unknown(block, _TEXT_KEYS, where, deltas, in_message=True)


def _read_thinking(
    block: dict[str, Any], place: BlockIndex, where: str, deltas: list[Delta]
) -> None:
    if text := text_of(block.get("thinking")):
        deltas.append(ReasoningDelta(0, text, "thinking", place))
    if block.get("signature"):
        deltas.append(SignatureDelta(0, dump_json({"signature": block["signature"]}), place))
    keep_unknown(block, _THINKING_KEYS, where, deltas, in_message=True)


def _read_call(
    block: dict[str, Any],
    place: BlockIndex,
    where: str,
    deltas: list[Delta],
    spelled: str,
    *,
    whole: bool,
) -> None:
    id, name, sent = text_of(block.get("id")), text_of(block.get("name")), block.get("input")
    index = None if whole else place
    if sent or (whole and sent is not None):
        arguments = sent if isinstance(sent, str) else spelled or dump_json(sent)
        form: ArgumentsForm = "text" if isinstance(sent, str) else "object"
        deltas.append(ToolCallDelta(0, index, id, name, None, arguments, form, place))
    else:
        deltas.append(ToolCallDelta(0, index, id, name, None, "", "absent", place))
    if sent and not whole:
        deltas.append(NoteDelta("input_at_start", text_of(id or name or place)))
    if origin := _origin_of(block):
        deltas.append(SignatureDelta(0, dump_json(origin), place, "call"))
    keep_unknown(block, _CALL_KEYS, where, deltas, in_message=True)


def _read_server_call(
    block: dict[str, Any],
    place: BlockIndex,
    where: str,
    deltas: list[Delta],
    spelled: str,
    *,
    whole: bool,
) -> None:
    id, name, kind, sent = (
        text_of(block.get("id")),
        text_of(block.get("name")),
        block["type"],
        block.get("input"),
    )
    arguments = (spelled or dump_json(sent)) if sent or (whole and sent is not None) else ""
    deltas.append(ServerCallDelta(0, id, name, kind, arguments, place))
    if origin := _origin_of(block):
        deltas.append(SignatureDelta(0, dump_json(origin), place, "server_call"))
    keep_unknown(block, _CALL_KEYS, where, deltas, in_message=True)


def _origin_of(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a call comes from; nothing for one that the model makes by itself."""
    origin = {key: block[key] for key in ORIGIN if block.get(key) is not None}
    if origin.get("caller") == {"type": "direct"}:
        del origin["caller"]
    return origin


# ---- the pieces


def read_piece(piece: Any, place: BlockIndex, deltas: list[Delta]) -> None:
    """Append what one piece adds to the block at a place."""
    kind = piece.get("type") if isinstance(piece, dict) else None
    if kind == "compaction_delta":
        block = dump_json({**piece, "type": "compaction"})
        deltas.append(ServerResultDelta(0, "", "compaction", block, place))
        return
    key = _PIECES.get(kind) if isinstance(kind, str) else None
    if key is None or not isinstance(piece.get(key), dict if key == "citation" else str):
        deltas.append(UnknownDelta(f"$.delta({text_of(kind)})", dump_json(piece), True))
        return
    value = piece[key]
    if key == "partial_json":
        deltas.append(ToolCallDelta(0, place, None, None, None, value, "text", place))
    elif value:
        deltas.append(_MAKERS[key](value, place))
    keep_unknown(piece, _PIECE_KEYS, "$.delta", deltas, in_message=True)


# The field of each kind of piece. An estimate of the tokens of thinking may come with its pieces.
_PIECES: Final = {
    "text_delta": "text",
    "input_json_delta": "partial_json",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "citations_delta": "citation",
}
_PIECE_KEYS: Final = frozenset(("type", "estimated_tokens", *_PIECES.values()))
_MAKERS: Final[Mapping[str, Callable[[Any, BlockIndex], Delta]]] = {
    "text": lambda text, place: TextDelta(0, text, place),
    "thinking": lambda text, place: ReasoningDelta(0, text, "thinking", place),
    "signature": lambda sent, place: SignatureDelta(0, dump_json({"signature": sent}), place),
    "citation": lambda sent, place: CitationDelta(0, dump_json(sent), place),
}
