"""Whatever a tool, a watch or an approval does: every call settles, and errors carry the result."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent_async
from chatviz.agent.error_text import say_error
from chatviz.agent.results import AgentResult
from chatviz.agent.tools.tool import Tool, tool

pytestmark = pytest.mark.timeout(20)

CALLS = [("1", "odd", "{}"), ("2", "add", '{"a":1,"b":2}')]


class Unprintable(Exception):
    """An exception whose message cannot be read."""

    def __init__(self, failure: BaseException) -> None:
        self.failure = failure

    def __str__(self) -> str:
        raise self.failure

    __repr__ = __str__


class Unshowable:
    """A result that cannot be written."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


def raising(error: BaseException, kind: str) -> Tool:
    """Return a tool that raises: from a thread, a task, or what a plain function returned."""

    def plain() -> None:
        raise error

    async def in_a_task() -> None:
        raise error

    def returned() -> Any:
        return in_a_task()

    return tool({"plain": plain, "async": in_a_task, "returned": returned}[kind], name="odd")


LAZY = pytest.mark.parametrize("kind", ["async", "returned"])
KINDS = pytest.mark.parametrize("kind", ["plain", "async", "returned"])


@KINDS
@pytest.mark.parametrize("failure", [ValueError("x"), SystemExit(3), KeyboardInterrupt()])
def test_an_exception_that_cannot_be_printed_is_a_result(
    run: Any, MemoryEndpoint: Any, say: Any, sums: list[Tool], kind: str, failure: BaseException
) -> None:
    endpoint = MemoryEndpoint(say("", *CALLS), say("done"))
    odd = raising(Unprintable(failure), kind)
    result = run("?", endpoint=endpoint, tools=[odd, *sums])
    name = type(failure).__name__
    assert result.tool_runs[0].text == f"Error: Unprintable (its message cannot be read: {name})"
    assert [each.outcome for each in result.tool_runs] == ["raised", "returned"]
    assert result.text == "done"


@KINDS
def test_an_exception_that_cannot_be_printed_may_leave_the_loop(
    run: Any, MemoryEndpoint: Any, say: Any, kind: str
) -> None:
    odd = raising(Unprintable(ValueError("x")), kind)
    endpoint = MemoryEndpoint(say("", CALLS[0]))
    with pytest.raises(Unprintable) as caught:
        run("?", endpoint=endpoint, tools=[odd], on_tool_error="raise")
    assert caught.value.result.tool_runs[0].outcome == "raised"  # type: ignore[attr-defined]


@KINDS
@pytest.mark.parametrize("kind_of_end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_raised_to_end_the_program_ends_the_loop_and_carries_the_result(
    run: Any,
    MemoryEndpoint: Any,
    say: Any,
    sums: list[Tool],
    kind: str,
    kind_of_end: type[BaseException],
) -> None:
    endpoint = MemoryEndpoint(say("", *CALLS), say("never asked"))
    with pytest.raises(kind_of_end) as caught:
        run("?", endpoint=endpoint, tools=[raising(kind_of_end(), kind), *sums])
    result = caught.value.result  # type: ignore[attr-defined]
    assert isinstance(result, AgentResult)
    assert len(endpoint.bodies) == 1
    assert len(result.tool_runs) == 2
    assert result.tool_runs[0].outcome == "raised"
    assert result.tool_runs[1].outcome in ("returned", "stopped")
    expected = "interrupted" if kind_of_end is KeyboardInterrupt else "error"
    assert result.stop_reason == expected
    assert "'odd'" in str(caught.value.__notes__)


@KINDS
@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), StopIteration(1), StopAsyncIteration(), TimeoutError()]
)
def test_what_event_loops_raise_is_a_result_where_a_tool_raises_it(
    run: Any, MemoryEndpoint: Any, say: Any, kind: str, error: BaseException
) -> None:
    result = run(
        "?",
        endpoint=MemoryEndpoint(say("", CALLS[0]), say("done")),
        tools=[raising(error, kind)],
        tool_timeout=10,
    )
    assert (result.text, result.tool_runs[0].outcome) == ("done", "raised")


def test_a_plain_function_may_return_what_is_to_be_awaited(
    run: Any, MemoryEndpoint: Any, say: Any
) -> None:
    async def add(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    def returned(a: int, b: int) -> Any:
        return add(a, b)

    async def twice(a: int, b: int) -> Any:
        return add(a, b)

    partial = Tool("add", functools.partial(add), tool(add).schema, "adds", tool(add).parameters)
    for made in (tool(returned, name="add"), tool(twice, name="add"), partial):
        endpoint = MemoryEndpoint(say("", CALLS[1]), say("done"))
        result = run("?", endpoint=endpoint, tools=[made])
        assert [(each.outcome, each.text) for each in result.tool_runs] == [("returned", "3")]


@LAZY
def test_what_is_awaited_and_never_ends_is_given_up(
    run: Any, MemoryEndpoint: Any, say: Any, short_grace: None, kind: str
) -> None:
    cleaned = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    made = tool(hang, name="odd") if kind == "async" else tool(lambda: hang(), name="odd")
    endpoint = MemoryEndpoint(say("", CALLS[0]), say("done"))
    result = run("?", endpoint=endpoint, tools=[made], tool_timeout=0.02)
    assert (result.tool_runs[0].outcome, result.tool_runs[0].is_abandoned) == ("timed out", False)
    assert cleaned == [True]


def test_what_comes_too_late_to_be_awaited_is_closed(
    MemoryEndpoint: Any, say: Any, short_grace: None, gate: threading.Event
) -> None:
    """Else Python warns of a coroutine that was never awaited, and warnings are errors."""

    async def late() -> None:
        """Do nothing."""

    def odd() -> Any:
        gate.wait(10)
        return late()

    async def converse() -> AgentResult:
        endpoint = MemoryEndpoint(say("", CALLS[0]), say("done"))
        result = await run_agent_async("?", endpoint=endpoint, tools=[odd], tool_timeout=0.02)
        gate.set()
        for thread in threading.enumerate():
            if thread.name.startswith("chatviz tool"):
                await asyncio.to_thread(thread.join, 5)
        await asyncio.sleep(0)
        return result

    result = asyncio.run(converse())
    assert (result.tool_runs[0].outcome, result.tool_runs[0].is_abandoned) == ("timed out", True)


def test_a_result_that_cannot_be_written_is_an_error_for_the_model(
    run: Any, MemoryEndpoint: Any, say: Any
) -> None:
    def odd() -> Any:
        return Unshowable()

    result = run("?", endpoint=MemoryEndpoint(say("", CALLS[0]), say("done")), tools=[odd])
    assert (result.tool_runs[0].outcome, result.text) == ("raised", "done")
    assert result.tool_runs[0].text == "Error: ValueError: no text"


def test_no_thread_to_be_had_is_an_error_for_the_model(
    run: Any, MemoryEndpoint: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("chatviz tool "):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    endpoint = MemoryEndpoint(say("", CALLS[0]), say("done"))
    result = run("?", endpoint=endpoint, tools=[tool(lambda: 1, name="odd")])
    assert result.tool_runs[0].text == "Error: RuntimeError: can't start new thread"
    assert result.text == "done"


def test_arguments_whose_conversion_fails_in_any_way_are_invalid(
    run: Any, MemoryEndpoint: Any, say: Any
) -> None:
    def convert(self: Tool, arguments: Any) -> Any:
        raise Unprintable(ValueError())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tool, "convert", convert)
        endpoint = MemoryEndpoint(say("", CALLS[0]), say("done"))
        result = run("?", endpoint=endpoint, tools=[tool(lambda: 1, name="odd")])
    assert (result.tool_runs[0].outcome, result.text) == ("invalid", "done")


# ---- watch

NEWS = ["AskModel", "StreamReader", "StreamRun", "CallTools", "ToolRun", "AgentResult"]


class Slotted(Exception):
    """An exception of the user's own that takes no further attributes but these."""

    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError("take your hands off")


@pytest.mark.parametrize("name", NEWS)
@pytest.mark.parametrize(
    "error", [ValueError("from watch"), SystemExit(3), Unprintable(ValueError())]
)
def test_a_watch_that_raises_ends_the_loop_with_the_result_on_its_error(
    run: Any, MemoryEndpoint: Any, say: Any, sums: list[Tool], name: str, error: BaseException
) -> None:
    def watch(news: Any) -> None:
        if type(news).__name__ == name:
            raise error

    def odd() -> str:
        return "fine"

    with pytest.raises(type(error)) as caught:
        run(
            "?", endpoint=MemoryEndpoint(say("", *CALLS), say("x")), tools=[odd, *sums], watch=watch
        )
    result = caught.value.result
    assert isinstance(result, AgentResult)
    if name == "ToolRun":
        assert {each.outcome for each in result.tool_runs} <= {"returned", "stopped"}
        assert len(result.tool_runs) == 2
    if name == "AgentResult":
        assert result.stop_reason == "no_tool_calls"


@pytest.mark.parametrize("name", NEWS)
def test_a_watch_that_stops_iterating_ends_the_loop_too(
    run: Any, MemoryEndpoint: Any, say: Any, sums: list[Tool], name: str
) -> None:
    """A coroutine cannot raise a StopIteration: Python would put another error in its place."""

    def watch(news: Any) -> None:
        if type(news).__name__ == name:
            next(iter(()))

    with pytest.raises((StopIteration, RuntimeError)) as caught:
        run("?", endpoint=MemoryEndpoint(say("", CALLS[1]), say("x")), tools=sums, watch=watch)
    assert isinstance(caught.value.result, AgentResult)  # type: ignore[union-attr]


def test_an_error_that_takes_no_result_leaves_the_loop_all_the_same(
    run: Any, MemoryEndpoint: Any, say: Any
) -> None:
    def watch(news: Any) -> None:
        raise Slotted("mine")

    with pytest.raises(Slotted, match="mine"):
        run("?", endpoint=MemoryEndpoint(say("x")), watch=watch)


def test_where_watch_fails_at_the_end_the_first_error_is_the_one_that_is_raised(
    run: Any, MemoryEndpoint: Any, say: Any
) -> None:
    def watch(news: Any) -> None:
        if isinstance(news, AgentResult):
            raise ValueError("the second")

    def odd() -> None:
        raise KeyError("the first")

    with pytest.raises(KeyError, match="the first") as caught:
        run(
            "?",
            endpoint=MemoryEndpoint(say("", CALLS[0])),
            tools=[odd],
            on_tool_error="raise",
            watch=watch,
        )
    assert isinstance(caught.value.result, AgentResult)  # type: ignore[attr-defined]
    assert any("ValueError: the second" in note for note in caught.value.__notes__)


def test_ctrl_c_in_a_condition_carries_the_result(
    run: Any, MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    def interrupted(steps: Any) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run("?", endpoint=MemoryEndpoint(say("", CALLS[1])), tools=sums, stop=interrupted)
    assert len(caught.value.result.steps) == 1  # type: ignore[attr-defined]


def test_the_words_of_an_exception_are_always_to_be_had() -> None:
    assert say_error(ValueError("x")) == "ValueError: x"
    assert say_error(ValueError()) == "ValueError"
    assert "cannot be read: KeyError" in say_error(Unprintable(KeyError("x")))
