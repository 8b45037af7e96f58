"""HAR as browsers export it: bodies, headers and times; and every fault with its place."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats import har
from chatviz.cassettes.formats.json_fields import read_json
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteLimitError,
    CassetteSyntaxError,
)

URL = "https://api.example/v1/chat/completions"
CHUNK = '{"choices":[{"delta":{"content":"hi 😀"}}]}'
TEXT = f"data: {CHUNK}\n\ndata: [DONE]\n\n"


def entry(**changes: Any) -> dict[str, Any]:
    """Return an entry as Chrome writes it; ``a__b=1`` sets a key inside."""
    made: dict[str, Any] = {
        "_initiator": {"type": "script"},
        "startedDateTime": "2026-01-05T11:27:44.428Z",
        "time": 900.5,
        "request": {
            "method": "POST",
            "url": URL,
            "httpVersion": "h2",
            "headers": [
                {"name": ":path", "value": "/v1/chat/completions"},
                {"name": "content-type", "value": "application/json"},
            ],
            "cookies": [],
            "bodySize": 14,
            "postData": {"mimeType": "application/json", "text": '{"model": "a"}'},
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "h2",
            "headers": [
                {"name": "content-type", "value": "text/event-stream"},
                {"name": "set-cookie", "value": "a"},
                {"name": "set-cookie", "value": "b"},
            ],
            "content": {"size": len(TEXT), "mimeType": "text/event-stream", "text": TEXT},
            "bodySize": -1,
        },
        "timings": {"blocked": 3.1, "dns": -1, "send": 0.25, "wait": 411.5, "receive": 80},
    }
    for path, value in changes.items():
        *folders, name = path.split("__")
        inner = made
        for folder in folders:
            inner = inner[folder]
        inner[name] = value
    return made


def archive(*entries: Any, **log: Any) -> bytes:
    whole = {"log": {"version": "1.2", "creator": {"name": "WebInspector"}, **log}}
    whole["log"]["entries"] = list(entries)
    return json.dumps(whole, indent=2).encode()


def read(data: bytes) -> Cassette:
    source = SourceFile(data)
    assert har.recognises(source)
    return har.read(source)


def read_entry(**changes: Any) -> Interaction:
    (found,) = read(archive(entry(**changes))).interactions
    return found


def test_an_exchange_of_a_browser_is_read() -> None:
    found = read_entry()
    request, response = found.request, found.response
    assert (request.method, request.url) == ("POST", URL)
    assert (request.proto, request.proto_major, request.proto_minor) == ("HTTP/2.0", 2, 0)
    assert request.headers == {"content-type": ("application/json",)}
    assert request.body == b'{"model": "a"}'
    assert (response.status, response.status_line) == (200, "200")
    assert response.headers["set-cookie"] == ("a", "b")
    assert response.body == TEXT.encode()
    assert response.notes is None


def test_its_run_is_read_and_has_no_chunk_times() -> None:
    run = read_runs(read(archive(entry())))[0]
    assert run.message.text == "hi 😀"
    assert (run.timing, run.dialect) == ("none", "openai-chat")
    assert run.time_to_headers_s == 0.41175
    assert run.response.time_source == "recorder"


@pytest.mark.parametrize(
    ("timings", "nanoseconds"),
    [
        ({"send": 1, "wait": 2}, 3_000_000),
        ({"send": -1, "wait": 2.5}, 2_500_000),
        ({"wait": 0}, 0),
        ({"send": 1, "wait": -1}, None),
        ({"send": 1}, None),
        ({"wait": True}, None),
        ({"wait": "2"}, None),
        ({"wait": 1e300}, None),
        ({"wait": float("nan")}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_time_to_headers_is_send_and_wait(timings: Any, nanoseconds: int | None) -> None:
    assert read_entry(timings=timings).response.duration_ns == nanoseconds


def test_binary_content_is_base64() -> None:
    coded = base64.b64encode(b"\xff\x00data").decode()
    content = {"text": coded[:4] + "\n" + coded[4:], "encoding": "base64"}
    assert read_entry(response__content=content).response.body == b"\xff\x00data"


def test_half_a_character_is_kept() -> None:
    r"""JSON can hold ``\ud83d`` alone; its bytes are no UTF-8, and are kept all the same."""
    found = read_entry(response__content={"text": "a\ud83d"})
    assert found.response.body == b"a\xed\xa0\xbd"


@pytest.mark.parametrize(("size", "kept"), [(40, 40), (-1, None), (None, None), ("40", None)])
def test_what_the_browser_unpacked_is_plain(size: Any, kept: int | None) -> None:
    """The header still names the coding of the wire; the text is what the browser made of it."""
    headers = [
        {"name": "Content-Encoding", "value": "br"},
        {"name": "Content-Length", "value": "40"},
        {"name": "X", "value": "y"},
    ]
    found = read_entry(response__headers=headers, response__bodySize=size)
    assert found.response.body == TEXT.encode()
    assert found.response.headers == {"X": ("y",)}
    assert found.response.uncompressed
    assert found.response.notes == RecordingMetadata(content_encoding="br", encoded_size=kept)


MESSAGES = [
    {"time": 1767612464.9, "eventName": "message", "eventId": "", "data": CHUNK},
    {"time": 1767612465.2, "eventName": "note", "eventId": "7", "data": "one\ntwo"},
    {"time": 1767612465.3, "eventName": "", "eventId": "", "data": "[DONE]"},
    "no message",
]
REBUILT = f"data: {CHUNK}\n\nevent: note\nid: 7\ndata: one\ndata: two\n\ndata: [DONE]\n\n"


@pytest.mark.parametrize("content", [None, {}, {"size": 0, "mimeType": "x"}, {"text": ""}])
def test_a_missing_event_stream_is_rebuilt_from_chromes_messages(content: Any) -> None:
    found = read_entry(response__content=content, _eventSourceMessages=MESSAGES)
    assert found.response.body == REBUILT.encode()
    run = read_runs(Cassette((found,)))[0]
    assert run.message.text == "hi 😀"
    assert run.timing == "none"


def test_the_times_of_chromes_messages_are_kept_as_they_are() -> None:
    found = read_entry(_eventSourceMessages=MESSAGES)
    assert found.response.body == TEXT.encode()
    extra = found.extra["har"]
    assert isinstance(extra, dict)
    assert extra["_eventSourceMessages"] == MESSAGES


def test_a_form_stands_as_parameters() -> None:
    posted = {"params": [{"name": "a b", "value": "ü"}, {"name": "c"}, 7]}
    assert read_entry(request__postData=posted).request.body == b"a+b=%C3%BC&c="
    assert read_entry(request__postData=None).request.body == b""


@pytest.mark.parametrize(
    ("version", "proto"),
    [
        ("HTTP/1.1", ("HTTP/1.1", 1, 1)),
        ("http/2.0", ("HTTP/2.0", 2, 0)),
        ("h3", ("HTTP/3.0", 3, 0)),
        ("unknown", ("unknown", 0, 0)),
        (None, ("", 0, 0)),
    ],
)
def test_protocols_are_named_as_go_names_them(
    version: str | None, proto: tuple[str, int, int]
) -> None:
    found = read_entry(response__httpVersion=version).response
    assert (found.proto, found.proto_major, found.proto_minor) == proto


def test_nothing_is_lost_on_the_way_to_go_vcr(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(b"\xef\xbb\xbf" + archive(entry(_eventSourceMessages=MESSAGES), pages=[]))
    cassette = load_cassette(path)
    assert (cassette.format, cassette.version) == ("har", 1)
    assert cassette.extra == {
        "har": {"version": "1.2", "creator": {"name": "WebInspector"}, "pages": []}
    }
    (found,) = cassette.interactions
    assert found.request.extra == {
        "har": {"cookies": [], "bodySize": 14, "postData": {"mimeType": "application/json"}}
    }
    extra = found.extra["har"]
    assert isinstance(extra, dict)
    assert {"_initiator", "startedDateTime", "time", "timings"} <= extra.keys()
    written = convert(path, tmp_path / "a.yaml")
    assert load_cassette(tmp_path / "a.yaml") == written
    assert read_runs(written)[0].messages == read_runs(cassette)[0].messages


def test_other_traffic_is_kept_and_passed_over() -> None:
    image = entry(request__url="https://a.example/a.png", request__method="GET")
    blocked = entry(response__status=0, response__content={}, request__method="OPTIONS")
    cassette = read(archive(image, entry(), blocked))
    assert [run.interaction for run in read_runs(cassette)] == [1]
    assert "3 interactions (2 of them not a chat), har" in repr(cassette)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"request": 7}, r"log\.entries\[1\]\.request should be a map, and is a whole number"),
        ({"request__url": None}, None),
        ({"request__method": 1.5}, r"request\.method should be text, and is a number with"),
        ({"request__postData": [1]}, r"postData should be a map, and is a list"),
        ({"request__headers": {"a": "b"}}, r"headers should be a list, and is a map"),
        ({"request__headers": ["a"]}, r"request\.headers\[0\] should be a map, and is text"),
        ({"request__headers": [{}]}, r"headers\[0\] has no 'name'"),
        ({"response__status": "200"}, r"status should be a whole number"),
        ({"response__status": True}, r"status should be a whole number"),
        ({"response__status": 2**70}, r"status should be a whole number"),
        ({"response__content": {"text": "?", "encoding": "base64"}}, "should be base64"),
        ({"response__content": {"text": "é", "encoding": "base64"}}, "should be base64"),
    ],
)
def test_a_fault_is_named_with_its_place(
    changes: dict[str, Any], reason: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(archive(entry(), entry(**changes)))
    if reason is None:
        assert load_cassette(path).interactions[1].request.url == ""
        return
    with pytest.raises(CassetteFormatError, match=reason) as caught:
        load_cassette(path)
    assert "entries[1]" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("data", "kind", "reason", "line"),
    [
        (b'{"log": \n\n {"entries": [}', CassetteSyntaxError, "this is not valid JSON", 3),
        (b'{"log":\n"\xff"}', CassetteSyntaxError, "0xff is not UTF-8", 2),
        (b'{"log": ' + b"[" * 200_000, CassetteLimitError, "too deep", None),
        (b'{"log": ' + b"9" * 5_000 + b"}", CassetteLimitError, "thousands of digits", None),
        (b'{"log": {"version": "2.0"}}', CassetteFormatError, "this is HAR '2.0'", None),
        (b'{"log": []}', CassetteFormatError, "log should be a map, and is a list", None),
        (b'{"log": {"entries": true}}', CassetteFormatError, "and is true or false", None),
        (b'{"log": {"entries": [null]}}', CassetteFormatError, "and is nothing", None),
    ],
)
def test_a_bad_archive_says_why(
    data: bytes, kind: type[CassetteError], reason: str, line: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(data)
    with pytest.raises(kind, match=reason) as caught:
        load_cassette(path)
    assert caught.value.line == line


def test_an_empty_archive_is_an_empty_cassette() -> None:
    assert read(b' {\n"log" : {}}').interactions == ()


def test_other_json_is_no_archive() -> None:
    assert not har.recognises(SourceFile(b'{"version": 2, "log": {}}'))
    assert read_json(b"[1]") == [1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["request", "response", "content", "headers", "name", "url", "timings"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["request", "response", "timings", "_eventSourceMessages", "x"]))
def test_bent_archives_get_a_cassette_error(value: Any, name: str) -> None:
    try:
        cassette = read(archive(entry(**{name: value})))
    except CassetteError as error:
        assert error.reason
    else:
        read_runs(cassette)
