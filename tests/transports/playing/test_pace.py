"""When each piece of a recorded answer is due."""

from __future__ import annotations

from math import inf, nan

import pytest

from chatviz.cassettes.cassette import RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.transports.playing.body_chunks import find_chunks
from chatviz.transports.playing.pace import Piece, check_pace, paced

BODY = b'data: {"n":1}\n\n: wait\n\ndata: {"n":2}\n\ndata: [DONE]\n\n'
FIRST, SECOND, DONE = BODY[:15], BODY[15:38], BODY[38:]
METADATA = RecordingMetadata(clock="measured", pieces=((20, 1_000), (len(BODY) - 20, 5_000)))


def recorded(metadata: RecordingMetadata | None = None) -> RecordedResponse:
    return RecordedResponse(200, body=BODY, metadata=metadata)


def test_at_once_the_pieces_are_cut_as_recorded_and_wait_for_nothing() -> None:
    assert paced(recorded(METADATA)) == (Piece(BODY[:20]), Piece(BODY[20:]))


def test_as_recorded_the_pieces_come_at_their_times() -> None:
    pieces = paced(recorded(METADATA), speed=1.0)
    assert [(piece.data, piece.at_ns) for piece in pieces] == [
        (BODY[:20], 1_000),
        (BODY[20:], 5_000),
    ]


def test_twice_as_fast_the_pieces_come_in_half_the_time() -> None:
    assert [piece.at_ns for piece in paced(recorded(METADATA), speed=2.0)] == [500, 2_500]


def test_recorded_times_go_before_a_simulated_pace() -> None:
    pieces = paced(recorded(METADATA), speed=1.0, chunks_per_second=10)
    assert [piece.at_ns for piece in pieces] == [1_000, 5_000]


def test_without_times_a_simulated_pace_sends_a_chunk_each_fraction_of_a_second() -> None:
    assert paced(recorded(), speed=1.0, chunks_per_second=10) == (
        Piece(FIRST, 100_000_000),
        Piece(SECOND, 200_000_000),
        Piece(DONE, 200_000_000),
    )


def test_a_simulated_pace_alone_goes_before_recorded_boundaries() -> None:
    assert [piece.data for piece in paced(recorded(METADATA), chunks_per_second=10)] == [
        FIRST,
        SECOND,
        DONE,
    ]


@pytest.mark.parametrize("metadata", [None, RecordingMetadata(pieces=((len(BODY), 0),))])
def test_without_times_and_without_a_simulated_pace_the_body_comes_at_once(
    metadata: RecordingMetadata | None,
) -> None:
    assert paced(recorded(metadata), speed=1.0) == (Piece(BODY),)


def test_an_empty_body_has_no_pieces() -> None:
    assert paced(RecordedResponse(204), chunks_per_second=10) == ()
    assert paced(RecordedResponse(204)) == ()


def test_the_span_of_a_chunk_holds_all_of_its_last_line_break() -> None:
    body = b'data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n'
    assert [body[start:end] for start, end in find_chunks(body).spans] == [body[:17], body[17:]]


@pytest.mark.parametrize("speed", [0, -1.0, nan])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="wanted a number as speed, above 0"):
        check_pace(speed, None)


@pytest.mark.parametrize("pace", [0, -1.0, nan, inf])
def test_a_simulated_pace_that_is_none_is_refused(pace: float) -> None:
    with pytest.raises(ValueError, match=r"wanted (a number as )?chunks_per_second"):
        check_pace(1.0, pace)
