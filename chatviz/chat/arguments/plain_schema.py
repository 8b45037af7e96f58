"""Plain schemas: what most tools have, and arguments that fit them.

A schema of types, properties, required keys, items and enumerations of texts, and a value that
fits it, need no validator. Everything else is left to one: this file never says that something is
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["NOT_DESCRIBED", "fits_plain_schema", "inner_schema"]

_KNOWN: Final = frozenset(
    [
        *("type", "properties", "required", "additionalProperties", "items", "enum"),
        *("title", "description", "default"),  # they say nothing of a value
    ]
)
_TYPES: Final[Mapping[object, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
MAX_DEPTH: Final = 8

NOT_DESCRIBED: Final = object()
"""The schema of what is allowed only because nobody forbids it."""


def fits_plain_schema(value: Any, schema: object) -> bool:
    """Whether a schema is plain and a value fits it; False where either is not certain."""
    return _is_plain(schema, 0) and _fits(value, schema)


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


def _is_plain(schema: object, depth: int) -> bool:
    if not isinstance(schema, Mapping) or not _KNOWN.issuperset(schema) or depth > MAX_DEPTH:
        return False
    properties, items = schema.get("properties", {}), schema.get("items")
    return (
        isinstance(schema.get("type"), str)
        and schema["type"] in _TYPES
        and _are_texts(schema.get("required", []))
        and ("enum" not in schema or (bool(schema["enum"]) and _are_texts(schema["enum"])))
        and isinstance(schema.get("additionalProperties", True), bool)
        and isinstance(schema.get("title", ""), str)
        and isinstance(schema.get("description", ""), str)
        and isinstance(properties, Mapping)
        and all(_is_plain(inner, depth + 1) for inner in properties.values())
        and ("items" not in schema or _is_plain(items, depth + 1))
    )


def _are_texts(values: object) -> bool:
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        return False
    return len(set(values)) == len(values)


def _fits(value: Any, schema: Any) -> bool:
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        return _fits_properties(value, schema)
    if isinstance(value, list) and "items" in schema:
        return all(_fits(item, schema["items"]) for item in value)
    return True


def _fits_properties(value: dict[str, Any], schema: Any) -> bool:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not all(name in value for name in schema.get("required", ())):
        return False
    return all(
        _fits(item, properties[name]) if name in properties else more
        for name, item in value.items()
    )
