"""Whatever goes wrong ends in a conversation that can be read; nothing hangs, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent
from chatviz.agent.results import AgentResult
from chatviz.agent.stopping import max_steps
from chatviz.agent.tools.tool import Tool, tool

CALL = ("1", "add", '{"a":1,"b":2}')


@pytest.fixture
def answer_call(MemoryEndpoint: Any, say: Any, sums: list[Tool]) -> Any:
    """Run one call (or more), and return the result; the model then says "done"."""

    def run(*calls: tuple[str, str, str], tools: Any = sums, **more: Any) -> AgentResult:
        endpoint = MemoryEndpoint(say("", *calls), say("done"))
        result = run_agent("?", endpoint=endpoint, tools=tools, **more)
        sent = [one["content"] for one in endpoint.bodies[1]["messages"] if one["role"] == "tool"]
        assert sent == [run.text for run in result.tool_runs]
        assert result.text == "done"
        return result

    return run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"a": 1, "b"', "break off at character 12"),
        ('{"a": 1, "b": 2}}', "are no JSON at character 16"),
        ("[1, 2]", "are no JSON object: '[1, 2]'"),
        ('{"a": 1}', "do not fit its schema: $.b: missing"),
        ('{"a": "1", "b": 2}', "do not fit its schema: $.a: wrong type"),
        ('{"a": 1, "b": 2, "c": 3}', "are not what it takes: Object contains unknown field `c`"),
        ("", "do not fit its schema: $.a: missing"),
        ('{"a": NaN, "b": 2}', "are no JSON at character 6"),
    ],
)
def test_a_partial_or_invalid_call_is_never_run_and_the_model_is_told_why(
    answer_call: Any, arguments: str, told: str
) -> None:
    ran = []

    @tool
    def add(a: int, b: int) -> None:
        ran.append((a, b))

    result = answer_call(("1", "add", arguments), tools=[add])
    (run,) = result.tool_runs
    assert ran == []
    assert (run.outcome, run.arguments, run.duration_s) == ("invalid", None, None)
    assert told in run.text
    assert run.text.startswith("Error: 'add' was not run, for its arguments ")


def test_many_faults_are_told_in_few_words(answer_call: Any) -> None:
    required = [f"k{number}" for number in range(9)]
    made = Tool("f", print, {"type": "object", "required": required})
    (run,) = answer_call(("1", "f", "{}"), tools=[made]).tool_runs
    assert [f"$.k{number}: missing" in run.text for number in range(9)] == [True] * 4 + [False] * 5
    assert "and 5 more" in run.text


def test_a_schema_that_cannot_be_used_runs_nothing(answer_call: Any) -> None:
    made = Tool("f", print, {"type": "objekt"})
    (run,) = answer_call(("1", "f", "{}"), tools=[made]).tool_runs
    assert run.outcome == "invalid"
    assert "could not be checked" in run.text


def test_a_call_of_an_unknown_tool_is_answered(answer_call: Any) -> None:
    result = answer_call(("1", "divide", "{}"), CALL)
    assert [run.outcome for run in result.tool_runs] == ["unknown", "returned"]
    assert result.tool_runs[0].text == (
        "Error: there is no tool 'divide'; the tools are add, multiply."
    )
    (run,) = answer_call(("1", "divide", "{}"), tools=[]).tool_runs
    assert run.text == "Error: there is no tool 'divide'; there are no tools."


def test_duplicate_ids_stay_as_they_came_and_each_call_gets_its_result(answer_call: Any) -> None:
    result = answer_call(("x", "add", '{"a":1,"b":2}'), ("x", "multiply", '{"a":1,"b":2}'))
    assert [(run.id, run.text) for run in result.tool_runs] == [("x", "3"), ("x", "2")]
    assert [one.call_index for one in result.steps[0].tool_results] == [0, 1]
    codes = {finding.code for finding in result.conversation.findings}
    assert "call_id_not_unique" in codes


def test_what_a_tool_raises_is_a_result(answer_call: Any) -> None:
    @tool
    def fail(text: str) -> None:
        raise RuntimeError(text)

    @tool
    def leave() -> None:
        raise StopIteration

    @tool
    async def fail_later() -> None:
        raise StopAsyncIteration("later")

    @tool
    async def give_up() -> None:
        raise asyncio.CancelledError

    calls = [("1", "fail", '{"text":"{x}"}')]
    calls += [(name, name, "{}") for name in ("leave", "fail_later", "give_up")]
    result = answer_call(*calls, tools=[fail, leave, fail_later, give_up])
    assert [run.outcome for run in result.tool_runs] == ["raised"] * 4
    assert [run.text for run in result.tool_runs] == [
        "Error: RuntimeError: {x}",
        "Error: StopIteration",
        "Error: StopAsyncIteration: later",
        "Error: CancelledError",
    ]
    assert isinstance(result.tool_runs[0].error, RuntimeError)


def test_what_a_tool_raises_may_leave_the_loop_with_the_conversation(
    MemoryEndpoint: Any, say: Any
) -> None:
    @tool
    def fail() -> None:
        raise RuntimeError("no")

    endpoint = MemoryEndpoint(say("", ("1", "fail", "{}")))
    with pytest.raises(RuntimeError, match="no") as caught:
        run_agent("?", endpoint=endpoint, tools=[fail], on_tool_error="raise")
    result = caught.value.result  # type: ignore[attr-defined]
    assert (result.stop_reason, result.error) == ("error", "Error: RuntimeError: no")
    assert result.steps[0].tool_results[0].text == "Error: RuntimeError: no"
    assert "raised by the tool 'fail'" in caught.value.__notes__[0]


def test_a_tool_that_raises_ends_the_others(
    MemoryEndpoint: Any, say: Any, gate: threading.Event
) -> None:
    @tool
    def fail() -> None:
        raise RuntimeError("no")

    @tool
    def hang() -> None:
        gate.wait()

    calls = [("1", "hang", "{}"), ("2", "fail", "{}"), ("3", "nothing", "{}")]
    endpoint = MemoryEndpoint(say("", *calls))
    with pytest.raises(RuntimeError) as caught:
        run_agent("?", endpoint=endpoint, tools=[hang, fail], on_tool_error="raise")
    runs = caught.value.result.tool_runs  # type: ignore[attr-defined]
    assert [run.outcome for run in runs] == ["stopped", "raised", "unknown"]
    assert runs[0].is_abandoned


def test_a_tool_that_hangs_is_abandoned_and_that_is_said(
    answer_call: Any, gate: threading.Event
) -> None:
    @tool
    def hang() -> None:
        gate.wait()

    result = answer_call(("1", "hang", "{}"), tools=[hang], tool_timeout=0.01)
    (run,) = result.tool_runs
    assert (run.outcome, run.is_abandoned) == ("timed out", True)
    assert run.text == (
        "Error: 'hang' did not end within 0.01 s and was abandoned: it may still be running."
    )


def test_an_async_tool_that_hangs_is_cancelled(answer_call: Any) -> None:
    @tool
    async def hang() -> None:
        await asyncio.Event().wait()

    result = answer_call(("1", "hang", "{}"), tools=[hang], tool_timeout=0.01)
    (run,) = result.tool_runs
    assert (run.outcome, run.is_abandoned) == ("timed out", False)
    assert run.text == "Error: 'hang' did not end within 0.01 s."


def test_a_timeout_may_leave_the_loop(MemoryEndpoint: Any, say: Any, gate: threading.Event) -> None:
    @tool
    def hang() -> None:
        gate.wait()

    endpoint = MemoryEndpoint(say("", ("1", "hang", "{}")))
    options: dict[str, Any] = {"tool_timeout": 0.01, "on_tool_error": "raise"}
    with pytest.raises(TimeoutError, match="'hang' did not end within"):
        run_agent("?", endpoint=endpoint, tools=[hang], **options)


HALF = '{"a": 1, "b'


def test_a_stream_that_is_cut_in_mid_arguments_is_kept_and_not_run(
    MemoryEndpoint: Any, Reply: Any, say: Any, clock: Any, sums: list[Tool]
) -> None:
    cut = Reply(
        say("Adding.", ("1", "add", HALF), reason=None, done=False) + b'data: {"cho',
        error=ConnectionResetError("peer closed the connection"),
    )
    endpoint = MemoryEndpoint(say("", CALL), cut, say("You said?"))
    options: dict[str, Any] = {"endpoint": endpoint, "tools": sums, "clock": clock}
    result = run_agent("?", **options)
    assert result.stop_reason == "error"
    assert result.error == "ConnectionResetError: peer closed the connection"
    assert len(result.steps) == 2
    run = result.steps[-1].run
    assert (run.message.text, run.message.tool_calls[0].arguments) == ("Adding.", HALF)
    assert run.body.endswith(b'data: {"cho')
    assert "unfinished_event" in {finding.code for finding in run.findings}
    assert len(result.tool_runs) == 1
    assert clock.waits == []
    run_agent("Go on", after=result, **options)
    last = endpoint.bodies[-1]["messages"][-2:]
    assert last == [
        {"role": "assistant", "content": "Adding."},
        {"role": "user", "content": "Go on"},
    ]


def test_a_stream_that_ends_too_early_without_an_error_broke_off(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    data = say("", ("1", "add", HALF), reason=None, done=False)
    result = run_agent("?", endpoint=MemoryEndpoint(data), tools=sums)
    assert result.stop_reason == "error"
    assert result.error == "the answer broke off: it ended before the model had finished."
    assert result.tool_runs == ()


def test_an_answer_that_reached_its_length_in_mid_arguments_is_told_so(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(say("", ("1", "add", HALF), reason="length"), say("sorry"))
    result = run_agent("?", endpoint=endpoint, tools=sums)
    assert "break off" in result.tool_runs[0].text
    assert result.text == "sorry"


@pytest.mark.parametrize("data", [b"", b": nothing\n\n", b"data: [DONE]\n\n", b"data: {}\n\n"])
def test_an_empty_answer_is_an_error(MemoryEndpoint: Any, data: bytes) -> None:
    result = run_agent("?", endpoint=MemoryEndpoint(data))
    assert result.stop_reason == "error"
    assert result.error == "the answer is empty: it ended before any content came."
    assert [message.role for message in result.conversation.messages] == ["user", "assistant"]


def test_an_answer_that_says_nothing_and_finishes_is_an_answer(
    MemoryEndpoint: Any, say: Any
) -> None:
    endpoint = MemoryEndpoint(say(""), say("hi"))
    first = run_agent("?", endpoint=endpoint)
    assert (first.stop_reason, first.text) == ("no_tool_calls", "")
    run_agent("Hello?", endpoint=endpoint, after=first)
    assert [one["role"] for one in endpoint.bodies[1]["messages"]] == ["user", "user"]


def test_a_network_that_fails_before_any_answer_is_tried_again(
    MemoryEndpoint: Any, Reply: Any, say: Any, clock: Any
) -> None:
    cut = Reply(b": processing\n\n", error=TimeoutError("stalled"))
    endpoint = MemoryEndpoint(ConnectionRefusedError("refused"), cut, say("hi"))
    result = run_agent("?", endpoint=endpoint, clock=clock)
    assert (result.text, result.stop_reason, clock.waits) == ("hi", "no_tool_calls", [1.0, 2.0])
    assert [run.body for run in result.steps[0].attempts] == [b": processing\n\n"]


def test_a_network_that_is_down_leaves_the_question(MemoryEndpoint: Any, clock: Any) -> None:
    endpoint = MemoryEndpoint(ConnectionRefusedError("refused"))
    result = run_agent("hello?", endpoint=endpoint, clock=clock)
    assert (result.stop_reason, result.text) == ("error", "")
    assert result.error == "ConnectionRefusedError: refused (asked 3 times)"
    assert result.conversation.messages[0].text == "hello?"
    assert not result.steps[0].run.is_complete


def test_what_is_no_failure_of_the_network_leaves_the_loop_with_the_conversation(
    MemoryEndpoint: Any, say: Any, sums: list[Tool], clock: Any
) -> None:
    error = LookupError("nothing recorded")
    endpoint = MemoryEndpoint(say("", CALL), error)
    with pytest.raises(LookupError, match="nothing recorded") as caught:
        run_agent("?", endpoint=endpoint, tools=sums, clock=clock)
    result = caught.value.result  # type: ignore[attr-defined]
    assert (result.stop_reason, clock.waits) == ("error", [])
    assert result.error == "LookupError: nothing recorded"
    assert [message.role for message in result.conversation.messages][:3] == [
        "user",
        "assistant",
        "tool",
    ]


def test_a_stream_that_broke_off_by_our_own_fault_keeps_what_came(
    MemoryEndpoint: Any, Reply: Any, say: Any
) -> None:
    reply = Reply(say("half", reason=None, done=False), error=ValueError("odd"))
    with pytest.raises(ValueError, match="odd") as caught:
        run_agent("?", endpoint=MemoryEndpoint(reply))
    result = caught.value.result  # type: ignore[attr-defined]
    assert result.text == "half"
    assert not result.steps[0].run.is_complete


def test_ids_that_run_out_are_told(MemoryEndpoint: Any, say: Any, sums: list[Tool]) -> None:
    ids = iter(["a"]).__next__
    endpoint = MemoryEndpoint(say("", CALL, CALL))
    with pytest.raises(ValueError, match="ran out of ids: the answer has 2 calls") as caught:
        run_agent("?", endpoint=endpoint, tools=sums, tool_call_ids=ids)
    assert len(caught.value.result.steps) == 1  # type: ignore[attr-defined]


def test_an_answer_with_very_many_calls_runs_them_all(answer_call: Any) -> None:
    calls = [(str(n), "add", json.dumps({"a": n, "b": 1})) for n in range(100)]
    result = answer_call(*calls)
    assert [run.text for run in result.tool_runs] == [str(n + 1) for n in range(100)]


def test_the_last_step_has_its_results_where_a_limit_stops_the_loop(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(say("", CALL))
    result = run_agent("?", endpoint=endpoint, tools=sums, stop=max_steps(1))
    assert result.steps[0].tool_results[0].text == "3"
    assert result.conversation.messages[-1].role == "tool"
