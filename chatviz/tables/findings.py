"""finding_table: what was odd, one row for each finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from chatviz.chat.findings.log import Finding, in_order
from chatviz.measures.money.estimates import price_findings
from chatviz.measures.money.prices import Prices, check_prices
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["finding_table"]

SEVERITIES: Final = ("info", "warning", "error")
FINDING_COLUMNS: Final = (
    Column(
        "run",
        "Int64",
        "The run's number among those given, from 0; none for what only several runs together "
        "show.",
    ),
    Column("code", "string", "What kind of finding it is."),
    Column("severity", "category", "How bad it is.", SEVERITIES),
    Column("message", "string", "One sentence with the numbers."),
    Column("part", "string", "What it concerns; none for the answer as a whole."),
    Column("chunk", "Int64", "The first chunk that shows it."),
    Column("last_chunk", "Int64", "The last chunk that shows it."),
    Column("count", "Int64", "How many chunks, or other things in the sentence, show it."),
)


@with_columns(FINDING_COLUMNS)
def finding_table(runs: Runs, *, prices: Prices | None = None) -> TableColumns:
    r"""Return what was odd on the wire: one row for each finding.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them
    prices : mapping of str to Price, price list, or None
        As for ``cv.usage_table``: recorded costs that differ from them by more than 1 % are
        findings, too (``cost_differs``).

    Returns
    -------
    DataFrame
        First the conversations' own findings (ids that were used again or rewritten), where
        Conversations were given; then those of each run, errors first. A lone half of a character
        is shown as its escape, ``\udc00``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> cv.finding_table(talk).query("code == 'role_repeated'")[["run", "severity", "count"]]
       run severity  count
    2    0     info     44
    9    1     info     30
    """
    check_prices(prices)
    if isinstance(runs, Iterator):
        runs = list(runs)
    rows = [
        _row(number, finding)
        for number, run in enumerate(runs_of(runs))
        for finding in in_order((*run.findings, *_of_prices(run, prices)))
    ]
    own = [_row(None, found) for talk in _conversations(runs) for found in talk.own_findings]
    return columns_from_rows(FINDING_COLUMNS, own + rows)


def _of_prices(run: StreamRun, prices: Prices | None) -> tuple[Finding, ...]:
    return () if prices is None else price_findings(run, prices)


def _conversations(runs: Runs) -> list[Conversation]:
    """Return those Conversations that were given as such; single runs are not linked here."""
    given = getattr(runs, "conversation", runs)
    items: Iterable[StreamRun | Conversation]
    items = [given] if isinstance(given, StreamRun | Conversation) else given
    return [item for item in items if isinstance(item, Conversation)]


def _row(run: int | None, finding: Finding) -> tuple[object, ...]:
    return (
        run,
        finding.code,
        finding.severity,
        finding.message,
        finding.part or None,
        finding.chunk,
        finding.last_chunk,
        finding.count,
    )
