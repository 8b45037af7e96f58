"""vcrpy's files: every form of a body and of a header, and every fault with its line."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, RecordedRequest, RecordedResponse
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats import vcrpy
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteError, CassetteFormatError

URL = "https://api.example/v1/chat/completions"
TEXT = b'data: {"choices": [{"delta": {"content": "hi \xf0\x9f\x98\x80"}}]}\n\ndata: [DONE]\n\n'


def cassette_of(request: object, response: object, **more: object) -> Cassette:
    """Write one exchange as PyYAML does, and read it."""
    whole = {"interactions": [{"request": request, "response": response}], **more}
    return vcrpy.read(SourceFile(yaml.safe_dump(whole).encode()))


def exchange(
    request: dict[str, object] | None = None, response: dict[str, object] | None = None
) -> tuple[RecordedRequest, RecordedResponse]:
    asked = {"method": "POST", "uri": URL, "headers": {}, **(request or {})}
    answered = {"status": {"code": 200, "message": "OK"}, "headers": {}, **(response or {})}
    (found,) = cassette_of(asked, answered).interactions
    return found.request, found.response


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, b""),
        ({"body": None}, b""),
        ({"body": ""}, b""),
        ({"body": '{"a": 1}'}, b'{"a": 1}'),
        ({"body": "12"}, b"12"),
        ({"body": b"\xff\x00"}, b"\xff\x00"),
        ({"body": {"a": [1, None, "é"]}}, '{"a":[1,null,"é"]}'.encode()),
        ({"parsed_body": {"b": True, "a": {}}}, b'{"a":{},"b":true}'),
        ({"parsed_body": []}, b"[]"),
        ({"parsed_body": {"a": b"\xff"}}, b'{"a":"\xff"}'),
    ],
)
def test_a_requests_body_is_read_in_every_form(fields: dict[str, object], body: bytes) -> None:
    request, _ = exchange(fields)
    assert request.body == body
    assert (request.method, request.url, request.content_length) == ("POST", URL, len(body))


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, b""),
        ({"body": None}, b""),
        ({"body": "text"}, b"text"),
        ({"body": {"string": None}}, b""),
        ({"body": {"string": ""}}, b""),
        ({"body": {"string": TEXT.decode()}}, TEXT),
        ({"body": {"string": b"\xff\xfe"}}, b"\xff\xfe"),
        ({"body": {"string": {"a": 1}}}, b'{"a":1}'),
        ({"parsed_body": {"a": 1.5}}, b'{"a":1.5}'),
        ({"content": TEXT.decode()}, TEXT),
    ],
)
def test_a_responses_body_is_read_in_every_form(fields: dict[str, object], body: bytes) -> None:
    _, response = exchange(None, fields)
    assert response.body == body
    assert (response.status, response.status_line, response.reason) == (200, "200 OK", "OK")
    assert response.time_to_headers_s is None


PYYAMLS_TEXTS = [
    "1e5",
    "08",
    "0o17",
    "1.5e5",
    "yes",
    "null",
    "~",
    "1_000",
    "0x1F",
    "12:30",
    "=",
    "",
]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**62), 2**62)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from(PYYAMLS_TEXTS)
        | st.text(st.characters(codec="utf-8"), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    ).filter(lambda value: value is not None)
)
def test_a_parsed_body_is_the_json_that_it_was(value: object) -> None:
    """PyYAML writes ``1e5`` and ``08`` without quotes: to YAML 1.1 they are text."""
    request, response = exchange({"parsed_body": value}, {"parsed_body": value})
    assert json.loads(request.body) == value
    assert response.body == request.body


def test_numbers_as_keys_are_texts_in_json() -> None:
    text = f"interactions: [{{request: {{uri: '{URL}', body: {{1: a, !!binary YQ==: b}}}}, "
    cassette = vcrpy.read(SourceFile((text + "response: {status: {code: 200}}}]").encode()))
    assert cassette.interactions[0].request.body == b'{"1":"a","a":"b"}'


def test_headers_are_lists_or_single_values() -> None:
    request, response = exchange(
        {"headers": {"Accept": "a", "X": ["b", "c"], "Length": 5, "Amz": [b"d"], b"B": [b"\xff"]}},
        {"headers": None},
    )
    assert request.headers == {
        "Accept": ("a",),
        "X": ("b", "c"),
        "Length": ("5",),
        "Amz": ("d",),
        "B": ("\udcff",),
    }
    assert response.headers == {}


@pytest.mark.parametrize(
    ("body", "coding"),
    [(gzip.compress(TEXT), "gzip"), (zlib.compress(TEXT), "deflate")],
    ids=["gzip", "deflate"],  # a gzip body holds the time: its id would differ in each process
)
def test_a_coded_body_is_decoded_and_its_run_read(body: bytes, coding: str, tmp_path: Path) -> None:
    headers = {"content-encoding": [coding], "content-type": ["text/event-stream"]}
    cassette = cassette_of(
        {"method": "POST", "uri": URL},
        {"status": {"code": 200}, "headers": headers, "body": {"string": body}},
    )
    response = cassette.interactions[0].response
    assert response.body == TEXT
    assert response.metadata == RecordingMetadata(content_encoding=coding, encoded_size=len(body))
    assert read_runs(cassette)[0].message.text == "hi 😀"
    written = convert(cassette, tmp_path / "a.yaml")
    assert load_cassette(tmp_path / "a.yaml") == written
    assert b"hi \xf0\x9f\x98\x80" in (tmp_path / "a.yaml").read_bytes()


def test_the_older_form_for_httpx_is_read() -> None:
    """vcrpy 4 wrote httpx's answers with ``status_code`` and ``content``."""
    response = {"status_code": 201, "http_version": "HTTP/1.1", "headers": {}, "content": "x"}
    (found,) = cassette_of({"method": "GET", "uri": URL}, response).interactions
    assert (found.response.status, found.response.status_line) == (201, "201")
    assert (found.response.body, found.response.proto) == (b"x", "HTTP/1.1")


def test_keys_that_are_not_known_are_kept(tmp_path: Path) -> None:
    whole = {
        "recorder": "me",
        "version": 1,
        "interactions": [
            {
                "recorded_at": "then",
                "request": {"method": "GET", "uri": URL, "duration": 1},
                "response": {"status": {"code": 200}, "url": "other", "status_code": None},
            }
        ],
    }
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(whole))
    cassette = load_cassette(path)
    assert cassette.extra == {"vcrpy": {"recorder": "me"}}
    (found,) = cassette.interactions
    assert found.extra == {"vcrpy": {"recorded_at": "then"}}
    assert found.request.extra == {"vcrpy": {"duration": 1}}
    assert found.response.extra == {"vcrpy": {"url": "other"}}
    assert convert(cassette, path).extra == load_cassette(path).extra == cassette.extra


@pytest.mark.parametrize("version", ["", "version: 1\n", "version: ~\n"])
def test_the_version_may_be_absent(version: str) -> None:
    text = f"{version}interactions: [{{request: {{uri: u}}, response: {{status: {{code: 200}}}}}}]"
    source = SourceFile(text.encode())
    assert vcrpy.recognises(source)
    assert vcrpy.read(source).format == "vcrpy"


def test_it_is_recognised_by_any_of_its_entries() -> None:
    assert vcrpy.recognises(SourceFile(b"interactions: [{a: 1}, {response: {status: {code: 1}}}]"))
    assert not vcrpy.recognises(SourceFile(b"interactions: [{request: {url: u}}, 7]"))
    assert not vcrpy.recognises(SourceFile(b"interactions: {}"))
    assert not vcrpy.recognises(SourceFile(b"[1]"))


def test_frames_of_a_websocket_among_exchanges_are_kept_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "interactions:\n- {direction: sent, data: {type: hello}}\n"
        f"- request: {{method: POST, uri: '{URL}'}}\n"
        "  response: {status: {code: 200}, body: {string: 'data: [DONE]'}}\n"
    )
    cassette = load_cassette(path)
    frame, chat = cassette.interactions
    assert frame.extra == {"vcrpy": {"direction": "sent", "data": {"type": "hello"}}}
    assert (frame.is_chat, chat.is_chat) == (False, True)
    assert [run.interaction for run in read_runs(cassette)] == [1]
    assert "2 interactions (1 of them not a chat)" in repr(cassette)
    assert convert(cassette, path).interactions == load_cassette(path).interactions


GOOD = "request: {uri: u}\n  response: {status: {code: 200}}"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("request: {method: GET}\n  response: {status: {code: 200}}", "has no 'uri'"),
        ("request: {uri: u}\n  response: {}", "has no 'status'"),
        ("request: {uri: u}\n  response: {status: {}}", "has no 'code'"),
        ("request: {uri: u}\n  response: {status: {code: a}}", "code should be a whole number"),
        ("request: {uri: u}\n  response: {status: 200}", "status should be a map"),
        ("request: {uri: u}\n  response: 7", "response should be a map"),
        ("request: {uri: u}", "has no 'response'"),
        ("request: {uri: [u]}\n  response: {status: {code: 1}}", "uri should be text"),
        (f"{GOOD[:-1]}, headers: [a]}}", "headers should be a map from names to values"),
        (f"{GOOD[:-1]}, headers: {{a: {{b: c}}}}}}", "headers should be a map from names"),
        (f"{GOOD[:-1]}, headers: {{a: [[b]]}}}}", "headers should be a map from names"),
    ],
)
def test_an_odd_entry_is_kept_with_its_fault_and_costs_no_other(
    entry: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"interactions:\n- {GOOD}\n- {entry}\n")
    good, odd = load_cassette(path).interactions
    assert (good.fault, good.response.status) == ("", 200)
    assert re.search(rf"line [45]: interactions\[1\].*{reason}", odd.fault)
    assert odd.extra["vcrpy"].keys() == {"unread"}  # type: ignore[union-attr]
    assert convert(path, tmp_path / "b.yaml") == load_cassette(tmp_path / "b.yaml")


def test_a_file_of_which_nothing_can_be_read_is_refused_with_its_first_fault() -> None:
    with pytest.raises(
        CassetteFormatError, match=r"interactions\[0\].*has no 'response'"
    ) as caught:
        vcrpy.read(SourceFile(b"interactions:\n- request: {uri: u}\n- 7"))
    assert caught.value.line == 2


def test_another_version_is_refused() -> None:
    with pytest.raises(CassetteFormatError, match="only version 1 is read") as caught:
        vcrpy.read(SourceFile(f"interactions:\n- {GOOD}\nversion: 3".encode()))
    assert caught.value.line == 4


@pytest.mark.parametrize("entry", ["7", "!!int a"])
def test_an_entry_that_is_no_map_is_kept(entry: str) -> None:
    _, odd = vcrpy.read(SourceFile(f"interactions:\n- {GOOD}\n- {entry}".encode())).interactions
    assert "interactions[1] should be a map" in odd.fault
    assert odd.extra == ({"vcrpy": {"unread": 7}} if entry == "7" else {})


def test_tags_of_python_make_nothing() -> None:
    text = "interactions:\n- request: {uri: u, body: !!python/object/apply:os.getcwd []}"
    with pytest.raises(CassetteFormatError, match=r"python/object/apply:os\.getcwd"):
        vcrpy.read(SourceFile(text.encode()))


@given(st.text(alphabet="{}[]:,-'\"!|> \nabur1ieqsto0", max_size=80))
def test_bent_files_get_a_cassette_error(tail: str) -> None:
    source = SourceFile(f"interactions:\n- {GOOD}\n- request: {tail}".encode())
    try:
        if vcrpy.recognises(source):
            vcrpy.read(source)
    except CassetteError as error:
        assert error.reason


# ---- LangChain's tests: two lists, compressed, and no URL

ASKED = {"method": "POST", "headers": {}, "body": b'{"messages": [], "model": "m"}'}
ANSWERED = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": TEXT}}


def lists(uri: str, requests: int = 2, responses: int = 2, **asked: object) -> bytes:
    whole = {
        "requests": [{**ASKED, "uri": uri, **asked}] * requests,
        "responses": [ANSWERED] * responses,
    }
    return yaml.safe_dump(whole).encode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("uri", [URL, "**REDACTED**"])
def test_requests_and_responses_may_be_two_lists(
    pack: Callable[[bytes], bytes], uri: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml.gz"
    path.write_bytes(pack(lists(uri)))
    cassette = load_cassette(path)
    assert (cassette.format, len(cassette.interactions)) == ("vcrpy", 2)
    assert [run.dialect for run in read_runs(path)] == ["openai-chat"] * 2
    assert [run.message.text for run in read_runs(path)] == ["hi \N{GRINNING FACE}"] * 2


@pytest.mark.parametrize(
    ("body", "count"), [(b"", 0), (b"{", 0), (b"[]", 0), (b'{"input": "x"}', 0)]
)
def test_where_the_url_is_hidden_the_body_tells_what_a_chat_is(
    body: bytes, count: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(lists("**REDACTED**", body=body))
    assert len(read_runs(path)) == count
    assert len(load_cassette(path).interactions) == 2


@pytest.mark.parametrize(
    ("requests", "responses", "wanted"), [(2, 1, "response"), (1, 2, "request")]
)
def test_a_request_or_an_answer_alone_is_kept_and_said(
    requests: int, responses: int, wanted: str
) -> None:
    cassette = vcrpy.read(SourceFile(lists(URL, requests, responses)))
    faults = [interaction.fault for interaction in cassette.interactions]
    assert faults[0] == ""
    assert f"interactions[1] has no '{wanted}'" in faults[1]
