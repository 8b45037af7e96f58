"""A planted error is told as a server of the recording's dialect tells of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

import chatviz as cv
from chatviz.cassettes.reading import read_interaction
from chatviz.transports.playing.error_events import in_its_dialect
from chatviz.transports.playing.faults import Cut, SendError
from chatviz.transports.playing.planned_answer import answer_with
from chatviz.transports.playing.striking import apply_faults


@pytest.mark.parametrize("name", cv.samples())
def test_the_error_is_read_as_one_in_every_dialect(name: str) -> None:
    whole = cv.load_cassette(cv.sample(name)).interactions[0]
    chunks = len(read_interaction(whole).chunks)
    for chunk in {0, chunks // 2, chunks - 1}:
        faults = in_its_dialect([SendError(chunk, message="planted")], whole)
        answer = apply_faults(answer_with(whole), faults)
        body = b"".join(piece.data for piece in answer.pieces)
        broken = read_interaction(
            replace(whole, response=replace(whole.response, body=body, metadata=None))
        )
        assert broken.error is not None and broken.error.message == "planted", chunk
        before = {one.code for one in read_interaction(whole).findings}
        assert "not_json" not in {one.code for one in broken.findings} - before


def test_the_error_of_anthropic_is_named_on_the_event_line() -> None:
    whole = cv.load_cassette(cv.sample("anthropic_claude-sonnet-4")).interactions[0]
    (fault,) = in_its_dialect([SendError(3)], whole)
    assert isinstance(fault, SendError)
    assert fault.event.startswith(
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded'
    )


def test_what_was_given_stays() -> None:
    whole = cv.load_cassette(cv.sample("anthropic_claude-sonnet-4")).interactions[0]
    given = (SendError(3, event=b"data: no\n\n"), Cut(1))
    assert in_its_dialect(given, whole) == given
