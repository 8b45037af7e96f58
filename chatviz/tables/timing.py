"""timing_table: when each answer began, was of use, and ended; how even it came, and how fast."""

from __future__ import annotations

from typing import Final

import numpy as np

from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.moments import find_moments
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["timing_table"]

_MEASURED: Final = "only if measured"
TIMING_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("provider", "string", "Who answered."),
    Column("model", "string", "The model that the answer names, else the one asked for."),
    Column("timing", "category", "Whose clock the chunks' times are.", TIME_SOURCES),
    Column(
        "clock_resolution_s", "Float64", "The step of a provider's clock; none for another one."
    ),
    Column("time_to_headers_s", "Float64", "Seconds from the request sent to the headers."),
    Column(
        "time_to_first_byte_s",
        "Float64",
        f"Seconds to the first event, a keep-alive included; {_MEASURED}.",
    ),
    Column("time_to_first_chunk_s", "Float64", f"Seconds to the first chunk; {_MEASURED}."),
    Column(
        "time_to_first_token_s",
        "Float64",
        f"Seconds to the first chunk with text, reasoning, a refusal or a tool call; {_MEASURED}.",
    ),
    Column(
        "time_to_first_visible_token_s",
        "Float64",
        f"Seconds to the first of these that is no reasoning; {_MEASURED}.",
    ),
    Column(
        "time_to_first_tool_fragment_s",
        "Float64",
        f"Seconds to the first piece of a call's arguments; {_MEASURED}.",
    ),
    Column(
        "time_to_first_runnable_call_s",
        "Float64",
        f"Seconds until the arguments of a call were complete; {_MEASURED}.",
    ),
    Column(
        "time_to_last_token_s",
        "Float64",
        f"Seconds to the last chunk with text, reasoning, a refusal or a tool call; {_MEASURED}.",
    ),
    Column("duration_s", "Float64", f"Seconds to the last event; {_MEASURED}."),
    Column(
        "time_per_output_token_s",
        "Float64",
        "(last event - first token) / (tokens that came - 1); none with a clock coarser than the "
        "gaps, and where only a summary of the reasoning came. Tokens that came: output_tokens, "
        "with reasoning counted beside them whose text came, without reasoning that never came.",
    ),
    Column("gap_p50_s", "Float64", "The median time between two chunks."),
    Column("gap_p90_s", "Float64", "90 % of these gaps are at most this."),
    Column("gap_p99_s", "Float64", "99 % of these gaps are at most this."),
    Column("gap_max_s", "Float64", "The longest gap; see gap_table."),
    Column(
        "decode_tokens_per_s",
        "Float64",
        "1 / time_per_output_token_s: how fast tokens came once they came.",
    ),
    Column(
        "end_to_end_tokens_per_s",
        "Float64",
        "All tokens that were generated (output_tokens, and reasoning counted beside them) / "
        f"duration_s; {_MEASURED}.",
    ),
    Column("bytes_per_s", "Float64", f"The body's size / duration_s; {_MEASURED}."),
)


@with_columns(TIMING_COLUMNS)
def timing_table(runs: Runs) -> TableColumns:
    """Return when each answer began, was of use and ended: one row for each run.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        ``<NA>`` where a moment never came, or where the run's clock does not allow the number. A
        provider's clock begins with its first stamp: it knows gaps and rates, and no time since
        the request. One that counts whole seconds knows neither. Percentiles are interpolated
        linearly between the two nearest gaps (``numpy.percentile``). A rate is of tokens that
        came: reasoning is among them where its text came, wherever the provider counts it, and
        there is no rate where only a summary of it came, or something encrypted. Other tools mean
        other things by the same words: see ``definition_table``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> runs = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> cv.timing_table(runs)["timing"].tolist()
    ['none', 'none']
    """
    rows = (_row(number, run) for number, run in enumerate(runs_of(runs)))
    return columns_from_rows(TIMING_COLUMNS, rows)


def _row(number: int, run: StreamRun) -> tuple[object, ...]:
    tokens = None if run.usage is None else run.usage.generated_tokens
    per_token, duration = run.time_per_output_token_s, run.duration_s
    return (
        number,
        run.provider or None,
        run.model or None,
        run.timing,
        run.clock_resolution_s,
        run.time_to_headers_s,
        run.wire.times[0] if run.timing == "measured" and len(run.wire.times) else None,
        run.time_to_first_chunk_s,
        run.time_to_first_token_s,
        *_moments(run),
        duration,
        per_token,
        *_gaps(run),
        _by(1.0, per_token),
        _by(tokens, duration),
        _by(len(run.body), duration),
    )


def _moments(run: StreamRun) -> tuple[float | None, ...]:
    """Return when an answer could first be seen, called and run, and when it said its last."""
    if run.timing != "measured":
        return (None,) * 4
    found = find_moments(run)
    chunks = (
        found.first_visible_token,
        found.first_tool_fragment,
        found.first_runnable_call,
        found.last_token,
    )
    return tuple(run.measured_at(chunk) for chunk in chunks)


def _gaps(run: StreamRun) -> tuple[float | None, ...]:
    """Return the percentiles of the times between chunks, as far as these are known."""
    coarse = run.timing == "none" or (run.clock_resolution_s or 0.0) >= 1
    if coarse or run.wire.chunk_count < 2:
        return (None,) * 4
    times = np.array(run.wire.chunk_times)
    gaps = np.diff(times)
    gaps = gaps[~np.isnan(gaps)]
    if not len(gaps):
        return (None,) * 4
    return tuple(float(one) for one in np.percentile(gaps, (50, 90, 99, 100)))


def _by(amount: float | None, seconds: float | None) -> float | None:
    """Divide; None where either is not known, or no time has passed."""
    return amount / seconds if amount is not None and seconds else None
