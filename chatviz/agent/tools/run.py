"""Run the calls of one answer at the same time; nothing hangs, and what is left running is told."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from chatviz.agent.ask_endpoint import stopped_by
from chatviz.agent.clock import Clock
from chatviz.agent.loop import Stopped, ToolAnswers
from chatviz.agent.results import Outcome, ToolRun
from chatviz.agent.tools.plan import CallPlan, write_result
from chatviz.agent.tools.tool import Tool

__all__ = ["RunRules", "run_plans"]

MAX_AT_ONCE: Final = 32  # an answer may hold thousands of calls

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
    began_at_s : float
        The clock's ticks when the loop began.
    watch : callable
        Is told of each ToolRun when it ends.
    """

    timeout_s: float | None
    on_error: Literal["return", "raise"]
    grace_s: float
    clock: Clock
    began_at_s: float
    watch: Callable[[ToolRun], None]

    def __post_init__(self) -> None:
        if self.on_error not in ("return", "raise"):
            raise ValueError(f"on_tool_error is 'return' or 'raise', found {self.on_error!r}.")


async def run_plans(plans: Sequence[CallPlan], rules: RunRules) -> ToolAnswers:
    """Run what can be run. Never raises: what stopped it is in the answers."""
    gate = asyncio.Semaphore(MAX_AT_ONCE)
    tasks = [asyncio.create_task(_run_plan(plan, rules, gate)) for plan in plans]
    pending, stopped = set(tasks), None
    try:
        while pending and stopped is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=tasks.index):
                run = task.result()
                rules.watch(run)
                stopped = stopped or _find_stop(run, rules)
    except BaseException as error:
        stopped = stopped_by(error)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)
    runs = (
        plan.stop() if task.cancelled() else task.result()
        for plan, task in zip(plans, tasks, strict=True)
    )
    return ToolAnswers(tuple(runs), stopped)


def _find_stop(run: ToolRun, rules: RunRules) -> Stopped | None:
    if rules.on_error == "return" or run.outcome not in ("raised", "timed out"):
        return None
    error = run.error or TimeoutError(run.text)
    error.add_note(f"raised by the tool {run.name!r}; the conversation so far is in .result")
    return Stopped("error", run.text, error)


async def _run_plan(plan: CallPlan, rules: RunRules, gate: asyncio.Semaphore) -> ToolRun:
    if plan.tool is None:
        return plan.record(plan.outcome, plan.text)
    async with gate:
        began_s = rules.clock.tick_s()
        work = _Work(plan.tool, plan)
        try:
            await asyncio.wait({work.future}, timeout=rules.timeout_s)
            missed: Outcome = "timed out"
        except asyncio.CancelledError:
            missed = "stopped"
        run = await _conclude(work, plan, missed, rules)
    return replace(
        run,
        arguments=plan.arguments,
        started_at_s=began_s - rules.began_at_s,
        duration_s=rules.clock.tick_s() - began_s,
    )


async def _conclude(work: _Work, plan: CallPlan, missed: Outcome, rules: RunRules) -> ToolRun:
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


class _Work:
    """One running function: an ``async`` one in a task, another in a thread of its own.

    The threads are daemons of no pool: one that never ends keeps nobody waiting.
    """

    def __init__(self, tool: Tool, plan: CallPlan) -> None:
        self.future: asyncio.Future[Worked]
        self._thread: threading.Thread | None = None
        if tool.is_async:
            self.future = asyncio.create_task(_await_tool(tool, plan))
            return
        loop = asyncio.get_running_loop()
        self.future = loop.create_future()
        target, context = self._work_in_thread, contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(target, loop, tool, plan), daemon=True
        )
        self._thread.name = f"chatviz tool {tool.name}"
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the function has not ended, whoever waits for it."""
        return not self.future.done() if self._thread is None else self._thread.is_alive()

    async def abandon(self, grace_s: float) -> None:
        """Tell the function to end, where that can be told, and wait for it, but not for long."""
        self.future.cancel()
        if self._thread is None:
            await asyncio.wait({self.future}, timeout=grace_s)

    def _work_in_thread(self, loop: asyncio.AbstractEventLoop, tool: Tool, plan: CallPlan) -> None:
        try:
            worked: Worked = (write_result(tool.function(**plan.keywords)), None)
        except BaseException as error:
            worked = _tell(error)
        with suppress(RuntimeError):  # nobody waits any more: the loop is closed
            loop.call_soon_threadsafe(self._settle, worked)

    def _settle(self, worked: Worked) -> None:
        if not self.future.done():
            self.future.set_result(worked)


async def _await_tool(tool: Tool, plan: CallPlan) -> Worked:
    try:
        return write_result(await tool.function(**plan.keywords)), None
    except BaseException as error:  # whether it was we who cancelled it is known to who waits
        return _tell(error)


def _tell(error: BaseException) -> Worked:
    name, text = type(error).__name__, str(error)
    return f"Error: {name}: {text}" if text else f"Error: {name}", error
