"""The critical path: what a conversation waited for, and what tools begun early would have saved.

A step lasts until its answer has ended and the last of its tools has. A tool could have started
earlier, while the answer still came: with the chunk that made its call startable. It would have
saved what it ran before the answer's end, and no more: the next request waits for the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final, NamedTuple, Protocol

from chatviz.chat.messages import ToolCall
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun

__all__ = ["CallMoments", "PathPart", "WorkedTool", "find_call_moments", "find_critical_path"]


class CallMoments(NamedTuple):
    """The chunks at which a call could be used; None for a moment that never came.

    Attributes
    ----------
    complete : int | None
        Its arguments were a whole JSON object.
    valid : int | None
        They were known to keep to the tool's JSON Schema; None where that is not known, too.
    startable : int | None
        They were whole, not known to be wrong, and it was plain that no piece of them follows:
        the next part had begun, the block was closed, or the finish reason had come.
    """

    complete: int | None = None
    valid: int | None = None
    startable: int | None = None


_NEVER: Final = CallMoments()


class WorkedTool(Protocol):
    """What a loop knows of a tool that it ran: ``agent.results.ToolRun``."""

    @property
    def step(self) -> int:
        """The step's number."""

    @property
    def position(self) -> int:
        """The call's place among those of its step."""

    @property
    def started_at_s(self) -> float | None:
        """By the loop's clock; None where it was not run."""

    @property
    def duration_s(self) -> float | None:
        """How long it ran."""

    @property
    def ready_at_s(self) -> float | None:
        """Of one that was started early: when its call was startable, by the loop's clock."""


@dataclass(frozen=True, slots=True)
class PathPart:
    """An answer of a conversation, or a call in it, and what the conversation waited for it.

    Attributes
    ----------
    run : StreamRun
    step : int
    call : ToolCall | None
        None for the answer itself.
    number : int | None
        The call's number in the run, through all its choices.
    moments : CallMoments
    started_s, ended_s : float | None
        When the call's tool started and ended, in seconds since the answer's end; None where no
        loop ran it, or where no clock tells how long before the end it was started.
    took_s : float | None
        How long it ran.
    head_start_s : float | None
        How long before the answer's end the call could have started.
    saves_s : float | None
        What starting it then would have saved, or has saved.
    path_s, early_path_s : float | None
        What it adds to the conversation's time, and what it would have added if each tool had
        started as soon as it could. 0 for what nobody waited for.
    """

    run: StreamRun
    step: int
    call: ToolCall | None = None
    number: int | None = None
    moments: CallMoments = _NEVER
    started_s: float | None = None
    ended_s: float | None = None
    took_s: float | None = None
    head_start_s: float | None = None
    saves_s: float | None = None
    path_s: float | None = None
    early_path_s: float | None = None


def find_call_moments(call: ToolCall) -> CallMoments:
    """Return when a call could be used; all None for one whose arguments were not streamed."""
    growth = call.growth
    runnable = None if call.parsed is None else growth.runnable_after
    if runnable is None or (complete := growth.chunks[runnable]) < 0:
        return _NEVER
    check = call.check
    is_wrong = check is not None and bool(check.fault or check.wrong)
    is_open = is_wrong or call.closed_at is None
    return CallMoments(
        complete,
        None if check is None or is_wrong else complete,
        None if is_open else max(complete, call.closed_at or 0),
    )


def find_critical_path(
    talk: Conversation,
    tool_runs: Sequence[WorkedTool] = (),
    answered_at_s: Sequence[float] = (),
) -> Iterator[PathPart]:
    """Yield each answer of a conversation in its order, and behind it each call of its choices.

    A loop runs the calls of the first choice: for those of the others nobody waited there.

    Parameters
    ----------
    talk : Conversation
    tool_runs : sequence of WorkedTool
        How the tools ran, where a loop had the conversation.
    answered_at_s : sequence of float
        When the answers of its last steps had ended, by the clock of that loop.
    """
    worked = {(run.step, run.position): run for run in tool_runs}
    earlier = len(talk.steps) - len(answered_at_s)
    for number, step in enumerate(talk.steps):
        for run in step.attempts:
            yield from _follow(run, number, {}, _UNKNOWN)
        first = len(step.run.message.tool_calls)  # they are numbered before those of the others
        tools = {
            position: (tool, answered_at_s[number - earlier])
            for position in range(first)
            if (tool := worked.get((number, position))) is not None
        }
        others = _NOT_RUN if number >= earlier else _UNKNOWN  # else no loop is known
        yield from _follow(step.run, number, tools, others)


def _follow(
    run: StreamRun,
    step: int,
    tools: Mapping[int, tuple[WorkedTool, float]],
    others: _ToolSpan,
) -> Iterator[PathPart]:
    """Yield the parts of one answer.

    ``tools`` are those of the first choice by position, each with the answer's end; ``others`` is
    what is known of the calls of the other choices.
    """
    yield PathPart(run, step, path_s=run.duration_s, early_path_s=run.duration_s)
    calls, first = tool_calls_of(run), len(run.message.tool_calls)
    moments = [find_call_moments(call) for call in calls]
    heads = [_find_head_start(run, one.startable) for one in moments]
    spans = [
        _find_span(*tools[place], heads[place])
        if place in tools
        else (_UNKNOWN if place < first else others)
        for place in range(len(calls))
    ]
    waits = _find_waits([span.ended_s for span in spans])
    early_waits = _find_waits([span.early_end_s for span in spans])
    for place, (call, span) in enumerate(zip(calls, spans, strict=True)):
        yield PathPart(
            run,
            step,
            call,
            place,
            moments[place],
            started_s=span.started_s,
            ended_s=None if span.took_s is None else span.ended_s,
            took_s=span.took_s,
            head_start_s=heads[place],
            saves_s=span.saves_s,
            path_s=waits[place],
            early_path_s=early_waits[place],
        )


class _ToolSpan(NamedTuple):
    """When a tool ran, in seconds since the answer's end, and how an early start changes it.

    One that was never run has no ``took_s``, and ends with the answer.
    """

    started_s: float | None = None
    ended_s: float | None = None
    took_s: float | None = None
    early_end_s: float | None = None
    saves_s: float | None = None


_UNKNOWN: Final = _ToolSpan()
_NOT_RUN: Final = _ToolSpan(ended_s=0.0, early_end_s=0.0)


def _find_span(tool: WorkedTool, answered_at_s: float, head_s: float | None) -> _ToolSpan:
    if tool.started_at_s is None or tool.duration_s is None:
        return _NOT_RUN
    began_at_s = answered_at_s if tool.ready_at_s is None else tool.ready_at_s
    waited_s, took_s = tool.started_at_s - began_at_s, tool.duration_s
    end_s = waited_s + took_s  # where it is not started early
    if head_s is None:
        is_early = tool.ready_at_s is not None
        return _UNKNOWN._replace(took_s=took_s) if is_early else _ToolSpan(waited_s, end_s, took_s)
    started_s, early_end_s = waited_s, end_s - head_s
    if tool.ready_at_s is not None:
        started_s, end_s = waited_s - head_s, early_end_s
    saves_s = min(head_s, waited_s + took_s)
    return _ToolSpan(started_s, end_s, took_s, early_end_s, saves_s)


def _find_head_start(run: StreamRun, startable: int | None) -> float | None:
    """Return the seconds from a chunk to the answer's end; None where no clock tells them."""
    if startable is None or run.timing == "none" or (run.clock_resolution_s or 0.0) >= 1:
        return None
    times = run.wire.times
    head = times[-1] - times[run.wire.chunk_events[startable]]
    return None if isnan(head) else head


def _find_waits(ends: Sequence[float | None]) -> list[float | None]:
    """Return what each of the tools of a step adds to it: the last to end, all of its time."""
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return [None] * len(ends)
    last = max(range(len(known)), key=known.__getitem__, default=0)
    return [max(end, 0.0) if place == last else 0.0 for place, end in enumerate(known)]
