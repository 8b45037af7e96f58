"""A YAML document as nodes that know their line, and what plain value each node is.

Only the core schema is known (null, bool, int, float, str, binary, list, map). A node keeps its
text, so that a body written as ``123`` or ``true`` can still be read as the text that it is.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from chatviz.errors import CassetteFormatError

__all__ = [
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "YamlKey",
    "YamlValue",
    "kind_of",
    "plain_kind",
    "scalar_value",
    "value_of",
]

YamlKey: TypeAlias = "str | int | float | bool | bytes | None"
YamlValue: TypeAlias = "YamlKey | list[YamlValue] | dict[YamlKey, YamlValue]"


class ScalarNode(msgspec.Struct, frozen=True, gc=False):
    """A single value: its text, its kind (``"str"``, ``"int"`` …) and its line, from 1."""

    text: str
    kind: str
    line: int


class SequenceNode(msgspec.Struct, frozen=True, gc=False):
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int


class MappingNode(msgspec.Struct, frozen=True, gc=False):
    """A map from plain values to nodes, in the order of the file."""

    entries: dict[YamlKey, Node]
    line: int


Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode"


def value_of(node: Node) -> YamlValue:
    """Return the plain Python value of a node.

    Raises
    ------
    CassetteFormatError
        The text is not of the kind that its tag names (``!!int abc``, ``!!binary ?``).
    """
    if isinstance(node, ScalarNode):
        return scalar_value(node)
    if isinstance(node, SequenceNode):
        return [value_of(item) for item in node.items]
    return {key: value_of(item) for key, item in node.entries.items()}


def scalar_value(node: ScalarNode) -> YamlKey:
    """Return the plain Python value of a scalar."""
    try:
        return _VALUES[node.kind](node.text)
    except (ValueError, KeyError):
        raise CassetteFormatError(
            f"a value is tagged !!{node.kind}, but its text is not. Correct the text or the tag.",
            line=node.line,
        ) from None


def kind_of(node: Node) -> str:
    """Describe the kind of a node for error messages, never its value."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a map"
    return _KINDS[node.kind]


def plain_kind(text: str) -> str:
    """Return the kind of an unquoted scalar, by the YAML 1.2 core schema.

    >>> [plain_kind(text) for text in ("~", "true", "-1", "0x1F", "1.5", ".inf", "yes", "1:30")]
    ['null', 'bool', 'int', 'int', 'float', 'float', 'str', 'str']
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789" or len(text) > _MOST_DIGITS:
        return "str"
    if _INTEGER.fullmatch(text):
        return "int"
    return "float" if _FLOAT.fullmatch(text) else "str"


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))


def _float(text: str) -> float:
    if _INTEGER.fullmatch(text):
        return float(_integer(text))
    if not _FLOAT.fullmatch(text):
        raise ValueError(text)
    # One NaN object: containers compare by identity first, so that equal files stay equal.
    return math.nan if text[-1] in "nN" else float(text.replace(".i", "i").replace(".I", "I"))


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


_MOST_DIGITS = 1000  # fewer than Python refuses to convert
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS = dict.fromkeys(_NULLS, "null") | dict.fromkeys(_BOOLS, "bool")
_VALUES: dict[str, Callable[[str], YamlKey]] = {
    "str": str,
    "int": _integer,
    "float": _float,
    "bool": _BOOLS.__getitem__,
    "null": dict.fromkeys(_NULLS).__getitem__,
    "binary": _binary,
}
_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "null": "nothing",
    "binary": "binary data",
}
