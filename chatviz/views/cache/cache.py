"""cache: why prompts were not read from a cache, request by request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from chatviz.measures.money.prices import Prices, check_prices
from chatviz.views.cache.picture import draw_cache
from chatviz.views.cache.rows import CacheRow, cache_rows, excerpt
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.drawing.text import cut_text
from chatviz.views.given import Given, conversations_given
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.run_headings import count_words
from chatviz.views.view import View

__all__ = ["CACHE_PANES", "cache"]

CACHE_PANES: Final = ("cache",)

MOST: Final = 200  # requests in a page
SHOWN: Final = 60  # characters of a difference in the table
_COLUMNS: Final = (
    "request", "verdict", "where", "before", "after", "reason", "input tokens",
    "read from a cache", "written to a cache", "fresh", "bytes", "bytes as before",
    "changed options", "idle (s)", "avoidable tokens", "avoidable (USD)",
)  # fmt: skip


def cache(talk: Given, *, prices: Prices | None = None) -> View:
    """Show why prompts were not read from a cache: a bar for each request.

    What a prompt shares with the one before it from the start on, what changed (a cache can give
    nothing from there on), and what is new; below it what the provider counted. Where scripts run,
    a click on a request shows the difference. The rules are those of ``cv.cache_table``.

    Parameters
    ----------
    talk : Conversation | StreamRun | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.
    prices : mapping of str to Price, price list, or None
        As for ``cv.cache_table``: what a stable prefix would have saved, in USD.

    Returns
    -------
    View
        Its table has one row for each request that was not refused.
    """
    check_prices(prices)
    conversations = conversations_given(talk)
    rows = cache_rows(conversations, prices)
    sentence = _sentence(rows)
    return View(
        sentence,
        draw_cache(rows, sentence),
        (Table("Prompt caches in numbers", _COLUMNS, tuple(map(_table_row, rows))),),
        tuple(
            found
            for talk in conversations
            for found in talk.findings
            if found.code.startswith("cache_")
        ),
        lambda: Mount(pane_module(*CACHE_PANES), _data(rows)),
    )


def _table_row(row: CacheRow) -> tuple[Cell, ...]:
    request, pair = row.request, row.request.pair
    usage = request.usage
    told: tuple[Cell, ...] = (None,) * 5
    if pair is not None:
        told = (pair.verdict, *_where(row), pair.reason)
    return (
        row.place,
        *told,
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_creation_tokens,
        request.fresh_tokens,
        request.size,
        None if pair is None else pair.comparison.shared_bytes,
        None if pair is None else ", ".join(pair.comparison.outside) or None,
        None if pair is None else pair.idle.seconds,
        row.tokens,
        row.usd,
    )


def _where(row: CacheRow) -> tuple[str | None, str | None, str | None]:
    """Return where a request parts from the one before it, and what both have there."""
    found = row.difference
    if found is None:
        return (None,) * 3
    _, *sides, _ = excerpt(found)
    before, after = ("(not there)" if side is None else cut_text(side, SHOWN) for side in sides)
    return found.place, before, after


def _sentence(rows: Sequence[CacheRow]) -> str:
    """Return the picture in one exact sentence."""
    if not rows:
        return "Prompt caches: no requests."
    told = [count_words(len(rows), "request")]
    changed = [row for row in rows if row.difference is not None]
    pairs = sum(row.request.pair is not None for row in rows)
    if pairs:
        told.append(f"{len(changed):,} of {pairs:,} changed what came before")
    told += [f"first in {row.place} at {_path(row)}" for row in changed[:1]]
    counted = [row.request.usage for row in rows if row.request.fresh_tokens is not None]
    read = sum(usage.cache_read_tokens or 0 for usage in counted)
    asked = sum(usage.input_tokens or 0 for usage in counted)
    if counted:
        told.append(f"{read:,} of {asked:,} input tokens read from a cache")
    if len(counted) < len(rows):
        told.append(f"not reported for {len(rows) - len(counted):,}")
    return f"Prompt caches: {', '.join(told)}."


def _path(row: CacheRow) -> str:
    return "" if row.difference is None else row.difference.place


def _data(rows: Sequence[CacheRow]) -> dict[str, Any]:
    """Return what the pane shows."""
    left_out = []
    if len(rows) > MOST:
        left_out = [f"{len(rows) - MOST:,} more requests are left out."]
    return {"left_out": left_out, "requests": [_request_data(row) for row in rows[:MOST]]}


def _request_data(row: CacheRow) -> dict[str, Any]:
    request, pair, found = row.request, row.request.pair, row.difference
    usage, fresh = request.usage, request.fresh_tokens
    tokens = None
    if fresh is not None:
        tokens = [usage.cache_read_tokens or 0, usage.cache_creation_tokens or 0, fresh]
    return {
        "place": row.place,
        "parts": row.parts,
        "regions": row.regions,
        "tokens": tokens,
        "verdict": row.verdict,
        "notes": [one for one in (row.sized, row.counted, row.reason, row.avoidable) if one],
        "options": [] if pair is None else list(pair.comparison.outside),
        "difference": None if found is None else list(excerpt(found)),
    }
