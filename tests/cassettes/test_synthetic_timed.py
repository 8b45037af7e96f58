"""The packaged recording with times: true to its label, and read with a time axis."""

from __future__ import annotations

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Interaction


@pytest.fixture(scope="module")
def interactions() -> tuple[Interaction, ...]:
    return cv.load_cassette(cv.sample("synthetic_timed")).interactions


def test_it_says_that_it_is_synthetic_wherever_it_is_looked_at(
    interactions: tuple[Interaction, ...],
) -> None:
    for each in interactions:
        assert each.response.body.startswith(b": synthetic: no model answered;")
        assert b'"model": "synthetic"' in each.response.body
        assert each.request.url.startswith("http://127.0.0.1:")
    picture = cv.timeline(cv.read_runs(cv.sample("synthetic_timed")))._repr_mimebundle_()
    assert "synthetic" in str(picture)


def test_its_times_were_measured_for_every_piece(interactions: tuple[Interaction, ...]) -> None:
    for each, run in zip(interactions, cv.read_runs(cv.sample("synthetic_timed")), strict=True):
        assert each.response.metadata is not None
        assert each.response.metadata.clock == "measured"
        assert len(each.response.metadata.pieces) > 10
        assert run.timing == "measured"
        assert cv.chunk_table(run)["at_s"].notna().all()


def test_its_steps_are_one_conversation_that_ends() -> None:
    talk = cv.read_conversation(cv.sample("synthetic_timed"))
    assert [step.run.finish_reason for step in talk.steps] == ["tool_calls", "stop"]
    assert talk.steps[-1].run.message.text == "It is 18 degrees in Bern."
    (call,) = talk.steps[0].run.message.tool_calls
    assert call.parsed == {"city": "Bern"}
