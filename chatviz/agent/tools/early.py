"""EarlyCalls: the calls of one answer whose tools start while it still comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from inspect import isawaitable

from chatviz.agent.loop import Stopped, ToolAnswers
from chatviz.agent.results import ToolRun
from chatviz.agent.tools.plan import Approval, Approve, CallPlan, apply_verdict, plan_call
from chatviz.agent.tools.run import MAX_AT_ONCE, RunRules, run_plan, run_plans
from chatviz.agent.tools.tool import Tool
from chatviz.chat.assembly.choice_state import make_message
from chatviz.chat.findings.log import shorten
from chatviz.chat.messages import ToolCall
from chatviz.runs.reader import StreamReader

__all__ = ["EarlyCall", "EarlyCalls"]


class EarlyCalls:
    """Watches an answer come in, and starts what may start before its end.

    That is a call of a tool that says so (``Tool.early``), once nothing of it can follow: the next
    part began, its block was closed, or the finish reason came. Its arguments must be right then,
    and ``approve``, which is asked there and then, must not object. Calls are looked at in their
    order.

    Parameters
    ----------
    tools : mapping of str to Tool
    approve : callable | None
    rules : RunRules
    in_loop : callable
        Calls a function in the event loop that tools run in.
    """

    def __init__(
        self,
        tools: Mapping[str, Tool],
        approve: Approve | None,
        rules: RunRules,
        in_loop: Callable[[Callable[[], None]], None],
    ) -> None:
        self.calls: dict[int, EarlyCall] = {}
        self._tools = tools
        self._approve = approve
        self._rules = rules
        self._in_loop = in_loop
        self._reader: StreamReader | None = None
        self._looked_at = 0

    def see(self, reader: StreamReader) -> None:
        """Look at what came; start what may start."""
        if reader is not self._reader:
            self._reader, self._looked_at = reader, 0
        state = next(iter(reader.growing.choices), None)
        if state is None or state.number != 0:  # another choice may yet be the answer's first
            return
        slots, first = state.slots.all, self._looked_at
        while self._looked_at < len(slots) and slots[self._looked_at].closed_at is not None:
            self._looked_at += 1
        if first < self._looked_at:
            schemas = {name: tool.schema for name, tool in self._tools.items()}
            for call in make_message(state, schemas).tool_calls[first : self._looked_at]:
                self._consider(call)

    def _consider(self, call: ToolCall) -> None:
        tool = self._tools.get(call.name)
        if tool is None or not tool.early or len(self.calls) >= MAX_AT_ONCE:
            return
        plan = plan_call(call, self._tools)
        if plan.tool is None:
            return
        verdict = True if self._approve is None else self._approve(call)
        early = self.calls[call.position] = EarlyCall(plan, self._rules, self._rules.now_s())
        self._in_loop(lambda: early.begin(verdict, self._tools))

    async def adopt(self, calls: Sequence[ToolCall]) -> dict[int, EarlyCall]:
        """Return what was started of the calls that the answer holds, once ``approve`` has decided.

        A call that has changed since then is left out if its tool has not begun to run. Raises
        what ``approve`` has raised.
        """
        known = {call.position: call for call in calls if call.position in self.calls}
        return {
            position: self.calls[position]
            for position, call in known.items()
            if await self.calls[position].stands_for(call)
        }

    async def end(self, calls: Sequence[ToolCall], failure: Stopped) -> ToolAnswers:
        """Wait for what was started of an answer that came to nothing.

        What a user or an exception has ended is not waited for, but stopped; what has not begun
        never does. What stopped the loop is in the answers, too.
        """
        for early in self.calls.values():
            if failure.error is not None or not early.has_begun:
                early.task.cancel()
        plans = [CallPlan(call) for call in self._begun(calls)]
        answers = await run_plans(plans, self._rules, self.calls)
        return answers if answers.stopped else replace(answers, stopped=failure)

    def abandon(self, calls: Sequence[ToolCall]) -> tuple[ToolRun, ...]:
        """Return the records of what was started, none of which could be stopped."""
        return tuple(CallPlan(call).stop(is_abandoned=True) for call in self._begun(calls))

    def _begun(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        begun = {position for position, early in self.calls.items() if early.has_begun}
        return [call for call in calls if call.position in begun]


class EarlyCall:
    """One call that was decided on while its answer still came.

    Its ``task`` runs in the loop that tools run in, and gives what became of the call.

    Parameters
    ----------
    plan : CallPlan
        Of the call as it was then.
    rules : RunRules
    ready_at_s : float
        When that was, in seconds since the loop began.

    Attributes
    ----------
    has_begun : bool
        Whether its tool has begun to run.
    """

    task: asyncio.Task[ToolRun]

    def __init__(self, plan: CallPlan, rules: RunRules, ready_at_s: float) -> None:
        self._plan = plan
        self._rules = rules
        self._ready_at_s = ready_at_s
        self._decided = asyncio.Event()
        self.has_begun = False
        self._error: BaseException | None = None

    def begin(self, verdict: Approval | Awaitable[Approval], tools: Mapping[str, Tool]) -> None:
        """Begin in the running loop, with what ``approve`` says or is yet to say."""
        self.task = asyncio.create_task(self._work(verdict, tools))

    async def stands_for(self, call: ToolCall) -> bool:
        """Whether what becomes of it is what becomes of a call of the whole answer.

        Where it is the same call, waits for the verdict, and raises what ``approve`` has raised.
        """
        if self._is(call):
            await self._decided.wait()
            if self._error is not None:
                raise self._error
        elif not self.has_begun:
            self.task.cancel()
            return False
        return True

    def settle(self, run: ToolRun, call: ToolCall) -> ToolRun:
        """Return what became of a call of the whole answer, given what became of this one."""
        ready_at_s = None if run.started_at_s is None else self._ready_at_s
        run = replace(run, id=call.id, ready_at_s=ready_at_s)
        if ready_at_s is None or self._is(call):
            return run
        text = (
            f"Error: {shorten(self._plan.call.name)} was started when its call was complete, and "
            "what you sent then changed the call. It was not run again. It was run with "
            f"{shorten(self._plan.call.arguments)}, and this came of it: {run.text}"
        )
        return replace(run, outcome="changed", text=text)

    def _is(self, call: ToolCall) -> bool:
        then = self._plan.call
        return (then.name, then.arguments) == (call.name, call.arguments)

    async def _work(
        self, verdict: Approval | Awaitable[Approval], tools: Mapping[str, Tool]
    ) -> ToolRun:
        plan = self._plan
        try:
            approval = await verdict if isawaitable(verdict) else verdict
            plan = apply_verdict(plan, approval, tools)
        except Exception as error:
            self._error = error
            return plan.stop()
        finally:
            self._decided.set()
        self.has_begun = plan.tool is not None
        return await run_plan(plan, self._rules)
