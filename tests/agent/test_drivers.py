"""run_agent and run_agent_async: the conversations of the seeds are had again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml

from chatviz.agent.drivers import run_agent, run_agent_async
from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.agent.stopping import max_steps
from chatviz.agent.tools.tool import Tool, tool
from chatviz.cassettes.reading import read_conversation
from chatviz.runs.conversation import Step
from chatviz.runs.linking import join_steps
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.tables import run_table, tool_call_table
from tests.seed_talk import ASKED, SYSTEM


def ask_as_recorded(seed: str, endpoint: Any, tools: list[Tool], **more: Any) -> AgentResult:
    extra: dict[str, Any] = {"usage": {"include": True}}
    if seed == "fireworks":
        extra["provider"] = {"only": ["fireworks"]}
    else:
        more["tool_call_ids"] = iter(["test-3", "test-4"]).__next__
    options = {"system": SYSTEM, "tools": tools, "max_tokens": 4000, "extra_body": extra, **more}
    return run_agent(ASKED, endpoint=endpoint, **options)


def interactions_of(path: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]


@pytest.fixture
def replay(MemoryEndpoint: Any) -> Callable[[Path], Any]:
    def make(path: Path) -> Any:
        bodies = [one["response"]["body"].encode() for one in interactions_of(path)]
        return MemoryEndpoint(*bodies, model="moonshotai/kimi-k2-0905")

    return make


@pytest.mark.parametrize("seed", ["fireworks", "novita"])
def test_the_conversation_of_a_seed_is_had_again(seeds: Any, seed: str, replay: Any) -> None:
    path = getattr(seeds, seed)
    ran = []

    @tool
    def add(a: Annotated[int, "first number"], b: Annotated[int, "second number"]) -> int:
        "Add two numbers"
        ran.append(("add", a + b))
        return a + b

    @tool
    def multiply(a: Annotated[int, "first number"], b: Annotated[int, "second number"]) -> int:
        "Multiply two numbers"
        ran.append(("multiply", a * b))
        return a * b

    endpoint = replay(path)
    result = ask_as_recorded(seed, endpoint, [add, multiply])

    assert endpoint.bodies == [json.loads(one["request"]["body"]) for one in interactions_of(path)]
    assert sorted(ran) == [("add", 5), ("multiply", 6)]
    assert result.stop_reason == "no_tool_calls"
    assert result.error == ""
    talk, read = result.conversation, read_conversation(path)
    assert talk.messages == read.messages
    assert [step.tool_results for step in talk.steps] == [s.tool_results for s in read.steps]
    assert [step.followed_by for step in talk.steps] == [s.followed_by for s in read.steps]
    assert talk.usage == read.usage
    assert talk.cost == read.cost
    assert talk.own_findings == read.own_findings
    assert talk.findings == read.findings
    for ours, theirs in zip(talk.runs, read.runs, strict=True):
        assert ours.messages == theirs.messages
        assert ours.chat_request == theirs.chat_request
        assert (ours.wire, ours.deltas) == (theirs.wire, theirs.deltas)


def test_the_ids_of_the_wire_stay_visible_beside_ours(
    seeds: Any, replay: Any, sums: list[Tool]
) -> None:
    result = ask_as_recorded("novita", replay(seeds.novita), sums)
    assert [(run.id, run.wire_id) for run in result.tool_runs] == [
        ("test-3", "add:0"),
        ("test-4", "multiply:1"),
    ]
    assert [call.id for call in result.steps[0].run.message.tool_calls] == ["add:0", "multiply:1"]


def test_every_table_and_the_notebook_take_a_result(
    seeds: Any, replay: Any, sums: list[Tool]
) -> None:
    result = ask_as_recorded("fireworks", replay(seeds.fireworks), sums)
    assert len(run_table(result)) == 2
    assert len(tool_call_table(result)) == 2
    assert "text/html" in result._repr_mimebundle_()
    assert result.text == result.steps[-1].run.message.text
    assert "Why it ended" not in result._repr_mimebundle_()["text/html"]


def test_a_result_shows_the_error_that_ended_it_in_lines(
    seeds: Any, replay: Any, sums: list[Tool]
) -> None:
    result = ask_as_recorded("fireworks", replay(seeds.fireworks), sums)
    failed = replace(result, stop_reason="error", error="no such request:\n<b>a</b> differs")
    bundle = failed._repr_mimebundle_()
    assert bundle["text/html"].count("no such request:<br>&lt;b&gt;a&lt;/b&gt; differs") == 1
    assert "It ended with an error: no such request" in bundle["text/plain"]


@pytest.mark.parametrize("seed", ["fireworks", "novita"])
def test_the_async_driver_has_the_same_conversation(
    seeds: Any, seed: str, replay: Any, sums: list[Tool]
) -> None:
    ids = iter(["test-3", "test-4"]).__next__ if seed == "novita" else None
    endpoint, other = replay(getattr(seeds, seed)), replay(getattr(seeds, seed))
    expected = ask_as_recorded(seed, other, sums)
    extra = {key: other.bodies[0].get(key) for key in ("usage", "provider")}
    result = asyncio.run(
        run_agent_async(
            ASKED,
            endpoint=endpoint,
            system=SYSTEM,
            tools=sums,
            max_tokens=4000,
            extra_body=extra,
            tool_call_ids=ids,
        )
    )
    assert endpoint.bodies == other.bodies
    assert result.conversation == expected.conversation


def test_the_sync_driver_works_inside_a_running_loop(
    seeds: Any, replay: Any, sums: list[Tool]
) -> None:
    """A cell of Jupyter runs inside a loop."""

    async def cell() -> AgentResult:
        return ask_as_recorded("fireworks", replay(seeds.fireworks), sums)

    assert asyncio.run(cell()).stop_reason == "no_tool_calls"


def test_async_tools_share_one_loop_in_a_thread_of_their_own(MemoryEndpoint: Any, say: Any) -> None:
    seen = []

    @tool
    async def look() -> str:
        seen.append((asyncio.get_running_loop(), threading.current_thread().name))
        return "ok"

    call = ("1", "look", "{}")
    endpoint = MemoryEndpoint(say("", call), say("", call), say("done"))
    result = run_agent("x", endpoint=endpoint, tools=[look])
    assert [run.text for run in result.tool_runs] == ["ok", "ok"]
    assert len(set(seen)) == 1
    assert seen[0][1] == "chatviz tools"
    assert seen[0][0].is_closed()


def test_calls_run_at_the_same_time_and_results_go_back_in_their_order(
    MemoryEndpoint: Any, say: Any
) -> None:
    """Each call ends only when the one behind it has: run one by one, this would hang."""
    ended = [threading.Event() for _ in range(3)]
    ended[2].set()

    @tool
    def wait(number: int) -> int:
        assert ended[number].wait(10)
        if number:
            ended[number - 1].set()
        return number

    calls = [(f"c{n}", "wait", f'{{"number": {n}}}') for n in range(3)]
    endpoint = MemoryEndpoint(say("", *calls), say("done"))
    result = run_agent("x", endpoint=endpoint, tools=[wait])
    sent = endpoint.bodies[1]["messages"][-3:]
    assert [(one["tool_call_id"], one["content"]) for one in sent] == [
        ("c0", "0"),
        ("c1", "1"),
        ("c2", "2"),
    ]
    assert [run.position for run in result.tool_runs] == [0, 1, 2]


def test_without_tools_the_request_names_none(MemoryEndpoint: Any, say: Any) -> None:
    endpoint = MemoryEndpoint(say("hi"))
    result = run_agent("x", endpoint=endpoint)
    assert not {"tools", "tool_choice"} & endpoint.bodies[0].keys()
    assert (result.text, result.stop_reason) == ("hi", "no_tool_calls")


def test_the_calls_extra_body_goes_before_the_endpoints(MemoryEndpoint: Any, say: Any) -> None:
    endpoint = MemoryEndpoint(say("hi"))
    endpoint.extra_body = {"usage": {"include": True}, "seed": 1}
    run_agent("x", endpoint=endpoint, extra_body={"seed": 2, "stream_options": None})
    assert endpoint.bodies[0] == {
        "model": "m",
        "messages": [{"role": "user", "content": "x"}],
        "stream": True,
        "usage": {"include": True},
        "seed": 2,
    }


def test_a_follow_up_sends_again_what_was_said(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(
        say("I add.", ("add:0", "add", '{"a":1,"b":2}')), say("3"), say("You are welcome")
    )
    options: dict[str, Any] = {"endpoint": endpoint, "tools": sums}
    first = run_agent("1 and 2?", system="s", **options)
    second = run_agent("Thanks", after=first, **options)
    assert endpoint.bodies[2]["messages"] == [
        *endpoint.bodies[1]["messages"],
        {"role": "assistant", "content": "3"},
        {"role": "user", "content": "Thanks"},
    ]
    assert endpoint.bodies[2]["tools"] == endpoint.bodies[1]["tools"]
    assert [message.role for message in second.conversation.messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
        "assistant",
    ]
    assert second.conversation.steps[:1] == first.conversation.steps[:1]
    assert second.tool_runs == ()
    assert len(second.asked_at_s) == 1


def test_a_recorded_conversation_is_gone_on_with_key_for_key(
    seeds: Any, MemoryEndpoint: Any, say: Any
) -> None:
    talk = read_conversation(seeds.novita)
    endpoint = MemoryEndpoint(say("more"))
    result = run_agent("And more?", endpoint=endpoint, after=talk)
    recorded = json.loads(interactions_of(seeds.novita)[1]["request"]["body"])["messages"]
    assert endpoint.bodies[0]["messages"][: len(recorded)] == recorded
    assert [one["role"] for one in endpoint.bodies[0]["messages"][len(recorded) :]] == [
        "assistant",
        "user",
    ]
    assert len(result.steps) == 3


def test_keys_that_are_not_modelled_are_sent_again(MemoryEndpoint: Any, say: Any) -> None:
    sent = {"role": "user", "content": "hi", "cache_control": {"type": "ephemeral"}}
    run = read_stream(say("ho"), {"model": "m", "messages": [sent, "odd"]})
    endpoint = MemoryEndpoint(say("more"))
    run_agent("And?", endpoint=endpoint, after=join_steps([Step(run)]))
    assert endpoint.bodies[0]["messages"] == [
        sent,
        {"role": "assistant", "content": "ho"},
        {"role": "user", "content": "And?"},
    ]


def test_a_conversation_that_stopped_after_its_tools_goes_on(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(say("", ("w", "add", '{"a":1,"b":2}')), say("3"))
    options: dict[str, Any] = {"endpoint": endpoint, "tools": sums}
    first = run_agent("?", stop=max_steps(1), tool_call_ids=lambda: "mine", **options)
    assert first.stop_reason == "max_steps"
    run_agent("Go on", after=first, **options)
    call, answer, words = endpoint.bodies[1]["messages"][1:]
    assert call["tool_calls"][0]["id"] == answer["tool_call_id"] == "mine"
    assert (answer["content"], words["content"]) == ("3", "Go on")


def test_reasoning_is_sent_back_as_it_came(MemoryEndpoint: Any, say: Any, sums: list[Tool]) -> None:
    details = [
        {"type": "reasoning.text", "text": "so", "signature": "abc", "index": 0},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
    ]
    call = ("1", "add", '{"a":1,"b":2}')
    answer = say("", call, reasoning="so", reasoning_details=details)
    endpoint = MemoryEndpoint(answer, say("3"), answer, say("3"))
    run_agent("?", endpoint=endpoint, tools=sums)
    run_agent("?", endpoint=endpoint, tools=sums, reasoning_back="all")
    first, second = endpoint.bodies[1]["messages"][1], endpoint.bodies[3]["messages"][1]
    assert first["reasoning_details"] == second["reasoning_details"] == details
    assert "reasoning" not in first
    assert second["reasoning"] == "so"
    assert "content" not in first


def test_watch_is_told_everything_in_its_order(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(say("", ("1", "add", '{"a":1,"b":2}')), say("3"))
    told: list[Any] = []
    result = run_agent("?", endpoint=endpoint, tools=sums, watch=told.append)
    answer = [AskModel, StreamReader, StreamReader, StreamRun]
    kinds = [*answer, CallTools, ToolRun, *answer, AgentResult]
    assert [type(one) for one in told] == kinds
    assert told[-1] is result


def test_times_count_from_the_beginning(MemoryEndpoint: Any, say: Any, clock: Any) -> None:
    @tool
    def wait() -> None:
        clock.sleep(2.5)

    endpoint = MemoryEndpoint(say("", ("1", "wait", "")), say("done"))
    result = run_agent("?", endpoint=endpoint, tools=[wait], clock=clock)
    (run,) = result.tool_runs
    assert (run.started_at_s, run.duration_s, run.step) == (0.0, 2.5, 0)
    assert result.asked_at_s == (0.0, 2.5)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"prompt": ["x"]}, TypeError, "the prompt is text, found 'list'"),
        ({"on_tool_error": "ignore"}, ValueError, "on_tool_error is 'return' or 'raise'"),
        ({"extra_body": {"messages": []}}, ValueError, "extra_body holds 'messages'"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is(
    MemoryEndpoint: Any, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    endpoint = MemoryEndpoint()
    with pytest.raises(kind, match=message):
        run_agent(options.pop("prompt", "x"), endpoint=endpoint, **options)
    assert endpoint.bodies == []


def test_a_system_message_belongs_to_the_beginning(seeds: Any, MemoryEndpoint: Any) -> None:
    talk = read_conversation(seeds.novita)
    with pytest.raises(ValueError, match="system is given where a conversation begins"):
        run_agent("x", endpoint=MemoryEndpoint(), after=talk, system="s")
