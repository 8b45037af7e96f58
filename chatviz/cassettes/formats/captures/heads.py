"""HTTP heads as text: the lines of a request's head and of a response's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse
from chatviz.errors import CassetteSyntaxError

__all__ = ["STATUS_LINE", "decode_head", "read_request_head", "read_response_head"]

STATUS_LINE: Final = re.compile(rb"HTTP/[0-9](?:\.[0-9])? [0-9]{3}(?: [^\r\n]*)?\r?(?:\n|\Z)")
"""The first line of a response."""


def read_response_head(
    lines: Sequence[str], body: bytes, *, line: int | None = None, before: Sequence[str] = ()
) -> RecordedResponse:
    """Read the head of a response.

    Parameters
    ----------
    lines : sequence of str
        The status line, which fits ``STATUS_LINE``, and the headers.
    body : bytes
    line : int | None
        Where the status line is in the file; None where a line that is no header is passed over.
    before : sequence of str
        The heads before it (interim answers, a proxy's, those of redirects), kept as they are.

    Raises
    ------
    CassetteSyntaxError
        One of the headers is malformed; with the line.
    """
    proto, code, words = (*lines[0].split(" ", 2), "")[:3]
    name, major, minor = _protocol(proto)
    return RecordedResponse(
        status=int(code),
        status_line=f"{code} {words}".strip(),
        headers=_headers(lines[1:], line),
        body=body,
        proto=name,
        proto_major=major,
        proto_minor=minor,
        content_length=-1,
        extra={"plain": {"heads_before": [*before]}} if before else {},
    )


def read_request_head(lines: Sequence[str], scheme: str) -> RecordedRequest:
    """Read the head of a request: its first line ``POST /path HTTP/1.1`` and its headers.

    Parameters
    ----------
    lines : sequence of str
    scheme : str
        Of the URL, which is made of the path and the ``Host`` header.
    """
    method, target, proto = (*lines[0].split(" "), "", "")[:3]
    name, major, minor = _protocol(proto)
    headers = _headers(lines[1:], None)
    host = next((values[0] for key, values in headers.items() if key.lower() == "host"), "")
    request = RecordedRequest(
        method, target, headers, proto=name, proto_major=major, proto_minor=minor, host=host
    )
    return replace(request, url=f"{scheme}://{host}{target}") if target[:1] == "/" else request


def decode_head(head: bytes) -> str:
    """Return a head as text; RFC 9112 defines nothing beyond ASCII: surrogates keep its bytes."""
    return head.decode("utf-8", "surrogateescape")


def _headers(lines: Iterable[str], line: int | None) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for number, text in enumerate(lines, (line or 0) + 1):
        name, colon, value = text.partition(":")
        if colon and name.strip():
            headers[name] = (*headers.get(name, ()), value.strip())
        elif line is not None:
            raise CassetteSyntaxError(
                "this line should be a header, 'name: value', or the empty line that ends them. "
                "Restore the file, or save the answer again with curl -i.",
                line=number,
            )
    return headers


def _protocol(proto: str) -> tuple[str, int, int]:
    """Return the protocol and its two numbers: ``HTTP/2`` has one, and means 2.0."""
    found = re.fullmatch(r"HTTP/([0-9])(?:\.([0-9]))?", proto)
    return (proto, int(found[1]), int(found[2] or 0)) if found else (proto, 0, 0)
