"""critical_path_table: what a conversation waited for, and how much earlier its tools could run."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Final

from chatviz.runs.given_runs import Runs, conversations_of, runs_of
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.critical_path import PathPart, find_critical_path
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["critical_path_table"]

_SINCE: Final = "seconds since the request was sent, on a provider's clock since its first stamp"
CRITICAL_PATH_COLUMNS: Final = (
    Column("conversation", "Int64", "The conversation's number, from 0."),
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("step", "Int64", "The step's number in its conversation, from 0."),
    Column("kind", "category", "Whether the row is an answer or a call in it.", ("answer", "call")),
    Column("call", "Int64", "The call's number in the run, through all choices, from 0."),
    Column("name", "string", "The tool's name."),
    Column("timing", "category", "Whose clock the chunks' times are.", TIME_SOURCES),
    Column("complete_chunk", "Int64", "The chunk that made the arguments a whole JSON object."),
    Column("valid_chunk", "Int64", "The same, if they keep to the tool's JSON Schema."),
    Column(
        "could_start_chunk",
        "Int64",
        "The first chunk with which a call that is not known to be wrong was whole and closed: the "
        "next part began, its block ended, or the finish reason came.",
    ),
    Column("last_chunk", "Int64", "The answer's last chunk."),
    Column("chunks_left", "Int64", "How many chunks came after the call could start."),
    Column("bytes_left", "Int64", "How many bytes of the body came after it."),
    Column("complete_at_s", "Float64", f"When complete_chunk came: {_SINCE}."),
    Column("valid_at_s", "Float64", "When valid_chunk came."),
    Column("could_start_at_s", "Float64", "When could_start_chunk came."),
    Column("answer_ended_at_s", "Float64", "When the answer's last event came."),
    Column(
        "tool_started_at_s",
        "Float64",
        "When the tool started: the answer's end (or, started early, could_start_at_s), and what "
        "passed from there on the loop's clock.",
    ),
    Column("tool_ended_at_s", "Float64", "When it ended."),
    Column("tool_s", "Float64", "How long it ran."),
    Column(
        "head_start_s",
        "Float64",
        "answer_ended_at_s - could_start_at_s: an early start saves at most this.",
    ),
    Column(
        "early_start_saves_s",
        "Float64",
        "What of this an early start would have saved, or has saved: the head start, or all of the "
        "tool's time where that is shorter.",
    ),
    Column(
        "path_s",
        "Float64",
        "What the conversation waited for this: the answer's duration; of the tools of a step, the "
        "time of the one that ended last, from the answer's end; 0 for the others.",
    ),
    Column("early_path_s", "Float64", "The same, if each tool had started when its call could."),
)


@with_columns(CRITICAL_PATH_COLUMNS)
def critical_path_table(runs: Runs) -> TableColumns:
    """Return what conversations waited for: one row for each answer, and one for each call in it.

    Parameters
    ----------
    runs : StreamRun, Conversation, AgentResult, or an iterable of runs and conversations
        Only a loop knows when tools ran: give the result of ``cv.run_agent`` itself.

    Returns
    -------
    DataFrame
        Conversation by conversation, each answer in its order and behind it the calls of all its
        choices, numbered as in ``cv.tool_call_table``; a loop runs those of the first, and waits
        for no other. The sum of ``path_s`` over a conversation is its critical path: answers and
        tools, without the waits between attempts and what your own code did in between. Where a
        part of it is ``<NA>``, the sum is only of what is known. A recording without a clock tells
        the head start in chunks and bytes, and has ``<NA>`` for every time; one with a provider's
        clock knows head starts, but not how long an answer took since its request. A clock that
        counts whole seconds tells no time here.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> table = cv.critical_path_table(talk)
    >>> table[["step", "kind", "name", "could_start_chunk", "chunks_left", "bytes_left"]]
       step    kind      name  could_start_chunk  chunks_left  bytes_left
    0     0  answer      <NA>               <NA>         <NA>        <NA>
    1     0    call       add                 28           15        5937
    2     0    call  multiply                 42            1         680
    3     1  answer      <NA>               <NA>         <NA>        <NA>
    """
    tool_runs, answered = getattr(runs, "tool_runs", ()), getattr(runs, "answered_at_s", ())
    if isinstance(runs, Iterator):
        runs = list(runs)
    numbers = {id(run): number for number, run in enumerate(runs_of(runs))}
    rows = (
        (conversation, numbers[id(part.run)], *_row(part))
        for conversation, talk in enumerate(conversations_of(runs))
        for part in find_critical_path(talk, tool_runs, answered)
    )
    return columns_from_rows(CRITICAL_PATH_COLUMNS, rows)


def _row(part: PathPart) -> tuple[object, ...]:
    run, call, moments = part.run, part.call, part.moments
    started, ended, end = part.started_s, part.ended_s, _end_of(run)
    last = len(run.chunks) - 1
    return (
        part.step,
        "answer" if call is None else "call",
        part.number,
        None if call is None else call.name or None,
        run.timing,
        *moments,
        last if last >= 0 else None,
        *_left(run, moments.startable),
        *(_at(run, chunk) for chunk in moments),
        end,
        None if started is None or end is None else end + started,
        None if ended is None or end is None else end + ended,
        part.took_s,
        part.head_start_s,
        part.saves_s,
        part.path_s,
        part.early_path_s,
    )


def _left(run: StreamRun, chunk: int | None) -> tuple[int | None, int | None]:
    """Return the chunks, and the bytes, that came after a chunk."""
    if chunk is None:
        return None, None
    events = run.wire.chunk_events
    return len(events) - 1 - chunk, len(run.body) - run.wire.ends[events[chunk]]


def _at(run: StreamRun, chunk: int | None) -> float | None:
    return None if chunk is None else _time_of(run, run.wire.chunk_events[chunk])


def _end_of(run: StreamRun) -> float | None:
    return _time_of(run, -1) if len(run.wire.times) else None


def _time_of(run: StreamRun, event: int) -> float | None:
    """Return when an event came, by a clock that is fine enough to tell."""
    if run.timing == "none" or (run.clock_resolution_s or 0.0) >= 1:
        return None
    at = run.wire.times[event]
    return None if isnan(at) else at
