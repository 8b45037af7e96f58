"""run_agent and run_agent_async: answer the loop's questions with an endpoint and tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final, Literal

from chatviz.agent.ask_endpoint import ask, ask_async, stopped_by
from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.error_text import add_note, say_error
from chatviz.agent.loop import AskModel, CallTools, Stopped, ToolAnswers
from chatviz.agent.results import AgentResult, attach_result
from chatviz.agent.retrying import Patience
from chatviz.agent.setup import Job, Watch, make_job
from chatviz.agent.stopping import StopCondition, max_steps
from chatviz.agent.tools.plan import Approval, Approve, apply_verdict, plan_call
from chatviz.agent.tools.run import run_plans
from chatviz.agent.tools.thread import ToolThread
from chatviz.agent.tools.tool import Tool
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.dialects.base import ReasoningSentBack
from chatviz.runs.conversation import Conversation

__all__ = ["run_agent", "run_agent_async"]

DEFAULT_STOP: Final = max_steps(20)


def run_agent(
    prompt: str,
    *,
    endpoint: ModelEndpoint,
    system: str | None = None,
    after: AgentResult | Conversation | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    max_tokens: int | None = None,
    extra_body: Mapping[str, Any] | None = None,
    reasoning_back: ReasoningSentBack = "details",
    tool_call_ids: Callable[[], str] | None = None,
    stop: StopCondition | Iterable[StopCondition] = DEFAULT_STOP,
    retries: int | Patience = 2,
    tool_timeout: float | None = 120.0,
    on_tool_error: Literal["return", "raise"] = "return",
    approve: Approve | None = None,
    watch: Watch | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> AgentResult:
    """Ask a model, run the tools that it calls, and go on until it has answered.

    Parameters
    ----------
    prompt : str
        What the user says.
    endpoint : ModelEndpoint
        Where to ask, live or replayed: ``cv.Endpoint(…)``, ``cv.Endpoint.replay(cassette)``.
    system : str | None
        What the model is told before.
    after : AgentResult | Conversation | None
        What to go on from: the prompt is then the user's next words.
    tools : iterable of Tool or typed functions
        What the model may call. Calls of one answer run at the same time: ``async`` functions in
        a loop of their own thread, others in a thread each. An ``async`` tool must not block.
    max_tokens : int | None
        The request's own field: the longest answer. ``cv.max_tokens(n)`` is a stop condition.
    extra_body : mapping | None
        More keys of each request's body (``provider``, ``usage``, reasoning options, another
        ``tool_choice``); they go before ``endpoint.extra_body`` and before every default. A key
        with None is left out.
    reasoning_back : {"details", "all", "none"}
        What of the model's reasoning is sent back with its tool calls: ``reasoning_details``
        untouched, the plain text too (some servers want it, others refuse it), or nothing.
    tool_call_ids : callable | None
        Called without argument, once per call in their order, for ids that are unique; by default
        calls keep the ids that they came with.
    stop : StopCondition or iterable of them
        Where to stop though the model would go on: ``max_steps(n)``, ``max_cost(usd)``,
        ``max_tokens(n)`` or any function of the new steps; any of them that holds. What you give
        replaces the default, 20 steps. The tools of the last answer are run.
    retries : int or Patience
        How often a request is sent again after 429, 5xx or a network failure, if the answer had
        not said anything; the failed ones are the step's ``attempts``. ``Retry-After`` is heeded;
        a server that wants a wait of more than a minute is not asked again.
    tool_timeout : float | None
        In seconds: a tool that takes longer is given up, and the model told so. An ``async`` one
        is cancelled; a thread is abandoned, for it cannot be ended (``is_abandoned``).
    on_tool_error : {"return", "raise"}
        Whether what a tool raises is a result for the model, or leaves this function.
    approve : callable | None
        Sees each valid call before any of them is run, in their order; returns True, False, a
        reason for no, or other arguments (a dict) to run it with. May be ``async``.
    watch : callable | None
        Is told what happens: AskModel (a request is sent), StreamReader (headers have come, a
        piece has come), StreamRun (an answer, or an attempt that failed), CallTools, ToolRun (a
        tool has ended; told from the tools' thread), AgentResult (the end).
    clock : Clock
        The time and the waiting.

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
    job = make_job(
        prompt,
        endpoint=endpoint,
        system=system,
        after=after,
        tools=tools,
        max_tokens=max_tokens,
        extra_body=extra_body,
        reasoning_back=reasoning_back,
        tool_call_ids=tool_call_ids,
        stop=stop,
        retries=retries,
        tool_timeout=tool_timeout,
        on_tool_error=on_tool_error,
        approve=approve,
        watch=watch,
        clock=clock,
    )
    return _drive(job)


async def run_agent_async(
    prompt: str,
    *,
    endpoint: ModelEndpoint,
    system: str | None = None,
    after: AgentResult | Conversation | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    max_tokens: int | None = None,
    extra_body: Mapping[str, Any] | None = None,
    reasoning_back: ReasoningSentBack = "details",
    tool_call_ids: Callable[[], str] | None = None,
    stop: StopCondition | Iterable[StopCondition] = DEFAULT_STOP,
    retries: int | Patience = 2,
    tool_timeout: float | None = 120.0,
    on_tool_error: Literal["return", "raise"] = "return",
    approve: Approve | None = None,
    watch: Watch | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> AgentResult:
    """Do what ``run_agent`` does, in a task of the running asyncio loop.

    Takes and returns the same. ``async`` tools run in this loop, and ``watch`` is told in it.

    Raises
    ------
    asyncio.CancelledError
        The task was cancelled, as asyncio wants it. The tools were stopped, and the conversation
        so far is ``error.result`` and the last thing that ``watch`` was told.
    """
    job = make_job(
        prompt,
        endpoint=endpoint,
        system=system,
        after=after,
        tools=tools,
        max_tokens=max_tokens,
        extra_body=extra_body,
        reasoning_back=reasoning_back,
        tool_call_ids=tool_call_ids,
        stop=stop,
        retries=retries,
        tool_timeout=tool_timeout,
        on_tool_error=on_tool_error,
        approve=approve,
        watch=watch,
        clock=clock,
    )
    return await _drive_async(job)


def _drive(job: Job) -> AgentResult:
    with ToolThread(job.rules.grace_s) as thread:
        question = next(job.loop)
        while True:
            answer = (
                ask(job.endpoint, job.exchange(question))
                if isinstance(question, AskModel)
                else _call(job, question, thread)
            )
            try:
                question = job.loop.send(answer)
            except StopIteration as end:
                result = end.value
                break
    return _end(job, result, answer.stopped, returned=KeyboardInterrupt)


async def _drive_async(job: Job) -> AgentResult:
    question = next(job.loop)
    while True:
        answer = (
            await ask_async(job.endpoint, job.exchange(question))
            if isinstance(question, AskModel)
            else await _call_async(job, question)
        )
        try:
            question = job.loop.send(answer)
        except StopIteration as end:
            result = end.value
            break
    return _end(job, result, answer.stopped, returned=())


def _call(job: Job, question: CallTools, thread: ToolThread) -> ToolAnswers:
    plans = [plan_call(call, job.tools) for call in question.calls]
    try:
        job.watch(question)
        for number, plan in enumerate(plans):
            if job.approve is not None and plan.tool is not None:
                verdict = job.approve(plan.call)
                if isawaitable(verdict):
                    verdict = thread.run(_wait_for(verdict))
                plans[number] = apply_verdict(plan, verdict, job.tools)
        return thread.run(run_plans(plans, job.rules))
    except BaseException as error:
        answers = thread.stop()
        if not isinstance(answers, ToolAnswers):
            is_abandoned = thread.is_busy
            answers = ToolAnswers(tuple(plan.stop(is_abandoned=is_abandoned) for plan in plans))
        return replace(answers, stopped=stopped_by(error))


async def _call_async(job: Job, question: CallTools) -> ToolAnswers:
    plans = [plan_call(call, job.tools) for call in question.calls]
    try:
        job.watch(question)
        for number, plan in enumerate(plans):
            if job.approve is not None and plan.tool is not None:
                verdict = job.approve(plan.call)
                if isawaitable(verdict):
                    verdict = await verdict
                plans[number] = apply_verdict(plan, verdict, job.tools)
    except BaseException as error:
        return ToolAnswers(tuple(plan.stop() for plan in plans), stopped_by(error))
    return await run_plans(plans, job.rules)


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
            add_note(error, f"watch, told of the end, failed as well: {say_error(failure)}")
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
