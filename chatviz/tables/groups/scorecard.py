"""scorecard_table: how the answers of each host of a model turned out, taken together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, localcontext
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import numpy as np

from chatviz.given_values import shown
from chatviz.measures.scoring.scores import (
    FINISHES,
    GROUPINGS,
    Score,
    score_groups,
)
from chatviz.measures.scoring.shares import Share
from chatviz.runs.given_runs import Runs
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import frame_of, with_columns
from chatviz.tables.groups.answers import collect_answers, facts_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score_answers", "scorecard_table"]

RankedBy: TypeAlias = Literal["errors", "warnings", "arguments", "cache", "usage"]
_FEW_IS_GOOD: Final = ("errors", "warnings")
_PERCENTS: Final = (50, 90, 99)
_MEASURED: Final = "only of answers whose time was measured"


def _share_columns(name: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_share", "Float64", meaning),
        Column(f"{name}_low", "Float64", "The lower end of its Wilson interval at 95 %."),
        Column(f"{name}_high", "Float64", "The upper end."),
    )


GROUP_COLUMNS: Final = {
    "model": Column("model", "string", "The model that the answers name, else the one asked for."),
    "host": Column("host", "string", "The server in the URL; none where it is not known."),
    "provider": Column("provider", "string", "Who answered; none where it is not known."),
    "dialect": Column("dialect", "string", "How the answers speak."),
    "source": Column("source", "string", "The recording that they come from."),
}
SCORE_COLUMNS: Final = (
    Column("answers", "Int64", "How many answers there are, refused ones included."),
    Column(
        "rank",
        "Int64",
        "The place among the rows that share all groupings but the last; none below `min_n`.",
    ),
    Column("refused", "Int64", "Those with an HTTP status of 400 or more."),
    *_share_columns("errors", "The share of the answers with a finding that is an error."),
    *_share_columns("warnings", "The share of the answers with a finding that is a warning."),
    Column("calls", "Int64", "Calls of tools whose JSON Schema is known and can be used."),
    *_share_columns("arguments", "The share of these whose arguments are whole and keep to it."),
    Column(
        "cacheable",
        "Int64",
        "Requests that a cache could have given something, whatever it gave; see the notes.",
    ),
    *_share_columns("cache", "The share of these for which something was read from the cache."),
    Column("counted", "Int64", "Answers with input, output and total tokens."),
    *_share_columns(
        "usage", "The share of these whose total is the input and output tokens, and no other sum."
    ),
    *(
        Column(f"finish_{name}", "Int64", f"Answers with the finish reason '{name}'.")
        for name in FINISHES
    ),
    Column("finish_other", "Int64", "Answers with a finish reason that is in no list."),
    Column("finish_none", "Int64", "Answers without one."),
    Column("charged", "Int64", "Answers with a cost and all the tokens that it is for."),
    Column(
        "usd_per_million_tokens",
        "Float64",
        "The implied price: what these cost, by all their tokens, input and output.",
    ),
    Column(
        "input_usd_per_million_tokens",
        "Float64",
        "The implied price of input, cached tokens included, where the cost came in parts.",
    ),
    Column("output_usd_per_million_tokens", "Float64", "The implied price of output, likewise."),
    Column("timed", "Int64", "Answers with a measured time to the first token."),
    *(
        Column(
            f"time_to_first_token_p{percent}_s",
            "Float64",
            f"{percent} % of these had their first token after at most so many seconds.",
        )
        for percent in _PERCENTS
    ),
    Column("gaps", "Int64", f"Times between two chunks, {_MEASURED}."),
    *(
        Column(f"gap_p{percent}_s", "Float64", f"{percent} % of these are at most this.")
        for percent in _PERCENTS
    ),
    Column("paced", "Int64", f"Answers with a rate, {_MEASURED}."),
    Column(
        "decode_tokens_per_s_p50",
        "Float64",
        "The median of these rates: tokens that came, per second once they came (as in "
        "timing_table).",
    ),
)
SCORECARD_COLUMNS: Final = (GROUP_COLUMNS["model"], GROUP_COLUMNS["host"], *SCORE_COLUMNS)


@with_columns(SCORECARD_COLUMNS)
def scorecard_table(
    runs: Runs,
    *,
    by: str | Sequence[str] = ("model", "host"),
    rank_by: RankedBy = "errors",
    min_n: int = 20,
) -> TableColumns:
    """Return how answers turned out, taken together: one row for each host of a model.

    Parameters
    ----------
    runs : StreamRun, Conversation, data set, or an iterable of them
        Single runs are linked first, as for ``cache_table``. The conversations of a data set are
        gone through one after another, and not held.
    by : str or sequence of str
        What the rows are: any of ``"model"``, ``"host"``, ``"provider"``, ``"dialect"`` and
        ``"source"``; these are the first columns. Behind a gateway the host is the gateway's:
        ``by=["model", "provider"]`` tells its upstreams apart.
    rank_by : str
        What decides the rank: ``"errors"`` or ``"warnings"`` (few are good), ``"arguments"``,
        ``"cache"`` or ``"usage"`` (many are good).
    min_n : int
        How many a row needs of what is ranked (answers, calls, cacheable requests, counted
        answers) to have a rank. With 20 answers and no error the interval still reaches to 16 %.

    Returns
    -------
    DataFrame
        Sorted by the groupings, not by rank. What is not known is ``<NA>``, never 0; each share
        stands beside the number that it is a share of.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.
    ValueError
        A grouping, or what is ranked, is none of those that there are.

    Notes
    -----
    Intervals are Wilson's score intervals at 95 % without continuity correction (E. B. Wilson, J.
    Am. Stat. Assoc. 22, 1927, 209-212; for small numbers advised by L. D. Brown, T. T. Cai and A.
    DasGupta, Stat. Sci. 16, 2001, 101-133). They take the answers for independent of one another;
    those of one conversation are not quite, so that the true intervals are wider.

    Rows are ranked by the end of the interval that is bad for them (``errors_high``, but
    ``arguments_low``): few answers are no advantage. Rows whose intervals overlap may well be
    alike, whatever their ranks.

    An answer of several choices that ended differently counts once for each finish reason, so that
    these columns may come to more than the answers.

    What only the recording caused (it was cut short, or could not be decoded) is not counted
    against a host.

    A cache could have given something if a request begins with all of the one before it in its
    conversation, that one had as many tokens as the host documents as enough (1,024 where nothing
    is documented), the idle time is not known to be longer than an unused prompt is surely kept,
    caching was asked for where it must be, and the provider reports what it read.

    Examples
    --------
    >>> runs = cv.read_runs([cv.sample("openrouter_kimi-k2_fireworks"),
    ...                      cv.sample("openrouter_kimi-k2_novita")])
    >>> scores = cv.scorecard_table(runs, by="provider")
    >>> scores[["provider", "answers", "errors_share", "errors_high", "rank"]].round(2)
        provider  answers  errors_share  errors_high  rank
    0  Fireworks        2           0.0         0.66  <NA>
    1     Novita        2           0.0         0.66  <NA>
    """
    _check(by, rank_by)
    return score_answers(frame_of(collect_answers(runs)), by=by, rank_by=rank_by, min_n=min_n)


def score_answers(
    answers: pd.DataFrame,
    *,
    by: str | Sequence[str] = ("model", "host"),
    rank_by: RankedBy = "errors",
    min_n: int = 20,
) -> TableColumns:
    """Return the scorecard of answers: a frame of ``ANSWER_COLUMNS``, its rows in any order."""
    groupings = _check(by, rank_by)
    groups = score_groups(facts_of(answers), groupings)
    ordered = sorted(groups, key=lambda key: [(not value, value.lower(), value) for value in key])
    ranks = _rank({key: _shares(groups[key])[rank_by] for key in ordered}, rank_by, min_n)
    columns = (*(GROUP_COLUMNS[name] for name in groupings), *SCORE_COLUMNS)
    rows = ((*(value or None for value in key), *_row(groups[key], ranks[key])) for key in ordered)
    return columns_from_rows(columns, rows)


def _check(by: str | Sequence[str], rank_by: str) -> tuple[str, ...]:
    """Return the groupings; refuse those, and what is ranked, that are none."""
    names = (by,) if isinstance(by, str) else tuple(by)
    wrong = [name for name in names if name not in GROUPINGS]
    if wrong or not names or len(set(names)) < len(names):
        found = shown(wrong[0]) if wrong else f"{list(names)!r}"
        raise ValueError(f"by must name some of {_say(GROUPINGS)}, each once; found {found}.")
    if rank_by not in get_args(RankedBy):
        known = _say(get_args(RankedBy))
        raise ValueError(f"rank_by must be one of {known}, found {shown(rank_by)}.")
    return names


def _say(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _shares(score: Score) -> dict[str, Share]:
    return {
        "errors": Share(score.errors, score.answers),
        "warnings": Share(score.warnings, score.answers),
        "arguments": score.calls,
        "cache": score.cache,
        "usage": score.usage,
    }


def _rank(
    shares: dict[tuple[str, ...], Share], rank_by: str, min_n: int
) -> dict[tuple[str, ...], int | None]:
    """Return the place of each row among those that share all but its last value; equals share."""

    def badness(key: tuple[str, ...]) -> float | None:
        interval = shares[key].interval
        if interval is None or shares[key].of < min_n:
            return None
        return interval[1] if rank_by in _FEW_IS_GOOD else -interval[0]

    bad = {key: badness(key) for key in shares}
    ranks: dict[tuple[str, ...], int | None] = {}
    for key, own in bad.items():
        rivals = [bad[other] for other in bad if other[:-1] == key[:-1]]
        better = sum(one is not None and own is not None and one < own for one in rivals)
        ranks[key] = None if own is None else 1 + better
    return ranks


def _row(score: Score, rank: int | None) -> Iterator[object]:
    shares = _shares(score)
    yield from (score.answers, rank, score.refused)
    yield from _interval(shares["errors"])
    yield from _interval(shares["warnings"])
    for name in ("arguments", "cache", "usage"):
        yield shares[name].of
        yield from _interval(shares[name])
    yield from (score.finishes[name] for name in (*FINISHES, "other", None))
    yield score.charged
    yield from (_price(score, kind) for kind in ("total", "input", "output"))
    for seconds in (score.first_token_s, score.gap_s):
        yield len(seconds)
        yield from _percentiles(seconds, _PERCENTS)
    yield len(score.tokens_per_s)
    yield from _percentiles(score.tokens_per_s, (50,))


def _interval(share: Share) -> tuple[float | None, ...]:
    return share.value, *(share.interval or (None, None))


def _price(score: Score, kind: str) -> float | None:
    if kind not in score.charges:
        return None
    usd, tokens = score.charges[kind]
    with localcontext(Context(traps=[])):  # a server may send any number
        return float(usd * 1_000_000 / tokens)


def _percentiles(values: Sequence[float], percents: Sequence[int]) -> tuple[float | None, ...]:
    if not len(values):
        return (None,) * len(percents)
    return tuple(float(one) for one in np.percentile(values, percents))
