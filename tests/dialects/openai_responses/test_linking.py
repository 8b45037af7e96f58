"""Responses are linked: by ids that the server keeps, by what is sent back, and fetched again."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_conversations
from chatviz.chat.messages import Text
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.dialects.openai_responses.responses_made import URL, event, numbered, response

Ask = Callable[..., StreamRun]
USER = {"role": "user", "content": "add 2 and 3"}
CALL = {"type": "function_call", "call_id": "call_a1b2", "name": "add", "arguments": '{"a":2}'}
RESULT = {"type": "function_call_output", "call_id": "call_a1b2", "output": "5"}
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "cost": 0.1}


def said(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text}]
    return {"type": "message", "role": "assistant", "content": content}


def run_of(answer: bytes, body: dict[str, Any] | None = None, path: str = "") -> StreamRun:
    """Read an answer: to a POST with a body, or to a GET."""
    asked = b"" if body is None else json.dumps({"model": "m", **body}).encode()
    head = RequestHead("GET" if body is None else "POST", URL + path, {}, asked)
    reader = StreamReader(head)
    reader.feed(answer)
    return reader.close()


def answer(*output: Any, id: str = "resp_1", status: str = "completed", **more: Any) -> bytes:
    usage = None if status in ("queued", "in_progress") else USAGE
    sent = {**response(status, *output), "id": id, "usage": usage, **more}
    return json.dumps(sent).encode()


def test_a_request_that_repeats_calls_and_brings_results_goes_on() -> None:
    first = run_of(answer(CALL), {"input": [USER]})
    second = run_of(answer(said("5"), id="resp_2"), {"input": [USER, CALL, RESULT]})
    (talk,) = link_runs([first, second])
    assert [result.text for result in talk.steps[0].tool_results] == ["5"]
    assert talk.steps[0].tool_results[0].call_index == 0
    assert talk.cost == Decimal("0.2")
    assert talk.own_findings == ()


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [(json.dumps('{"a":2}'), 2), (json.dumps('{"a":9}'), 1), ('"a', 1), ('{ "a": 2 }', 2)],
)
def test_arguments_that_a_client_encoded_twice_are_the_same(arguments: str, steps: int) -> None:
    """As charmbracelet/fantasy sent them back."""
    first = run_of(answer(CALL), {"input": [USER]})
    sent = {**CALL, "arguments": arguments}
    second = run_of(answer(said("5"), id="resp_2"), {"input": [USER, sent, RESULT]})
    assert len(link_runs([first, second])[0].steps) == steps


def test_what_the_server_keeps_is_named_by_the_answers_id() -> None:
    first = run_of(answer(CALL), {"input": [USER]})
    second = run_of(
        answer(said("5"), id="resp_2"),
        {"input": [RESULT], "previous_response_id": "resp_1", "instructions": "Be brief."},
    )
    other = run_of(
        answer(said("?"), id="resp_3"), {"input": [USER], "previous_response_id": "resp_0"}
    )
    talk, alone = link_runs([first, second, other])
    assert [result.call_index for result in talk.steps[0].tool_results] == [0]
    assert len(alone.steps) == 1


@pytest.mark.parametrize("kept", ["conv_1", {"id": "conv_1"}])
def test_a_conversation_that_the_server_keeps_goes_on(kept: Any) -> None:
    first = run_of(answer(said("Hi.")), {"input": "hi", "conversation": kept})
    other = run_of(answer(said("Hi.")), {"input": "hi", "conversation": "conv_2"})
    second = run_of(answer(said("Bye."), id="resp_2"), {"input": "bye", "conversation": "conv_1"})
    talk, alone = link_runs([first, other, second])
    assert [run.message.text for run in talk.runs] == ["Hi.", "Bye."]
    assert [message.text for message in talk.steps[0].followed_by] == ["bye"]
    assert len(alone.steps) == 1


def test_an_answer_that_is_polled_is_one_step_and_counts_once() -> None:
    runs = [
        run_of(answer(status="queued"), {"input": [USER], "background": True}),
        run_of(answer(status="in_progress"), path="/resp_1"),
        run_of(answer(CALL), path="/resp_1"),
        run_of(answer(said("5"), id="resp_2"), {"input": [USER, CALL, RESULT]}),
    ]
    (talk,) = link_runs(runs)
    first, second = talk.steps
    assert [run.finish_reason_sent for run in first.attempts] == ["queued", "in_progress"]
    assert (first.run.finish_reason, second.run.finish_reason) == ("tool_calls", "stop")
    assert talk.usage is not None
    assert (talk.usage.input_tokens, talk.cost) == (2, Decimal("0.2"))
    assert [message.role for message in talk.messages] == ["user", "assistant", "tool", "assistant"]
    assert first.chat_request.messages[0].parts == (Text("add 2 and 3"),)


def test_an_answer_of_another_id_is_no_other_attempt() -> None:
    first = run_of(answer(status="queued"), {"input": [USER]})
    other = run_of(answer(said("5"), id="resp_9"), path="/resp_9")
    assert len(link_runs([first, other])) == 2


def test_a_stream_that_is_resumed_in_its_middle_says_that_pieces_are_missing() -> None:
    where = {"output_index": 0, "content_index": 0}
    events = [
        event("output_text.delta", **where, delta="lo"),
        event("output_text.done", **where, text="Hello"),
        event("completed", response=response("completed", said("Hello"), usage=USAGE)),
    ]
    body = numbered([event("created", response=response("queued")), *events])
    run = run_of(body.split(b"\n\n", 1)[1], path="/resp_1?stream=true&starting_after=0")
    assert "repetition_differs" in {found.code for found in run.findings}
    assert "event_before_start" not in {found.code for found in run.findings}


def test_the_recorded_answer_that_was_resumed_counts_once(shared_cassettes: Path) -> None:
    path = shared_cassettes / "vcrpy" / "openai_responses_background_resumed_by_get.yaml"
    (talk,) = read_conversations(path)
    (step,) = talk.steps
    assert [run.head.method for run in talk.runs] == ["POST", "GET"]
    assert step.run.message.text == step.attempts[0].message.text == "2 + 2 equals 4."
    assert talk.usage is not None
    assert (talk.usage.input_tokens, talk.usage.output_tokens) == (15, 9)
    assert [message.text for message in talk.messages] == ["What is 2 + 2?", "2 + 2 equals 4."]


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("go-vcr/openai_responses_multi_tool", [("5", 0), ("6", 1)]),
        ("go-vcr/openai_responses_reasoning_summary", [("40 C", 0)]),
        ("vcrpy/openai_responses_commentary_then_call", [("Potato City", 0)]),
    ],
)
def test_the_recorded_conversations_are_linked(
    shared_cassettes: Path, name: str, results: list[tuple[str, int]]
) -> None:
    (talk,) = read_conversations(shared_cassettes / f"{name}.yaml")
    first, second = talk.steps
    assert [(one.text, one.call_index) for one in first.tool_results] == results
    assert second.run.finish_reason == "stop"
    assert talk.own_findings == ()
