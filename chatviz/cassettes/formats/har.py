"""HAR, the archive that browsers export: bodies as text, headers as lists, no time of any chunk.

Chrome keeps the messages of an event stream beside it, each with a time. A missing body is rebuilt
from them; their times stay what they are, another recorder's, and become no chunk's.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final
from urllib.parse import urlencode

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import mark_decoded
from chatviz.cassettes.content.encodings import codings_of
from chatviz.cassettes.formats.json_fields import JSONFields, read_json
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.errors import CassetteFormatError
from chatviz.wire.exchange import header

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether this is meant as a HAR file: a JSON object that begins with its log."""
    return _LOG.match(source.data) is not None


def read(source: SourceFile) -> Cassette:
    """Read a HAR file, version 1.2 or one near it.

    Raises
    ------
    CassetteSyntaxError
        The file is not valid JSON; with the line.
    CassetteFormatError
        Another version, a key that is missing, a value of the wrong type; with its place.
    """
    whole = JSONFields(read_json(source.data), "the archive")
    log = whole.map_of("log")
    version = log.text("version") or "1.2"
    if not version.startswith("1."):
        raise CassetteFormatError(
            f"this is HAR {version[:20]!r}; only versions like '1.2' are read. "
            "Export it from a browser's network panel."
        )
    interactions = tuple(_read_entry(entry) for entry in log.maps_of("entries"))
    extra: dict[YamlKey, YamlValue] = {"version": version} | log.extra() | whole.extra()
    return Cassette(interactions, version=1, format="har", extra={"har": extra})


def _read_entry(entry: JSONFields) -> Interaction:
    request = _read_request(entry.map_of("request"))
    response = _read_response(entry.map_of("response"), entry)
    return Interaction(request, response, extra=_extra(entry))


def _read_request(fields: JSONFields) -> RecordedRequest:
    proto, major, minor = _protocol(fields.text("httpVersion"))
    posted = fields.optional_map("postData")
    body = _encode(posted.text("text")) or _form(posted)
    return RecordedRequest(
        method=fields.required_text("method"),
        url=fields.required_text("url"),
        headers=_headers(fields),
        body=body,
        proto=proto,
        proto_major=major,
        proto_minor=minor,
        content_length=len(body),
        extra=_extra(fields, postData=posted),
    )


def _read_response(fields: JSONFields, entry: JSONFields) -> RecordedResponse:
    proto, major, minor = _protocol(fields.text("httpVersion"))
    status, words = fields.required_integer("status"), fields.text("statusText")
    content = fields.optional_map("content")
    response = RecordedResponse(
        status=status,
        status_line=f"{status} {words}".strip(),
        headers=_headers(fields),
        body=_content(content) or _rebuilt(entry.peek("_eventSourceMessages")),
        duration_ns=_time_to_headers(entry.peek("timings")),
        proto=proto,
        proto_major=major,
        proto_minor=minor,
        content_length=-1,
        extra=_extra(fields, content=content),
    )
    coding = header(response.headers, "content-encoding")
    if not codings_of(coding):
        return response
    # An archive holds what the browser read: the body is plain, whatever the header says.
    size = fields.peek("bodySize")
    return mark_decoded(response, coding, size if isinstance(size, int) and size > 0 else None)


def _content(content: JSONFields) -> bytes:
    text = content.text("text")
    if content.peek("encoding") != "base64":
        return _encode(text)
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise content.unfit("text", "base64, as its 'encoding' says", text) from None


def _rebuilt(messages: Any) -> bytes:
    """Return the event stream that Chrome's messages were, in the plainest spelling."""
    return b"".join(_event(message) for message in _maps(messages))


def _event(message: Mapping[str, Any]) -> bytes:
    name, number = (str(message.get(key) or "") for key in ("eventName", "eventId"))
    lines = [f"event: {name}"] if name not in ("", "message") else []
    lines += [f"id: {number}"] if number else []
    lines += [f"data: {line}" for line in str(message.get("data") or "").split("\n")]
    return _encode("\n".join(lines) + "\n\n")


def _form(posted: JSONFields) -> bytes:
    """Return the body that a form's parameters are, where the archive holds no text of it."""
    pairs = [(item.get("name", ""), item.get("value", "")) for item in _maps(posted.peek("params"))]
    return urlencode(pairs).encode()


def _time_to_headers(timings: Any) -> int | None:
    """Return send + wait in nanoseconds: from the start of sending to the first byte."""
    if not isinstance(timings, dict):
        return None
    send, wait = _milliseconds(timings.get("send")), _milliseconds(timings.get("wait"))
    return None if wait is None else round((wait + (send or 0.0)) * 1e6)


def _milliseconds(value: Any) -> float | None:
    """Return a time; None where it is -1 (not known), no number, or beyond a year."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value) if 0 <= value < 3.2e10 else None


def _headers(fields: JSONFields) -> dict[str, tuple[str, ...]]:
    """Return the headers; HTTP/2's own (``:path``) repeat other fields and are left out."""
    headers: dict[str, tuple[str, ...]] = {}
    for item in fields.maps_of("headers"):
        name = item.required_text("name")
        if not name.startswith(":"):
            headers[name] = (*headers.get(name, ()), item.text("value"))
    return headers


def _protocol(version: str) -> tuple[str, int, int]:
    """Return a protocol as Go names it, and its numbers: ``h2`` is HTTP/2.0."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return version, 0, 0
    major, minor = int(found[1]), int(found[2] or 0)
    return f"HTTP/{major}.{minor}", major, minor


def _maps(items: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _extra(fields: JSONFields, **inner: JSONFields) -> Mapping[YamlKey, YamlValue]:
    """Return the keys that were not taken, under one key that no go-vcr key can clash with."""
    rest = fields.extra()
    rest |= {name: part.extra() for name, part in inner.items() if part.extra()}
    return {"har": rest} if rest else {}


_LOG: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:')
_VERSION: Final = re.compile(r"(?:HTTP/|http/|h)([0-9])(?:\.([0-9]))?")
