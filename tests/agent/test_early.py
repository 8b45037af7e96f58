"""Tools that start while the answer still comes: when they do, and that nothing else changes.

An endpoint of these tests holds a piece back until a tool has run, or shows that none has.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent, run_agent_async
from chatviz.agent.loop import CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.agent.stopping import max_steps
from chatviz.agent.tools.run import MAX_AT_ONCE
from chatviz.agent.tools.tool import Tool, tool
from chatviz.chat.messages import ToolCall
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.tables import critical_path_table
from chatviz.wire.exchange import RequestHead, ResponseHead

URL = "https://openrouter.ai/api/v1/chat/completions"
DONE = b"data: [DONE]\n\n"
Run = Callable[..., AgentResult]


def event(delta: Mapping[str, Any], reason: str | None = None, choice: int = 0) -> bytes:
    choices = [{"index": choice, "delta": delta, "finish_reason": reason}]
    return f"data: {json.dumps({'choices': choices})}\n\n".encode()


def piece(arguments: str, index: int = 0, name: str = "", choice: int = 0) -> bytes:
    begun = {"id": f"c{index}", "type": "function"} if name else {}
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return event({"tool_calls": [{"index": index, **begun, "function": function}]}, None, choice)


FINISH = event({}, "tool_calls")
SAID = [event({"role": "assistant", "content": "done"}, "stop"), DONE]


class PieceEndpoint:
    """Gives answers piece by piece; a function among the pieces is called, an error raised.

    In an event loop others have their turn after each piece.
    """

    model = "m"
    extra_body: Mapping[str, Any] = {}

    def __init__(self, *answers: Iterable[Any]) -> None:
        self.bodies: list[Any] = []
        self._answers = list(answers)

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        reader, pieces = self._begin(body)
        for one in pieces:
            self._take(one, reader, watch)
        return reader.close()

    async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        reader, pieces = self._begin(body)
        for one in pieces:
            if callable(one):
                await asyncio.to_thread(one)
            else:
                self._take(one, reader, watch)
            await asyncio.sleep(0)
        return reader.close()

    def _begin(self, body: Mapping[str, Any]) -> tuple[StreamReader, Iterable[Any]]:
        sent = json.dumps(body)
        self.bodies.append(json.loads(sent))
        reader = StreamReader(RequestHead("POST", URL, {}, sent.encode()), response=ResponseHead())
        return reader, self._answers.pop(0)

    def _take(self, one: Any, reader: StreamReader, watch: Any) -> None:
        if isinstance(one, BaseException):
            raise one
        if callable(one):
            one()
            return
        reader.feed(one)
        watch(reader)


class Tracked:
    """A tool that tells that it has run: ``ran`` is set by then."""

    def __init__(self, name: str = "look", *, early: bool = True, is_async: bool = False) -> None:
        self.ran = threading.Event()
        self.seen: list[int] = []

        def look(a: int = 0) -> int:
            self.seen.append(a)
            self.ran.set()
            return a * 10

        async def look_async(a: int = 0) -> int:
            return look(a)

        self.tool = tool(look_async if is_async else look, name=name, early=early)

    def has_run(self) -> None:
        assert self.ran.wait(10)

    def has_not(self) -> None:
        assert not self.ran.is_set()


def outcomes(result: AgentResult) -> list[tuple[str, str, bool]]:
    return [(run.outcome, run.text, run.is_early) for run in result.tool_runs]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_call_that_is_whole_valid_and_closed_starts_while_the_answer_still_streams(
    run: Run, is_async: bool
) -> None:
    look = Tracked(is_async=is_async)
    first = [
        piece('{"a"', 0, "look"),
        look.has_not,
        piece(": 1}"),
        look.has_not,  # whole and valid, but not closed
        piece("", 1, "other"),
        look.has_run,
        piece("{}", 1),
        FINISH,
        DONE,
    ]
    other = Tracked("other", early=False)
    endpoint = PieceEndpoint(first, SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool, other.tool], start_tools="early")
    assert result.stop_reason == "no_tool_calls"
    assert outcomes(result) == [("returned", "10", True), ("returned", "0", False)]
    assert [one["content"] for one in endpoint.bodies[1]["messages"][-2:]] == ["10", "0"]
    assert result.tool_runs[0].ready_at_s is not None


@pytest.mark.parametrize(
    "closing", [event({"content": "so"}), FINISH], ids=["another part", "the finish reason"]
)
def test_what_closes_a_call_starts_it(run: Run, closing: bytes) -> None:
    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), closing, look.has_run, FINISH, DONE]
    result = run("?", endpoint=PieceEndpoint(first, SAID), tools=[look.tool], start_tools="early")
    assert outcomes(result) == [("returned", "10", True)]


@pytest.mark.parametrize("more", [{}, {"start_tools": "at_end"}])
def test_by_default_tools_wait_for_the_end_of_the_answer(run: Run, more: Any) -> None:
    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_not, DONE]
    result = run("?", endpoint=PieceEndpoint(first, SAID), tools=[look.tool], **more)
    assert outcomes(result) == [("returned", "10", False)]


def test_a_tool_that_does_not_say_so_waits_for_the_end_of_the_answer(run: Run) -> None:
    look = Tracked(early=False)
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_not, DONE]
    result = run("?", endpoint=PieceEndpoint(first, SAID), tools=[look.tool], start_tools="early")
    assert outcomes(result) == [("returned", "10", False)]


@pytest.mark.parametrize("arguments", ['{"a": "one"}', '{"a": ', "[]"])
def test_a_call_that_is_not_right_is_not_started(run: Run, arguments: str) -> None:
    look = Tracked()
    first = [piece(arguments, 0, "look"), FINISH, DONE]
    texts = []
    for start in ("at_end", "early"):
        endpoint = PieceEndpoint(first, SAID)
        result = run("?", endpoint=endpoint, tools=[look.tool], start_tools=start)
        texts.append(outcomes(result))
    assert texts[0] == texts[1]
    assert texts[0][0][0] == "invalid"
    look.has_not()


def test_of_several_choices_only_the_calls_of_the_first_start(run: Run) -> None:
    look = Tracked()
    other = [piece('{"a": 1}', 0, "look", choice=1), event({}, "tool_calls", choice=1)]
    first = [*other, look.has_not, event({"content": "so"}, "stop"), DONE]
    result = run("?", endpoint=PieceEndpoint(first), tools=[look.tool], start_tools="early")
    assert result.tool_runs == ()
    look.has_not()


# ---- nothing else changes


def run_without_times(run: ToolRun) -> ToolRun:
    return replace(run, started_at_s=None, duration_s=None, ready_at_s=None)


def test_results_order_ids_and_requests_are_the_same_as_without(run: Run) -> None:
    """The first call ends last, and the second is not run early."""
    ended = threading.Event()

    @tool(early=True)
    def slow(a: int) -> str:
        assert ended.wait(10)
        return f"slow {a}"

    @tool
    def plain(a: int) -> dict[str, int]:
        return {"plain": a}

    @tool(early=True)
    def quick(a: int) -> str:
        ended.set()
        raise ValueError(f"no {a}")

    def call(index: int, name: str) -> list[bytes]:
        return [piece('{"a"', index, name), piece(f": {index}}}", index)]

    calls = [*call(0, "slow"), *call(1, "plain"), *call(2, "quick"), *call(3, "none")]
    results, bodies, told = [], [], []
    for start in ("at_end", "early"):
        ended.clear()
        news: list[Any] = []
        endpoint = PieceEndpoint([*calls, FINISH, DONE], SAID)
        results.append(
            run(
                "?",
                endpoint=endpoint,
                tools=[slow, plain, quick],
                start_tools=start,
                tool_call_ids=map("id{}".format, range(9)).__next__,
                watch=news.append,
            )
        )
        bodies.append(endpoint.bodies)
        told.append([type(one) for one in news if not isinstance(one, ToolRun)])
    assert bodies[0] == bodies[1]
    assert results[0].conversation == results[1].conversation
    assert told[0] == told[1]
    at_end, early = ([run_without_times(one) for one in result.tool_runs] for result in results)
    assert at_end == early
    assert [one.id for one in early] == ["id0", "id1", "id2", "id3"]
    assert [one.wire_id for one in early] == ["c0", "c1", "c2", "c3"]
    assert [one.is_early for one in results[1].tool_runs] == [True, False, True, False]


def test_whoever_watches_is_told_of_a_tool_after_the_calls_and_with_its_id(run: Run) -> None:
    look, news = Tracked(), list[Any]()
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_run, DONE]
    run(
        "?",
        endpoint=PieceEndpoint(first, SAID),
        tools=[look.tool],
        start_tools="early",
        tool_call_ids=lambda: "mine",
        watch=news.append,
    )
    told = [one for one in news if isinstance(one, CallTools | ToolRun)]
    assert [type(one) for one in told] == [CallTools, ToolRun]
    assert (told[1].id, told[1].is_early) == ("mine", True)


def test_an_answer_that_was_not_streamed_works_as_well(run: Run) -> None:
    look = Tracked()
    function = {"name": "look", "arguments": '{"a": 1}'}
    message = {"role": "assistant", "tool_calls": [{"id": "c", "function": function}]}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    endpoint = PieceEndpoint([json.dumps(whole).encode()], SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool], start_tools="early")
    assert [one.text for one in result.tool_runs] == ["10"]
    assert look.seen == [1]


def test_more_calls_than_run_at_once_wait_for_the_end(run: Run) -> None:
    look = Tracked()
    calls = [piece(f'{{"a": {n}}}', n, "look") for n in range(MAX_AT_ONCE + 3)]
    endpoint = PieceEndpoint([*calls, FINISH, DONE], SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool], start_tools="early")
    assert [one.is_early for one in result.tool_runs] == [True] * MAX_AT_ONCE + [False] * 3
    assert [one.text for one in result.tool_runs] == [str(n * 10) for n in range(MAX_AT_ONCE + 3)]


def test_each_step_has_its_own_early_calls(run: Run) -> None:
    look = Tracked()
    steps = [[piece(f'{{"a": {n}}}', 0, "look"), FINISH, DONE] for n in range(3)]
    endpoint = PieceEndpoint(*steps, SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool], start_tools="early")
    assert [(one.step, one.text, one.is_early) for one in result.tool_runs] == [
        (0, "0", True),
        (1, "10", True),
        (2, "20", True),
    ]


def test_the_tools_of_the_last_step_are_run_once_where_a_condition_stops_the_loop(run: Run) -> None:
    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_run, DONE]
    result = run(
        "?",
        endpoint=PieceEndpoint(first),
        tools=[look.tool],
        start_tools="early",
        stop=max_steps(1),
    )
    assert result.stop_reason == "max_steps"
    assert outcomes(result) == [("returned", "10", True)]
    assert look.seen == [1]


def test_what_is_asked_for_must_be_known(run: Run) -> None:
    with pytest.raises(ValueError, match="start_tools is 'at_end' or 'early', found 'now'"):
        run("?", endpoint=PieceEndpoint(), start_tools="now")


# ---- approve


def ask_yes(asked: list[Any], answer: Any = True) -> Callable[[ToolCall], Any]:
    def approve(call: ToolCall) -> Any:
        asked.append((call.name, call.id, call.arguments))
        return answer

    return approve


def later(approve: Callable[[ToolCall], Any]) -> Callable[[ToolCall], Any]:
    async def approve_later(call: ToolCall) -> Any:
        await asyncio.sleep(0)
        return approve(call)

    return approve_later


both = pytest.mark.parametrize("wrap", [lambda approve: approve, later], ids=["sync", "async"])


@both
def test_approve_is_asked_before_the_start_and_only_once(run: Run, wrap: Any) -> None:
    look, other, asked = Tracked(), Tracked("other", early=False), list[Any]()
    first = [
        piece('{"a": 1}', 0, "look"),
        piece('{"a": 2}', 1, "other"),
        look.has_run,
        lambda: asked.append("the rest of the answer"),
        FINISH,
        DONE,
    ]
    result = run(
        "?",
        endpoint=PieceEndpoint(first, SAID),
        tools=[look.tool, other.tool],
        start_tools="early",
        approve=wrap(ask_yes(asked)),
    )
    assert asked == [
        ("look", "c0", '{"a": 1}'),
        "the rest of the answer",
        ("other", "c1", '{"a": 2}'),
    ]
    assert [one.text for one in result.tool_runs] == ["10", "20"]


@both
def test_what_approve_refuses_is_never_run(run: Run, wrap: Any) -> None:
    look, asked = Tracked(), list[Any]()
    first = [piece('{"a": 1}', 0, "look"), FINISH, DONE]
    result = run(
        "?",
        endpoint=PieceEndpoint(first, SAID),
        tools=[look.tool],
        start_tools="early",
        approve=wrap(ask_yes(asked, "not today")),
    )
    text = "Error: the user did not allow this call: not today"
    assert outcomes(result) == [("refused", text, False)]
    assert len(asked) == 1
    look.has_not()


@both
def test_approve_may_give_other_arguments(run: Run, wrap: Any) -> None:
    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_run, DONE]
    result = run(
        "?",
        endpoint=PieceEndpoint(first, SAID),
        tools=[look.tool],
        start_tools="early",
        approve=wrap(ask_yes([], {"a": 7})),
    )
    assert outcomes(result) == [("returned", "70", True)]
    assert result.tool_runs[0].arguments == {"a": 7}


@both
@pytest.mark.parametrize("answer", [None, ZeroDivisionError("mine")])
def test_what_approve_raises_leaves_with_the_conversation_and_nothing_has_run(
    run: Run, wrap: Any, answer: Any
) -> None:
    def approve(call: ToolCall) -> Any:
        if answer is not None:
            raise answer

    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), FINISH, DONE]
    with pytest.raises((TypeError, ZeroDivisionError)) as caught:
        run(
            "?",
            endpoint=PieceEndpoint(first, SAID),
            tools=[look.tool],
            start_tools="early",
            approve=wrap(approve),
        )
    result: AgentResult = caught.value.result  # type: ignore[union-attr]
    assert result.steps[0].run.message.tool_calls[0].name == "look"
    look.has_not()


# ---- the answer comes to nothing


def test_a_tool_that_was_started_for_an_answer_that_broke_is_listed_and_not_run_again(
    run: Run,
) -> None:
    look = Tracked()
    broken = [piece('{"a": 1}', 0, "look"), piece("", 1, "look"), look.has_run]
    endpoint = PieceEndpoint([*broken, ConnectionError("gone")], SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool], start_tools="early", retries=5)
    assert (result.stop_reason, result.error) == ("error", "ConnectionError: gone")
    assert outcomes(result) == [("returned", "10", True)]
    assert (result.tool_runs[0].step, result.tool_runs[0].wire_id) == (0, "c0")
    assert len(endpoint.bodies) == 1  # it said something: it is not asked for again
    assert result.steps[0].tool_results == ()
    again = run("go on", endpoint=endpoint, tools=[look.tool], start_tools="early", after=result)
    assert again.text == "done"
    assert look.seen == [1]


@pytest.mark.parametrize(
    "ending",
    [[], [b'data: {"error": {"message": "overloaded", "code": 503}}\n\n']],
    ids=["the end", "an error"],
)
def test_an_answer_that_ends_too_early_waits_for_the_tool_that_was_started(
    run: Run, ending: list[bytes]
) -> None:
    gate = threading.Event()
    begun = threading.Event()

    @tool(early=True)
    def slow() -> str:
        begun.set()
        assert gate.wait(10)
        return "ok"

    news: list[Any] = []
    pieces = [piece("{}", 0, "slow"), piece("", 1, "slow"), lambda: begun.wait(10), *ending]
    endpoint = PieceEndpoint([*pieces, gate.set])
    result = run("?", endpoint=endpoint, tools=[slow], start_tools="early", watch=news.append)
    assert result.stop_reason == "error"
    assert outcomes(result) == [("returned", "ok", True)]
    assert [one.text for one in news if isinstance(one, ToolRun)] == ["ok"]


def test_a_call_that_waits_for_approval_when_the_answer_breaks_never_runs(run: Run) -> None:
    look, asked = Tracked(), threading.Event()

    async def approve(call: ToolCall) -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    broken = [piece('{"a": 1}', 0, "look"), piece("", 1, "look"), lambda: asked.wait(10)]
    result = run(
        "?",
        endpoint=PieceEndpoint(broken),
        tools=[look.tool],
        start_tools="early",
        approve=approve,
    )
    assert result.stop_reason == "error"
    assert result.tool_runs == ()
    look.has_not()


def hanging_tool() -> tuple[Tool, threading.Event]:
    begun = threading.Event()

    @tool(early=True)
    async def hang() -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    return hang, begun


def test_a_run_that_is_interrupted_stops_what_was_started_and_lists_it(run: Run) -> None:
    hang, begun = hanging_tool()
    pieces = [piece("{}", 0, "hang"), FINISH, lambda: begun.wait(10), KeyboardInterrupt()]

    def ask() -> AgentResult:
        return run("?", endpoint=PieceEndpoint(pieces), tools=[hang], start_tools="early")

    if run is run_agent:
        result = ask()
    else:
        with pytest.raises(KeyboardInterrupt) as caught:
            ask()
        result = caught.value.result  # type: ignore[attr-defined]
    assert result.stop_reason == "interrupted"
    assert outcomes(result) == [("stopped", "Error: 'hang' was stopped.", True)]


def test_a_task_that_is_cancelled_stops_what_was_started_and_lists_it() -> None:
    hang, begun = hanging_tool()

    class Endpoint(PieceEndpoint):
        async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
            await super().ask_async(body, watch=watch)
            await asyncio.Event().wait()
            raise AssertionError

    async def main() -> AgentResult:
        endpoint = Endpoint([piece("{}", 0, "hang"), FINISH])
        task = asyncio.create_task(
            run_agent_async("?", endpoint=endpoint, tools=[hang], start_tools="early")
        )
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.result  # type: ignore[attr-defined, no-any-return]

    result = asyncio.run(main())
    assert result.stop_reason == "cancelled"
    assert outcomes(result) == [("stopped", "Error: 'hang' was stopped.", True)]


def test_an_id_function_that_fails_stops_what_was_started_and_lists_it(run: Run) -> None:
    hang, begun = hanging_tool()
    pieces = [piece("{}", 0, "hang"), FINISH, lambda: begun.wait(10), DONE]
    with pytest.raises(ValueError, match="ran out of ids") as caught:
        run(
            "?",
            endpoint=PieceEndpoint(pieces),
            tools=[hang],
            start_tools="early",
            tool_call_ids=iter(()).__next__,
        )
    result = caught.value.result  # type: ignore[attr-defined]
    assert outcomes(result) == [("stopped", "Error: 'hang' was stopped.", True)]


def test_a_watch_that_fails_stops_what_was_started_and_lists_it(run: Run) -> None:
    hang, begun = hanging_tool()
    plain = Tracked("plain", early=False)

    def watch(news: Any) -> None:
        if isinstance(news, CallTools):
            raise ZeroDivisionError

    calls = [piece("{}", 0, "plain"), piece("{}", 1, "hang"), FINISH]
    with pytest.raises(ZeroDivisionError) as caught:
        run(
            "?",
            endpoint=PieceEndpoint([*calls, lambda: begun.wait(10), DONE]),
            tools=[hang, plain.tool],
            start_tools="early",
            watch=watch,
        )
    result = caught.value.result  # type: ignore[attr-defined]
    assert outcomes(result) == [
        ("stopped", "Error: stopped before the tool was run.", False),
        ("stopped", "Error: 'hang' was stopped.", True),
    ]
    plain.has_not()


def test_a_tool_that_fails_early_ends_the_loop_where_that_is_wanted(run: Run) -> None:
    @tool(early=True)
    def fail() -> None:
        raise ZeroDivisionError("mine")

    endpoint = PieceEndpoint([piece("{}", 0, "fail"), FINISH, DONE], SAID)
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        run("?", endpoint=endpoint, tools=[fail], start_tools="early", on_tool_error="raise")
    assert caught.value.result.tool_runs[0].is_early  # type: ignore[attr-defined]


def test_a_tool_that_is_started_early_has_its_time_limit(run: Run) -> None:
    hang, begun = hanging_tool()
    pieces = [piece("{}", 0, "hang"), FINISH, lambda: begun.wait(10), DONE]
    result = run(
        "?",
        endpoint=PieceEndpoint(pieces, SAID),
        tools=[hang],
        start_tools="early",
        tool_timeout=0.01,
    )
    assert [(one.outcome, one.is_early) for one in result.tool_runs] == [("timed out", True)]


# ---- the call changes after its start


def test_a_call_that_changes_after_its_start_gives_an_error_result_and_is_not_run_again(
    run: Run,
) -> None:
    look, other = Tracked(), Tracked("other", early=False)
    first = [
        piece('{"a": 1}', 0, "look"),
        piece("{}", 1, "other"),
        look.has_run,
        piece(" , ", 0),
        FINISH,
        DONE,
    ]
    endpoint = PieceEndpoint(first, SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool, other.tool], start_tools="early")
    text = (
        "Error: 'look' was started when its call was complete, and what you sent then changed the "
        "call. It was not run again. It was run with '{\"a\": 1}', and this came of it: 10"
    )
    assert outcomes(result) == [("changed", text, True), ("returned", "0", False)]
    assert endpoint.bodies[1]["messages"][-2]["content"] == text
    assert result.tool_runs[0].arguments == {"a": 1}
    assert look.seen == [1]
    assert result.stop_reason == "no_tool_calls"


def test_a_call_that_changes_before_its_tool_has_begun_is_asked_for_again(run: Run) -> None:
    look, asked = Tracked(), list[str]()
    first_asked = threading.Event()

    async def approve(call: ToolCall) -> bool:
        asked.append(call.arguments)
        if len(asked) == 1:
            first_asked.set()
            await asyncio.Event().wait()
        return True

    first = [
        piece('{"a": 1}', 0, "look"),
        piece("{}", 1, "other"),
        lambda: first_asked.wait(10),
        piece("  ", 0),
        FINISH,
        DONE,
    ]
    endpoint = PieceEndpoint(first, SAID)
    result = run("?", endpoint=endpoint, tools=[look.tool], start_tools="early", approve=approve)
    assert asked == ['{"a": 1}', '{"a": 1}  ']
    assert outcomes(result)[0] == ("returned", "10", False)
    assert look.seen == [1]


# ---- what it saved


def test_the_table_of_the_critical_path_knows_tools_that_were_started_early(run: Run) -> None:
    look = Tracked()
    first = [piece('{"a": 1}', 0, "look"), FINISH, look.has_run, DONE]
    result = run("?", endpoint=PieceEndpoint(first, SAID), tools=[look.tool], start_tools="early")
    call = critical_path_table(result).set_index("kind").loc["call"]
    assert (call["could_start_chunk"], call["chunks_left"]) == (1, 0)
    assert call[["tool_started_at_s", "path_s"]].isna().all()  # there is no clock
    assert call["tool_s"] == result.tool_runs[0].duration_s
