"""One answer as ``curl -N`` saves it: the bytes of its body, with ``curl -i``'s headers or without.

The request is not known: method and URL are empty, and the dialect is recognised by the answer.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.dialects import dialect_of_payload
from chatviz.errors import CassetteSyntaxError

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether this is an answer: HTTP headers, an event stream, or JSON of a chat."""
    text = source.data.removeprefix(_BOM).lstrip()
    if _STATUS.match(text):
        return True
    if text.startswith((b"{", b"[")):
        return _is_chat_json(text)
    return _FIELD.match(text) is not None and not _CASSETTE.search(text)


def read(source: SourceFile) -> Cassette:
    """Read one captured answer.

    Raises
    ------
    CassetteSyntaxError
        One of its headers is malformed; with the line.
    """
    if not _STATUS.match(source.data):
        response = RecordedResponse(200, body=source.data)
    else:
        response = _read_whole(source.data)
    interactions = decode_interactions([Interaction(RecordedRequest(), response)])
    return Cassette(interactions, version=0, format="plain")


def _read_whole(data: bytes) -> RecordedResponse:
    """Read the last of the heads that curl wrote, and the body behind it.

    The ones before it are interim answers (100), a proxy's, or those of redirects.
    """
    head, body, line = b"", data, 1
    before: list[str] = []
    while _STATUS.match(body):
        if head:
            before.append(_text(head))
            line += head.count(b"\n") + 2
        head, _, body = _split(body)
    return _with_head(head, body, line, before)


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    found = _BLANK_LINE.search(data)
    if found is None:
        return data, b"", b""
    return data[: found.start()], found[0], data[found.end() :]


def _with_head(head: bytes, body: bytes, line: int, before: list[str]) -> RecordedResponse:
    status, *lines = _text(head).splitlines()
    proto, code, words = (*status.split(" ", 2), "")[:3]
    headers: dict[str, tuple[str, ...]] = {}
    for number, text in enumerate(lines, line + 1):
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise CassetteSyntaxError(
                "this line should be a header, 'name: value', or the empty line that ends them. "
                "Restore the file, or save the answer again with curl -i.",
                line=number,
            )
        headers[name] = (*headers.get(name, ()), value.strip())
    major, _, minor = proto.removeprefix("HTTP/").partition(".")
    return RecordedResponse(
        status=int(code),
        status_line=f"{code} {words}".strip(),
        headers=headers,
        body=body,
        proto=proto,
        proto_major=int(major),
        proto_minor=int(minor or 0),
        content_length=-1,
        extra={"plain": {"heads_before": [*before]}} if before else {},
    )


def _is_chat_json(text: bytes) -> bool:
    """Whether the first value is a payload of a chat, or an error."""
    try:
        value: Any
        value, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or "interactions" in first:
        return False
    return "error" in first or dialect_of_payload(first) is not None


def _text(head: bytes) -> str:
    # RFC 9112: what a header holds beyond ASCII is opaque; surrogates keep its bytes.
    return head.decode("utf-8", "surrogateescape")


_BOM: Final = b"\xef\xbb\xbf"
_STATUS: Final = re.compile(rb"HTTP/[0-9](?:\.[0-9])? [0-9]{3}(?: [^\r\n]*)?\r?\n")
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(rb":|(?:data|event|id|retry)(?::|\r?\n)")
_CASSETTE: Final = re.compile(rb"^(?:interactions|version):", re.MULTILINE)
