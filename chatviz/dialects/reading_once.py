"""reads_once: what many requests of one conversation repeat is read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from operator import is_
from typing import Any, TypeAlias

from chatviz.chat.messages import Message
from chatviz.wire.repeated_json import HeldOnce

__all__ = ["Schemas", "reads_once"]

Schemas: TypeAlias = Mapping[str, Mapping[str, Any]]


def reads_once(read: Callable[[Any, Schemas], Message]) -> Callable[[Any, Schemas], Message]:
    """Make a reader of a message, or of a turn's items, return what it returned for the same.

    The schemas count where the message has calls: these hold theirs.
    """

    @wraps(read)
    def recall_or_read(sent: Any, schemas: Schemas) -> Message:
        items = sent if sent.__class__ is list else [sent]
        first = items[0] if items else None
        if first.__class__ is not HeldOnce:
            return read(sent, schemas)
        if first.reading is not None:
            reader, others, known, message = first.reading
            is_same = reader is read and len(others) == len(items) - 1
            if is_same and all(map(is_, others, items[1:])) and known in (None, schemas):
                return message  # type: ignore[no-any-return]
        message = read(sent, schemas)
        first.reading = (read, items[1:], schemas if message.tool_calls else None, message)
        return message

    return recall_or_read
