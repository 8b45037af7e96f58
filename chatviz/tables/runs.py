"""run_table: one row for each run."""

from __future__ import annotations

from typing import Final

from chatviz.runs.choices import tool_calls_of
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns
from chatviz.wire.event_columns import KINDS

__all__ = ["run_table"]

RUN_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0; other tables join on it."),
    Column("source", "string", "Where it comes from, as a path."),
    Column("interaction", "Int64", "Its number in the cassette, from 0."),
    Column("dialect", "string", "How the answer speaks; 'unknown' where that is not known."),
    Column("host", "string", "The server in the URL."),
    Column("provider", "string", "Who answered, where the answer says so."),
    Column("model", "string", "The model that the answer names, else the one asked for."),
    Column("status", "Int64", "The HTTP status; 200 where it is not known."),
    Column("finish_reason", "string", "Why it (its first choice) ended, in chatviz's words."),
    Column(
        "finish_reason_sent",
        "string",
        "The last finish reason that was sent (by this choice).",
    ),
    Column("chunks", "Int64", "How many chunks it has."),
    Column("events", "Int64", "How many events it has, keep-alives and [DONE] among them."),
    Column("keep_alives", "Int64", "How many of its events are comments."),
    Column("size_bytes", "Int64", "The size of the body, in bytes."),
    Column("text_length", "Int64", "The answer's text, in characters; of all choices."),
    Column("reasoning_length", "Int64", "Its reasoning, in characters; of all choices."),
    Column("tool_calls", "Int64", "How many tools it calls, in all choices."),
    Column("error", "string", "What went wrong, in the server's words."),
    Column("warnings", "Int64", "How many findings are warnings."),
    Column("errors", "Int64", "How many findings are errors."),
    Column("timing", "category", "Whose clock the chunks' times are.", TIME_SOURCES),
    Column(
        "time_source",
        "category",
        "Whose clock the time to the headers is; simulated: a replay, so no time.",
        (*TIME_SOURCES, "simulated"),
    ),
    Column("time_to_headers_s", "Float64", "Seconds from the request sent to the headers."),
    Column("time_to_first_chunk_s", "Float64", "Seconds to the first chunk; only if measured."),
    Column(
        "time_to_first_token_s",
        "Float64",
        "Seconds to the first chunk with text, reasoning or a tool call; only if measured.",
    ),
    Column("duration_s", "Float64", "Seconds to the last event; only if measured."),
    Column(
        "time_per_output_token_s",
        "Float64",
        "Seconds per token that came after the first, reasoning among them where its text came; "
        "none with a clock coarser than the gaps, and where only a summary of the reasoning came.",
    ),
)


@with_columns(RUN_COLUMNS)
def run_table(runs: Runs) -> TableColumns:
    """Return what each answer turned out to be: one row for each run.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        The runs in the order given. What is not known is ``<NA>``. No time is made up: the
        recordings of most recorders hold a time to the headers and no other.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> runs = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> cv.run_table(runs)[["run", "model", "provider", "chunks", "finish_reason"]]
       run                    model   provider  chunks finish_reason
    0    0  moonshotai/kimi-k2-0905  Fireworks      44    tool_calls
    1    1  moonshotai/kimi-k2-0905  Fireworks      30          stop
    """
    rows = (_row(number, run) for number, run in enumerate(runs_of(runs)))
    return columns_from_rows(RUN_COLUMNS, rows)


def _row(number: int, run: StreamRun) -> tuple[object, ...]:
    severities = [finding.severity for finding in run.findings]
    return (
        number,
        run.source or None,
        run.interaction,
        run.dialect,
        run.host or None,
        run.provider or None,
        run.model or None,
        run.response.status,
        run.finish_reason,
        run.finish_reason_sent,
        len(run.chunks),
        len(run.events),
        run.wire.kinds.count(KINDS.index("comment")),
        len(run.body),
        *_sizes(run),
        None if run.error is None else run.error.message,
        severities.count("warning"),
        severities.count("error"),
        run.timing,
        run.response.time_source,
        run.time_to_headers_s,
        run.time_to_first_chunk_s,
        run.time_to_first_token_s,
        run.duration_s,
        run.time_per_output_token_s,
    )


def _sizes(run: StreamRun) -> tuple[int | None, ...]:
    """Return the sizes of text and reasoning, and how many calls; not known where not read."""
    if len(run.chunks) and not run.spoken.manners.is_read:
        return None, None, None
    messages = run.messages
    return (
        sum(len(message.text) for message in messages),
        sum(len(message.reasoning) for message in messages),
        len(tool_calls_of(run)),
    )
