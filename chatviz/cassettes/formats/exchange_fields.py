"""What vcrpy and Ruby's VCR write alike: headers as a map, the status as code and words."""

from __future__ import annotations

import json

from chatviz.cassettes.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlKey
from chatviz.cassettes.yaml.yaml_fields import Fields, text_of

__all__ = ["name_of", "read_headers", "read_status"]


def read_headers(fields: Fields) -> dict[str, tuple[str, ...]]:
    """Return the headers, each of which is a list of values or one value."""
    node = fields.take("headers")
    if node is None:
        return {}
    if not isinstance(node, MappingNode):
        raise fields.unfit(node, "headers", "a map from names to values")
    return {name_of(key): _values(item, fields) for key, item in node.entries.items()}


def read_status(fields: Fields) -> tuple[int, str]:
    """Return code and words of the map under ``status``."""
    status = fields.map_of("status")
    return status.required_integer("code"), status.text("message")


def name_of(key: YamlKey) -> str:
    """Return a key as a name: one that is neither text nor bytes as JSON writes it."""
    if isinstance(key, bytes):
        return key.decode("utf-8", "surrogateescape")
    return key if isinstance(key, str) else json.dumps(key)


def _values(node: Node, fields: Fields) -> tuple[str, ...]:
    items = node.items if isinstance(node, SequenceNode) else (node,)
    for item in items:
        if not isinstance(item, ScalarNode):
            raise fields.unfit(item, "headers", "a map from names to values")
    return tuple(text_of(item) for item in items if isinstance(item, ScalarNode))
