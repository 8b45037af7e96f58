"""Values of decoded JSON as the types that they should have; what is of another type is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from chatviz.wire.json_text import dump_json, load_json_leniently

__all__ = ["count_of", "is_int64", "items_of", "join_objects", "placed_items", "text_of"]


def is_int64(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number, and none that a column of numbers cannot hold."""
    return value.__class__ is int and -(2**63) <= value < 2**63


def count_of(value: Any) -> int | None:
    """Return a count, one that was sent as 3.0 too; None for what is none."""
    if value.__class__ is float and value.is_integer():
        value = int(value)
    return value if value.__class__ is int and -(2**63) <= value < 2**63 else None


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


def placed_items(value: Any, where: str) -> Iterator[tuple[Any, str]]:
    """Yield the items of a list with their paths; a value that is none has its own."""
    if not isinstance(value, list):
        if value is not None:
            yield value, where
        return
    for position, item in enumerate(value):
        yield item, f"{where}[{position}]"


def join_objects(texts: Iterable[str]) -> dict[str, Any]:
    """Return the fields of several objects, each given as JSON text, in one."""
    fields: dict[str, Any] = {}
    for text in texts:
        fields |= load_json_leniently(text)
    return fields
