"""The metadata beside an answer: written, read, compared with the body, and set aside if wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats import go_vcr
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.metadata import METADATA_KEY, RecordingMetadata, read_metadata
from chatviz.cassettes.reading import read_runs
from chatviz.errors import CassetteFormatError
from chatviz.wire.events import TimedBytes

BODY = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n' + b"data: [DONE]\n\n"
PIECES = ((50, 1_486_259_042), (0, 1_486_259_042), (14, 2_000_000_001))
METADATA = RecordingMetadata(
    clock="measured",
    pieces=PIECES,
    total_ns=2_100_000_000,
    cut_short="closed by the caller",
    content_encoding="gzip",
    encoded_size=40,
    removed=("request.headers.authorization",),
    extra={"later": [1]},
)
REQUEST = RecordedRequest("POST", "https://a.example/v1/chat/completions")
RESPONSE = RecordedResponse(200, body=BODY, duration_ns=1_000_000, metadata=METADATA)


def cassette_with(response: RecordedResponse) -> Cassette:
    return Cassette((Interaction(REQUEST, response, 0),))


def read_back(cassette: Cassette) -> Cassette:
    return go_vcr.read(SourceFile(go_vcr.write(cassette)))


def file_with(metadata: str) -> SourceFile:
    text = go_vcr.write(cassette_with(replace(RESPONSE, metadata=None))).decode()
    return SourceFile(f"{text}    x-chatviz: {metadata}\n".encode())


def test_metadata_comes_back_as_it_was_written() -> None:
    for metadata in (
        METADATA,
        RecordingMetadata(),
        RecordingMetadata("simulated", PIECES, undecoded=True),
    ):
        cassette = cassette_with(replace(RESPONSE, metadata=metadata))
        assert read_back(cassette) == cassette
        assert go_vcr.write(read_back(cassette)) == go_vcr.write(cassette)


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**12)), max_size=60),
    st.sampled_from(["measured", "simulated", "none"]),
)
def test_any_pieces_come_back(gaps: list[tuple[int, int]], clock: str) -> None:
    at, pieces = 0, []
    for size, gap in gaps:
        at += gap
        pieces.append((size, at))
    metadata = RecordingMetadata(clock, tuple(pieces), total_ns=at)  # type: ignore[arg-type]
    body = b"a" * sum(size for size, _ in gaps)
    cassette = cassette_with(RecordedResponse(200, body=body, metadata=metadata))
    assert read_back(cassette) == cassette


def test_the_pieces_stand_in_short_lines() -> None:
    pieces = tuple((1, 10**9 + 17_000_123 * number) for number in range(300))
    metadata = RecordingMetadata("measured", pieces)
    text = go_vcr.write(cassette_with(RecordedResponse(200, body=b"a" * 300, metadata=metadata)))
    lines = text.partition(b"pieces:")[2].splitlines()
    assert len(lines) > 20
    assert max(map(len, lines)) <= 100
    assert b"1+1000000000 1+17000123 1+17000123" in text


def test_measured_pieces_have_their_times() -> None:
    assert RESPONSE.pieces == (
        TimedBytes(BODY[:50], 1.486259042),
        TimedBytes(b"", 1.486259042),
        TimedBytes(BODY[50:], 2.000000001),
    )
    assert RESPONSE.head.time_source == "measured"
    assert RESPONSE.time_to_headers_s == 0.001


def test_a_run_of_measured_pieces_is_measured() -> None:
    run = read_runs(cassette_with(RESPONSE))[0]
    assert run.timing == "measured"
    assert [chunk.at for chunk in run.chunks] == [1.486259042]
    assert run.time_to_headers_s == 0.001
    assert run.duration_s == 2.000000001


def test_simulated_times_are_nowhere() -> None:
    response = replace(RESPONSE, metadata=replace(METADATA, clock="simulated"))
    assert [piece.at for piece in response.pieces] == [None, None, None]
    assert b"".join(piece.data for piece in response.pieces) == BODY
    assert response.time_to_headers_s is None
    assert response.head.time_source == "simulated"
    run = read_runs(cassette_with(response))[0]
    assert (run.timing, run.duration_s, run.time_to_headers_s) == ("none", None, None)


def test_metadata_without_times_leaves_the_recorders_clock() -> None:
    response = replace(RESPONSE, metadata=RecordingMetadata(content_encoding="br"))
    assert response.pieces == (TimedBytes(BODY),)
    assert response.head.time_source == "recorder"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("12", "should be a map"),
        ("{clock: wall}", "clock should be one of measured, simulated, none"),
        ("{clock: [1]}", "clock should be text"),
        ("{clock: measured, pieces: 50+1 15+1}", "add up to 65 bytes, and the body has 64"),
        ("{clock: measured, pieces: 50@1}", "written as 'size.nanoseconds"),
        ("{clock: measured, pieces: 50+-1}", "written as"),
        ("{pieces: 7}", "pieces should be text"),
        ("{total: soon}", "not a duration"),
        ("{total: -1s}", "below 0"),
        ("{encoded_size: 1.5}", "encoded_size should be a whole number"),
        ("{encoded_size: true}", "encoded_size should be a whole number"),
        ("{encoded_size: -1}", "below 0"),
        ("{undecoded: 1}", "undecoded should be true or false"),
        ("{removed: a}", "removed should be a list of texts"),
        ("{removed: [1]}", "removed should be a list of texts"),
    ],
)
def test_metadata_that_does_not_fit_is_set_aside_and_kept(metadata: str, reason: str) -> None:
    cassette = go_vcr.read(file_with(metadata))
    response = cassette.interactions[0].response
    assert response.metadata is None
    assert METADATA_KEY in response.extra
    assert response.body == BODY
    assert reason.split("'")[0] in response.metadata_fault
    assert read_back(cassette) == cassette
    run = read_runs(cassette)[0]
    assert run.timing == "none"
    finding = next(one for one in run.findings if one.code == "recording_notes_unfit")
    assert response.metadata_fault in finding.message


def test_a_hand_edited_body_costs_its_times_only() -> None:
    text = go_vcr.write(cassette_with(RESPONSE)).replace(b'"content": "a"', b'"content": "ab"')
    response = go_vcr.read(SourceFile(text)).interactions[0].response
    assert response.metadata is None
    assert b'"ab"' in response.body
    assert "64 bytes, and the body has 65" in response.metadata_fault


def test_metadata_that_fits_has_no_fault() -> None:
    assert RESPONSE.metadata_fault == ""
    assert replace(RESPONSE, metadata=None, extra={METADATA_KEY: {}}).metadata_fault == ""


def test_empty_metadata_in_a_file_is_metadata() -> None:
    assert read_metadata({}, 0) == RecordingMetadata()
    assert read_metadata({"clock": None, "removed": None}, 3) == RecordingMetadata()


@pytest.mark.parametrize(
    "pieces", [((1, -1),), ((1, 5), (1, 4)), ((-1, 0), (2, 0))], ids=["before", "back", "size"]
)
def test_impossible_pieces_are_refused(pieces: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match=r"go back|below 0"):
        RecordingMetadata("measured", pieces)


def test_a_response_refuses_the_metadata_of_another_body() -> None:
    with pytest.raises(ValueError, match="64 bytes, and the body has 1"):
        replace(RESPONSE, body=b"a")


def test_metadata_and_an_extra_key_of_their_name_are_not_written_over_each_other() -> None:
    response = replace(RESPONSE, extra={METADATA_KEY: 1})
    with pytest.raises(CassetteFormatError, match="x-chatviz"):
        go_vcr.write(cassette_with(response))


def cut_findings(body: bytes, cut_short: str) -> list[tuple[str, str]]:
    metadata = replace(METADATA, pieces=((len(body), 9),), cut_short=cut_short)
    run = read_runs(cassette_with(replace(RESPONSE, body=body, metadata=metadata)))[0]
    codes = [one for one in run.findings if one.code == "recording_cut_short"]
    return [(one.severity, one.message) for one in codes]


def test_a_cut_short_recording_is_told() -> None:
    ((severity, message),) = cut_findings(BODY[:50], "closed by the caller")
    assert severity == "warning" and "closed by the caller" in message


def test_a_recording_that_was_closed_behind_the_end_is_whole() -> None:
    assert cut_findings(BODY, "closed by the caller") == []
    assert len(cut_findings(BODY, "interrupted")) == 1


def test_the_pieces_are_left_out_of_a_repr() -> None:
    assert "1486259042" not in repr(METADATA)
