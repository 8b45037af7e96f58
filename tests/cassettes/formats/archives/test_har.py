"""HAR as browsers export it: bodies, headers and times; and every fault with its place."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats.archives import har
from chatviz.cassettes.formats.archives.json_fields import read_json
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
    assert response.metadata is None


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
    assert found.response.metadata == RecordingMetadata(content_encoding="br", encoded_size=kept)


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
def test_an_odd_entry_is_kept_with_its_fault_and_costs_no_other(
    changes: dict[str, Any], reason: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(archive(entry(), entry(**changes)))
    cassette = load_cassette(path)
    good, odd = cassette.interactions
    assert (good.fault, good.response.body) == ("", TEXT.encode())
    if reason is None:
        assert (odd.request.url, odd.fault) == ("", "")
        return
    assert re.search(reason, odd.fault)
    assert "entries[1]" in odd.fault
    assert "(1 of them not read whole)" in repr(cassette)
    assert convert(cassette, tmp_path / "a.yaml") == load_cassette(tmp_path / "a.yaml")


def test_each_half_of_an_odd_entry_is_read_for_itself() -> None:
    found = read_entry(request__postData={"text": 7})
    assert (found.request.method, found.request.url, found.request.body) == ("POST", URL, b"")
    assert found.response.body == TEXT.encode()
    found = read_entry(response=None)
    assert found.request.body == b'{"model": "a"}'
    assert (found.response.status, found.response.body) == (0, b"")
    assert found.response.extra == {"har": {"unread": None}}
    (run,) = read_runs(Cassette((found,)))
    (finding,) = (each for each in run.findings if each.code == "recording_not_read")
    assert "entries[0].response should be a map, and is nothing" in finding.message


def test_an_archive_of_which_nothing_can_be_read_is_refused() -> None:
    with pytest.raises(CassetteFormatError, match=r"entries\[0\] should be a map"):
        read(archive(7, entry(request=None)))


GZIPPED = gzip.compress(TEXT.encode(), mtime=0)
HEX = [GZIPPED[:10].hex(), GZIPPED[10:].hex()]
BASE64 = [base64.b64encode(half).decode() for half in (GZIPPED[:10], GZIPPED[10:])]
CODED = [{"name": "content-encoding", "value": "gzip"}]


@pytest.mark.parametrize(
    "content",
    [
        {"_isBinary": True, "text": json.dumps(HEX)},
        {"_isBinary": True, "text": "".join(HEX)},
        {"encoding": "base64", "text": json.dumps(BASE64)},
        {"encoding": "base64", "text": base64.b64encode(GZIPPED).decode()},
    ],
    ids=["Polly 4", "Polly, one piece", "Polly 6", "one base64"],
)
def test_a_body_that_is_still_coded_is_decoded(content: dict[str, Any]) -> None:
    """Polly keeps a coded body as the list of its chunks, in hex and, from version 6, base64."""
    found = read_entry(response__content=content, response__headers=CODED)
    assert found.response.body == TEXT.encode()
    assert found.response.headers == {}
    metadata = RecordingMetadata(content_encoding="gzip", encoded_size=len(GZIPPED))
    assert found.response.metadata == metadata


@pytest.mark.parametrize(
    "text", ["[", "[1]", "[null]", '["zz"]', "[[]]", "[" * 9_000, "0", "no hex", '[{"a": 1}]']
)
def test_a_list_of_chunks_that_is_none_is_a_fault_of_its_entry(text: str) -> None:
    found = read_entry(response__content={"_isBinary": True, "text": text})
    assert found.response.body == b""
    assert found.response.status == 200
    assert "content.text should be hex, as the keys beside it say" in found.fault


def playwright(folder: Path, name: Any, body: bytes | None = TEXT.encode()) -> Interaction:
    if body is not None:
        (folder / "body.dat").write_bytes(body)
    path = folder / "a.har"
    path.write_bytes(archive(entry(response__content={"_file": name, "mimeType": "x"})))
    return load_cassette(path).interactions[0]


def test_a_body_in_a_file_beside_the_archive_is_read(tmp_path: Path) -> None:
    found = playwright(tmp_path, "body.dat")
    assert (found.response.body, found.fault) == (TEXT.encode(), "")
    assert read_runs(Cassette((found,)))[0].message.text == "hi 😀"
    (tmp_path / "asked.json").write_bytes(b'{"model": "b"}')
    path = tmp_path / "b.har"
    path.write_bytes(archive(entry(request__postData={"_file": "asked.json"})))
    assert load_cassette(path).interactions[0].request.body == b'{"model": "b"}'


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    found = playwright(tmp_path, "0a1b.dat")
    assert "'0a1b.dat' beside the archive, which is not there" in found.fault
    (run,) = read_runs(Cassette((found,)))
    assert any("'0a1b.dat'" in finding.message for finding in run.findings)


def test_bytes_alone_have_no_files_beside_them() -> None:
    found = read_entry(response__content={"_file": "body.dat"})
    assert "'body.dat', and no file is opened" in found.fault


def test_an_archive_in_yaml_is_read(tmp_path: Path) -> None:
    """YAML takes what looks like a number for one; where HAR holds text it is text."""
    log = json.loads(archive(entry(request__httpVersion="1.1", response__statusText="200")))["log"]
    log["version"] = 1.2
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump({"pages": 0, "log": log}, allow_unicode=True))
    cassette = load_cassette(path)
    assert cassette.format == "har"
    assert cassette.interactions[0].response.body == TEXT.encode()
    assert cassette.interactions[0].response.status_line == "200 200"
    binary = {"text": GZIPPED, "size": 3}
    log["entries"][0]["response"] |= {"content": binary, "headers": CODED}
    path.write_text(yaml.safe_dump({"log": log}))
    assert load_cassette(path).interactions[0].response.body == TEXT.encode()


def test_the_log_may_stand_behind_other_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(archive(entry()).replace(b"{", b'{"_comment": "x",', 1))
    assert read_runs(path)[0].message.text == "hi 😀"


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
        (b'{"log": {"entries": {}}}', CassetteFormatError, "should be a list, and is a map", None),
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
