"""One answer as ``curl -N`` saves it: the bytes of its body, with ``curl -i``'s headers or without.

The request is not known: method and URL are empty, and the dialect is recognised by the answer.
"""

from __future__ import annotations

import re
from typing import Final

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions
from chatviz.cassettes.formats.aws_prelude import AWS_CONTENT_TYPE, begins_with_aws_frame
from chatviz.cassettes.formats.captures.answers import is_answer
from chatviz.cassettes.formats.captures.heads import STATUS_LINE, decode_head, read_response_head
from chatviz.cassettes.formats.source_file import SourceFile

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether this is an answer: headers, an event stream, JSON of a chat, or AWS frames."""
    return begins_with_aws_frame(source.data) or is_answer(source.data)


def read(source: SourceFile) -> Cassette:
    """Read one captured answer.

    Raises
    ------
    CassetteSyntaxError
        One of its headers is malformed; with the line.
    """
    interactions = decode_interactions([Interaction(RecordedRequest(), _read(source.data))])
    return Cassette(interactions, version=0, format="plain")


def _read(data: bytes) -> RecordedResponse:
    if STATUS_LINE.match(data):
        return read_whole(data)
    if begins_with_aws_frame(data):
        return RecordedResponse(200, headers={"content-type": (AWS_CONTENT_TYPE,)}, body=data)
    return RecordedResponse(200, body=data)


def read_whole(data: bytes) -> RecordedResponse:
    """Read the last of the heads that curl wrote, and the body behind it.

    The ones before it are interim answers (100), a proxy's, or those of redirects.
    """
    head, body, line = b"", data, 1
    before: list[str] = []
    while STATUS_LINE.match(body):
        if head:
            before.append(decode_head(head))
            line += head.count(b"\n") + 2
        head, body = _split(body)
    return read_response_head(decode_head(head).splitlines(), body, line=line, before=before)


def _split(data: bytes) -> tuple[bytes, bytes]:
    found = _BLANK_LINE.search(data)
    return (data, b"") if found is None else (data[: found.start()], data[found.end() :])


_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
