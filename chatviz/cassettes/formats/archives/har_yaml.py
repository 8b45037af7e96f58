"""HAR written as YAML, as some of Polly's users keep it, or as JSON in which the log is not first.

YAML tells numbers from text by their look, so the keys that HAR holds text under are read as text.
"""

from __future__ import annotations

from typing import Any, Final

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.formats.archives import har
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import MappingNode, Node, SequenceNode, scalar_value
from chatviz.cassettes.yaml.yaml_fields import text_of

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether this is meant as a HAR file: a map with a log that is a map itself."""
    document = source.document
    return isinstance(document, MappingNode) and isinstance(
        document.entries.get("log"), MappingNode
    )


def read(source: SourceFile) -> Cassette:
    """Read the archive; the errors are those of ``har.read``."""
    return har.read_archive(_value_of(source.document), source)


def _value_of(node: Node, name: object = None) -> Any:
    if isinstance(node, MappingNode):
        return {key: _value_of(item, key) for key, item in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [_value_of(item) for item in node.items]
    if name in _TEXTS and node.kind in ("int", "float", "bool"):
        return text_of(node)
    return scalar_value(node)


_TEXTS: Final = frozenset(
    {"encoding", "httpVersion", "method", "name", "statusText", "text", "url", "value", "version"}
)
