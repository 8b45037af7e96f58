"""HAR, the archive that browsers export: bodies as text, headers as lists, no time of any chunk.

What an archive holds is what a browser read; Polly's is what came over the wire, still coded.
Chrome keeps the messages of an event stream beside it, each with a time. A missing body is rebuilt
from them; their times stay what they are, another recorder's, and become no chunk's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final
from urllib.parse import urlencode

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions, mark_decoded
from chatviz.cassettes.content.encodings import codings_of
from chatviz.cassettes.formats.archives.har_content import Content, read_content
from chatviz.cassettes.formats.archives.json_fields import JSONFields, read_json
from chatviz.cassettes.formats.entries import note_faults, read_entries, say_fault
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.errors import CassetteFormatError
from chatviz.given_values import short_repr
from chatviz.wire.exchange import header

__all__ = ["read", "read_archive", "recognises"]


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
    return read_archive(read_json(source.data), source)


def read_archive(value: Any, source: SourceFile) -> Cassette:
    """Read an archive from the plain value that its file holds; the errors are those of `read`."""
    whole = JSONFields(value, "the archive")
    log = whole.map_of("log")
    version = log.text("version") or "1.2"
    if not version.startswith("1."):
        raise CassetteFormatError(
            f"this is HAR {short_repr(version, longest=20)}; only versions like '1.2' are read. "
            "Export it from a browser's network panel."
        )
    interactions = read_entries(
        log.items_of("entries"),
        lambda entry, place: _read_entry(JSONFields(entry, f"log.entries[{place}]"), source),
        extra_of=lambda entry: {"har": {"unread": entry}},
    )
    interactions = decode_interactions(interactions)
    extra: dict[YamlKey, YamlValue] = {"version": version} | log.extra() | whole.extra()
    return Cassette(interactions, version=1, format="har", extra={"har": extra})


def _read_entry(entry: JSONFields, source: SourceFile) -> Interaction:
    """Read an entry; of one whose method and URL are known, each half for itself."""
    asked, answered, faults = entry.peek("request"), entry.peek("response"), []
    try:
        request = _read_request(entry.map_of("request"), source)
    except CassetteFormatError as error:
        request = _bare_request(asked, error)
        faults.append(say_fault(error))
    try:
        response = _read_response(entry.map_of("response"), entry, source)
    except CassetteFormatError as error:
        response = RecordedResponse(0, extra={"har": {"unread": answered}})
        faults.append(say_fault(error))
    return Interaction(request, note_faults(response, faults), extra=_extra(entry))


def _bare_request(asked: Any, error: CassetteFormatError) -> RecordedRequest:
    """Return method and URL of a request that cannot be read whole; without them, its error."""
    method, url = (asked.get(key) if isinstance(asked, dict) else None for key in ("method", "url"))
    if not isinstance(method, str) or not isinstance(url, str):
        raise error
    return RecordedRequest(method, url, extra={"har": {"unread": asked}})


def _read_request(fields: JSONFields, source: SourceFile) -> RecordedRequest:
    proto, major, minor = _protocol(fields.text("httpVersion"))
    posted = fields.optional_map("postData")
    body = read_content(posted, source).data or _form(posted)
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


def _read_response(fields: JSONFields, entry: JSONFields, source: SourceFile) -> RecordedResponse:
    proto, major, minor = _protocol(fields.text("httpVersion"))
    status, words = fields.required_integer("status"), fields.text("statusText")
    content = fields.optional_map("content")
    body, fault = _read_body(content, source)
    response = RecordedResponse(
        status=status,
        status_line=f"{status} {words}".strip(),
        headers=_headers(fields),
        body=body.data or _rebuilt(entry.peek("_eventSourceMessages")),
        duration_ns=_time_to_headers(entry.peek("timings")),
        proto=proto,
        proto_major=major,
        proto_minor=minor,
        content_length=-1,
        extra=_extra(fields, content=content),
    )
    if fault or body.is_raw:
        return note_faults(response, [fault])
    coding = header(response.headers, "content-encoding")
    if not codings_of(coding):
        return response
    # An archive holds what the browser read: the body is plain, whatever the header says.
    size = fields.peek("bodySize")
    return mark_decoded(response, coding, size if isinstance(size, int) and size > 0 else None)


def _read_body(content: JSONFields, source: SourceFile) -> tuple[Content, str]:
    """Return the body, and why it cannot be read: head and times are worth keeping without it."""
    try:
        return read_content(content, source), ""
    except CassetteFormatError as error:
        return Content(b""), say_fault(error)


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
