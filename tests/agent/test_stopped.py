"""Ctrl-C and cancel leave a conversation that can be read, and no thread or task but a told one."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent, run_agent_async
from chatviz.agent.results import AgentResult
from chatviz.agent.tools.tool import Tool, tool


@pytest.fixture
def press_ctrl_c() -> Iterator[Callable[[], None]]:
    """Send the signal to the main thread as a terminal does, even where it was ignored (nohup)."""
    if not hasattr(signal, "pthread_kill"):
        pytest.skip("this system cannot send a signal to one thread")
    main = threading.main_thread().ident
    assert main is not None
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.pthread_kill(main, signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_in_mid_stream_returns_what_came(MemoryEndpoint: Any, Reply: Any, say: Any) -> None:
    data = say("half an ans", reason=None, done=False)
    result = run_agent("?", endpoint=MemoryEndpoint(Reply(data, error=KeyboardInterrupt())))
    assert (result.stop_reason, result.error) == ("interrupted", "")
    assert result.text == "half an ans"
    assert not result.steps[0].run.is_complete


def test_ctrl_c_while_waiting_for_headers_returns_the_question(MemoryEndpoint: Any) -> None:
    result = run_agent("hello?", endpoint=MemoryEndpoint(KeyboardInterrupt()))
    assert result.stop_reason == "interrupted"
    assert result.conversation.messages[0].text == "hello?"


def test_ctrl_c_while_waiting_for_a_retry_returns_the_failed_attempt(
    MemoryEndpoint: Any, Reply: Any, clock: Any
) -> None:
    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    clock.sleep = sleep
    result = run_agent("?", endpoint=MemoryEndpoint(Reply(b"busy", 503)), clock=clock)
    assert result.stop_reason == "interrupted"
    assert result.steps[0].run.response.status == 503


def test_ctrl_c_during_a_tool_keeps_the_results_that_are_there(
    MemoryEndpoint: Any,
    say: Any,
    sums: list[Tool],
    gate: threading.Event,
    press_ctrl_c: Callable[[], None],
) -> None:
    has_added = threading.Event()

    def watch(news: Any) -> None:
        if getattr(news, "name", "") == "add":
            has_added.set()

    @tool
    def hang() -> None:
        assert has_added.wait(10)
        press_ctrl_c()
        gate.wait()

    calls = [("1", "hang", "{}"), ("2", "add", '{"a":1,"b":2}'), ("3", "nothing", "{}")]
    endpoint = MemoryEndpoint(say("", *calls), say("on"))
    result = run_agent("?", endpoint=endpoint, tools=[hang, *sums], watch=watch)
    assert result.stop_reason == "interrupted"
    assert [run.outcome for run in result.tool_runs] == ["stopped", "returned", "unknown"]
    assert [run.is_abandoned for run in result.tool_runs] == [True, False, False]
    assert result.tool_runs[0].text == (
        "Error: 'hang' was stopped and was abandoned: it may still be running."
    )
    assert [one.text for one in result.steps[0].tool_results][1] == "3"
    follow_up = run_agent("Go on", endpoint=endpoint, tools=sums, after=result)
    assert follow_up.text == "on"
    assert [one["role"] for one in endpoint.bodies[1]["messages"]] == [
        "user",
        "assistant",
        *["tool"] * 3,
        "user",
    ]


def test_ctrl_c_cancels_an_async_tool(
    MemoryEndpoint: Any, say: Any, press_ctrl_c: Callable[[], None]
) -> None:
    cleaned = []

    @tool
    async def hang() -> None:
        try:
            press_ctrl_c()
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    endpoint = MemoryEndpoint(say("", ("1", "hang", "{}")))
    result = run_agent("?", endpoint=endpoint, tools=[hang])
    assert (result.stop_reason, cleaned) == ("interrupted", [True])
    assert result.tool_runs[0].text == "Error: 'hang' was stopped."


def test_ctrl_c_gets_out_of_an_async_tool_that_blocks_its_loop(
    MemoryEndpoint: Any,
    say: Any,
    gate: threading.Event,
    short_grace: None,
    press_ctrl_c: Callable[[], None],
) -> None:
    @tool
    async def block() -> None:
        press_ctrl_c()
        gate.wait()

    endpoint = MemoryEndpoint(say("", ("1", "block", "{}")))
    result = run_agent("?", endpoint=endpoint, tools=[block])
    assert result.stop_reason == "interrupted"
    assert result.tool_runs[0].is_abandoned


def test_an_async_tool_that_will_not_end_is_abandoned(
    MemoryEndpoint: Any, say: Any, gate: threading.Event, short_grace: None
) -> None:
    """It ends at last, and its thread with it."""

    @tool
    async def stay() -> None:
        while not gate.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    endpoint = MemoryEndpoint(say("", ("1", "stay", "{}")), say("done"))
    result = run_agent("?", endpoint=endpoint, tools=[stay], tool_timeout=0.01)
    assert result.text == "done"
    assert (result.tool_runs[0].outcome, result.tool_runs[0].is_abandoned) == ("timed out", True)


def test_a_task_that_a_tool_leaves_behind_ends_with_the_loop(MemoryEndpoint: Any, say: Any) -> None:
    tasks = []

    @tool
    async def leave() -> None:
        tasks.append(asyncio.create_task(asyncio.Event().wait()))

    endpoint = MemoryEndpoint(say("", ("1", "leave", "{}")), say("done"))
    run_agent("?", endpoint=endpoint, tools=[leave])
    assert tasks[0].cancelled()


def cancel_and_read(make: Any) -> tuple[AgentResult, list[Any], int]:
    """Run in a task, cancel it when it says so; return its result, the news, and tasks left."""

    async def main() -> tuple[AgentResult, list[Any], int]:
        told: list[Any] = []
        coroutine, ready = make(told.append)
        task = asyncio.create_task(coroutine)
        await ready.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return caught.value.result, told, len(left)  # type: ignore[attr-defined]

    return asyncio.run(main())


def test_a_cancel_in_mid_stream_leaves_what_came(MemoryEndpoint: Any, Reply: Any, say: Any) -> None:
    def make(watch: Any) -> Any:
        reply = Reply(say("half", reason=None, done=False), never_ends=True)
        return run_agent_async("?", endpoint=MemoryEndpoint(reply), watch=watch), reply.begun

    result, told, left = cancel_and_read(make)
    assert (result.stop_reason, result.text, left) == ("cancelled", "half", 0)
    assert told[-1] is result


def test_a_cancel_during_tools_stops_them(
    MemoryEndpoint: Any, say: Any, gate: threading.Event
) -> None:
    cleaned = []

    def make(watch: Any) -> Any:
        ready = asyncio.Event()

        @tool
        async def hang() -> None:
            try:
                ready.set()
                await asyncio.Event().wait()
            finally:
                cleaned.append(True)

        @tool
        def block() -> None:
            gate.wait()

        calls = [("1", "block", "{}"), ("2", "hang", "{}")]
        endpoint = MemoryEndpoint(say("", *calls))
        return run_agent_async("?", endpoint=endpoint, tools=[block, hang], watch=watch), ready

    result, told, left = cancel_and_read(make)
    assert (result.stop_reason, left, cleaned) == ("cancelled", 0, [True])
    assert [(run.outcome, run.is_abandoned) for run in result.tool_runs] == [
        ("stopped", True),
        ("stopped", False),
    ]
    assert told[-1] is result


def test_a_cancel_before_the_tools_have_begun_stops_them_all(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    def make(watch: Any) -> Any:
        ready = asyncio.Event()

        async def approve(call: Any) -> bool:
            ready.set()
            await asyncio.Event().wait()
            return True

        endpoint = MemoryEndpoint(say("", ("1", "add", '{"a":1,"b":2}'), ("2", "nothing", "{}")))
        options: dict[str, Any] = {"endpoint": endpoint, "tools": sums, "approve": approve}
        return run_agent_async("?", watch=watch, **options), ready

    result, _, left = cancel_and_read(make)
    assert [run.outcome for run in result.tool_runs] == ["stopped", "unknown"]
    assert result.tool_runs[0].text == "Error: stopped before the tool was run."
    assert left == 0


def test_calls_that_wait_for_their_turn_are_stopped_unrun(MemoryEndpoint: Any, say: Any) -> None:
    """32 calls run at the same time; the others never begin."""
    begun = []

    def make(watch: Any) -> Any:
        ready = asyncio.Event()

        @tool
        async def hang() -> None:
            begun.append(True)
            if len(begun) == 32:
                ready.set()
            await asyncio.Event().wait()

        calls = [(str(number), "hang", "{}") for number in range(40)]
        endpoint = MemoryEndpoint(say("", *calls))
        return run_agent_async("?", endpoint=endpoint, tools=[hang], watch=watch), ready

    result, _, left = cancel_and_read(make)
    assert (len(begun), left) == (32, 0)
    assert [run.started_at_s is None for run in result.tool_runs] == [False] * 32 + [True] * 8
    assert {run.outcome for run in result.tool_runs} == {"stopped"}


def test_a_watch_that_raises_stops_the_tools(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    def watch(news: Any) -> None:
        if getattr(news, "name", "") == "add":
            raise LookupError("watch")

    endpoint = MemoryEndpoint(say("", ("1", "add", '{"a":1,"b":2}')))
    with pytest.raises(LookupError, match="watch") as caught:
        run_agent("?", endpoint=endpoint, tools=sums, watch=watch)
    assert caught.value.result.tool_runs[0].text == "3"  # type: ignore[attr-defined]


def test_tools_see_the_context_of_the_caller(MemoryEndpoint: Any, say: Any) -> None:
    """Jupyter finds the cell for what a thread prints in its context."""
    who = contextvars.ContextVar("who", default="nobody")

    @tool
    def ask() -> str:
        return who.get()

    @tool
    async def ask_later() -> str:
        return who.get()

    endpoint = MemoryEndpoint(say("", ("1", "ask", "{}"), ("2", "ask_later", "{}")), say("done"))
    token = who.set("me")
    try:
        result = run_agent("?", endpoint=endpoint, tools=[ask, ask_later])
    finally:
        who.reset(token)
    assert [run.text for run in result.tool_runs] == ["me", "me"]


def test_ctrl_c_while_an_early_tool_of_a_broken_answer_ends_lists_what_became_of_it(
    MemoryEndpoint: Any, Reply: Any, say: Any, press_ctrl_c: Callable[[], None]
) -> None:
    @tool(early=True)
    async def press() -> str:
        press_ctrl_c()
        await asyncio.Event().wait()
        return "never"

    data = say("", ("1", "press", "{}"), done=False)
    endpoint = MemoryEndpoint(Reply(data, error=ConnectionError("gone")))
    result = run_agent("?", endpoint=endpoint, tools=[press], start_tools="early")
    assert result.stop_reason == "interrupted"
    assert [(run.outcome, run.is_early) for run in result.tool_runs] == [("stopped", True)]


@pytest.mark.parametrize("error", [ConnectionError("gone"), KeyboardInterrupt()])
def test_an_early_tool_that_blocks_everything_is_listed_as_abandoned(
    MemoryEndpoint: Any,
    Reply: Any,
    say: Any,
    press_ctrl_c: Callable[[], None],
    gate: threading.Event,
    short_grace: None,
    error: BaseException,
) -> None:
    @tool(early=True)
    async def press() -> str:
        if isinstance(error, ConnectionError):
            press_ctrl_c()
        gate.wait(10)  # it blocks the loop, as it must not
        return "late"

    data = say("", ("1", "press", "{}"), done=False)
    endpoint = MemoryEndpoint(Reply(data, error=error))
    result = run_agent("?", endpoint=endpoint, tools=[press], start_tools="early")
    assert result.stop_reason == "interrupted"
    assert [(run.outcome, run.is_abandoned) for run in result.tool_runs] == [("stopped", True)]
