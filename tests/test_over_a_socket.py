"""The loop over a real socket: recorded again it is the same, and every fault ends readably."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from tests.seed_agent import SEEDS
from tests.seed_talk import ASKED, MODEL, SYSTEM, add, multiply

pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra: server)")

KEY = "planted-0123456789-key"
LONGEST_S = 30  # of anything here: a test that hangs fails


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network of this machine is allowed, whatever CI says of the other one."""
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Callable[..., cv.AgentResult]:
    """Have the conversation of a seed, with either driver."""

    def have(endpoint: cv.Endpoint, seed: str, **more: Any) -> cv.AgentResult:
        options = dict(SEEDS[seed])
        if "tool_call_ids" in options:
            options["tool_call_ids"] = iter(options["tool_call_ids"]).__next__
        given = {"tools": [add, multiply], "system": SYSTEM, "max_tokens": 4000, **options, **more}
        if request.param == "sync":
            return cv.run_agent(ASKED, endpoint=endpoint, **given)
        asked = cv.run_agent_async(ASKED, endpoint=endpoint, **given)
        return asyncio.run(asyncio.wait_for(asked, LONGEST_S))

    return have


@pytest.mark.parametrize("seed", SEEDS)
def test_a_conversation_that_is_recorded_again_is_the_same_but_for_its_times(
    run: Callable[..., cv.AgentResult], seed: str, tmp_path: Path
) -> None:
    path, old = tmp_path / "again.yaml", cv.load_cassette(cv.sample(seed))
    with cv.ReplayServer(old, chunks_per_second=200) as server:
        url = server.base_url
        endpoint = cv.Endpoint(url, model=MODEL, api_key=KEY, cassette=path)
        result = run(endpoint, seed)
    recorded = cv.read_conversation(old)
    assert result.conversation.messages == recorded.messages
    assert [run.text for run in result.tool_runs] == ["5", "6"]

    new = cv.load_cassette(path)
    for before, after in zip(old.interactions, new.interactions, strict=True):
        assert json.loads(after.request.body) == json.loads(before.request.body)
        assert after.request.method == before.request.method
        assert after.request.url.removeprefix(url) == "/chat/completions"
        assert (after.response.status, after.response.body) == (
            before.response.status,
            before.response.body,
        )
        assert after.response.metadata is not None
        assert after.response.metadata.clock == "simulated"
        assert len(after.response.metadata.pieces) > 20  # it came piece by piece
    assert KEY not in path.read_text(encoding="utf-8")

    again = run(cv.Endpoint.replay(new, model=MODEL), seed)
    assert again.conversation.messages == recorded.messages
    for run_again, first in zip(again.conversation.runs, recorded.runs, strict=True):
        assert run_again.body == first.body
        assert run_again.timing != "measured"
        assert run_again.duration_s is None
        assert run_again.response.time_source == "simulated"
        assert run_again.time_to_first_token_s is None  # nobody measured it


# ---- faults

SEED = "openrouter_kimi-k2_fireworks"


@contextmanager
def serve(
    *faults: cv.Fault, timeout_s: float = 10.0, source: Any = None, **options: Any
) -> Iterator[cv.Endpoint]:
    source = cv.sample(SEED) if source is None else source
    with cv.ReplayServer(source, faults=faults, **options) as server:
        yield cv.Endpoint(server.base_url, model=MODEL, api_key=KEY, timeout_s=timeout_s)


def first_answer(result: cv.AgentResult) -> cv.StreamRun:
    return result.conversation.steps[0].run


def read_again(result: cv.AgentResult) -> None:
    """Look at all of it, as a user would who wants to know what happened."""
    assert cv.transcript(result).sentence
    assert cv.timeline(result).svg
    assert len(cv.run_table(result)) == len(result.conversation.runs)
    assert KEY not in repr(vars(result)) + result.error


def test_a_cut_keeps_what_came_and_is_not_asked_again(run: Callable[..., cv.AgentResult]) -> None:
    with serve(cv.Cut(5, interaction=0)) as endpoint:
        result = run(endpoint, SEED)
    assert result.stop_reason == "error"
    assert "failed" in result.error and "127.0.0.1" in result.error
    recorded = cv.read_runs(cv.sample(SEED))[0].body
    assert recorded.startswith(first_answer(result).body)
    assert len(first_answer(result).chunks) == 5
    assert result.conversation.steps[0].attempts == ()
    read_again(result)


def test_a_silence_beyond_the_timeout_ends(run: Callable[..., cv.AgentResult]) -> None:
    with serve(cv.Stall(5, 3600.0, interaction=0), timeout_s=0.3) as endpoint:
        result = run(endpoint, SEED)
    assert result.stop_reason == "error"
    assert "was silent for 0.3 s" in result.error
    assert len(first_answer(result).chunks) == 5
    read_again(result)


def test_an_error_event_is_the_end_and_is_told(run: Callable[..., cv.AgentResult]) -> None:
    with serve(cv.SendError(5, message="overloaded", interaction=0)) as endpoint:
        result = run(endpoint, SEED)
    assert result.stop_reason == "error"
    assert "overloaded" in result.error
    error = first_answer(result).error
    assert error is not None and error.message == "overloaded"
    read_again(result)


def test_a_refusal_is_asked_again_and_its_attempts_stand_in_the_conversation(
    run: Callable[..., cv.AgentResult],
) -> None:
    with serve(cv.Refuse(times=2, retry_after_s=0.01, interaction=0)) as endpoint:
        result = run(endpoint, SEED)
    assert result.stop_reason == "no_tool_calls"
    first = result.conversation.steps[0]
    assert [attempt.response.status for attempt in first.attempts] == [429, 429]
    assert result.conversation.messages == cv.read_conversation(cv.sample(SEED)).messages
    read_again(result)


def match_any(request: object, recorded: object) -> tuple[()]:
    """Take whatever is recorded next."""
    return ()


def with_arguments(before: bytes, after: bytes) -> cv.Cassette:
    """Return the seed with something else in its first answer."""
    from dataclasses import replace

    cassette = cv.load_cassette(cv.sample(SEED))
    first, *rest = cassette.interactions
    body = first.response.body
    assert before in body
    response = replace(first.response, body=body.replace(before, after), content_length=-1)
    return replace(cassette, interactions=(replace(first, response=response), *rest))


def test_invalid_arguments_are_never_run_and_the_model_is_told(
    run: Callable[..., cv.AgentResult],
) -> None:
    source = with_arguments(b'"arguments":"{\\""', b'"arguments":"{{\\""')
    with serve(source=source, match=match_any) as endpoint:
        result = run(endpoint, SEED)
    assert [tool_run.outcome for tool_run in result.tool_runs] == ["invalid", "invalid"]
    assert all("JSON" in tool_run.text for tool_run in result.tool_runs)
    assert result.stop_reason == "no_tool_calls"
    read_again(result)


def test_a_tool_that_does_not_exist_is_answered(run: Callable[..., cv.AgentResult]) -> None:
    with serve(match=match_any) as endpoint:
        result = run(endpoint, SEED, tools=[add])
    assert [tool_run.outcome for tool_run in result.tool_runs] == ["returned", "unknown"]
    assert "multiply" in result.tool_runs[1].text
    assert result.stop_reason == "no_tool_calls"
    read_again(result)


def test_a_model_that_never_stops_calling_is_stopped(run: Callable[..., cv.AgentResult]) -> None:
    from dataclasses import replace

    cassette = cv.load_cassette(cv.sample(SEED))
    only_calls = replace(cassette, interactions=cassette.interactions[:1])
    with serve(source=only_calls, match=match_any, repeat=True) as endpoint:
        result = run(endpoint, SEED, stop=cv.max_steps(4))
    assert (result.stop_reason, len(result.steps)) == ("max_steps", 4)
    assert len(result.tool_runs) == 8
    read_again(result)


def test_turns_in_event_loops_of_their_own_are_recorded_into_one_cassette(tmp_path: Path) -> None:
    path = tmp_path / "turns.yaml"
    with cv.ReplayServer(cv.sample(SEED), match=match_any) as server:
        endpoint = cv.Endpoint(server.base_url, model=MODEL, api_key=KEY, cassette=path)
        for prompt in ("one", "two"):
            asked = cv.run_agent_async(prompt, endpoint=endpoint, stop=cv.max_steps(1), tools=[add])
            assert asyncio.run(asyncio.wait_for(asked, LONGEST_S)).error == ""
    assert len(cv.load_cassette(path).interactions) == 2


def test_a_server_that_is_gone_is_named(run: Callable[..., cv.AgentResult]) -> None:
    with cv.ReplayServer(cv.sample(SEED)) as server:
        url = server.base_url
    result = run(cv.Endpoint(url, model=MODEL, api_key=KEY), SEED, retries=0)
    assert result.stop_reason == "error"
    assert "127.0.0.1" in result.error
    read_again(result)
