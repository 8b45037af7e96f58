"""A recorded answer that goes wrong on purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatviz.transports.playing.faults import (
    Corrupt,
    Cut,
    Drop,
    Duplicate,
    End,
    Fault,
    Refuse,
    SendError,
    SplitCharacter,
    Stall,
)
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import PlannedAnswer
from chatviz.transports.playing.striking import apply_faults, refusal

A, B, C, DONE = b'data: "a"\n\n', b'data: "\xc3\xa9"\n\n', b'data: "c"\n\n', b"data: [DONE]\n\n"
WHOLE = A + B + C + DONE
ANSWER = PlannedAnswer(
    200,
    headers=(("Content-Length", str(len(WHOLE))), ("content-type", "text/event-stream")),
    pieces=(Piece(A + B[:4], 10), Piece(B[4:] + C + DONE, 20)),
)


def sent(*faults: Fault, answer: PlannedAnswer = ANSWER) -> list[bytes]:
    return [piece.data for piece in apply_faults(answer, faults).pieces]


def test_without_faults_the_answer_is_the_same() -> None:
    assert apply_faults(ANSWER, []) is ANSWER


def test_a_fault_of_another_interaction_changes_nothing() -> None:
    assert apply_faults(ANSWER, [Drop(1, interaction=3)], interaction=2) is ANSWER


def test_a_cut_sends_half_of_the_chunk_and_breaks() -> None:
    answer = apply_faults(ANSWER, [Cut(1)])
    assert b"".join(piece.data for piece in answer.pieces) == A + B[: len(B) // 2]
    assert "cut on purpose" in answer.breaks


def test_an_early_end_sends_what_was_before_and_ends_in_order() -> None:
    answer = apply_faults(ANSWER, [End(1)])
    assert b"".join(piece.data for piece in answer.pieces) == A
    assert answer.breaks == "" and answer.recorded is None
    assert sent(End(0)) == []


def test_a_stall_waits_before_the_chunk() -> None:
    assert apply_faults(ANSWER, [Stall(2, seconds=1.5)]).pieces == (
        Piece(A + B[:4], 10),
        Piece(B[4:], 20),
        Piece(b"", pause_ns=1_500_000_000),
        Piece(C, 20),
        Piece(DONE, 20),
    )


PACE = ("x-chatviz-pace", "simulated")


def test_an_answer_that_is_delayed_on_purpose_is_marked_and_no_other() -> None:
    for fault in (Stall(0), Stall(2, seconds=0.001)):
        assert apply_faults(ANSWER, [fault]).headers.count(PACE) == 1
        assert apply_faults(ANSWER, [fault, Cut(2)]).headers.count(PACE) == 1
    marked = replace(ANSWER, headers=(("X-Chatviz-Pace", "simulated"),))
    assert apply_faults(marked, [Stall(1)]).headers == (PACE,)
    for other in (Cut(1), Duplicate(1), Drop(1), Corrupt(1), SplitCharacter(1), SendError(1)):
        assert PACE not in apply_faults(ANSWER, [other]).headers
    assert PACE not in apply_faults(ANSWER, [Stall(1, seconds=0)]).headers
    assert PACE not in apply_faults(ANSWER, [Stall(2), Cut(1)]).headers  # it never comes to that


def test_a_duplicate_comes_twice() -> None:
    assert b"".join(sent(Duplicate(0))) == A + A + B + C + DONE


def test_a_dropped_chunk_does_not_come() -> None:
    assert b"".join(sent(Drop(1))) == A + C + DONE


def test_chunks_keep_their_numbers_whatever_other_faults_do() -> None:
    assert b"".join(sent(Drop(0), Duplicate(2))) == B + C + C + DONE


def test_faults_of_one_chunk_work_one_after_the_other() -> None:
    assert b"".join(sent(Drop(2), Duplicate(2))) == A + B + DONE


def test_a_corrupt_chunk_has_another_byte_in_its_middle() -> None:
    whole = b"".join(sent(Corrupt(0)))
    assert whole == A[:5] + b"\xff" + A[6:] + B + C + DONE


def test_a_character_is_split_over_two_pieces() -> None:
    assert sent(SplitCharacter(1)) == [A, b'data: "\xc3', b'\xa9"\n\n', C + DONE]


def test_a_chunk_without_long_characters_cannot_be_split_in_one() -> None:
    with pytest.raises(ValueError, match="chunk 0 is all ASCII"):
        sent(SplitCharacter(0))


def test_an_error_event_ends_the_answer_in_order() -> None:
    answer = apply_faults(ANSWER, [SendError(2, message="gone")])
    *before, last = [piece.data for piece in answer.pieces]
    assert b"".join(before) == A + B
    assert last.startswith(b'data: {"error":{"message":"gone"')
    assert last.endswith(b"\n\n")
    assert answer.breaks == ""


def test_an_error_event_of_ones_own_is_sent_as_it_is() -> None:
    assert sent(SendError(0, event=b"event: error\ndata: x\n\n")) == [b"event: error\ndata: x\n\n"]


def test_an_answer_with_a_fault_tells_no_length() -> None:
    assert apply_faults(ANSWER, [Drop(0)]).headers == (("content-type", "text/event-stream"),)


def test_an_answer_that_was_not_streamed_is_one_chunk() -> None:
    answer = PlannedAnswer(200, pieces=(Piece(b'{"a": 1}'),))
    assert sent(Cut(0), answer=answer) == [b'{"a"']


def test_a_chunk_that_is_not_there_is_an_error_that_says_how_many_are() -> None:
    with pytest.raises(ValueError, match=r"interaction 4 has 3, from 0"):
        apply_faults(ANSWER, [Drop(3)], interaction=4)


def test_the_first_requests_are_refused_and_then_none() -> None:
    faults = [Refuse(times=2, retry_after_s=0.5)]
    first = refusal(faults, 0, 0)
    assert first is not None
    assert first.status == 429
    assert ("retry-after", "0.5") in first.headers
    assert refusal(faults, 0, 1) == first
    assert refusal(faults, 0, 2) is None


def test_refusals_follow_one_another() -> None:
    faults = [Refuse(status=503), Refuse(status=429), Drop(0)]
    statuses = [answer and answer.status for answer in (refusal(faults, 0, n) for n in range(3))]
    assert statuses == [503, 429, None]


def test_a_refusal_of_another_interaction_is_not_due() -> None:
    assert refusal([Refuse(interaction=1)], 0, 0) is None


def test_a_fault_may_strike_the_first_times_alone() -> None:
    once = Drop(1, times=1)
    assert apply_faults(ANSWER, [once], played_before=0) != ANSWER
    assert apply_faults(ANSWER, [once], played_before=1) is ANSWER
    assert apply_faults(ANSWER, [Drop(1)], played_before=1) != ANSWER
