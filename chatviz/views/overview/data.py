"""What the panes of an overview show: rows as short arrays, words once, and never too much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from chatviz.views.overview.charts import BarChart, FindingGrid
from chatviz.views.overview.rows import NotListed, TalkRow
from chatviz.views.page_module import measure_json

__all__ = ["MAX_LIST_BYTES", "chart_data", "fit_list", "list_data"]

MAX_LIST_BYTES: Final = 400_000  # what the list may weigh beside inspectors


def list_data(
    items: Iterable[TalkRow | NotListed],
    names: Mapping[str, str],
    links: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return rows for the pane of conversations.

    Parameters
    ----------
    items : iterable of TalkRow or NotListed
        Those of one source one after another.
    names : mapping
        What each source is called.
    links : mapping of str to str
        Where each source is shown, where it has a page of its own.

    Returns
    -------
    dict
        ``files``: name, state, reason and link of each; ``words``: texts that rows name by their
        place; ``rows``: arrays in the order of ``ROW`` in ``listing/rows.js``.
    """
    files: list[list[str]] = []
    rows: list[list[Any]] = []
    words: dict[str, int] = {}
    places: dict[str, int] = {}
    for item in items:
        if not item.source or item.source not in places:
            places[item.source] = len(files)
            link = links.get(item.source, "")
            files.append([names.get(item.source, ""), *_state_cells(item), link])
        if isinstance(item, TalkRow):
            rows.append([places[item.source], *_row_cells(item, words)])
    return {"files": files, "words": list(words), "rows": rows}


def fit_list(
    items: Sequence[TalkRow | NotListed],
    names: Mapping[str, str],
    links: Mapping[str, str],
    limit: int,
) -> tuple[dict[str, Any], int]:
    """Return the rows of the first items that fit a number of bytes, and how many are left out."""
    kept = len(items)
    while True:
        data = list_data(items[:kept], names, links)
        size = measure_json(data)
        if size <= limit or not kept:
            return data, len(items) - kept
        kept = min(kept - 1, int(kept * limit / size))


def chart_data(charts: Sequence[BarChart], grid: FindingGrid) -> dict[str, Any]:
    """Return the charts for their pane."""
    return {
        "bars": [
            {
                "title": chart.title,
                "parts": list(chart.parts),
                "more": chart.more,
                "hue": chart.hue,
                "bars": [
                    [bar.label, list(bar.edges), bar.text, int(bar.is_estimate)]
                    for bar in chart.bars
                ],
            }
            for chart in charts
        ],
        "grid": {
            "providers": list(grid.providers),
            "rows": [[severity, code, list(counts)] for severity, code, counts in grid.rows],
            "more": grid.more,
        },
    }


def _state_cells(item: TalkRow | NotListed) -> tuple[str, str]:
    """Return the state of a file, and why it cannot be read."""
    if isinstance(item, TalkRow):
        return "read", ""
    return ("unreadable" if item.reason else "waiting"), item.reason


def _row_cells(row: TalkRow, words: dict[str, int]) -> list[Any]:
    """Return a row's cells; a word is added to those that are known."""
    said = (row.provider, row.model, row.dialect, row.ending, " ".join(row.codes))
    cells = [row.number, row.asked, *(words.setdefault(one, len(words)) for one in said)]
    numbers = (row.steps, row.calls, row.input_tokens, row.output_tokens)
    money = (row.cost, row.estimated)
    times = (row.first_token_s, row.duration_s)
    cells += [*numbers, *map(_number, money), *map(_number, times)]
    return [*cells, row.errors, row.warnings, row.notes]


def _number(value: Decimal | float | None) -> float | None:
    """Return a number as JSON has it, to nine digits; None for one that JSON has not."""
    if value is None:
        return None
    number = float(f"{float(value):.9g}")
    return number if abs(number) < float("inf") else None
