"""The go-vcr file, version 2: read from YAML nodes, written as go-vcr writes it.

The keys and their order are those of go-vcr's Go structs; what Go leaves out when it is empty
(``omitempty``) is left out as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats.durations import format_duration, parse_duration
from chatviz.cassettes.formats.entries import read_entries
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import METADATA_KEY, RecordingMetadata, metadata_tree, read_metadata
from chatviz.cassettes.yaml.nodes import Node, ScalarNode, SequenceNode, YamlKey, YamlValue
from chatviz.cassettes.yaml.write import write_yaml
from chatviz.cassettes.yaml.yaml_fields import Fields, kept_value, text_of
from chatviz.errors import CassetteFormatError

__all__ = ["VERSION", "interaction_tree", "read", "recognises", "with_extra", "write"]

VERSION = 2
"""The version of the file's format; go-vcr's own releases are numbered differently."""


def recognises(source: SourceFile) -> bool:
    """Say whether this is meant as a go-vcr file: a map with its version or its interactions."""
    return "version" in source.keys or "interactions" in source.keys


def read(source: SourceFile) -> Cassette:
    """Read a go-vcr file.

    Raises
    ------
    CassetteFormatError
        Another version, a key that is missing, a value of the wrong type; with the line.
    """
    fields = Fields(source.document, "the recording")
    _check_version(fields)
    node = fields.take_required("interactions")
    interactions = read_entries(
        _items(node, fields), _read_interaction, extra_of=lambda item: kept_value("go-vcr", item)
    )
    return Cassette(interactions, version=VERSION, format="go-vcr", extra=fields.extra())


def write(cassette: Cassette) -> bytes:
    """Write a cassette as a go-vcr file, whatever recorder it came from.

    Raises
    ------
    CassetteFormatError
        An extra key has the name of one of the format's own, or a value that is not plain data.
    """
    tree = {
        "version": VERSION,
        "interactions": [interaction_tree(item) for item in cassette.interactions],
    }
    return write_yaml(with_extra(tree, cassette.extra)).encode()


def _check_version(fields: Fields) -> None:
    node = fields.take_required("version")
    version = fields.integer_of(node, "version")
    if version != VERSION:
        raise CassetteFormatError(
            f"this is version {version}; of go-vcr's format, only version {VERSION} is read. "
            "Record it again with go-vcr 3 or later, which writes version 2.",
            line=node.line,
        )


def _items(node: Node, fields: Fields) -> tuple[Node, ...]:
    if isinstance(node, ScalarNode) and node.kind == "null":
        return ()
    if not isinstance(node, SequenceNode):
        raise fields.unfit(node, "interactions", "a list")
    return node.items


def _read_interaction(node: Node, place: int) -> Interaction:
    fields = Fields(node, f"interactions[{place}]")
    return Interaction(
        id=fields.optional_integer("id"),
        request=_read_request(fields.map_of("request")),
        response=_read_response(fields.map_of("response")),
        extra=fields.extra(),
    )


def _read_request(fields: Fields) -> RecordedRequest:
    return RecordedRequest(
        proto=fields.text("proto"),
        proto_major=fields.integer("proto_major"),
        proto_minor=fields.integer("proto_minor"),
        content_length=fields.integer("content_length"),
        transfer_encoding=fields.texts("transfer_encoding"),
        trailer=fields.text_lists("trailer"),
        host=fields.text("host"),
        remote_addr=fields.text("remote_addr"),
        request_uri=fields.text("request_uri"),
        body=fields.body("body"),
        form=fields.text_lists("form"),
        headers=fields.text_lists("headers"),
        url=fields.required_text("url"),
        method=fields.text("method"),
        extra=fields.extra(),
    )


def _read_response(fields: Fields) -> RecordedResponse:
    response = RecordedResponse(
        proto=fields.text("proto"),
        proto_major=fields.integer("proto_major"),
        proto_minor=fields.integer("proto_minor"),
        transfer_encoding=fields.texts("transfer_encoding"),
        trailer=fields.text_lists("trailer"),
        content_length=fields.integer("content_length"),
        uncompressed=fields.boolean("uncompressed"),
        body=fields.body("body"),
        headers=fields.text_lists("headers"),
        status_line=fields.text("status"),
        status=fields.required_integer("code"),
        duration_ns=_read_duration(fields),
        extra=fields.extra(),
    )
    return _take_metadata(response) if METADATA_KEY in response.extra else response


def _take_metadata(response: RecordedResponse) -> RecordedResponse:
    """Take the metadata out of the extra keys; what does not fit stays there."""
    try:
        metadata = read_metadata(response.extra[METADATA_KEY], len(response.body))
    except ValueError:
        return response
    extra = {name: value for name, value in response.extra.items() if name != METADATA_KEY}
    return replace(response, metadata=metadata, extra=extra)


def _read_duration(fields: Fields) -> int | None:
    """Return the nanoseconds of ``duration``: Go's text, or a bare number of nanoseconds."""
    node = fields.take("duration")
    if node is None or (isinstance(node, ScalarNode) and not node.text):
        return None
    if not isinstance(node, ScalarNode):
        raise fields.unfit(node, "duration", "a duration like '1.5s'")
    if node.kind == "int":
        return fields.integer_of(node, "duration")
    try:
        return parse_duration(text_of(node))
    except ValueError:
        raise fields.unfit(node, "duration", "a duration like '1.5s'") from None


def interaction_tree(interaction: Interaction) -> Mapping[YamlKey, object]:
    """Return an interaction as plain values, in the order of the format's keys."""
    tree = {
        "id": interaction.id,
        "request": _request_tree(interaction.request),
        "response": _response_tree(interaction.response),
    }
    return with_extra(tree, interaction.extra, optional={"id"})


def _request_tree(request: RecordedRequest) -> Mapping[YamlKey, object]:
    tree = {
        "proto": _text(request.proto),
        "proto_major": request.proto_major,
        "proto_minor": request.proto_minor,
        "content_length": request.content_length,
        "transfer_encoding": _texts(request.transfer_encoding),
        "trailer": _text_lists(request.trailer),
        "host": _text(request.host),
        "remote_addr": _text(request.remote_addr),
        "request_uri": _text(request.request_uri),
        "body": _body(request.body),
        "form": _text_lists(request.form),
        "headers": _text_lists(request.headers),
        "url": _text(request.url),
        "method": _text(request.method),
    }
    return with_extra(tree, request.extra, optional=_OPTIONAL_IN_REQUEST)


def _response_tree(response: RecordedResponse) -> Mapping[YamlKey, object]:
    nanoseconds = response.duration_ns
    tree = {
        "proto": _text(response.proto),
        "proto_major": response.proto_major,
        "proto_minor": response.proto_minor,
        "transfer_encoding": _texts(response.transfer_encoding),
        "trailer": _text_lists(response.trailer),
        "content_length": response.content_length,
        "uncompressed": response.uncompressed,
        "body": _body(response.body),
        "headers": _text_lists(response.headers),
        "status": _text(response.status_line),
        "code": response.status,
        "duration": None if nanoseconds is None else format_duration(nanoseconds),
    } | _metadata_entry(response.metadata)
    return with_extra(tree, response.extra, optional=_OPTIONAL_IN_RESPONSE)


def _metadata_entry(metadata: RecordingMetadata | None) -> dict[str, object]:
    if metadata is None:
        return {}
    tree = metadata_tree(metadata)
    return {METADATA_KEY: with_extra(tree, metadata.extra, optional=tree.keys() - {"clock"})}


def with_extra(
    tree: Mapping[str, object],
    extra: Mapping[YamlKey, YamlValue],
    *,
    optional: Collection[str] = (),
) -> Mapping[YamlKey, object]:
    """Leave out what is optional and empty, and put the unknown keys behind the known ones."""
    for name in tree.keys() & extra.keys():
        raise CassetteFormatError(
            f"extra holds {name!r}, which is a key of the format itself. Set that field instead."
        )
    whole: dict[YamlKey, object] = {
        name: value for name, value in tree.items() if name not in optional or _is_set(value)
    }
    whole.update(extra)
    return whole


def _is_set(value: object) -> bool:
    return (isinstance(value, int) and value is not False) or bool(value)


def _body(body: bytes) -> str | bytes:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body


def _text(text: str) -> str | bytes:
    """Return a text, or the bytes that it represents: undecodable ones are lone surrogates."""
    try:
        return _body(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return text  # other surrogates stand for nothing: the writer refuses them


def _texts(texts: tuple[str, ...]) -> list[str | bytes]:
    return [_text(text) for text in texts]


def _text_lists(lists: Mapping[str, tuple[str, ...]]) -> dict[str, list[str | bytes]]:
    return {name: _texts(texts) for name, texts in lists.items()}


_OPTIONAL_IN_REQUEST = frozenset(
    {"transfer_encoding", "trailer", "remote_addr", "request_uri", "body", "form", "headers"}
)
_OPTIONAL_IN_RESPONSE = frozenset({"transfer_encoding", "trailer", "uncompressed", "duration"})
