"""The order of events: a response begins, items open and close, parts open and close in them."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from chatviz.chat.deltas import PartKey
from chatviz.dialects.openai_responses.known_fields import EVENT_FIELDS
from chatviz.dialects.openai_responses.parts import SUMMARY
from chatviz.dialects.sequence import EventOrder, EventRole, EventStep

__all__ = ["EVENT_ORDER"]


class _Event(msgspec.Struct, gc=False):
    type: str
    output_index: int | None = None
    content_index: int | None = None
    summary_index: int | None = None
    sequence_number: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None


_decode: Final = msgspec.json.Decoder(_Event).decode


def read_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs of an event; None for what is no such event."""
    try:
        event = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return EventStep(event.type, _part_of(event), event.sequence_number)


def _part_of(event: _Event) -> PartKey:
    if event.content_index is not None:
        return (event.output_index or 0, event.content_index)
    if event.summary_index is not None:
        return (event.output_index or 0, SUMMARY, event.summary_index)
    return event.output_index


def _role_of(event: str) -> EventRole:
    if event == "response.created":
        return "begins"
    if event in ("response.completed", "response.incomplete", "response.failed",
                 "response.cancelled"):  # fmt: skip
        return "ends"
    if "output_index" not in EVENT_FIELDS[event]:
        return "free"
    if event.endswith(("_item.added", "_part.added")):
        return "opens"
    return "closes" if event.endswith(("_item.done", "_part.done")) else "fills"


_ROLES: Final = {event: _role_of(event) for event in EVENT_FIELDS}


EVENT_ORDER: Final = EventOrder(roles=_ROLES, read_step=read_step, is_told=True)
