"""Plain schemas: what most tools have, and arguments that fit them.

A schema of types, properties, required keys, items and enumerations of texts, and a value that
fits it, need no validator. Everything else is left to one: this file never says that something is
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

__all__ = ["NOT_DESCRIBED", "fits_plain_schema", "inner_schema"]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A schema of plain words alone."""

    type: Literal["object", "array", "string", "integer", "number", "boolean", "null"]
    properties: dict[str, _Plain] = {}
    required: list[str] = []
    additionalProperties: bool = True
    items: _Plain | UnsetType = UNSET
    enum: Annotated[list[str], Meta(min_length=1)] | UnsetType = UNSET
    title: str = ""  # this and the others say nothing of a value
    description: str = ""
    default: Any = None


_KNOWN: Final = frozenset(_Plain.__struct_fields__)
MAX_DEPTH: Final = 8

NOT_DESCRIBED: Final = object()
"""The schema of what is allowed only because nobody forbids it."""


def fits_plain_schema(value: Any, schema: object) -> bool:
    """Whether a schema is plain and a value fits it; False where either is not certain."""
    try:
        plain = msgspec.convert(schema, _Plain)
    except (ValueError, RecursionError):  # msgspec's, and those of names that are no UTF-8
        return False
    return _is_sound(plain, 0) and _fits(value, plain)


def inner_schema(schema: object, step: str | int) -> object:
    """Return the schema of a key or an item, as far as plain words of its parent's say it.

    ``NOT_DESCRIBED`` where the parent names its keys, and neither this one nor what others may be;
    None where that is not certain.
    """
    if schema is NOT_DESCRIBED:
        return schema
    if not isinstance(schema, Mapping) or not _KNOWN.issuperset(schema):
        return None
    if isinstance(step, int):
        return schema.get("items")
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties or "additionalProperties" in schema:
        return None
    return properties.get(step, NOT_DESCRIBED)


def _is_sound(schema: _Plain, depth: int) -> bool:
    """Whether no list of names holds one twice, and nothing nests too deep."""
    required, enum, items = schema.required, schema.enum, schema.items
    if len(required) > 1 and len(set(required)) < len(required):
        return False
    if enum is not UNSET and len(set(enum)) < len(enum):
        return False
    if depth == MAX_DEPTH:
        return not schema.properties and items is UNSET
    for inner in schema.properties.values():
        if not _is_sound(inner, depth + 1):
            return False
    return items is UNSET or _is_sound(items, depth + 1)


def _fits(value: Any, schema: _Plain) -> bool:
    kind = schema.type
    if not isinstance(value, _TYPES[kind]) or (value.__class__ is bool and kind != "boolean"):
        return False
    if schema.enum is not UNSET and value not in schema.enum:
        return False
    if isinstance(value, dict):
        return _fits_properties(value, schema)
    if isinstance(value, list) and schema.items is not UNSET:
        items = schema.items
        return all(_fits(item, items) for item in value)
    return True


def _fits_properties(value: dict[str, Any], schema: _Plain) -> bool:
    for name in schema.required:
        if name not in value:
            return False
    properties, more = schema.properties, schema.additionalProperties
    for name, item in value.items():
        if not (_fits(item, properties[name]) if name in properties else more):
            return False
    return True
