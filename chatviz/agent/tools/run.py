"""Run the calls of one answer at the same time; nothing hangs, what is left running is reported."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from inspect import isawaitable, iscoroutine
from typing import Any, Final, Literal, Protocol, TypeAlias

from chatviz.agent.ask_endpoint import stopped_by
from chatviz.agent.error_text import add_note, say_error
from chatviz.agent.loop import Stopped, ToolAnswers
from chatviz.agent.results import Outcome, ToolRun
from chatviz.agent.tools.plan import CallPlan, write_result
from chatviz.agent.tools.tool import Tool
from chatviz.chat.messages import ToolCall
from chatviz.clock import Clock
from chatviz.given_values import shown

__all__ = ["MAX_AT_ONCE", "RunRules", "StartedCall", "run_plan", "run_plans"]

MAX_AT_ONCE: Final = 32  # an answer may hold thousands of calls

_ORDINARY: Final = (Exception, asyncio.CancelledError)
"""What a tool may raise and the conversation go on; all else is meant to end the program."""

Worked: TypeAlias = "tuple[str, BaseException | None]"
"""A result's text, or what was raised."""


@dataclass(frozen=True, slots=True)
class RunRules:
    """How tools are run.

    Attributes
    ----------
    timeout_s : float | None
        After how many seconds a tool is given up.
    on_error : {"return", "raise"}
        Whether what a tool raises is a result for the model or ends the loop.
    grace_s : float
        How long an ``async`` tool may take to end when it is told to.
    clock : Clock
    began_at_ns : int
        The clock's nanoseconds when the loop began.
    watch : callable
        Called with each ToolRun when it ends.
    """

    timeout_s: float | None
    on_error: Literal["return", "raise"]
    grace_s: float
    clock: Clock
    began_at_ns: int
    watch: Callable[[ToolRun], None]

    def __post_init__(self) -> None:
        if self.on_error not in ("return", "raise"):
            raise ValueError(f"on_tool_error is 'return' or 'raise', found {shown(self.on_error)}.")

    def now_s(self) -> float:
        """Return the seconds since the loop began."""
        return (self.clock.now_ns() - self.began_at_ns) / 1e9


class StartedCall(Protocol):
    """A call that was started before."""

    @property
    def task(self) -> asyncio.Task[ToolRun]:
        """Gives what became of it as it was then."""

    def settle(self, run: ToolRun, call: ToolCall) -> ToolRun:
        """Return what that means for the call as it is now."""


async def run_plans(
    plans: Sequence[CallPlan], rules: RunRules, started: Mapping[int, StartedCall]
) -> ToolAnswers:
    """Run what can be run; what was started before, by its position, is only waited for.

    Never raises: what stopped it is in the answers.
    """
    gate = asyncio.Semaphore(MAX_AT_ONCE)
    tasks = [
        started[plan.call.position].task
        if plan.call.position in started
        else asyncio.create_task(_wait_and_run(plan, rules, gate))
        for plan in plans
    ]

    def conclude(plan: CallPlan, task: asyncio.Task[ToolRun]) -> ToolRun:
        if task.cancelled():
            return plan.stop()
        early = started.get(plan.call.position)
        return task.result() if early is None else early.settle(task.result(), plan.call)

    pending, stopped = set(tasks), None
    try:
        while pending and stopped is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=tasks.index):
                run = conclude(plans[tasks.index(task)], task)
                rules.watch(run)
                stopped = stopped or _find_stop(run, rules)
    except BaseException as error:
        stopped = stopped_by(error)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)
    return ToolAnswers(tuple(map(conclude, plans, tasks)), stopped)


def _find_stop(run: ToolRun, rules: RunRules) -> Stopped | None:
    """Say whether a tool's end is the loop's: as the user wants it, or as the exception does."""
    is_ending = run.error is not None and not isinstance(run.error, _ORDINARY)
    is_failure = rules.on_error == "raise" and run.outcome in ("raised", "timed out")
    if not is_ending and not is_failure:
        return None
    error = run.error or TimeoutError(run.text)
    add_note(error, f"raised by the tool {run.name!r}; the conversation so far is in .result")
    reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
    return Stopped(reason, run.text, error)


async def _wait_and_run(plan: CallPlan, rules: RunRules, gate: asyncio.Semaphore) -> ToolRun:
    async with gate:
        return await run_plan(plan, rules)


async def run_plan(plan: CallPlan, rules: RunRules) -> ToolRun:
    """Run one call, if it can be run; return what became of it, also after a cancel."""
    if plan.tool is None:
        return plan.record(plan.outcome, plan.text)
    began_ns = rules.clock.now_ns()
    work = _RunningTool(plan.tool, plan)
    try:
        await asyncio.wait({work.future}, timeout=rules.timeout_s)
        missed: Outcome = "timed out"
    except asyncio.CancelledError:
        missed = "stopped"
    run = await _conclude(work, plan, missed, rules)
    return replace(
        run,
        arguments=plan.arguments,
        started_at_s=(began_ns - rules.began_at_ns) / 1e9,
        duration_s=(rules.clock.now_ns() - began_ns) / 1e9,
    )


async def _conclude(
    work: _RunningTool, plan: CallPlan, missed: Outcome, rules: RunRules
) -> ToolRun:
    """Return what became of a tool's work, which is ended if it has not."""
    if work.future.done():
        text, error = work.future.result()
        return replace(plan.record("raised" if error else "returned", text), error=error)
    await work.abandon(rules.grace_s)
    is_running = work.is_running
    why = f"did not end within {rules.timeout_s:g} s" if missed == "timed out" else "was stopped"
    left = " and was abandoned: it may still be running" if is_running else ""
    text = f"Error: {plan.call.name!r} {why}{left}."
    return replace(plan.record(missed, text), is_abandoned=is_running)


class _RunningTool:
    """One running function: an ``async`` one in a task, another in a thread of its own.

    The threads are daemons of no pool: one that never ends keeps nobody waiting. Whatever happens,
    the future gets a result, so that nobody waits for ever.
    """

    def __init__(self, tool: Tool, plan: CallPlan) -> None:
        self._thread: threading.Thread | None = None
        self.future: asyncio.Future[Worked] = asyncio.create_task(self._work(tool, plan))

    @property
    def is_running(self) -> bool:
        """Whether the function has not ended, whoever waits for it."""
        in_thread = self._thread is not None and self._thread.is_alive()
        return in_thread or not self.future.done()

    async def abandon(self, grace_s: float) -> None:
        """Ask the function to end, where it can be asked, and wait for it, but not for long."""
        self.future.cancel()
        await asyncio.wait({self.future}, timeout=grace_s)

    async def _work(self, tool: Tool, plan: CallPlan) -> Worked:
        """Return what came of it. What is raised is kept, that of a cancel as well."""
        try:
            if tool.is_async:
                value, error = tool.function(**plan.keywords), None
            else:
                value, error = await self._call_in_thread(tool, plan)
            while isawaitable(value):  # a plain function may return what is to be awaited, too
                value = await value
            if error is None:
                return write_result(value), None
        except BaseException as raised:  # whether it was we who cancelled it is known to who waits
            error = raised
        return f"Error: {say_error(error)}", error

    async def _call_in_thread(self, tool: Tool, plan: CallPlan) -> tuple[Any, BaseException | None]:
        """Return the result's text, or what is to be awaited for it; and what was raised."""
        loop = asyncio.get_running_loop()
        called: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            if not called.done():
                called.set_result((value, error))
            elif iscoroutine(value):
                value.close()  # nobody waits for it any more

        def call() -> None:
            value, raised = None, None
            try:
                value = tool.function(**plan.keywords)
                value = value if isawaitable(value) else write_result(value)
            except BaseException as error:
                raised = error
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(settle, value, raised)

        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(call,), daemon=True)
        self._thread.name = f"chatviz tool {tool.name}"
        self._thread.start()
        return await called
