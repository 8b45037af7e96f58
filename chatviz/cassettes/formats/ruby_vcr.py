"""The files of Ruby's VCR, as YAML or JSON, and of Python's Betamax, which writes the same.

A body is a map of its encoding and its text under ``string``, or its base64 under
``base64_string``; what Ruby takes for binary is ``!binary``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions
from chatviz.cassettes.formats.entries import read_entries
from chatviz.cassettes.formats.exchange_fields import read_headers, read_status
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import MappingNode, ScalarNode, SequenceNode, YamlKey, YamlValue
from chatviz.cassettes.yaml.yaml_fields import Fields, bytes_of, kept_value, text_of

__all__ = ["read", "recognises"]

_LIST = "http_interactions"
_NAME = "ruby-vcr"


def recognises(source: SourceFile) -> bool:
    """Say whether VCR wrote this: a map with its list of interactions."""
    return _LIST in source.keys


def read(source: SourceFile) -> Cassette:
    """Read a file of VCR, version 2 or later.

    Raises
    ------
    CassetteFormatError
        The list is none, or nothing in it can be read; with the line.
    """
    fields = Fields(source.document, "the recording")
    node = fields.take(_LIST)
    if node is not None and not isinstance(node, SequenceNode):
        raise fields.unfit(node, _LIST, "a list")
    interactions = read_entries(
        () if node is None else node.items,
        lambda item, place: _read_interaction(Fields(item, f"{_LIST}[{place}]")),
        extra_of=lambda item: kept_value(_NAME, item),
    )
    interactions = decode_interactions(interactions)
    return Cassette(interactions, version=0, format=_NAME, extra=_extra(fields))


def _read_interaction(fields: Fields) -> Interaction:
    return Interaction(
        request=_read_request(fields.map_of("request")),
        response=_read_response(fields.map_of("response")),
        extra=_extra(fields),
    )


def _read_request(fields: Fields) -> RecordedRequest:
    body = _read_body(fields)
    return RecordedRequest(
        method=fields.text("method").upper(),
        url=fields.required_text("uri"),
        headers=read_headers(fields),
        body=body,
        content_length=len(body),
        extra=_extra(fields),
    )


def _read_response(fields: Fields) -> RecordedResponse:
    code, words = read_status(fields)
    proto = fields.text("http_version")
    return RecordedResponse(
        status=code,
        status_line=f"{code} {words}".strip(),
        headers=read_headers(fields),
        body=_read_body(fields),
        proto=f"HTTP/{proto}" if proto[:1].isdigit() else proto,
        content_length=-1,
        extra=_extra(fields),
    )


def _read_body(fields: Fields) -> bytes:
    node = fields.take("body")
    if node is None:
        return b""
    if isinstance(node, ScalarNode):
        return bytes_of(node)
    if not isinstance(node, MappingNode):
        raise fields.unfit(node, "body", "text or a map with 'string' or 'base64_string'")
    for name in ("string", "base64_string"):
        held = node.entries.get(name)
        if isinstance(held, ScalarNode):
            return bytes_of(held) if name == "string" else _decode_base64(held, fields)
    raise fields.unfit(node, "body", "text or a map with 'string' or 'base64_string'")


def _decode_base64(node: ScalarNode, fields: Fields) -> bytes:
    try:
        return base64.b64decode("".join(text_of(node).split()), validate=True)
    except ValueError:
        raise fields.unfit(node, "body.base64_string", "base64, as its name says") from None


def _extra(fields: Fields) -> Mapping[YamlKey, YamlValue]:
    """Return what nobody took, under one key, where go-vcr's own names cannot be met."""
    rest = fields.extra()
    return {_NAME: rest} if rest else {}
