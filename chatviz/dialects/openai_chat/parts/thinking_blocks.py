"""Anthropic's blocks of thinking beside the reasoning's text, as LiteLLM sends them.

A stream brings a block in pieces, the last with the signature. Signed blocks must go back whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.openai_chat.known_fields import BLOCKS
from chatviz.wire.json_text import dump_json

__all__ = ["join_blocks", "keep_blocks", "text_of_blocks"]


def text_of_blocks(blocks: Any) -> str:
    """Return what can be read of the blocks: ``""`` of those that are redacted."""
    shown = [block.get("thinking") for block in items_of(blocks) if isinstance(block, dict)]
    return "".join(map(text_of, shown))


def keep_blocks(blocks: Any) -> Iterator[str]:
    """Yield each block, or piece of one, as the JSON text that is kept of it."""
    for block in items_of(blocks):
        yield dump_json({BLOCKS: [block]})


def join_blocks(kept: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return whole blocks of what was kept: pieces belong together until one is signed."""
    blocks: list[Any] = []
    for piece in (block for one in kept for block in items_of(one.get(BLOCKS))):
        match blocks[-1:], piece:
            case [{"type": "thinking", **begun}], {"type": "thinking"} if not _is_signed(begun):
                text = text_of(begun.get("thinking")) + text_of(piece.get("thinking"))
                blocks[-1] = {**begun, **piece, "thinking": text}
            case _:
                blocks.append(piece)
    return blocks


def _is_signed(block: Mapping[Any, Any]) -> bool:
    return bool(block.get("signature"))
