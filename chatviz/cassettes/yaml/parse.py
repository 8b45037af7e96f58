"""Bytes come in, YAML nodes go out: built from the parser's events, within limits.

PyYAML's C loader dies on deep nesting, so its loader is not used: only its parser, which keeps no
recursion, and whose events know their lines. A tag never makes this code run anything.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterator

import yaml

from chatviz.cassettes.yaml.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlKey,
    plain_kind,
    scalar_value,
)
from chatviz.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteLimitError,
    CassetteSyntaxError,
)
from chatviz.given_values import short_repr

__all__ = ["MAX_ALIASED_CHARACTERS", "MAX_ALIASED_NODES", "MAX_DEPTH", "RESTORE", "read_yaml"]

MAX_DEPTH = 64
"""How deep lists and maps may be nested."""
MAX_ALIASED_NODES = 1_000_000
"""How many nodes all aliases of a file may expand to, together."""
MAX_ALIASED_CHARACTERS = 100_000_000
"""How many characters all aliases of a file may expand to, together."""

RESTORE = " Restore the file, or record it again."


def read_yaml(data: bytes) -> Node:
    """Read the one YAML document of a file.

    Parameters
    ----------
    data : bytes
        UTF-8.

    Returns
    -------
    Node
        The root: a map for every recording.

    Raises
    ------
    CassetteSyntaxError
        The bytes are not valid YAML, or hold no document or more than one.
    CassetteFormatError
        A tag is not one of the plain kinds, or a key appears twice in one map.
    CassetteLimitError
        The document is nested more than 64 deep, or its aliases expand to too much.
    """
    try:
        # As yaml.parse does, without a generator around each event.
        events: Iterator[yaml.Event] = iter(_loader()(data).get_event, None)
        return _NodeBuilder(events).build_document()
    except yaml.MarkedYAMLError as error:
        raise _invalid_yaml(error, data) from None
    except yaml.YAMLError:
        raise _unreadable_character(data) from None


def _invalid_yaml(error: yaml.MarkedYAMLError, data: bytes) -> CassetteError:
    """Put the parser's own error into our words."""
    mark = error.problem_mark or error.context_mark
    # At the end of the file the parser reports the line after the last one.
    line = None if mark is None else min(mark.line + 1, len(data.splitlines()))
    # libyaml since PyYAML 6.0.4: its limit is 1,000, and it reads ahead of the events.
    if error.problem == "exceeded maximum nesting depth":
        return _too_deep(line)
    reason = " ".join(part for part in (error.context, error.problem) if part)
    return CassetteSyntaxError(f"this is not valid YAML: {reason}.{RESTORE}", line=line)


def _too_deep(line: int | None) -> CassetteLimitError:
    return CassetteLimitError(
        f"lists and maps are nested more than {MAX_DEPTH} deep; no recorder writes that. "
        "Restore the file, or record it again.",
        line=line,
    )


def _unreadable_character(data: bytes) -> CassetteSyntaxError:
    """Locate the character that the parser's reader refused: its own error has no line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return CassetteSyntaxError(
            f"byte 0x{data[error.start]:02x} is not UTF-8. Save the file as UTF-8; "
            "write a body that is not text as !!binary.",
            line=data.count(b"\n", 0, error.start) + 1,
        )
    found = _NOT_PRINTABLE.search(text)
    place = found.start() if found else 0
    return CassetteSyntaxError(
        f"the character U+{ord(text[place]):04X} is not allowed in YAML. "
        "Write it as an escape in double quotes, or record the answer again.",
        line=text.count("\n", 0, place) + 1,
    )


class _NodeBuilder:
    """Builds nodes from events; counts what aliases would expand to."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._open_anchors: set[str] = set()
        self._nodes = 0
        self._characters = 0
        self._aliased_nodes = 0
        self._aliased_characters = 0

    def build_document(self) -> Node:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise CassetteSyntaxError("the file holds no data. Restore it, or record it again.")
        root = self._build(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise CassetteSyntaxError(
                "a second YAML document starts on this line; a recording is a single document. "
                "Keep one per file.",
                line=_line(after),
            )
        return root

    def _build(self, event: yaml.Event, depth: int) -> Node:
        if event.__class__ is yaml.ScalarEvent and event.anchor is None:  # nearly all are
            text = event.value
            self._nodes += 1
            self._characters += len(text)
            return ScalarNode(text, _scalar_kind(event), _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._expand(event)
        assert isinstance(event, yaml.NodeEvent)
        if event.anchor is None:
            return self._build_node(event, depth)
        nodes, characters = self._nodes, self._characters
        self._open_anchors.add(event.anchor)
        node = self._build_node(event, depth)
        self._open_anchors.discard(event.anchor)
        self._anchors[event.anchor] = (node, self._nodes - nodes, self._characters - characters)
        return node

    def _build_node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if isinstance(event, yaml.ScalarEvent):
            self._characters += len(event.value)
            return ScalarNode(event.value, _scalar_kind(event), _line(event))
        if depth == MAX_DEPTH:
            raise _too_deep(_line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            _check_tag(event, event.tag, "seq")
            return SequenceNode(tuple(self._build_items(depth + 1)), _line(event))
        assert isinstance(event, yaml.MappingStartEvent)
        _check_tag(event, event.tag, "map")
        return MappingNode(self._build_entries(depth + 1), _line(event))

    def _build_items(self, depth: int) -> Iterator[Node]:
        while (event := next(self._events)).__class__ is not yaml.SequenceEndEvent:
            yield self._build(event, depth)

    def _build_entries(self, depth: int) -> dict[YamlKey, Node]:
        entries: dict[YamlKey, Node] = {}
        events = self._events
        while (event := next(events)).__class__ is not yaml.MappingEndEvent:
            key = self._build_key(event, depth)
            if key in entries:
                raise CassetteFormatError(
                    f"the key {short_repr(key)} appears twice in one map. Keep one of them.",
                    line=_line(event),
                )
            entries[key] = self._build(next(events), depth)
        return entries

    def _build_key(self, event: yaml.Event, depth: int) -> YamlKey:
        if event.__class__ is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            text: str = event.value
            if event.style not in _PLAIN or (text != "<<" and plain_kind(text) == "str"):
                self._nodes += 1
                self._characters += len(text)
                return text  # nearly all are plain names
        node = self._build(event, depth)
        if not isinstance(node, ScalarNode):
            raise CassetteFormatError(
                "a key is a list or a map; the keys of a recording are single values. "
                "Make it a text.",
                line=_line(event),
            )
        if node.text == "<<" and isinstance(event, yaml.ScalarEvent) and event.style in _PLAIN:
            raise CassetteFormatError(
                "merge keys (<<) are not supported. Write the merged keys out.", line=node.line
            )
        return node.text if node.kind == "str" else scalar_value(node)

    def _expand(self, event: yaml.AliasEvent) -> Node:
        anchor = event.anchor
        assert anchor is not None
        if anchor in self._open_anchors:
            raise CassetteFormatError(
                f"the alias {short_repr(anchor)} is inside the value it names. "
                "Write the value out.",
                line=_line(event),
            )
        if anchor not in self._anchors:
            raise CassetteSyntaxError(
                f"the alias {short_repr(anchor)} names no anchor above it. Write the value out.",
                line=_line(event),
            )
        node, nodes, characters = self._anchors[anchor]
        self._nodes += nodes
        self._characters += characters
        self._aliased_nodes += nodes
        self._aliased_characters += characters
        if (
            self._aliased_nodes > MAX_ALIASED_NODES
            or self._aliased_characters > MAX_ALIASED_CHARACTERS
        ):
            raise CassetteLimitError(
                f"the aliases expand to more than {MAX_ALIASED_NODES:,} values or "
                f"{MAX_ALIASED_CHARACTERS:,} characters; no recorder writes that. "
                "Restore the file, or record it again.",
                line=_line(event),
            )
        return node


def _scalar_kind(event: yaml.ScalarEvent) -> str:
    tag: str | None = event.tag
    if tag is None:
        return plain_kind(event.value) if event.style in _PLAIN else "str"
    # Ruby's writer leaves one mark of two out of !!binary.
    kind = {"!": "str", "!binary": "binary"}.get(tag, tag.removeprefix(_YAML_TAG))
    if kind not in _SCALAR_KINDS:
        raise _unknown_tag(event, kind)
    return kind


def _check_tag(event: yaml.Event, tag: str | None, kind: str) -> None:
    if tag not in (None, "!", _YAML_TAG + kind):
        raise _unknown_tag(event, tag.removeprefix(_YAML_TAG))


def _unknown_tag(event: yaml.Event, tag: str) -> CassetteFormatError:
    return CassetteFormatError(
        f"the YAML tag {short_repr(tag)} is not supported: a recording holds plain data "
        "only, and what a tag names is never created or run. Remove the tag.",
        line=_line(event),
    )


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    assert mark is not None  # every event that a parser yields has one
    return mark.line + 1


def _loader() -> type[yaml.SafeLoader]:
    """Return the class whose parser is used: libyaml's, or the slow one with a single warning."""
    found: type[yaml.SafeLoader] | None = getattr(yaml, "CSafeLoader", None)
    if found is None:
        _warn_that_it_is_slow()
        return yaml.SafeLoader
    return found


@functools.cache
def _warn_that_it_is_slow() -> None:
    warnings.warn(
        "PyYAML was built without libyaml: recordings are read 10 to 30 times slower. "
        "Install a PyYAML wheel (pip install --force-reinstall pyyaml) or conda-forge's pyyaml.",
        RuntimeWarning,
        stacklevel=2,
    )


_YAML_TAG = "tag:yaml.org,2002:"
_SCALAR_KINDS = frozenset({"str", "int", "float", "bool", "null", "binary"})
_PLAIN = (None, "")
# YAML 1.1, section 4.1.1.
_NOT_PRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
