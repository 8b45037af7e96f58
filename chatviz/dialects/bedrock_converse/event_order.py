"""The order of events: a message starts, blocks come and stop, the message stops; usage is last.

Blocks of text and of reasoning have no start: their first piece opens them.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from chatviz.dialects.sequence import EventOrder, EventStep

__all__ = ["EVENT_ORDER", "PIECE", "STARTED_PIECE"]

_Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
PIECE: Final = "contentBlockDelta"
STARTED_PIECE: Final = f"{PIECE}.started"  # of a block that a start must open


class _Piece(msgspec.Struct, gc=False, rename="camel"):
    tool_use: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    tool_result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    image: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Placed(msgspec.Struct, gc=False, rename="camel"):
    content_block_index: _Int64 = 0
    delta: _Piece | None = None


_decode: Final = msgspec.json.Decoder(_Placed).decode


def read_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs of an event; None for what is no such event."""
    event = name.decode("utf-8", "replace")
    if not event.startswith("contentBlock"):
        return EventStep(event)
    try:
        placed = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    piece = placed.delta if event == PIECE else None
    if piece is not None and not (
        piece.tool_use is piece.tool_result is piece.image is msgspec.UNSET
    ):
        event = STARTED_PIECE
    return EventStep(event, placed.content_block_index)


EVENT_ORDER: Final = EventOrder(
    roles={
        "messageStart": "begins",
        "contentBlockStart": "opens",
        PIECE: "grows",
        STARTED_PIECE: "fills",
        "contentBlockStop": "closes",
        "messageStop": "ends",
    },
    read_step=read_step,
    is_told=True,
)
