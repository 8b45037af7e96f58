"""Secrets in bodies that are kept compressed."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.redaction.redaction import RedactionRules, redact, redact_cassette

KEY = "sk-proj-abcDEF1234567890abcDEF1234567890abcDEF12"
SAID = json.dumps({"choices": [{"message": {"content": f"it is {KEY} then"}}]}).encode()
CODINGS = ["gzip", "br", "deflate", "zstd", "identity, gzip"]


def compress(coding: str, body: bytes) -> bytes:
    if coding == "br":
        return bytes(pytest.importorskip("brotli").compress(body))
    if coding == "zstd":
        return bytes(pytest.importorskip("zstandard").compress(body))
    return zlib.compress(body) if coding == "deflate" else gzip.compress(body)


def coded(coding: str, body: bytes, metadata: RecordingMetadata | None = None) -> Interaction:
    headers = {"Content-Encoding": (coding,)}
    response = RecordedResponse(200, headers=headers, body=body, metadata=metadata)
    return Interaction(
        RecordedRequest("POST", "https://a.test/v1/chat/completions", body=b"{}"), response
    )


@pytest.mark.parametrize("coding", CODINGS)
def test_a_secret_in_a_compressed_body_is_found_and_the_body_kept_plain(coding: str) -> None:
    cleaned, removed = redact(coded(coding, compress(coding, SAID)))
    response = cleaned.response
    assert KEY not in response.body.decode()
    assert json.loads(response.body)["choices"][0]["message"]["content"].startswith(
        "it is REDACTED"
    )
    assert response.headers == {}
    assert any(place.startswith("response.body at byte") for place in removed)
    assert redact(cleaned)[1] == ()


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_body_without_a_secret_stays_as_it_was_sent(coding: str) -> None:
    each = coded(coding, compress(coding, b'{"a": "hello"}'))
    assert redact(each) == (each, ())


@pytest.mark.parametrize(
    "body", [gzip.compress(SAID)[:-20], b"\x1f\x8b\x08\xff damaged"], ids=["cut", "damaged"]
)
@pytest.mark.parametrize("coding", ["gzip", "odd, gzip"])
def test_a_body_that_cannot_be_searched_is_named_each_time(coding: str, body: bytes) -> None:
    cleaned, removed = redact_cassette(Cassette((coded(coding, body),)))
    (place,) = removed
    assert place.startswith("interaction 0: response.body was not searched: ")
    (kept,) = cleaned.interactions
    assert kept.response.body == body
    assert kept.response.metadata is not None
    assert kept.response.metadata.removed == (place.partition(": ")[2],)
    assert redact_cassette(cleaned)[1] == removed


def test_where_bodies_are_not_searched_none_is_decoded() -> None:
    each = coded("gzip", gzip.compress(SAID))
    assert redact(each, rules=RedactionRules(scan_bodies=False)) == (each, ())


def test_the_times_of_pieces_stay_with_what_they_brought() -> None:
    body = gzip.compress(SAID)
    half = len(body) // 2
    pieces = ((half, 1_000), (len(body) - half, 5_000))
    notes = RecordingMetadata("measured", pieces, content_encoding="gzip", undecoded=True)
    cleaned, _ = redact(coded("gzip", body, notes))
    assert b"".join(piece.data for piece in cleaned.response.pieces) == cleaned.response.body
    assert {piece.at for piece in cleaned.response.pieces} <= {1e-6, 5e-6}
    (run,) = cv.read_runs(Cassette((cleaned,)))
    assert KEY not in run.message.text
