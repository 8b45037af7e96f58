"""Google's own schemas as JSON Schema: types in capital letters, ``nullable``, limits as texts.

The source is the reference of ``Schema``: a subset of OpenAPI 3.0, whose 64-bit numbers proto3
writes as texts. Clients made from the protobufs send a type's number (``enum-encoding=int``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["read_schema"]

# The numbers of the enum ``Type``, the same at AI Studio and Vertex AI; 0 says nothing.
_TYPES: Final = ("", "string", "number", "integer", "boolean", "array", "object", "null")
_UNSPECIFIED: Final = ("type_unspecified", "")
_LIMITS: Final = frozenset(
    ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
)
_SCHEMAS: Final = frozenset(("items", "additionalProperties"))  # each a schema
_LISTS: Final = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))  # of schemas
_NAMED: Final = frozenset(("properties", "defs", "$defs"))  # schemas by name


def read_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema as JSON Schema has it; what is not Google's way stays as it is."""
    read = {name: _read_value(name, value) for name, value in schema.items()}
    if read.get("type") in _UNSPECIFIED:
        del read["type"]
    if read.pop("nullable", None) is True and isinstance(read.get("type"), str):
        read["type"] = [read["type"], "null"]
    return read


def _read_value(name: str, value: Any) -> Any:
    if name == "type" and isinstance(value, str):
        return value.lower()
    if name == "type" and value.__class__ is int and 0 <= value < len(_TYPES):
        return _TYPES[value]
    if name in _LIMITS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if name in _SCHEMAS:
        return _read_inner(value)
    if name in _LISTS and isinstance(value, list):
        return [_read_inner(one) for one in value]
    if name in _NAMED and isinstance(value, dict):
        return {key: _read_inner(one) for key, one in value.items()}
    return value


def _read_inner(value: Any) -> Any:
    return read_schema(value) if isinstance(value, dict) else value
