"""The picture of tool calls: a band of fragments for each call, and a line for each path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from chatviz.chat.messages import ToolCall
from chatviz.runs.choices import in_choice
from chatviz.views.drawing.axis import Scale
from chatviz.views.drawing.palette import BLUE, FRAME, GREEN, GREY, MUTED, RULE, TINT, VERMILION
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text, measure_text, show_text
from chatviz.views.run_headings import count_words
from chatviz.views.tool_calls.verdicts import PathRow, is_object, path_rows

__all__ = ["Band", "draw_calls", "name_call"]

WIDTH: Final = 720
MARGIN: Final = 14
LEFT: Final = 132
RIGHT: Final = 446
VALUE: Final = 458
VERDICT: Final = 604
ROW: Final = 21
BOX: Final = 22
MAX_BOXES: Final = 100
MAX_ROWS: Final = 12  # for one call
ROOM: Final = 21_000  # bytes; what comes after them is only in the table


@dataclass(frozen=True, slots=True)
class Band:
    """A call, and which answer made it."""

    call: ToolCall
    place: str


def name_call(band: Band) -> str:
    """Return where a call is: ``"step 1, call 0"``."""
    return f"{band.place}, {in_choice(band.call.choice)}call {band.call.position}"


def draw_calls(
    bands: Sequence[Band], title: str, *, more: int = 0, none: str = "No tool was called."
) -> str:
    """Draw calls one under another; ``more`` calls are only in the table.

    ``none`` is said where there are none.
    """
    svg = Svg(WIDTH)
    y = 10.0
    for number, band in enumerate(bands):
        if svg.size_bytes > ROOM:
            more += len(bands) - number
            break
        y = _draw_band(svg, band, y)
    if not bands:
        y = _draw_note(svg, none, y)
    if more:
        y = _draw_note(svg, f"{count_words(more, 'more call')} in the tables only.", y)
    return svg.finish(round(y + 4), title)


def _draw_note(svg: Svg, note: str, y: float) -> float:
    svg.text(MARGIN, y + 15, note, fill=MUTED)
    return y + ROW


def _draw_band(svg: Svg, band: Band, y: float) -> float:
    """Draw one call from y down; return where it ends."""
    call = band.call
    name = call.name or "(no name)"
    id = f" · id {call.id}" if call.id else " · no id"
    svg.text(MARGIN, y + 16, fit_text(name + id, WIDTH - 2 * MARGIN, 14), size=13, bold=True)
    svg.text(MARGIN, y + 33, fit_text(_describe(band), WIDTH - 2 * MARGIN, 12), fill=MUTED)
    y += 42
    count = len(call.fragments)
    if not count:
        return _draw_note(svg, "No arguments came.", y) + 8
    scale = Scale(0, count, LEFT, RIGHT)
    svg.text(LEFT - 10, y + 16, "fragments", anchor="end")
    if count <= MAX_BOXES:
        _draw_boxes(svg, call.fragments.texts, scale, y)
    else:
        _draw_bars(svg, call.fragments.texts, scale, y)
    y = _draw_axis(svg, scale, y + BOX)
    rows, paths = path_rows(call, limit=MAX_ROWS)
    for drawn, row in enumerate(rows):
        if svg.size_bytes > ROOM:
            rows = rows[:drawn]
            break
        _draw_row(svg, row, scale, y)
        y += ROW
    if paths > len(rows):
        y = _draw_note(svg, f"{count_words(paths - len(rows), 'more path')} in the table only.", y)
    return y + 10


def _describe(band: Band) -> str:
    call = band.call
    chunks = call.fragments.chunks
    where = ""
    if call.chunk >= 0:
        last = chunks[-1] if chunks else call.chunk
        alone = last == call.chunk
        where = f" in chunk {last}" if alone else f" in chunks {call.chunk} to {last}"
    parts = [
        name_call(band),
        count_words(len(call.fragments), "fragment") + where,
    ]
    runnable = call.growth.runnable_after if call.fragments else None
    if call.is_free_text:
        parts.append("free text")
    elif not is_object(call):
        fault = call.growth.error
        parts.append("no JSON object" if fault is None else "no whole JSON")
    elif runnable is not None:
        parts.append(f"could be run after fragment {runnable}")
    return " · ".join(parts)


def _draw_boxes(svg: Svg, texts: Sequence[str], scale: Scale, y: float) -> None:
    """Draw a box for each fragment, with its text while it fits; an empty one is hollow."""
    full: list[str] = []
    hollow: list[str] = []
    width = scale.step_px
    gap = 1.0 if width > 4 else 0.3
    for number, text in enumerate(texts):
        x = format_number(scale.place(number) + gap / 2)
        side = format_number(width - gap)
        box = f"M{x} {format_number(y)}h{side}v{BOX}h-{side}z"
        (full if text else hollow).append(box)
    svg.path(full, fill=TINT, stroke=FRAME)
    svg.path(hollow, stroke=FRAME)
    for number, text in enumerate(texts):
        words = _fit_box(text, width - 5)
        if words:
            svg.text(scale.place(number) + 3, y + 15, words, mono=True)


def _fit_box(text: str, width: float) -> str:
    """Return the text of a fragment while it fits, or its beginning where that says something."""
    shown = show_text(text[:80])
    if not shown.strip():
        return ""
    if measure_text(shown, 12, mono=True) <= width:
        return shown
    cut = fit_text(shown, width, 12, mono=True)
    return cut if len(cut) > 3 else ""


def _draw_bars(svg: Svg, texts: Sequence[str], scale: Scale, y: float) -> None:
    """Draw too many fragments for boxes: bars as high as their characters are many."""
    per_bar = ceil(len(texts) / MAX_BOXES)
    edges = [*range(0, len(texts), per_bar), len(texts)]
    sizes = [sum(map(len, texts[a:b])) for a, b in pairwise(edges)]
    tallest = max(*sizes, 1)
    floor = format_number(y + BOX)
    heights = [format_number(max(2.0, BOX * size / tallest)) for size in sizes]
    steps = (
        f"M{format_number(scale.place((a + b) / 2))} {floor}v-{height}"
        for (a, b), height in zip(pairwise(edges), heights, strict=True)
    )
    svg.path(steps, stroke=BLUE, width=max(1.0, 0.75 * per_bar * scale.step_px))
    words = f"one bar: {per_bar:,} fragments"
    svg.text(VALUE, y + 16, fit_text(words, WIDTH - MARGIN - VALUE, 12), fill=MUTED)


def _draw_axis(svg: Svg, scale: Scale, y: float) -> float:
    """Draw the fragments' numbers below their boxes."""
    centres = Scale(scale.start - 0.5, scale.end - 0.5, scale.left, scale.right)
    ticks = [tick for tick in centres.ticks(whole=True) if tick[0] < scale.end]
    steps = (
        f"M{format_number(centres.place(value))} {format_number(y + 1)}v4" for value, _ in ticks
    )
    svg.path(steps, stroke=MUTED)
    svg.text(LEFT - 10, y + 17, "fragment number", fill=MUTED, anchor="end")
    for value, words in ticks:
        svg.text(centres.place(value), y + 17, words, anchor="middle", fill=MUTED)
    svg.text(VALUE, y + 17, "value as sent", fill=MUTED)
    svg.text(VERDICT, y + 17, "schema", fill=MUTED)
    return y + 24


def _draw_row(svg: Svg, row: PathRow, scale: Scale, y: float) -> None:
    """Draw one path: its name, its line, its value and its verdict."""
    middle = format_number(y + 10.5)
    svg.text(LEFT - 10, y + 15, fit_text(row.path, LEFT - 10 - MARGIN, 12), anchor="end")
    svg.path([f"M{LEFT} {middle}H{RIGHT}"], stroke=RULE)
    colour = _colour(row)
    svg.path(_line(row, scale, y), stroke=colour, width=4)
    svg.text(VALUE, y + 15, fit_text(row.value, VERDICT - VALUE - 10, 12, mono=True), mono=True)
    svg.rect(VERDICT, y + 6, 9, 9, fill=colour)
    svg.text(VERDICT + 14, y + 15, fit_text(row.verdict, WIDTH - MARGIN - VERDICT - 14, 12))


def _line(row: PathRow, scale: Scale, y: float) -> Iterator[str]:
    if row.first is not None and row.last is not None:
        start, end = scale.place(row.first), scale.place(row.last + 1)
        end = max(end - 1, start + 2)
        yield f"M{format_number(start + 1)} {format_number(y + 10.5)}H{format_number(end)}"


def _colour(row: PathRow) -> str:
    if row.is_wrong:
        return VERMILION
    return GREEN if row.verdict == "right" else GREY
