"""What may follow what in Anthropic's streams: one start, blocks one by one or mixed, one end."""

from __future__ import annotations

from typing import Final

import msgspec

from chatviz.dialects.sequence import EventOrder, EventRole, EventStep

__all__ = ["END", "ORDER", "ROLES", "read_step"]

END: Final = "message_stop"
# https://platform.claude.com/docs/en/build-with-claude/streaming#event-types
ROLES: Final[dict[str, EventRole]] = {
    "message_start": "begins",
    "content_block_start": "opens",
    "content_block_delta": "fills",
    "content_block_stop": "closes",
    "message_delta": "free",
    END: "ends",
    "ping": "free",
    "error": "free",
}


class _Step(msgspec.Struct, gc=False):
    type: str
    index: int | None = None


_decode: Final = msgspec.json.Decoder(_Step).decode


def read_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs to know of an event; None for what has no type."""
    try:
        step = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return EventStep(step.type, step.index)


ORDER: Final = EventOrder(roles=ROLES, read_step=read_step, is_told=True)
