"""The files of Python's vcrpy, version 1, and of libraries that vary its format.

Pydantic-ai keeps a body's JSON parsed; LangChain's tests keep all ``requests`` in one list and all
``responses`` in another, as vcrpy holds them in memory.

A body is text, ``!!binary``, nothing, ``{string: …}``, or the parsed JSON under ``parsed_body``,
of which the spelling is lost: it is written as compact JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

import yaml

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions
from chatviz.cassettes.formats.entries import read_entries
from chatviz.cassettes.formats.exchange_fields import name_of, read_headers, read_status
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlKey,
    YamlValue,
    scalar_value,
)
from chatviz.cassettes.yaml.yaml_fields import Fields, bytes_of, kept_value, text_of
from chatviz.errors import CassetteFormatError

__all__ = ["key_of", "read", "recognises"]

VERSION: Final = 1


def recognises(source: SourceFile) -> bool:
    """Say whether vcrpy wrote this: a request has ``uri``, or a response a map of its status."""
    if any(_is_vcrpy(entry) for entry in _pairs(source.document)):
        return True
    interactions = key_of(source.document, "interactions")
    if not isinstance(interactions, SequenceNode):
        return False
    if not interactions.items:
        # Version 1 of go-vcr's format ended with go-vcr 2; vcrpy still writes its own.
        version = key_of(source.document, "version")
        return version is None or (isinstance(version, ScalarNode) and version.text == "1")
    return any(_is_vcrpy(entry) for entry in interactions.items)


def read(source: SourceFile) -> Cassette:
    """Read a file of vcrpy.

    Raises
    ------
    CassetteFormatError
        Another version, a key that is missing, a value of the wrong type; with the line.
    """
    fields = Fields(source.document, "the recording")
    _check_version(fields)
    entries = _take_entries(fields, source.document)
    interactions = read_entries(
        entries, _read_interaction, extra_of=lambda item: kept_value("vcrpy", item)
    )
    interactions = decode_interactions(interactions)
    return Cassette(interactions, version=VERSION, format="vcrpy", extra=_extra(fields))


def _pairs(document: Node) -> list[Node]:
    """Return the entries of two lists, each a request with its answer; [] where there are none."""
    requests, responses = key_of(document, "requests"), key_of(document, "responses")
    if not (isinstance(requests, SequenceNode) and isinstance(responses, SequenceNode)):
        return []
    pairs = zip_longest(requests.items, responses.items)
    return [_entry(request=asked, response=answered) for asked, answered in pairs]


def _entry(**halves: Node | None) -> Node:
    known: dict[YamlKey, Node] = {name: half for name, half in halves.items() if half is not None}
    return MappingNode(known, next(iter(known.values())).line)


def _take_entries(fields: Fields, document: Node) -> Sequence[Node]:
    if pairs := _pairs(document):
        fields.take("requests")
        fields.take("responses")
        return pairs
    node = fields.take_required("interactions")
    assert isinstance(node, SequenceNode)  # it would not have been recognised
    return node.items


def _is_vcrpy(entry: Node) -> bool:
    request, response = key_of(entry, "request"), key_of(entry, "response")
    status = key_of(response, "status")
    return key_of(request, "uri") is not None or isinstance(status, MappingNode)


def _check_version(fields: Fields) -> None:
    node = fields.take("version")
    if node is not None and fields.integer_of(node, "version") != VERSION:
        raise CassetteFormatError(
            "this is another version; of vcrpy's format, only version 1 is read. "
            "Record it again with vcrpy 1.0 or later.",
            line=node.line,
        )


def _read_interaction(node: Node, place: int) -> Interaction:
    fields = Fields(node, f"interactions[{place}]")
    if key_of(node, "request") is None and key_of(node, "response") is None:
        # No exchange, but a frame of a websocket among them: kept, and passed over.
        return Interaction(RecordedRequest(), RecordedResponse(0), extra=_extra(fields))
    return Interaction(
        request=_read_request(fields.map_of("request")),
        response=_read_response(fields.map_of("response")),
        extra=_extra(fields),
    )


def _read_request(fields: Fields) -> RecordedRequest:
    headers, body = read_headers(fields), _read_body(fields)
    return RecordedRequest(
        method=fields.text("method"),
        url=fields.required_text("uri"),
        headers=headers,
        body=body,
        content_length=len(body),
        extra=_extra(fields),
    )


def _read_response(fields: Fields) -> RecordedResponse:
    headers, body = read_headers(fields), _read_body(fields)
    proto = fields.text("http_version")
    code, words = _status_of(fields)
    return RecordedResponse(
        status=code,
        status_line=f"{code} {words}".strip(),
        headers=headers,
        body=body,
        proto=proto,
        content_length=-1,
        extra=_extra(fields),
    )


def _status_of(fields: Fields) -> tuple[int, str]:
    """Return code and words: a map under ``status``, or vcrpy 4's ``status_code`` for httpx."""
    old = fields.take("status_code")
    if old is not None:
        return fields.integer_of(old, "status_code"), ""
    return read_status(fields)


def _read_body(fields: Fields) -> bytes:
    """Return the body, in whichever of its forms it was written."""
    for name in ("parsed_body", "content", "body"):
        node = fields.take(name)
        if node is not None:
            return _json_bytes(node) if name == "parsed_body" else _body_of(node, fields)
    return b""


def _body_of(node: Node, fields: Fields) -> bytes:
    if isinstance(node, MappingNode) and node.entries.keys() == {"string"}:
        node = node.entries["string"]
    return bytes_of(node) if isinstance(node, ScalarNode) else _json_bytes(node)


def _json_bytes(node: Node) -> bytes:
    text = json.dumps(_json_value(node), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def _json_value(node: Node) -> YamlValue:
    """Return what PyYAML, which wrote the file, reads: YAML 1.1, where ``1e5`` is text."""
    if isinstance(node, MappingNode):
        return {name_of(key): _json_value(item) for key, item in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [_json_value(item) for item in node.items]
    if node.kind in ("int", "float"):
        tag = _RESOLVER.resolve(yaml.ScalarNode, node.text, (True, False))
        return scalar_value(node) if tag in _NUMBERS else node.text
    return text_of(node) if node.kind == "binary" else scalar_value(node)


def _extra(fields: Fields) -> Mapping[YamlKey, YamlValue]:
    """Return the keys that were not taken, under one key that no go-vcr key can clash with."""
    rest = fields.extra()
    return {"vcrpy": rest} if rest else {}


def key_of(node: Node | None, name: str) -> Node | None:
    """Return what a map holds under a key; None where it is no map, or has no such key."""
    return node.entries.get(name) if isinstance(node, MappingNode) else None


_RESOLVER: Final[Any] = yaml.resolver.Resolver()
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
