"""The picture of prompt caches: a bar for each request, what is known of it, changed and new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from chatviz.views.cache.rows import CacheRow, Excerpt, excerpt
from chatviz.views.drawing.palette import (
    BLUE,
    GREEN,
    GREY,
    GROUND,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    VERMILION,
)
from chatviz.views.drawing.svg import Svg
from chatviz.views.drawing.text import fit_text, measure_text
from chatviz.views.run_headings import count_words

__all__ = ["LEGEND", "draw_cache"]

WIDTH: Final = 720
MARGIN: Final = 14
ROOM: Final = WIDTH - 2 * MARGIN
MAX_ROWS: Final = 16
PROMPT: Final = (
    ("as in the request before", BLUE),
    ("changed, or behind a change", VERMILION),
    ("new", GREY),
)
TOKENS: Final = (("read from a cache", GREEN), ("written to it", ORANGE), ("fresh", PURPLE))
LEGEND: Final = (("bytes of the prompt", PROMPT), ("tokens of it", TOKENS))


def draw_cache(rows: Sequence[CacheRow], title: str) -> str:
    """Draw requests one under another, all to the scale of the longest."""
    svg = Svg(WIDTH)
    y = _draw_legend(svg, 6.0)
    shown = rows[:MAX_ROWS]
    most = max((row.request.size for row in shown), default=0) or 1
    for row in shown:
        y = _draw_row(svg, row, y, ROOM / most)
    if not rows:
        svg.text(MARGIN, y + 15, "There are no requests to show.", fill=MUTED)
        y += 20
    if len(rows) > len(shown):
        more = count_words(len(rows) - len(shown), "more request")
        svg.text(MARGIN, y + 15, f"{more} in the table only.", fill=MUTED)
        y += 20
    return svg.finish(round(y + 8), title)


def _draw_legend(svg: Svg, y: float) -> float:
    for name, entries in LEGEND:
        x = float(MARGIN)
        svg.text(x, y + 14, f"{name}:", fill=MUTED)
        x += 140
        for words, colour in entries:
            svg.rect(x, y + 4, 12, 12, fill=colour)
            svg.text(x + 18, y + 14, words, fill=MUTED)
            x += 32 + measure_text(words, 12)
        y += 20
    return y + 6


def _draw_row(svg: Svg, row: CacheRow, y: float, scale: float) -> float:
    """Draw one request from y down; return where it ends."""
    place = fit_text(row.place, 220, 13)
    svg.text(MARGIN, y + 16, place, size=13, bold=True)
    x = MARGIN + measure_text(place, 14) + 10
    verdict = fit_text(row.verdict, WIDTH - MARGIN - x, 12)
    svg.text(WIDTH - MARGIN, y + 16, verdict, anchor="end", fill=INK if row.difference else MUTED)
    y += 24
    _draw_parts(svg, y, 16, [part * scale for part in row.parts], [c for _, c in PROMPT])
    y = _draw_regions(svg, row, y, scale)
    y = _draw_tokens(svg, row, y, scale)
    for words in filter(None, (row.sized, row.counted, row.reason, row.avoidable)):
        svg.text(MARGIN, y + 14, fit_text(words, ROOM, 12), fill=MUTED)
        y += 17
    if row.difference is not None:
        y = _draw_difference(svg, excerpt(row.difference), y)
    return y + 14


def _draw_parts(
    svg: Svg, y: float, height: float, widths: Iterable[float], colours: Iterable[str]
) -> None:
    x = float(MARGIN)
    for width, colour in zip(widths, colours, strict=True):
        if width > 0:
            svg.rect(x, y, max(width, 1.0), height, fill=colour)
        x += width


def _draw_regions(svg: Svg, row: CacheRow, y: float, scale: float) -> float:
    """Cut the bar where its regions begin, and name those that have room for it."""
    edges = [0, *accumulate(size for _, size in row.regions)]
    svg.path(
        (f"M{MARGIN + edge * scale:.1f} {y:g}v16" for edge in edges[1:-1]),
        stroke=GROUND,
        width=1.5,
    )
    for (words, size), edge in zip(row.regions, edges, strict=False):
        if measure_text(words, 11) <= size * scale - 4:
            svg.text(MARGIN + edge * scale + 1, y + 28, words, size=11, fill=MUTED)
    return y + 34


def _draw_tokens(svg: Svg, row: CacheRow, y: float, scale: float) -> float:
    """Draw what was counted, as long as the prompt; nothing where it was not reported."""
    usage, fresh = row.request.usage, row.request.fresh_tokens
    if fresh is None or not usage.input_tokens:
        return y
    counts = (usage.cache_read_tokens or 0, usage.cache_creation_tokens or 0, fresh)
    share = row.request.size * scale / usage.input_tokens
    _draw_parts(svg, y, 7, [count * share for count in counts], [c for _, c in TOKENS])
    return y + 12


def _draw_difference(svg: Svg, found: Excerpt, y: float) -> float:
    """Write both sides of a difference, one under the other, each with its sign."""
    for sign, own in (("−", found.before), ("+", found.after)):
        words = "(not there)" if own is None else f"{found.lead}{own}{found.tail}"
        svg.text(MARGIN, y + 14, sign, mono=True)
        svg.text(MARGIN + 16, y + 14, fit_text(words, ROOM - 16, 12, mono=True), mono=True)
        y += 17
    return y
