"""The picture of many conversations: bars by provider and model, and findings as a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatviz.views.drawing.palette import (
    BLUE,
    GREEN,
    GREY,
    GROUND,
    INK,
    MUTED,
    RULE,
    SKY,
    TINT,
)
from chatviz.views.drawing.svg import Svg
from chatviz.views.drawing.text import fit_text, measure_text
from chatviz.views.overview.charts import BarChart, FindingGrid
from chatviz.views.run_headings import count_words

__all__ = ["draw_overview"]

WIDTH: Final = 720
MARGIN: Final = 14
LABELS: Final = 176  # the bars begin here
LONGEST: Final = 240
ROW: Final = 20
PARTS: Final = {"kind": (BLUE, GREEN), "time": (BLUE, SKY, GREY)}
COUNT_WIDTH: Final = 66
CODES: Final = 236  # the grid's columns begin here
SIGNS: Final = {"error": "✕", "warning": "▲", "info": "i"}


def draw_overview(charts: Sequence[BarChart], grid: FindingGrid, title: str) -> str:
    """Draw charts one under another."""
    svg = Svg(WIDTH)
    y = 8.0
    for chart in charts:
        y = _draw_chart(svg, chart, y)
    if grid.rows:
        y = _draw_grid(svg, grid, y)
    if not charts and not grid.rows:
        svg.text(MARGIN, y + 15, "There is nothing to draw.", fill=MUTED)
        y += ROW
    return svg.finish(round(y + 8), title)


def _draw_chart(svg: Svg, chart: BarChart, y: float) -> float:
    svg.text(MARGIN, y + 16, chart.title, size=13, bold=True)
    x = MARGIN + measure_text(chart.title, 14) + 24
    for number, part in enumerate(chart.parts):
        if part == "estimated":
            svg.rect(x + 0.5, y + 6.5, 11, 9, fill=GROUND, stroke=INK)
        else:
            svg.rect(x, y + 6, 12, 10, fill=PARTS[chart.hue][number])
        svg.text(x + 17, y + 16, part, fill=MUTED)
        x += 34 + measure_text(part, 12)
    y += 26
    most = max((bar.edges[-1] for bar in chart.bars), default=0.0) or 1.0
    for bar in chart.bars:
        svg.text(LABELS - 8, y + 14, fit_text(bar.label, LABELS - MARGIN - 8, 12), anchor="end")
        svg.path([f"M{LABELS - 0.5:g} {y + 2:g}v16"], stroke=RULE)
        ends = [edge / most * LONGEST for edge in bar.edges]
        _draw_parts(svg, y, ends, None if bar.is_estimate else PARTS[chart.hue])
        x = LABELS + max(ends[-1], 1.0) + 6
        svg.text(x, y + 14, fit_text(bar.text, WIDTH - MARGIN - x, 12))
        y += ROW
    if chart.more:
        svg.text(LABELS, y + 14, f"{chart.more:,} more", fill=MUTED)
        y += ROW
    return y + 10


def _draw_parts(svg: Svg, y: float, ends: Sequence[float], colours: Sequence[str] | None) -> None:
    if colours is None:  # hollow: its line within the bar's size
        svg.rect(LABELS + 0.5, y + 4.5, max(ends[-1] - 1, 1.0), 11, fill=GROUND, stroke=INK)
        return
    start = 0.0
    for number, end in enumerate(ends):
        if end > start or not number:
            svg.rect(LABELS + start, y + 4, max(end - start, 1.0), 12, fill=colours[number])
        start = max(start, end)


def _draw_grid(svg: Svg, grid: FindingGrid, y: float) -> float:
    """Draw how often each finding was seen, darker where more often."""
    svg.text(MARGIN, y + 16, "Findings, by kind and provider", size=13, bold=True)
    svg.text(WIDTH - MARGIN, y + 16, "answers and conversations that show it", anchor="end",
             fill=MUTED)  # fmt: skip
    y += 24
    for number, name in enumerate(grid.providers):
        x = CODES + (number + 1) * COUNT_WIDTH - 6
        svg.text(x, y + 14, fit_text(name, COUNT_WIDTH - 8, 11), size=11, anchor="end", fill=MUTED)
    y += ROW
    for severity, code, counts in grid.rows:
        svg.text(MARGIN, y + 14, SIGNS[severity], bold=severity != "info")
        svg.text(MARGIN + 18, y + 14, fit_text(code, CODES - MARGIN - 20, 12), mono=True)
        for number, count in enumerate(counts):
            x = CODES + number * COUNT_WIDTH
            if count:
                svg.rect(x + 2, y + 1, COUNT_WIDTH - 4, 17, fill=TINT)
                svg.text(x + COUNT_WIDTH - 6, y + 14, f"{count:,}", anchor="end")
        y += ROW
    if grid.more:
        words = count_words(grid.more, "more kind", "more kinds")
        svg.text(MARGIN + 18, y + 14, f"{words} in the table only.", fill=MUTED)
        y += ROW
    return y + 6
