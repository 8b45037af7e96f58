"""A coded body that goes wrong on purpose, or at a pace, does so chunk by chunk, decoded."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.transports.playing.faults import Fault, UnfitFault
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import answer_with
from chatviz.transports.playing.striking import apply_faults

URL = "http://a.test/v1/chat/completions"
A, B, DONE = b'data: "a"\n\n', b'data: "\xc3\xa9"\n\n', b"data: [DONE]\n\n"
C = b'data: "' + b"c" * 100 + b'"\n\n'
WHOLE = A + B + C + DONE
STREAM = {"content-type": ("text/event-stream",)}


def coded(coding: str, body: bytes, **more: Any) -> Interaction:
    headers = {**STREAM, "Content-Length": (str(len(body)),)}
    if coding:
        headers["Content-Encoding"] = (coding,)
    response = RecordedResponse(200, headers=headers, body=body, **more)
    return Interaction(RecordedRequest("POST", URL, {}, b"{}"), response)


def post(interaction: Interaction, **options: Any) -> httpx.Response:
    transport = cv.ReplayTransport(Cassette((interaction,)), **options)
    with httpx.Client(transport=transport) as client:
        return client.post(URL, content=b"{}")


def compressed(coding: str) -> bytes:
    if coding == "br":
        return bytes(pytest.importorskip("brotli").compress(WHOLE))
    if coding == "zstd":
        return bytes(pytest.importorskip("zstandard").compress(WHOLE))
    return zlib.compress(WHOLE) if coding == "deflate" else gzip.compress(WHOLE)


ERROR = b'data: "error"\n\n'
STRUCK: list[tuple[Fault, bytes]] = [
    (cv.End(1), A),
    (cv.Drop(1), A + C + DONE),
    (cv.Duplicate(1), A + B + B + C + DONE),
    (cv.SplitCharacter(1), WHOLE),
    (cv.Corrupt(2, b"?"), A + B + C[:55] + b"?" + C[56:] + DONE),
    (cv.SendError(2, event=ERROR), A + B + ERROR),
    (cv.Stall(2, seconds=0), WHOLE),
]
CODINGS = ["gzip", "deflate", "br", "zstd", "", "identity, gzip"]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("fault", "sent"), STRUCK, ids=lambda value: type(value).__name__)
def test_a_fault_strikes_a_chunk_of_the_decoded_body(
    fault: Fault, sent: bytes, coding: str
) -> None:
    response = post(coded(coding, compressed(coding)), faults=fault)
    assert response.content == sent
    assert not {"content-encoding", "content-length"} & set(response.headers)


def test_a_cut_breaks_in_the_middle_of_a_decoded_chunk() -> None:
    answer = apply_faults(answer_with(coded("gzip", gzip.compress(WHOLE))), [cv.Cut(1)])
    assert b"".join(piece.data for piece in answer.pieces) == A + B[: len(B) // 2]


def test_an_answer_that_no_fault_strikes_stays_as_it_was_recorded() -> None:
    body = gzip.compress(WHOLE)
    whole = answer_with(coded("gzip", body))
    assert whole.pieces == (Piece(body),)
    assert apply_faults(whole, [cv.Drop(1, times=1)], played_before=1) is whole
    assert post(coded("gzip", body)).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_simulated_pace_sends_a_chunk_of_the_decoded_body_each_time(coding: str) -> None:
    answer = answer_with(coded(coding, compressed(coding)), chunks_per_second=10)
    assert [piece.data for piece in answer.pieces] == [A, B, C, DONE]
    names = {name.lower() for name, _ in answer.headers}
    assert names == {"content-type", "x-chatviz-pace"}
    struck = apply_faults(answer, [cv.Drop(1)])
    assert [(piece.data, piece.at_ns) for piece in struck.pieces] == [
        (A, 100_000_000),
        (C, 300_000_000),
        (DONE, 300_000_000),
    ]


def timed(**more: Any) -> Interaction:
    body = gzip.compress(WHOLE)
    half = len(body) // 2
    pieces = ((half, 1_000), (len(body) - half, 5_000))
    notes = RecordingMetadata("measured", pieces, content_encoding="gzip", undecoded=True)
    return coded("gzip", body, metadata=replace(notes, **more))


def test_decoded_pieces_are_due_when_their_bytes_were() -> None:
    answer = answer_with(timed(), speed=2.0)
    assert b"".join(piece.data for piece in answer.pieces) == WHOLE
    assert {piece.at_ns for piece in answer.pieces} <= {500, 2_500}
    struck = apply_faults(answer_with(timed()), [cv.End(2)])
    assert b"".join(piece.data for piece in struck.pieces) == A + B


def test_of_a_coded_body_that_was_cut_short_what_came_is_struck() -> None:
    kept = timed(cut_short="closed by the caller").response
    assert kept.metadata is not None
    metadata = replace(kept.metadata, pieces=())
    response = replace(kept, body=kept.body[:-8], metadata=metadata)
    answer = answer_with(Interaction(RecordedRequest("POST", URL), response))
    assert b"".join(p.data for p in apply_faults(answer, [cv.Drop(0)]).pieces).startswith(B)
    assert cv.read_runs(Cassette((Interaction(RecordedRequest("POST", URL), response),)))[0].chunks


@pytest.mark.parametrize("coding", ["odd", "gzip"])
def test_a_body_that_cannot_be_decoded_has_no_place_for_a_fault(coding: str) -> None:
    each = coded(coding, b"\x1f\x8b\x08\xff\x00 damaged")
    with pytest.raises(UnfitFault, match=r"Drop.*none is found.*(damaged|not known)"):
        post(each, faults=cv.Drop(0))
    answer = answer_with(each, chunks_per_second=10)
    assert b"".join(piece.data for piece in answer.pieces) == each.response.body
    assert ("Content-Encoding", coding) in answer.headers
