"""The go-vcr file: every field read and written, every fault named with its line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats import go_vcr
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.errors import CassetteError, CassetteFormatError

FULL = """\
---
version: 2
made_by: [hand, 1.5, {deep: !!binary /w==}]
interactions:
    - id: 7
      note: kept
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 12
        transfer_encoding: [chunked]
        trailer:
            Expires:
                - never
        host: a.example
        remote_addr: 127.0.0.1:99
        request_uri: /v1
        body: 12
        form:
            alt: [sse]
        headers:
            Accept: ["*/*", 1]
            Empty: []
            Nothing:
        url: https://a.example/v1?alt=sse
        method: POST
        mood: null
      response:
        proto: HTTP/2.0
        proto_major: 2
        proto_minor: 0
        transfer_encoding: [gzip, chunked]
        trailer: {Grpc: ["0"]}
        content_length: -1
        uncompressed: true
        body: |+
            data: {}

        headers:
            X: [!!binary /w==, ~]
        status: 200 OK
        code: 200
        duration: 1m18.006s
        weather: true
"""

REQUEST = RecordedRequest(
    method="POST",
    url="https://a.example/v1?alt=sse",
    headers={"Accept": ("*/*", "1"), "Empty": (), "Nothing": ()},
    body=b"12",
    form={"alt": ("sse",)},
    proto="HTTP/1.1",
    proto_major=1,
    proto_minor=1,
    content_length=12,
    transfer_encoding=("chunked",),
    trailer={"Expires": ("never",)},
    host="a.example",
    remote_addr="127.0.0.1:99",
    request_uri="/v1",
    extra={"mood": None},
)
RESPONSE = RecordedResponse(
    200,
    "200 OK",
    headers={"X": ("\udcff", "")},
    body=b"data: {}\n\n",
    duration_ns=78_006_000_000,
    proto="HTTP/2.0",
    proto_major=2,
    proto_minor=0,
    content_length=-1,
    transfer_encoding=("gzip", "chunked"),
    trailer={"Grpc": ("0",)},
    uncompressed=True,
    extra={"weather": True},
)
MADE_BY = {"made_by": ["hand", 1.5, {"deep": b"\xff"}]}
CASSETTE = Cassette((Interaction(REQUEST, RESPONSE, 7, {"note": "kept"}),), extra=MADE_BY)

LEAST = """\
version: 2
interactions:
- request:
    url: u
  response:
    code: 200
"""


def read(text: str) -> Cassette:
    return go_vcr.read(SourceFile(text.encode()))


def read_response(lines: str) -> RecordedResponse:
    return read(LEAST.rstrip("\n") + "\n" + lines).interactions[0].response


def again(cassette: Cassette) -> Cassette:
    """What is read after writing, once it is sure that writing is stable."""
    data = go_vcr.write(cassette)
    loaded = go_vcr.read(SourceFile(data))
    assert go_vcr.write(loaded) == data
    return loaded


def test_every_field_is_read() -> None:
    assert read(FULL) == CASSETTE


def test_every_field_comes_back_from_what_was_written() -> None:
    assert again(CASSETTE) == CASSETTE


def test_what_go_leaves_out_when_empty_is_left_out() -> None:
    cassette = read(LEAST)
    assert cassette.interactions == (Interaction(RecordedRequest(url="u"), RecordedResponse(200)),)
    assert go_vcr.write(cassette).decode() == (
        "---\nversion: 2\ninteractions:\n"
        '- request:\n    proto: ""\n    proto_major: 0\n    proto_minor: 0\n'
        '    content_length: 0\n    host: ""\n    url: u\n    method: ""\n'
        '  response:\n    proto: ""\n    proto_major: 0\n    proto_minor: 0\n'
        '    content_length: 0\n    body: ""\n    headers: {}\n    status: ""\n    code: 200\n'
    )
    assert again(cassette) == cassette


def test_a_number_of_zero_is_kept() -> None:
    zero = Interaction(RecordedRequest(url="u"), RecordedResponse(200, duration_ns=0), id=0)
    written = go_vcr.write(Cassette((zero,)))
    assert b"- id: 0\n" in written
    assert b"duration: 0s\n" in written
    assert again(Cassette((zero,))).interactions == (zero,)


@pytest.mark.parametrize("nothing", ["[]", "", "~"])
def test_a_cassette_may_hold_no_interactions(nothing: str) -> None:
    assert read(f"version: 2\ninteractions: {nothing}") == Cassette()
    assert again(Cassette()) == Cassette()


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("123", b"123"),
        ("true", b"true"),
        ("null", b""),
        ("~", b""),
        ("", b""),
        ("'null'", b"null"),
        ("0x1F", b"0x1F"),
        ("2023-06-01", b"2023-06-01"),
        ("plain {text}", b"plain {text}"),
        (r'"a\r\nb\0\x85"', b"a\r\nb\0\xc2\x85"),
        ("!!binary /wA=", b"\xff\0"),
        ("!!binary |\n      /w\n      A=", b"\xff\0"),
        ("|\n      a\n      b\n", b"a\nb\n"),
        ("|-\n      a\n      b\n", b"a\nb"),
        ("|+\n      a\n\n", b"a\n\n\n"),
        ("|2-\n        a\n", b"  a"),
        (">\n      a\n      b\n", b"a b\n"),
        ("'a\n\n      b'", b"a\nb"),
    ],
)
def test_a_body_is_its_text_in_every_style(written: str, body: bytes) -> None:
    response = read_response(f"    body: {written}\n    status: x\n")
    assert response.body == body
    assert response.status_line == "x"


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("1.5s", 1_500_000_000),
        ("755.667µs", 755_667),
        ('"5ns"', 5),
        ("0s", 0),
        ("1500", 1500),
        ("-1500", -1500),
        ('""', None),
        ("~", None),
    ],
)
def test_a_duration_is_read_to_the_nanosecond(written: str, nanoseconds: int | None) -> None:
    assert read_response(f"    duration: {written}").duration_ns == nanoseconds


@given(
    st.one_of(st.text().map(str.encode), st.text("ab \n\r\t\x85\u2028#:").map(str.encode)),
    st.binary(),
    st.text(),
)
def test_any_body_comes_back_byte_for_byte(first: bytes, second: bytes, value: str) -> None:
    headers = {value: (value, value), "Other": ()}
    cassette = Cassette(
        (
            Interaction(
                RecordedRequest(url=value, body=first, headers=headers),
                RecordedResponse(200, value, headers=headers, body=second),
                extra={"x": [value, second]},
            ),
        )
    )
    assert again(cassette) == cassette


def test_a_body_of_several_lines_is_a_block_else_quoted_else_binary() -> None:
    def written(body: bytes) -> str:
        interaction = Interaction(RecordedRequest(), RecordedResponse(200, body=body))
        found = re.search(r"body: (\S+)", go_vcr.write(Cassette((interaction,))).decode())
        assert found
        return found[1][:9]

    assert written(b"data: {}\n\n") == "|+"
    assert written("data: é😀\ndata".encode()) == "|-"
    assert written(b"data: {}\r\n\r\n") == '"data:'
    assert written(b"data: \xff\n") == "!!binary"


def edit(old: str, new: str) -> str:
    assert old in FULL
    return FULL.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("- a", "the recording should be a map, and is a list", 1),
        (edit("version: 2", "version: 1"), "this is version 1; .* only version 2", 2),
        (edit("version: 2", "version: 3"), "this is version 3; .* only version 2", 2),
        (edit("version: 2", "version: '2'"), "version should be a whole number, and is text", 2),
        (edit("version: 2", "version: 2.0"), "and is a number with a fraction", 2),
        (edit("version: 2\n", ""), "the recording has no 'version'", 2),
        ("version: 2\n", "the recording has no 'interactions'", 1),
        ("version: 2\ninteractions: {}", "interactions should be a list, and is a map", 2),
        ("version: 2\ninteractions: 5", "interactions should be a list, and is a whole", 2),
        ("version: 2\ninteractions: [x]", r"interactions\[0\] should be a map, and is text", 2),
        (edit("      request:", "      r:"), r"interactions\[0\] has no 'request'", 5),
        (edit("      response:", "      r:"), r"interactions\[0\] has no 'response'", 5),
        ("version: 2\ninteractions:\n- request:\n  response:", "request should be a map", 3),
        (edit("        url:", "        u:"), r"interactions\[0\].request has no 'url'", 8),
        (edit("        code:", "        c:"), r"interactions\[0\].response has no 'code'", 30),
        (edit("code: 200", "code: abc"), "response.code should be a whole number, and is text", 43),
        (edit("code: 200", "code: 99999999999999999999"), "whole number of 64 bits", 43),
        (edit("id: 7", "id: [7]"), r"interactions\[0\].id should be a whole number", 5),
        (edit("proto_major: 1", "proto_major: true"), "and is true or false", 9),
        (edit("uncompressed: true", "uncompressed: 1"), "should be true or false", 36),
        (edit("        body: 12", "        body: [1]"), "body should be text, and is a list", 19),
        (edit("url: https", "url: {a: b} #"), "url should be text, and is a map", 26),
        (edit("Accept: [", "Accept: sesame #"), r"headers\['Accept'\] should be a list", 23),
        (edit('["*/*", 1]', '[["sesame"]]'), "should be a list of texts, and is a list", 23),
        (edit("form:\n            alt: [sse]", "form: [a]"), "form should be a map from", 20),
        (edit("Empty: []", "1: []"), "headers has a name that is not text", 24),
        (edit("[chunked]", "chunked"), "transfer_encoding should be a list of texts", 12),
        (edit("1m18.006s", "sesame"), "duration should be a duration like '1.5s'", 44),
        (edit("1m18.006s", "[1s]"), "duration should be a duration like '1.5s'", 44),
        (edit("!!binary /w==, ~", "!!binary '?'"), "tagged !!binary", 41),
    ],
)
def test_a_fault_is_named_with_its_place_and_line(text: str, reason: str, line: int) -> None:
    with pytest.raises(CassetteFormatError, match=reason) as caught:
        read(text)
    assert caught.value.line == line
    assert "sesame" not in str(caught.value)


def test_an_unknown_key_may_not_take_the_place_of_a_known_one() -> None:
    request = RecordedRequest(extra={"trailer": 1})
    with pytest.raises(CassetteFormatError, match="extra holds 'trailer'"):
        go_vcr.write(Cassette((Interaction(request, RecordedResponse(200)),)))


def test_text_that_no_bytes_stand_for_is_an_error() -> None:
    request = RecordedRequest(url="\ud800")
    with pytest.raises(CassetteError, match=r"lone surrogate"):
        go_vcr.write(Cassette((Interaction(request, RecordedResponse(200)),)))
