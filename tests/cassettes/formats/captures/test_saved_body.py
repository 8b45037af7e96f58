"""Answers as curl saves them: recognised by what they hold, and read to their one run."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats.captures import saved_body
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteError, CassetteFormatError, CassetteSyntaxError

CHUNK = b'{"object":"chat.completion.chunk","choices":[{"delta":{"content":"hi"}}]}'
SSE = b"data: " + CHUNK + b"\n\ndata: [DONE]\n\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX: a\r\nX: b\r\n\r\n"
BODIES = {
    "data": SSE,
    "comment": b": OPENROUTER PROCESSING\n\n" + SSE,
    "event": b"event: message\n" + SSE,
    "id": b"id: 1\r\n" + SSE,
    "retry": b"retry: 5\n" + SSE,
    "bare field": b"data\n\n" + SSE,
    "blank lines": b"\n\n" + SSE,
    "byte-order mark": b"\xef\xbb\xbf" + SSE,
    "NDJSON": CHUNK + b"\n" + CHUNK + b"\n",
    "JSON": b'{"choices": [\n{"message": {"content": "hi"}, "index": 0}]}',
    "JSON behind keep-alives": b"   \n  \n" + CHUNK,
}


def write(folder: Path, data: bytes) -> Path:
    path = folder / "answer.txt"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_saved_body_gives_its_run(body: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, body)
    cassette = load_cassette(path)
    assert (cassette.format, cassette.version) == ("plain", 0)
    (interaction,) = cassette.interactions
    assert interaction.request == RecordedRequest()
    assert interaction.response.body == body
    (run,) = read_runs(path)
    assert run.message.text in ("hi", "hihi")
    assert (run.dialect, run.timing, run.source) == ("openai-chat", "none", str(path))
    assert run.body == body


def test_the_headers_of_curl_are_read(tmp_path: Path) -> None:
    response = load_cassette(write(tmp_path, HEAD + SSE)).interactions[0].response
    assert (response.status, response.status_line) == (200, "200 OK")
    assert (response.proto, response.proto_major, response.proto_minor) == ("HTTP/1.1", 1, 1)
    assert response.headers == {"Content-Type": ("text/event-stream",), "X": ("a", "b")}
    assert response.body == SSE
    assert response.extra == {}


def test_http2_names_no_reason() -> None:
    cassette = saved_body.read(SourceFile(b"HTTP/2 429 \nretry-after: 1\n\n{}"))
    response = cassette.interactions[0].response
    assert (response.status, response.status_line, response.proto_minor) == (429, "429", 0)
    assert response.headers == {"retry-after": ("1",)}
    assert read_runs(cassette)[0].error is not None


def test_heads_before_the_last_are_kept_apart(tmp_path: Path) -> None:
    """A proxy's, an interim answer's, a redirect's: curl writes them all."""
    before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 Moved\r\nLocation: /v2\r\n\r\n"
    path = write(tmp_path, before + HEAD + SSE)
    cassette = load_cassette(path)
    response = cassette.interactions[0].response
    assert (response.status, response.body) == (200, SSE)
    assert response.extra == {
        "plain": {"heads_before": ["HTTP/1.1 100 Continue", "HTTP/1.1 301 Moved\r\nLocation: /v2"]}
    }
    assert convert(path, tmp_path / "a.yaml").interactions[0].response == response


def test_a_head_without_a_body_is_an_empty_answer() -> None:
    cassette = saved_body.read(SourceFile(b"HTTP/1.1 204 No Content\r\nX: a\r\n"))
    response = cassette.interactions[0].response
    assert (response.status, response.body) == (204, b"")


def test_a_coded_body_behind_its_head_is_decoded(tmp_path: Path) -> None:
    coded = gzip.compress(SSE)
    head = HEAD.replace(b"X: a", b"Content-Encoding: gzip")
    response = load_cassette(write(tmp_path, head + coded)).interactions[0].response
    assert response.body == SSE
    assert response.metadata == RecordingMetadata(content_encoding="gzip", encoded_size=len(coded))


def test_an_error_alone_is_an_answer(tmp_path: Path) -> None:
    (run,) = read_runs(write(tmp_path, b'{"error": {"message": "no credit"}}'))
    assert run.error is not None
    assert run.error.message == "no credit"


def test_a_list_of_answers_is_recognised() -> None:
    """Gemini without ``alt=sse`` streams one JSON list."""
    assert saved_body.recognises(SourceFile(b'[{"candidates": []},\n{"candidates": []}]'))


@pytest.mark.parametrize(
    "data",
    [
        b"version: 2\ninteractions: []",
        b"id: 1\nversion: 2\ninteractions: []",
        b'{"version": 2, "interactions": [], "error": 1}',
        b'{"name": "a package"}',
        b'{"choices": [',
        b"[]",
        b"[1]",
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b"<html>",
        b"HTTP is a protocol",
        b"database: 1",
    ],
)
def test_other_files_are_no_answers(data: bytes) -> None:
    assert not saved_body.recognises(SourceFile(data))


def test_other_json_is_named_as_no_recording(tmp_path: Path) -> None:
    with pytest.raises(CassetteFormatError, match=r"this is not a recording.*'name'"):
        load_cassette(write(tmp_path, b'{"name": "a package"}'))


@pytest.mark.parametrize("line", [b"no header", b": no name"])
def test_a_line_that_is_no_header_is_named(line: bytes, tmp_path: Path) -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\n" + line + b"\r\n\r\nbody"
    path = write(tmp_path, data)
    with pytest.raises(CassetteSyntaxError, match="should be a header") as caught:
        load_cassette(path)
    assert caught.value.line == 5
    assert caught.value.path == str(path)


@given(st.binary(max_size=60))
def test_no_head_raises_anything_else(tail: bytes) -> None:
    source = SourceFile(b"HTTP/1.1 200 OK\r\n" + tail)
    assert saved_body.recognises(source)
    try:
        cassette = saved_body.read(source)
    except CassetteError as error:
        assert error.reason
    else:
        read_runs(cassette)


def frame(payload: bytes, **headers: str) -> bytes:
    """A frame of AWS's event stream, as its specification has it (synthetic)."""
    named = b"".join(
        bytes([len(name) + 1])
        + b":"
        + name.replace("_", "-").encode()
        + b"\x07"
        + len(value).to_bytes(2)
        + value.encode()
        for name, value in headers.items()
    )
    prelude = (len(payload) + len(named) + 16).to_bytes(4) + len(named).to_bytes(4)
    whole = prelude + zlib.crc32(prelude).to_bytes(4) + named + payload
    return whole + zlib.crc32(whole).to_bytes(4)


FRAMES = frame(b'{"p": 1}', event_type="chunk", message_type="event") + frame(b"{}")


def test_frames_of_aws_are_a_saved_body(tmp_path: Path) -> None:
    assert b"\0" in FRAMES
    path = write(tmp_path, FRAMES)
    (interaction,) = load_cassette(path).interactions
    assert interaction.response.head.content_type == "application/vnd.amazon.eventstream"
    assert interaction.response.body == FRAMES
    (run,) = read_runs(path)
    assert run.body == FRAMES
    convert(path, tmp_path / "a.yaml")
    assert load_cassette(tmp_path / "a.yaml").interactions[0].response.body == FRAMES


def test_a_stream_of_frames_that_was_cut_short_is_one_too() -> None:
    assert saved_body.recognises(SourceFile(FRAMES[:20]))


@pytest.mark.parametrize(
    "data", [FRAMES[1:], FRAMES[:8] + b"\0\0\0\0" + FRAMES[12:], FRAMES[:12], bytes(100)]
)
def test_other_bytes_are_no_frames(data: bytes) -> None:
    with pytest.raises(CassetteSyntaxError, match="binary file"):
        SourceFile(data)
