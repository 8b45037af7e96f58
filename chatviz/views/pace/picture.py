"""The picture of the pace: a line for each answer on one axis, its pauses as bands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from chatviz.views.drawing.axis import Scale
from chatviz.views.drawing.palette import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
    TINT,
    VERMILION,
)
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text, wrap_text
from chatviz.views.pace.series import Series

__all__ = ["MAX_LINES", "draw_pace", "say_axis"]

WIDTH: Final = 720
MARGIN: Final = 14
LEFT: Final = 66
RIGHT: Final = WIDTH - 20
TOP: Final = 34
FLOOR: Final = 250
ROW: Final = 19
MAX_LINES: Final = 8
_COLOURS: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK, MUTED)


def draw_pace(
    lines: Sequence[Series], captions: Sequence[str], title: str, *, note: str, more: int
) -> str:
    """Draw answers on one axis, and below what the numbers of each are.

    Parameters
    ----------
    lines : sequence of Series
    captions : sequence of str
        A sentence for each.
    title : str
    note : str
        Why there are no seconds; ``""`` where there are.
    more : int
        How many answers are only in the table.
    """
    svg = Svg(WIDTH)
    if not any(line.grown for line in lines):
        svg.text(MARGIN, 26, "No chunk came: there is no pace to show.", fill=MUTED)
        return svg.finish(42, title)
    end = max(line.places[-1] for line in lines if line.grown)
    across = Scale(0.0, end or 1.0, LEFT, RIGHT)
    up = Scale(0.0, max(line.total for line in lines) or 1, FLOOR, TOP)
    _draw_pauses(svg, lines, across)
    is_timed = lines[0].is_timed
    axis = say_axis({line.item.run.timing for line in lines}) if is_timed else "chunk number"
    _draw_axes(svg, across, up, axis, is_timed=is_timed)
    for line, colour in zip(lines, _COLOURS, strict=False):
        svg.path([_steps(line, across, up)], stroke=colour, width=2)
    y = _draw_captions(svg, lines, captions, FLOOR + 46)
    for words in filter(None, (note, f"{more:,} more answers in the table only." if more else "")):
        svg.text(MARGIN, y + 12, words, fill=MUTED)
        y += ROW
    return svg.finish(round(y + 6), title)


def say_axis(clocks: Collection[str]) -> str:
    """Return what the axis of seconds counts from, by whose clock."""
    if set(clocks) == {"measured"}:
        return "seconds since the request"
    if "measured" in clocks:
        return "seconds since the request, on a server's clock since the first chunk"
    return "seconds since the first chunk, by the server's clock"


def _draw_axes(svg: Svg, across: Scale, up: Scale, words: str, *, is_timed: bool) -> None:
    svg.text(MARGIN, 20, "characters so far", fill=MUTED)
    svg.text(RIGHT, FLOOR + 32, words, fill=MUTED, anchor="end")
    for value, label in up.ticks(whole=True):
        y = format_number(up.place(value))
        svg.path([f"M{LEFT} {y}H{RIGHT}"], stroke=RULE)
        svg.text(LEFT - 6, up.place(value) + 4, label, fill=MUTED, anchor="end", size=11)
    for value, label in across.ticks(whole=not is_timed):
        x = across.place(value)
        svg.path([f"M{format_number(x)} {FLOOR}v4"], stroke=MUTED)
        svg.text(x, FLOOR + 17, label, fill=MUTED, anchor="middle", size=11)
    svg.path([f"M{LEFT} {FLOOR}H{RIGHT}"], stroke=MUTED)


def _draw_pauses(svg: Svg, lines: Sequence[Series], across: Scale) -> None:
    """Draw a band for each pause, with its seconds where there is room."""
    for line in lines:
        for gap in line.pauses:
            x, end = (across.place(at) for at in (gap.begins_at_s, gap.begins_at_s + gap.seconds))
            svg.rect(x, TOP, max(end - x, 1), FLOOR - TOP, fill=TINT)
            words = f"{gap.seconds:.1f} s"
            if end - x > 34:
                svg.text((x + end) / 2, TOP + 12, words, fill=MUTED, anchor="middle", size=11)


def _steps(line: Series, across: Scale, up: Scale) -> str:
    """Return the path of a line: flat until the next chunk comes, one point for each pixel."""
    points = list(_points(line, across, up))
    if not points:
        return ""
    start = f"M{format_number(points[0][0])} {FLOOR}"
    return start + "".join(f"H{format_number(x)}V{format_number(y)}" for x, y in points)


def _points(line: Series, across: Scale, up: Scale) -> Iterator[tuple[float, float]]:
    """Yield where the line rises; of what falls on one pixel only the last."""
    last: tuple[float, float] | None = None
    for place, grown in zip(line.places, line.grown, strict=True):
        point = across.place(place), up.place(grown)
        if last is not None and round(point[0]) != round(last[0]):
            yield last
        last = point
    if last is not None:
        yield last


def _draw_captions(svg: Svg, lines: Sequence[Series], captions: Sequence[str], y: float) -> float:
    for line, caption, colour in zip(lines, captions, _COLOURS, strict=False):
        svg.rect(MARGIN, y + 4, 18, 4, fill=colour)
        heading = fit_text(line.item.heading, WIDTH - MARGIN - 54, 12)
        svg.text(MARGIN + 26, y + 10, heading, bold=True)
        y += ROW - 2
        for words in wrap_text(caption, WIDTH - 2 * MARGIN - 26, 12):
            svg.text(MARGIN + 26, y + 10, words)
            y += ROW - 3
        y += 6
    return y
