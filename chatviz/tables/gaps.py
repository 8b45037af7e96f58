"""gap_table: where an answer stood still, what came before and after, who would have given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np

from chatviz.given_values import check_number
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.gaps import gaps_of_run
from chatviz.tables.chunks import CHUNK_KINDS, kinds_of_chunks
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["gap_table"]

Times: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

WATCHDOGS_S: Final = (30, 60, 120)
_BEFORE: Final = ("request", *CHUNK_KINDS)
GAP_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("timing", "category", "Whose clock it is.", TIME_SOURCES),
    Column(
        "chunk_before",
        "Int64",
        "The chunk that came before the gap; none where it begins with the request.",
    ),
    Column("chunk_after", "Int64", "The chunk that ended it."),
    Column(
        "begins_at_s",
        "Float64",
        "When it began: seconds since the request was sent, on a provider's clock since its first "
        "stamp.",
    ),
    Column("gap_s", "Float64", "How long it lasted, in seconds."),
    Column("median_gap_s", "Float64", "The median of the run's other gaps between chunks."),
    Column("kind_before", "category", "What the chunk before it brought.", _BEFORE),
    Column("kind_after", "category", "What the chunk after it brought.", CHUNK_KINDS),
    Column("keep_alives", "Int64", "How many keep-alives and other events came inside it."),
    Column(
        "longest_silence_s",
        "Float64",
        "The longest time inside it in which no event came at all; this is what a read timeout "
        "sees.",
    ),
    *(
        Column(
            f"watchdog_{seconds}_s_fires_at_s",
            "Float64",
            f"When a client that gives up after {seconds} s without any event would have done so.",
        )
        for seconds in WATCHDOGS_S
    ),
)


@with_columns(GAP_COLUMNS)
def gap_table(
    runs: Runs, *, longer_than_s: float = 1.0, times_the_median: float = 5.0
) -> TableColumns:
    """Return where answers stood still: one row for each gap that is long, and longer than usual.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them
    longer_than_s, times_the_median : float
        A gap counts if it is longer than so many seconds, and than so many times the median of the
        run's other gaps. With 0 for both, every gap that took any time is listed.

    Returns
    -------
    DataFrame
        The gaps in the order in which they came. The wait for the first chunk is the first of
        them, where it was measured. A run without a clock, or with one that counts whole seconds,
        has no row.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.
    ValueError
        A threshold is negative or no number.

    Examples
    --------
    >>> runs = cv.read_runs(cv.sample("synthetic_timed"))
    >>> cv.gap_table(runs, longer_than_s=0.5)[["run", "kind_before", "gap_s"]].round(2)
       run kind_before  gap_s
    0    0        text    0.6
    1    1     request   0.51
    """
    for name, value in (("longer_than_s", longer_than_s), ("times_the_median", times_the_median)):
        check_number(value, name, may_be_zero=True)
    rows = (
        row
        for number, run in enumerate(runs_of(runs))
        for row in _rows(number, run, longer_than_s, times_the_median)
    )
    return columns_from_rows(GAP_COLUMNS, rows)


def _rows(
    number: int, run: StreamRun, longer_than_s: float, times_the_median: float
) -> Iterator[tuple[object, ...]]:
    stamps = np.array([0.0, *run.wire.chunk_times])
    if not (np.diff(stamps) > longer_than_s).any():  # a look that is quick, for long streams
        return
    events, times = run.wire.chunk_events, np.array(run.wire.times)
    gaps = gaps_of_run(run, longer_than_s, times_the_median)
    kinds = kinds_of_chunks(run) if gaps else ()
    for gap in gaps:
        first = 0 if gap.before is None else events[gap.before] + 1
        inside = times[first : events[gap.after]]
        end = times[events[gap.after]]
        yield (
            number,
            run.timing,
            gap.before,
            gap.after,
            gap.begins_at_s,
            gap.seconds,
            gap.median_s,
            "request" if gap.before is None else CHUNK_KINDS[kinds[gap.before]],
            CHUNK_KINDS[kinds[gap.after]],
            len(inside),
            *_silences(np.concatenate([[gap.begins_at_s], inside, [end]])),
        )


def _silences(stamps: Times) -> tuple[float | None, ...]:
    """Return the longest time between two stamps, and when each watchdog would have fired."""
    silences = np.diff(stamps)
    fired = [np.flatnonzero(silences > seconds) for seconds in WATCHDOGS_S]
    return (
        float(silences.max()),
        *(
            float(stamps[at[0]] + seconds) if len(at) else None
            for at, seconds in zip(fired, WATCHDOGS_S, strict=True)
        ),
    )
