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


@dataclass(frozen=True, slots=True)
class PathPart:
    """An answer of a conversation, or a call in it, and what the conversation waited for it.

    Attributes
    ----------
    run : StreamRun
    step : int
    call : ToolCall | None
        None for the answer itself.
    moments : CallMoments
    started_s, ended_s : float | None
        When the call's tool started and ended, in seconds since the answer's end; None where no
        loop ran it.
    head_start_s : float | None
        How long before the answer's end the call could have started.
    saves_s : float | None
        What starting it then would have saved.
    path_s, early_path_s : float | None
        What it adds to the conversation's time, and what it would have added if each tool had
        started as soon as it could. 0 for what nobody waited for.
    """

    run: StreamRun
    step: int
    call: ToolCall | None = None
    moments: CallMoments = _NEVER
    started_s: float | None = None
    ended_s: float | None = None
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
    """Yield each answer of a conversation in its order, and behind it each call of its message.

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
            yield from _follow(run, number, {})
        spans = {
            call.position: _find_span(tool, answered_at_s[number - earlier])
            for call in step.run.message.tool_calls
            if (tool := worked.get((number, call.position))) is not None
        }
        yield from _follow(step.run, number, spans)


class _ToolSpan(NamedTuple):
    """When a tool ran, in seconds since the answer's end; it never did where it did not start."""

    started_s: float | None
    ended_s: float


def _find_span(tool: WorkedTool, answered_at_s: float) -> _ToolSpan:
    if tool.started_at_s is None or tool.duration_s is None:
        return _ToolSpan(None, 0.0)
    started = tool.started_at_s - answered_at_s
    return _ToolSpan(started, started + tool.duration_s)


def _follow(run: StreamRun, step: int, spans: Mapping[int, _ToolSpan]) -> Iterator[PathPart]:
    """Yield the parts of one answer."""
    yield PathPart(run, step, path_s=run.duration_s, early_path_s=run.duration_s)
    calls = run.message.tool_calls
    moments = [find_call_moments(call) for call in calls]
    heads = [_find_head_start(run, one.startable) for one in moments]
    worked = [spans.get(call.position) for call in calls]
    ends = [None if span is None else span.ended_s for span in worked]
    early_ends = [_end_early(span, head) for span, head in zip(worked, heads, strict=True)]
    waits, early_waits = _find_waits(ends), _find_waits(early_ends)
    for place, (call, span) in enumerate(zip(calls, worked, strict=True)):
        has_run = span is not None and span.started_s is not None
        end, early = ends[place], early_ends[place]
        yield PathPart(
            run,
            step,
            call,
            moments[place],
            started_s=None if span is None else span.started_s,
            ended_s=end if has_run else None,
            head_start_s=heads[place],
            saves_s=None if end is None or early is None or not has_run else end - max(early, 0.0),
            path_s=waits[place],
            early_path_s=early_waits[place],
        )


def _find_head_start(run: StreamRun, startable: int | None) -> float | None:
    """Return the seconds from a chunk to the answer's end; None where no clock tells them."""
    if startable is None or run.timing == "none" or (run.clock_resolution_s or 0.0) >= 1:
        return None
    times = run.wire.times
    head = times[-1] - times[run.wire.chunk_events[startable]]
    return None if isnan(head) else head


def _end_early(span: _ToolSpan | None, head_start_s: float | None) -> float | None:
    """Return when a tool would have ended; None where that is not known."""
    if span is None or span.started_s is None:
        return None if span is None else span.ended_s
    return None if head_start_s is None else span.ended_s - head_start_s


def _find_waits(ends: Sequence[float | None]) -> list[float | None]:
    """Return what each of the tools of a step adds to it: the last to end, all of its time."""
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return [None] * len(ends)
    last = max(range(len(known)), key=known.__getitem__, default=0)
    return [max(end, 0.0) if place == last else 0.0 for place, end in enumerate(known)]
