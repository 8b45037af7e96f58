"""What a dialect does with fields that it does not model: it keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chatviz.chat.deltas import Delta, UnknownDelta
from chatviz.dialects.json_values import count_of
from chatviz.wire.json_text import dump_json

__all__ = ["keep_uncounted", "keep_unknown"]


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


def keep_uncounted(
    usage: Mapping[str, Any], names: Iterable[str], where: str, deltas: list[Delta]
) -> None:
    """Keep each of some counts that is no whole number, so that none is passed over in silence."""
    for name in names:
        value = usage.get(name)
        if value is not None and count_of(value) is None:
            deltas.append(UnknownDelta(f"{where}.{name}", dump_json(value)))
