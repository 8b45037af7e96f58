"""Typed look-ups in one YAML map: an error names the key, the place and the line, not the value."""

from __future__ import annotations

from chatviz.cassettes.yaml.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlKey,
    YamlValue,
    kind_of,
    scalar_value,
    value_of,
)
from chatviz.errors import CassetteFormatError

__all__ = ["Fields", "bytes_of", "kept_value", "text_of"]


class Fields:
    """The keys of one map, taken one by one; those not taken are extra.

    Parameters
    ----------
    node : Node
        A map; anything else is an error.
    place : str
        Where the map is, for messages: ``"interactions[0].request"``.
    """

    def __init__(self, node: Node, place: str) -> None:
        if not isinstance(node, MappingNode):
            raise CassetteFormatError(
                f"{place} should be a map, and is {kind_of(node)}. {_REMEDY}", line=node.line
            )
        self.line = node.line
        self._place = place
        self._entries = dict(node.entries)

    def take(self, name: str) -> Node | None:
        """Return a key's node and mark it as taken; None where the key is absent or null."""
        node = self._entries.pop(name, None)
        return None if isinstance(node, ScalarNode) and node.kind == "null" else node

    def take_required(self, name: str) -> Node:
        """Return a key's node and mark it as taken; an error where the key is absent."""
        node = self._entries.pop(name, None)
        if node is None:
            raise CassetteFormatError(f"{self._place} has no {name!r}. {_REMEDY}", line=self.line)
        return node

    def map_of(self, name: str) -> Fields:
        """Return the map under a key that must be there."""
        return Fields(self.take_required(name), f"{self._place}.{name}")

    def text(self, name: str) -> str:
        """Return a key's text as it is written, ``""`` where it is absent or null."""
        node = self.take(name)
        return "" if node is None else text_of(self._scalar(node, name, "text"))

    def required_text(self, name: str) -> str:
        """Return a key's text; an error where the key is absent."""
        return text_of(self._scalar(self.take_required(name), name, "text"))

    def body(self, name: str) -> bytes:
        """Return a key's bytes: its text in UTF-8, or what ``!!binary`` holds."""
        node = self.take(name)
        return b"" if node is None else bytes_of(self._scalar(node, name, "text"))

    def integer(self, name: str) -> int:
        """Return a key's whole number, 0 where it is absent or null."""
        node = self.take(name)
        return 0 if node is None else self.integer_of(node, name)

    def optional_integer(self, name: str) -> int | None:
        """Return a key's whole number, None where it is absent or null."""
        node = self.take(name)
        return None if node is None else self.integer_of(node, name)

    def required_integer(self, name: str) -> int:
        """Return a key's whole number; an error where the key is absent."""
        return self.integer_of(self.take_required(name), name)

    def integer_of(self, node: Node, name: str) -> int:
        """Return the whole number that a node is, in Go's 64 bits."""
        value = scalar_value(self._scalar(node, name, "a whole number", "int"))
        if not isinstance(value, int) or not -(2**63) <= value < 2**63:
            raise self.unfit(node, name, "a whole number of 64 bits")
        return value

    def boolean(self, name: str) -> bool:
        """Return whether a key is true; False where it is absent or null."""
        node = self.take(name)
        if node is None:
            return False
        return scalar_value(self._scalar(node, name, "true or false", "bool")) is True

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a key's list of texts, empty where it is absent or null."""
        node = self.take(name)
        return () if node is None else self._texts(node, name)

    def text_lists(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return a key's map from names to lists of texts (headers), empty where it is absent."""
        node = self.take(name)
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            raise self.unfit(node, name, "a map from names to lists of values")
        return {
            self._name(key, item, name): self._texts(item, f"{name}[{key!r}]")
            for key, item in node.entries.items()
        }

    def extra(self) -> dict[YamlKey, YamlValue]:
        """Return the keys that were not taken, as plain values."""
        return {key: value_of(node) for key, node in self._entries.items()}

    def unfit(self, node: Node, name: str, wanted: str) -> CassetteFormatError:
        """Return the error for a node that is not what its key wants."""
        found = kind_of(node)
        return CassetteFormatError(
            f"{self._place}.{name} should be {wanted}, and is {found}. {_REMEDY}", line=node.line
        )

    def _texts(self, node: Node, name: str) -> tuple[str, ...]:
        if isinstance(node, ScalarNode) and node.kind == "null":
            return ()
        if not isinstance(node, SequenceNode):
            raise self.unfit(node, name, "a list of texts")
        return tuple(text_of(self._scalar(item, name, "a list of texts")) for item in node.items)

    def _scalar(self, node: Node, name: str, wanted: str, kind: str = "") -> ScalarNode:
        if not isinstance(node, ScalarNode) or (kind and node.kind != kind):
            raise self.unfit(node, name, wanted)
        return node

    def _name(self, key: YamlKey, node: Node, name: str) -> str:
        if not isinstance(key, str):
            raise CassetteFormatError(
                f"{self._place}.{name} has a name that is not text; put it in quotes.",
                line=node.line,
            )
        return key


def kept_value(name: str, node: Node) -> dict[YamlKey, YamlValue]:
    """Return an entry that cannot be read as an extra value; nothing where it is no plain data."""
    try:
        return {name: {"unread": value_of(node)}}
    except CassetteFormatError:
        return {}


def text_of(node: ScalarNode) -> str:
    """Return a scalar's text as it is written; bytes that are not UTF-8 become lone surrogates."""
    return bytes_of(node).decode("utf-8", "surrogateescape") if _is_binary(node) else _plain(node)


def bytes_of(node: ScalarNode) -> bytes:
    """Return a scalar's text in UTF-8, or the bytes that ``!!binary`` holds."""
    value = scalar_value(node) if _is_binary(node) else _plain(node).encode()
    assert isinstance(value, bytes)
    return value


def _is_binary(node: ScalarNode) -> bool:
    return node.kind == "binary"


def _plain(node: ScalarNode) -> str:
    return "" if node.kind == "null" else node.text


_REMEDY = "Correct it there, or record the answer again."
