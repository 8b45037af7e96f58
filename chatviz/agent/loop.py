"""agent_loop: a generator that asks and is answered; it does no IO and knows no clock.

Of an answer of several choices it goes on with the first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from msgspec import structs

from chatviz.agent.error_text import say_error
from chatviz.agent.results import AgentResult, ToolRun, attach_result
from chatviz.agent.stopping import StopCondition, find_ending
from chatviz.chat.findings.log import shorten
from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Message,
    ServerToolCall,
    ServerToolResult,
    ToolCall,
    ToolResult,
)
from chatviz.runs.conversation import Step
from chatviz.runs.linking import join_steps
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import header

__all__ = [
    "AgentLoop",
    "AskModel",
    "CallTools",
    "EndTools",
    "ModelAnswer",
    "Stopped",
    "ToolAnswers",
    "agent_loop",
    "send_back",
]


@dataclass(frozen=True, slots=True)
class AskModel:
    """The loop wants an answer to a request, and takes a ModelAnswer."""

    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallTools:
    """The loop wants tools to be called, and takes ToolAnswers; ids are those to be sent back."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The loop has to end: why, in a word and in a sentence, and the exception behind it."""

    reason: str
    message: str = ""
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class EndTools:
    """The answer came to nothing, and calls of it were started early: they have to end.

    It takes ToolAnswers with these calls alone.
    """

    calls: tuple[ToolCall, ...]
    failure: Stopped


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The runs of one request, the last of which counts, as far as they came.

    Times are seconds since the loop began: when the last was asked for, and when it had ended.
    ``has_begun_tools`` says whether calls of it were started early.
    """

    runs: tuple[StreamRun, ...]
    asked_at_s: float = 0.0
    answered_at_s: float = 0.0
    stopped: Stopped | None = None
    has_begun_tools: bool = False


@dataclass(frozen=True, slots=True)
class ToolAnswers:
    """What became of each call, in the order of the calls."""

    runs: tuple[ToolRun, ...]
    stopped: Stopped | None = None


Question: TypeAlias = AskModel | CallTools | EndTools
AgentLoop: TypeAlias = Generator[Question, ModelAnswer | ToolAnswers, AgentResult]


def agent_loop(
    asked: ChatRequest,
    *,
    write: Callable[[ChatRequest], dict[str, Any]],
    stop: Sequence[StopCondition],
    tool_call_ids: Callable[[], str] | None = None,
    earlier: Sequence[Step] = (),
) -> AgentLoop:
    """Lead a conversation: ask, have tools called, send their results back, ask again.

    Parameters
    ----------
    asked : ChatRequest
        The first request.
    write : callable
        Writes the JSON body of a request: a dialect's ``write_request``.
    stop : sequence of StopCondition
        Functions of the new steps; the loop ends after the step where one of them holds.
    tool_call_ids : callable | None
        Gives a new id for each call, in order; by default ids stay as they came.
    earlier : sequence of Step
        What the conversation goes on from.

    Yields
    ------
    AskModel, CallTools or EndTools
        To be answered with a ModelAnswer or ToolAnswers.

    Returns
    -------
    AgentResult
    """
    progress = _Progress(list(earlier))
    try:
        ending = yield from _lead(progress, asked, write, stop, tool_call_ids)
    except GeneratorExit:
        raise
    except BaseException as error:  # of a condition or an id function of the user's
        attach_result(error, progress.result(Stopped("error", say_error(error))))
        raise
    return progress.result(ending)


def _lead(
    progress: _Progress,
    asked: ChatRequest,
    write: Callable[[ChatRequest], dict[str, Any]],
    stop: Sequence[StopCondition],
    tool_call_ids: Callable[[], str] | None,
) -> Generator[Question, ModelAnswer | ToolAnswers, Stopped]:
    while True:
        body = write(asked)
        answer = yield AskModel(body)
        assert isinstance(answer, ModelAnswer)
        step = progress.add_answer(answer)
        failure = answer.stopped or _find_failure(step.run)
        if failure:
            return (yield from _end_tools(progress, answer, failure))
        try:
            calls = _give_ids(step.run.message.tool_calls, tool_call_ids)
        except Exception as error:
            yield from _end_tools(progress, answer, Stopped("error", say_error(error), error))
            raise
        if calls:
            answers = yield CallTools(calls)
            assert isinstance(answers, ToolAnswers)
            step = progress.add_results(answers)
            if answers.stopped:
                return answers.stopped
        ending = find_ending(progress.new_steps, stop)
        if ending:
            return Stopped(ending)
        messages = (*asked.messages, *send_back(step))
        asked = ChatRequest(asked.model, messages, asked.tools, body, written=len(asked.messages))


def _end_tools(
    progress: _Progress, answer: ModelAnswer, failure: Stopped
) -> Generator[Question, ModelAnswer | ToolAnswers, Stopped]:
    """Have those tools end that were started early; return why the loop ends."""
    if not answer.has_begun_tools:
        return failure
    answers = yield EndTools(answer.runs[-1].message.tool_calls, failure)
    assert isinstance(answers, ToolAnswers)
    progress.add_tool_runs(answers)
    return answers.stopped or failure


class _Progress:
    """Puts the result together, step by step."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._earlier = len(steps)
        self._tool_runs: list[ToolRun] = []
        self._answers: list[ModelAnswer] = []

    @property
    def new_steps(self) -> tuple[Step, ...]:
        return tuple(self._steps[self._earlier :])

    def add_answer(self, answer: ModelAnswer) -> Step:
        *attempts, run = answer.runs
        self._steps.append(Step(run, tuple(attempts)))
        self._answers.append(answer)
        return self._steps[-1]

    def add_tool_runs(self, answers: ToolAnswers) -> Step:
        number, step = len(self._steps) - 1, self._steps[-1]
        wire_ids = [call.id for call in step.run.message.tool_calls]
        self._tool_runs += [
            replace(run, step=number, wire_id=wire_ids[run.position]) for run in answers.runs
        ]
        return step

    def add_results(self, answers: ToolAnswers) -> Step:
        step = self.add_tool_runs(answers)
        results = tuple(
            Message("tool", (ToolResult(run.id, run.text, run.name, run.position),))
            for run in answers.runs
        )
        self._steps[-1] = replace(step, followed_by=results)
        return self._steps[-1]

    def result(self, ending: Stopped) -> AgentResult:
        return AgentResult(
            join_steps(self._steps),
            ending.reason,
            ending.message,
            tuple(self._tool_runs),
            tuple(answer.asked_at_s for answer in self._answers),
            tuple(answer.answered_at_s for answer in self._answers),
        )


def send_back(step: Step) -> tuple[Message, ...]:
    """Return what the next request says of a step: the answer, and what followed it.

    Calls have the ids of their results. Calls that were never answered (a stream that broke off,
    say) are left out, for no server takes them; with nothing else said, so is the answer.
    """
    message, ids = step.message, {}
    for result in step.tool_results:
        ids[result.call_index] = result.tool_call_id
    if message.tool_calls and all(call.position in ids for call in message.tool_calls):
        parts = tuple(
            structs.replace(part, id=ids[part.position]) if isinstance(part, ToolCall) else part
            for part in message.parts
        )
        return (replace(message, parts=parts), *step.followed_by)
    kept = tuple(part for part in message.parts if not isinstance(part, ToolCall))
    said = replace(message, parts=kept)
    has_more = any(isinstance(part, Media | ServerToolCall | ServerToolResult) for part in kept)
    is_said = bool(said.text or said.refusal) or has_more
    followed_by = [other for other in step.followed_by if not other.tool_results]
    return (*([said] if is_said else []), *followed_by)


def _give_ids(
    calls: tuple[ToolCall, ...], tool_call_ids: Callable[[], str] | None
) -> tuple[ToolCall, ...]:
    if tool_call_ids is None:
        return calls
    try:
        return tuple([structs.replace(call, id=tool_call_ids()) for call in calls])
    except StopIteration:
        raise ValueError(
            f"tool_call_ids ran out of ids: the answer has {len(calls)} calls and each wants one. "
            "Give a function that never ends, or leave the ids as they come."
        ) from None


def _find_failure(run: StreamRun) -> Stopped | None:
    """Tell why there is no going on from an answer; None where there is."""
    if run.error is not None:
        status = run.error.status
        where = f"HTTP {status}" if status else "the stream ended with an error"
        return Stopped("error", f"{where}: {run.error.message}")
    codes = {finding.code for finding in run.findings}
    if run.finish_reason_sent is None and run.answer.said_at is None:
        return Stopped("error", _say_empty(run))
    broken = {"done_missing", "end_missing", "unfinished_event"}
    if run.finish_reason_sent is None and codes & broken:
        return Stopped("error", "the answer broke off: it ended before the model had finished.")
    return None


def _say_empty(run: StreamRun) -> str:
    if run.framing != "opaque":
        return "the answer is empty: it ended before any content came."
    kind = header(run.response.headers, "content-type").partition(";")[0].strip()
    found = f"{len(run.body):,} bytes" + (f" of {shorten(kind, 40)}" if kind else "")
    return f"this is no chat answer: {found}, no JSON. Check the endpoint's address (base_url)."
