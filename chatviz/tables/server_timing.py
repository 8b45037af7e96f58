"""server_timing_table: what servers say that their work took, one row for each number."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Final, get_args

from chatviz.chat.server_time import Measure, ServerTime, TimeUnit
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["server_timing_table"]

SERVER_TIMING_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("measure", "category", "What was measured.", get_args(Measure)),
    Column("seconds", "Float64", "The duration, in seconds."),
    Column("resolution_s", "Float64", "The step of the server's clock, where it is coarse."),
    Column("field", "string", "Where it was sent: a path in the chunk's JSON, or a header's name."),
    Column("unit", "category", "The unit in which it was sent.", get_args(TimeUnit)),
    Column("source", "category", "Where it was found.", ("chunk", "header")),
    Column("chunk", "Int64", "The last chunk that says it; none for a header."),
    Column("timing", "category", "Whose clock the run's chunks have.", TIME_SOURCES),
    Column(
        "chunk_span_s",
        "Float64",
        "Seconds from the first chunk to the last by that clock; none from one that counts whole "
        "seconds.",
    ),
    Column(
        "outside_chunks_s",
        "Float64",
        "What a total leaves over that span, at least 0: the work before the first chunk. Only "
        "for a 'total', and a clock that is the server's own.",
    ),
    Column("meaning", "string", "What it is, as the server's documents say."),
)


@with_columns(SERVER_TIMING_COLUMNS)
def server_timing_table(runs: Runs) -> TableColumns:
    """Return what the servers say that their work took: one row for each number that they sent.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        No row for a run whose server says nothing of it. None of these numbers was measured by
        the recorder, and none of them enters a table of measured times.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> runs = cv.read_runs(cv.sample("ollama_gpt-oss-120b"))
    >>> cv.server_timing_table(runs)[["measure", "field", "unit"]].iloc[0].to_list()
    ['total', 'total_duration', 'ns']
    """
    rows = (
        row
        for number, run in enumerate(runs_of(runs))
        for row in _rows(number, run, run.server_timing)
    )
    return columns_from_rows(SERVER_TIMING_COLUMNS, rows)


def _rows(
    number: int, run: StreamRun, times: tuple[ServerTime, ...]
) -> Iterator[tuple[object, ...]]:
    span = _chunk_span(run)
    for time in times:
        is_own_clock = run.timing == "provider_clock" and time.measure == "total"
        outside = max(time.seconds - span, 0.0) if span is not None and is_own_clock else None
        yield (
            number,
            time.measure,
            time.seconds,
            time.resolution_s,
            time.field,
            time.unit,
            time.source,
            time.chunk,
            run.timing,
            span,
            outside,
            time.meaning,
        )


def _chunk_span(run: StreamRun) -> float | None:
    """Return the seconds from the first chunk to the last; None without a clock fit for it."""
    chunks = run.wire.chunk_events
    if run.timing == "none" or not chunks or (run.clock_resolution_s or 0.0) >= 1:
        return None
    span = run.wire.times[chunks[-1]] - run.wire.times[chunks[0]]
    return None if isnan(span) else span
