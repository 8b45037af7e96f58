"""Recorded bodies decoded: by their header and by their first bytes, never by one alone."""

from __future__ import annotations

import base64
import gzip
import zlib
from pathlib import Path

import pytest

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content import encodings
from chatviz.cassettes.content.decoding import decode_response, decoded_pieces
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats import go_vcr
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.wire.events import TimedBytes

TEXT = b'data: {"choices": [{"delta": {"content": "caf\xc3\xa9"}}]}\n\ndata: [DONE]\n\n'
GZIP = gzip.compress(TEXT, mtime=0)  # the same bytes in each process
REQUEST = RecordedRequest("POST", "https://a.example/v1/chat/completions")


def response(body: bytes, **headers: str) -> RecordedResponse:
    named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return RecordedResponse(200, headers=named, body=body)


@pytest.mark.parametrize(
    ("body", "coding"), [(GZIP, "gzip"), (zlib.compress(TEXT), "deflate"), (GZIP, "")]
)
def test_a_coded_body_is_decoded_and_that_is_noted(body: bytes, coding: str) -> None:
    coded = response(body, Content_Encoding=coding, Content_Length=str(len(body)), X="y")
    decoded = decode_response(coded)
    assert decoded.body == TEXT
    assert decoded.headers == {"X": ("y",)}
    assert (decoded.uncompressed, decoded.content_length) == (True, -1)
    assert decoded.metadata == RecordingMetadata(
        content_encoding=coding or "gzip", encoded_size=len(body)
    )
    assert decode_response(decoded) == decoded


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "unheard-of"])
def test_a_body_that_the_recorder_had_unpacked_is_left_alone(coding: str) -> None:
    """Many recorders keep the header beside a body that they have unpacked."""
    stated = response(TEXT, content_encoding=coding, content_length=str(len(TEXT)))
    decoded = decode_response(stated)
    assert decoded.body == TEXT
    assert decoded.headers == {"content-length": (str(len(TEXT)),)}
    assert decoded.metadata == RecordingMetadata(content_encoding=coding)
    assert decoded_pieces(stated) == ((TimedBytes(TEXT),), "")


@pytest.mark.parametrize("plain", [response(TEXT), response(TEXT, content_encoding="identity")])
def test_a_plain_body_stays_as_it_is(plain: RecordedResponse) -> None:
    assert decode_response(plain) is plain


def test_a_file_that_is_gzip_itself_is_not_unpacked() -> None:
    archive = response(GZIP, content_type="application/gzip")
    assert decode_response(archive) is archive
    assert decode_response(response(GZIP, content_type="application/json")).body == TEXT


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (GZIP[:-4], "gzip", "gzip data ends too early"),
        (b"\x05\xff", "unheard-of", "'unheard-of' is not known"),
        (b"\x00text", "deflate", "deflate data is damaged"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_kept_and_told(
    body: bytes, coding: str, reason: str
) -> None:
    kept = decode_response(response(body, content_encoding=coding))
    assert kept.body == body
    assert kept.headers == {"content-encoding": (coding,)}
    assert kept.metadata == RecordingMetadata(content_encoding=coding, undecoded=True)
    pieces, fault = decoded_pieces(kept)
    assert pieces == (TimedBytes(body),)
    assert reason in fault
    run = read_runs(Cassette((Interaction(REQUEST, kept),)))[0]
    finding = next(one for one in run.findings if one.code == "body_not_decoded")
    assert finding.severity == "error"
    assert reason in finding.message
    assert run.body == body


def test_a_body_kept_encoded_is_read_once_it_can_be() -> None:
    """The header may be gone; the metadata names the coding."""
    metadata = RecordingMetadata(content_encoding="gzip", undecoded=True)
    kept = RecordedResponse(200, body=GZIP, metadata=metadata)
    assert decoded_pieces(kept)[0][0].data == TEXT


def test_decoded_pieces_keep_their_times() -> None:
    metadata = RecordingMetadata(
        "measured",
        ((20, 10**9), (len(GZIP) - 20, 2 * 10**9)),
        undecoded=True,
        content_encoding="gzip",
    )
    pieces, fault = decoded_pieces(RecordedResponse(200, body=GZIP, metadata=metadata))
    assert fault == ""
    assert [piece.at for piece in pieces] == [1.0, 2.0, 2.0]
    assert b"".join(piece.data for piece in pieces) == TEXT


def test_a_gzip_body_in_a_go_vcr_file_is_kept_there_and_read_decoded() -> None:
    cassette = Cassette((Interaction(REQUEST, response(GZIP, Content_Encoding="gzip"), 0),))
    loaded = go_vcr.read(SourceFile(go_vcr.write(cassette)))
    assert loaded == cassette
    run = read_runs(loaded)[0]
    assert run.body == TEXT
    assert run.message.text == "café"
    assert not [one for one in run.findings if one.code == "body_not_decoded"]


def test_a_body_that_go_unpacked_is_never_decoded_again() -> None:
    unpacked = RecordedResponse(
        200, headers={"Content-Encoding": ("gzip",)}, body=GZIP, uncompressed=True
    )
    assert decoded_pieces(unpacked) == ((TimedBytes(GZIP),), "")


def test_a_file_of_many_bombs_is_decoded_within_one_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each body is within the limit, and all of them together are not."""
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 1_000_000)
    coded = base64.b64encode(gzip.compress(b"data: " + bytes(400_000), mtime=0)).decode()
    entry = (
        "- request: {method: POST, uri: 'https://a.test/v1/chat/completions'}\n"
        "  response: {status: {code: 200}, headers: {content-type: [text/event-stream]},"
        f" body: {{string: !!binary {coded}}}}}\n"
    )
    path = tmp_path / "a.yaml"
    path.write_text("interactions:\n" + 5 * entry)
    sizes = [len(each.response.body) for each in load_cassette(path).interactions]
    assert sizes[:2] == [400_006] * 2
    assert max(sizes[2:]) < 1_000
    last = read_runs(convert(path, tmp_path / "b.yaml"))[-1]
    assert any(finding.code == "body_not_decoded" for finding in last.findings)
