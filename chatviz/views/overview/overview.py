"""overview: many conversations on one page, as a list with charts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chatviz.measures.money.prices import Prices
from chatviz.registry import SOURCES
from chatviz.runs.conversation import Conversation
from chatviz.views.drawing.html import Cell, Table, picture_html, table_html
from chatviz.views.given import Given, conversations_given
from chatviz.views.overview.charts import BarChart, FindingGrid, bar_charts, finding_grid
from chatviz.views.overview.mounting import OverviewParts, Shelf, mount_overview, say_repeated
from chatviz.views.overview.picture import draw_overview
from chatviz.views.overview.rows import NotListed, TalkRow, read_row, short_names
from chatviz.views.overview.totals import OverviewTotals
from chatviz.views.run_headings import count_words
from chatviz.views.view import View

__all__ = ["MAX_OVERVIEW_BYTES", "make_overview", "overview"]

MAX_OVERVIEW_BYTES: Final = 1_000_000
SHOWN: Final = 20  # rows without a script
_COLUMNS: Final = (
    "conversation", "errors", "warnings", "notes", "provider", "model", "dialect", "steps", "calls",
    "input tokens", "output tokens", "cost (USD)", "estimated (USD)", "first token (s)",
    "duration (s)",
)  # fmt: skip


def overview(
    data: Given, *, prices: Prices | None = None, max_bytes: int = MAX_OVERVIEW_BYTES
) -> View:
    """Show many conversations on one page: a list, charts, and the inspector of those one opens.

    The charts are of all conversations: cost by provider, tokens by model, findings by kind and
    provider, and percentiles of the time to the first token and between chunks where they were
    measured, each with its n. Where scripts run the list can be sorted and searched, and a row
    opens its inspector.

    Parameters
    ----------
    data : data set | folder | path | Cassette | StreamRun | Conversation | iterable of them
        What ``cv.read_folder`` returns, or makes of a folder, is gone through once, and not kept;
        its files that cannot be read are listed, too. So is an iterator of conversations.
    prices : mapping of str to Price, price list, or None
        As for ``cv.usage_table``: then what the tokens come to stands beside the recorded cost.
    max_bytes : int
        How much the whole view may weigh, script included. It holds the first rows that fit, and
        the inspectors of the first of them; it says what is left out.

    Returns
    -------
    View
        Its tables: the first conversations and how many more there are, the numbers of the charts,
        and the files that cannot be read.

    Raises
    ------
    TypeError
        It is none of these; of a data set that ``cv.open_dataset`` opened only tables are kept.
    CassetteError
        A file that was named cannot be read.
    """
    if isinstance(data, str | os.PathLike) and os.path.isdir(data):  # noqa: PTH112
        data = SOURCES.load("folder")(data)
    totals, shelf = OverviewTotals(prices), Shelf()
    rows: list[TalkRow | NotListed] = []
    counts: dict[str, int] = {}
    for talk in _conversations(data):
        source = next((run.source for run in talk.runs if run.source), "")
        rows.append(read_row(talk, counts.setdefault(source, 0), prices))
        counts[source] += 1
        totals.add(talk)
        shelf.offer(len(rows) - 1, talk)
    rows += _unreadable(data)
    states = [record.state for record in getattr(data, "records", ())]
    repeated = states.count("repeated")
    return make_overview(rows, totals, shelf=shelf, max_bytes=max_bytes, repeated=repeated)


def make_overview(
    items: Sequence[TalkRow | NotListed],
    totals: OverviewTotals,
    *,
    names: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    shelf: Shelf | None = None,
    max_bytes: int = MAX_OVERVIEW_BYTES,
    refresh_s: float | None = None,
    repeated: int = 0,
) -> View:
    """Return the view of rows that were read already.

    Parameters
    ----------
    items : sequence of TalkRow or NotListed
    totals : OverviewTotals
        Of all conversations.
    names : mapping or None
        What each source is called; None: its path without the folder that all share.
    links : mapping or None
        Where each source is shown, where it has a page of its own.
    shelf : Shelf or None
        The conversations whose inspectors may go into the page.
    refresh_s : float or None
        After how many seconds the page is to be asked for again, since more is being read.
    repeated : int
        How many files hold the same as another one, and are not counted again.
    """
    named = short_names(one.source for one in items) if names is None else names
    with totals.lock:
        charts, grid = bar_charts(totals), finding_grid(totals)
        sentence = _sentence(items, totals, repeated)
    svg = draw_overview(charts, grid, sentence)
    tables = (_talk_table(items, named), *_number_tables(charts, grid), *_file_table(items, named))
    room = max_bytes - _measure_still(svg, tables)
    parts = OverviewParts(
        items=items,
        charts=charts,
        grid=grid,
        names=named,
        links=links or {},
        shelf=shelf or Shelf(),
        repeated=repeated,
        refresh_s=refresh_s,
    )
    return View(sentence, svg, tables, (), lambda: mount_overview(parts, room))


def _conversations(data: Any) -> Iterator[Conversation]:
    """Yield the conversations one after another; those of a data set are not held."""
    if isinstance(data, Iterator):
        for one in data:
            if not isinstance(one, Conversation):
                yield from conversations_given([one, *data])
                return
            yield one
    elif not hasattr(data, "build_table"):
        yield from conversations_given(data)
    elif not hasattr(data, "conversations"):
        raise TypeError(
            f"wanted recordings, found a {type(data).__name__}: its tables hold no conversations. "
            "Give the folder that they came from, cv.overview(cv.read_folder(source))."
        )
    else:
        yield from data.conversations


def _unreadable(data: Any) -> Iterator[NotListed]:
    """Yield the files of a data set that cannot be read."""
    for record in getattr(data, "records", ()):
        if record.state in ("bad", "not supported"):
            path = f"{data.place}/{record.name}" if data.place else record.name
            yield NotListed(path, record.reason or "it cannot be read")


def _sentence(items: Sequence[TalkRow | NotListed], totals: OverviewTotals, repeated: int) -> str:
    """Return the page in one exact sentence."""
    rows = [one for one in items if isinstance(one, TalkRow)]
    told = [
        f"{count_words(len(rows), 'conversation')} with {count_words(totals.answers, 'answer')}"
        f" and {count_words(totals.calls, 'tool call')}"
    ]
    for noun in ("errors", "warnings"):
        count = sum(getattr(row, noun) > 0 for row in rows)
        told += [f"{count:,} with {noun}"] if count else []
    records = sum(one.records for one in totals.spent.values())
    if records:
        paid = sum(one.recorded for one in totals.spent.values())
        told.append(f"{float(paid):.6g} USD recorded for {count_words(records, 'answer')}")
    bad = sum(isinstance(one, NotListed) and bool(one.reason) for one in items)
    waiting = sum(isinstance(one, NotListed) and not one.reason for one in items)
    told += [f"{count_words(bad, 'file')} that cannot be read"] if bad else []
    told += [f"{count_words(waiting, 'file')} not read yet"] if waiting else []
    told += [say_repeated(repeated)] if repeated else []
    return f"Overview: {', '.join(told)}."


def _talk_table(items: Sequence[TalkRow | NotListed], names: Mapping[str, str]) -> Table:
    rows = [one for one in items if isinstance(one, TalkRow)]
    shown = tuple(_table_row(row, names) for row in rows[:SHOWN])
    return Table("Conversations", _COLUMNS, shown, max(0, len(rows) - SHOWN), is_open=True)


def _table_row(row: TalkRow, names: Mapping[str, str]) -> tuple[Cell, ...]:
    name = names.get(row.source) or "conversation"
    return (
        f"{name} #{row.number}" if row.number or not row.source else name,
        row.errors,
        row.warnings,
        row.notes,
        row.provider or None,
        row.model or None,
        row.dialect,
        row.steps,
        row.calls,
        row.input_tokens,
        row.output_tokens,
        row.cost,
        row.estimated,
        row.first_token_s,
        row.duration_s,
    )


def _number_tables(charts: Sequence[BarChart], grid: FindingGrid) -> Iterator[Table]:
    """Yield the numbers of the charts."""
    rows: list[tuple[Cell, ...]] = []
    for chart in charts:
        rows += [(chart.title, bar.label or "…", bar.text) for bar in chart.bars]
    yield Table("The charts in numbers", ("chart", "whose", "numbers"), tuple(rows))
    columns = ("severity", "finding", *grid.providers)
    found: list[tuple[Cell, ...]] = [
        (severity, code, *counts) for severity, code, counts in grid.rows
    ]
    yield Table("Findings, by kind and provider", columns, tuple(found), grid.more)


def _file_table(items: Sequence[TalkRow | NotListed], names: Mapping[str, str]) -> Iterator[Table]:
    bad = [one for one in items if isinstance(one, NotListed) and one.reason]
    if bad:
        rows = tuple((names.get(one.source) or one.source, one.reason) for one in bad)
        yield Table("Files that cannot be read", ("file", "reason"), rows)


def _measure_still(svg: str, tables: Sequence[Table]) -> int:
    """Return how many bytes the view has without its script, about."""
    return sum(len(html.encode()) for html in (picture_html(svg, ""), *map(table_html, tables)))
