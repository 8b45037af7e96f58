"""What a dialect does with fields that it does not model: it keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatviz.chat.deltas import Delta, UnknownDelta
from chatviz.wire.json_text import dump_json

__all__ = ["keep_unknown"]


def keep_unknown(
    fields: Mapping[str, Any],
    known: frozenset[str],
    where: str,
    deltas: list[Delta],
    *,
    in_message: bool = False,
) -> None:
    """Keep every field that is not modelled, but those that are null: they say nothing."""
    if fields.keys() <= known:
        return
    for key, value in fields.items():
        if key not in known and value is not None:
            deltas.append(UnknownDelta(f"{where}.{key}", dump_json(value), in_message))
