"""run_agent and run_agent_async: answer the loop's questions with an endpoint and tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from inspect import isawaitable
from typing import Unpack

from chatviz.agent.ask_endpoint import ask, ask_async, stopped_by
from chatviz.agent.error_text import add_note, say_error
from chatviz.agent.loop import (
    AskModel,
    CallTools,
    EndTools,
    ModelAnswer,
    Stopped,
    ToolAnswers,
)
from chatviz.agent.options import AgentKeywords, AgentOptions, takes
from chatviz.agent.results import AgentResult, attach_result
from chatviz.agent.setup import Job, make_job
from chatviz.agent.tools.early import EarlyCalls
from chatviz.agent.tools.plan import Approval, apply_verdict, plan_call
from chatviz.agent.tools.run import run_plans
from chatviz.agent.tools.thread import ToolThread

__all__ = ["run_agent", "run_agent_async"]


@takes(AgentKeywords)
def run_agent(prompt: str, **options: Unpack[AgentKeywords]) -> AgentResult:
    """Ask a model, run the tools that it calls, and go on until it has answered.

    Parameters
    ----------
    prompt : str
        What the user says.
    **options
        Those of ``AgentOptions``.

    Returns
    -------
    AgentResult
        Also where the server failed (``stop_reason`` is ``"error"``, ``error`` says how), and
        after Ctrl-C (``"interrupted"``): the conversation as far as it came.

    Raises
    ------
    TypeError, ValueError
        Something was asked for that cannot be.
    Exception
        What the endpoint (``NoMatchingInteraction``, but no network failure), ``approve``,
        ``watch``, a condition, or with ``on_tool_error="raise"`` a tool has raised. The
        conversation so far is its ``result``.
    KeyboardInterrupt, SystemExit
        A tool has raised it, to end the program; with ``result`` as well.
    """
    return _drive(make_job(prompt, AgentOptions(**options)))


@takes(AgentKeywords)
async def run_agent_async(prompt: str, **options: Unpack[AgentKeywords]) -> AgentResult:
    """Do what ``run_agent`` does, in a task of the running asyncio loop.

    Takes and returns the same. ``async`` tools run in this loop, and ``watch`` is called in it.

    Raises
    ------
    asyncio.CancelledError
        The task was cancelled, as asyncio wants it. The tools were stopped, and the conversation
        so far is ``error.result`` and the last thing that ``watch`` was told.
    """
    return await _drive_async(make_job(prompt, AgentOptions(**options)))


def _drive(job: Job) -> AgentResult:
    with ToolThread(job.rules.grace_s) as thread:
        question, early = next(job.loop), job.begin_early(thread.call_soon)
        while True:
            answer: ModelAnswer | ToolAnswers
            match question:
                case AskModel():
                    early = job.begin_early(thread.call_soon)
                    answer = ask(job.endpoint, job.exchange(question, early))
                    answer = replace(answer, has_begun_tools=bool(early.calls))
                case CallTools():
                    answer = _call(job, question, early, thread)
                case EndTools():
                    answer = _end_tools(question, early, thread)
            try:
                question = job.loop.send(answer)
            except StopIteration as end:
                result = end.value
                break
    return _end(job, result, answer.stopped, returned=KeyboardInterrupt)


async def _drive_async(job: Job) -> AgentResult:
    question, early = next(job.loop), job.begin_early(_call_now)
    while True:
        answer: ModelAnswer | ToolAnswers
        match question:
            case AskModel():
                early = job.begin_early(_call_now)
                answer = await ask_async(job.endpoint, job.exchange(question, early))
                answer = replace(answer, has_begun_tools=bool(early.calls))
            case CallTools():
                answer = await _call_async(job, question, early)
            case EndTools():
                answer = await early.end(question.calls, question.failure)
        try:
            question = job.loop.send(answer)
        except StopIteration as end:
            result = end.value
            break
    return _end(job, result, answer.stopped, returned=())


def _call(job: Job, question: CallTools, early: EarlyCalls, thread: ToolThread) -> ToolAnswers:
    plans = [plan_call(call, job.tools) for call in question.calls]
    try:
        job.watch(question)
        started = thread.run(early.adopt(question.calls)) if early.calls else {}
        for number, plan in enumerate(plans):
            if job.approve is not None and plan.tool is not None and number not in started:
                verdict = job.approve(plan.call)
                if isawaitable(verdict):
                    verdict = thread.run(_wait_for(verdict))
                plans[number] = apply_verdict(plan, verdict, job.tools)
        return thread.run(run_plans(plans, job.rules, started))
    except BaseException as error:
        answers = thread.stop()
        if not isinstance(answers, ToolAnswers):
            is_abandoned = thread.is_busy
            answers = ToolAnswers(tuple(plan.stop(is_abandoned=is_abandoned) for plan in plans))
            if early.calls and not is_abandoned:
                ending = EndTools(question.calls, stopped_by(error))
                answers = _put_in(answers, _end_tools(ending, early, thread))
        return replace(answers, stopped=stopped_by(error))


async def _call_async(job: Job, question: CallTools, early: EarlyCalls) -> ToolAnswers:
    plans = [plan_call(call, job.tools) for call in question.calls]
    try:
        job.watch(question)
        started = await early.adopt(question.calls)
        for number, plan in enumerate(plans):
            if job.approve is not None and plan.tool is not None and number not in started:
                verdict = job.approve(plan.call)
                if isawaitable(verdict):
                    verdict = await verdict
                plans[number] = apply_verdict(plan, verdict, job.tools)
    except BaseException as error:
        answers = ToolAnswers(tuple(plan.stop() for plan in plans), stopped_by(error))
        return _put_in(answers, await early.end(question.calls, stopped_by(error)))
    return await run_plans(plans, job.rules, started)


def _end_tools(question: EndTools, early: EarlyCalls, thread: ToolThread) -> ToolAnswers:
    failure = question.failure
    is_told_to_end = failure.error is not None
    try:
        return thread.run(early.end(question.calls, failure), has_limit=is_told_to_end)
    except BaseException as error:
        answers = thread.stop()
        if not isinstance(answers, ToolAnswers):
            answers = ToolAnswers(early.abandon(question.calls))
        return replace(answers, stopped=failure if is_told_to_end else stopped_by(error))


def _put_in(answers: ToolAnswers, ended: ToolAnswers) -> ToolAnswers:
    """Return the answers with what became of the calls that were started early."""
    of_early = {run.position: run for run in ended.runs}
    return replace(answers, runs=tuple(of_early.get(run.position, run) for run in answers.runs))


def _call_now(function: Callable[[], None]) -> None:
    """Call in the loop that is running already."""
    function()


async def _wait_for(verdict: Awaitable[Approval]) -> Approval:
    return await verdict


def _end(
    job: Job,
    result: AgentResult,
    stopped: Stopped | None,
    *,
    returned: type[BaseException] | tuple[()],
) -> AgentResult:
    """Return the result, or raise what stopped the loop with the result on it."""
    error = _find_raised(result, stopped, returned)
    try:
        job.watch(result)
    except BaseException as failure:
        if error is None:
            error = failure
        else:
            add_note(error, f"watch failed as well when the run ended: {say_error(failure)}")
    if error is None:
        return result
    if isinstance(error, StopIteration | StopAsyncIteration):  # no coroutine can raise them
        error = RuntimeError(f"a function of yours raised {say_error(error)}")
    attach_result(error, result)
    raise error


def _find_raised(
    result: AgentResult, stopped: Stopped | None, returned: type[BaseException] | tuple[()]
) -> BaseException | None:
    """Return what is to be raised: Ctrl-C is not, but what a tool raised to end the program is."""
    error = None if stopped is None else stopped.error
    is_of_a_tool = any(run.error is error for run in result.tool_runs)
    return None if isinstance(error, returned) and not is_of_a_tool else error
