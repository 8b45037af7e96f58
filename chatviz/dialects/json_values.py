"""Values of decoded JSON as the types that they should have; what is of another type is kept."""

from __future__ import annotations

from typing import Any, TypeGuard

from chatviz.wire.json_text import dump_json

__all__ = ["is_int64", "items_of", "text_of"]


def is_int64(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number, and none that a column of numbers cannot hold."""
    return value.__class__ is int and -(2**63) <= value < 2**63


def text_of(value: Any) -> str:
    """Return a value as text; None is ''."""
    if isinstance(value, str):
        return value
    return "" if value is None else dump_json(value)


def items_of(value: Any) -> list[Any]:
    """Return the items of a list; a value that is none is the only item, and None is no item."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
