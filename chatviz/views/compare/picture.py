"""The comparison's picture: how each side cut the same words into pieces, and where they part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from chatviz.views.compare.alignment import Pieces, Strand
from chatviz.views.drawing.palette import BLUE, CALLS, GROUND, INK, MUTED, PURPLE, RULE
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text
from chatviz.views.run_headings import count_words

__all__ = ["draw_strands"]

WIDTH: Final = 720
MARGIN: Final = 14
LEFT: Final = 150
RIGHT: Final = WIDTH - 100
ROW: Final = 20
MAX_STRANDS: Final = 12
MAX_CUTS: Final = 500


def draw_strands(labels: Sequence[str], strands: Sequence[Strand], title: str) -> str:
    """Draw a panel for each part: a bar for each side, as long as its text, cut as it was cut."""
    svg = Svg(WIDTH)
    y = 8.0
    shown = strands[:MAX_STRANDS]
    limit = MAX_CUTS // max(1, len(shown) * len(labels))
    for strand in shown:
        y = _draw_strand(svg, labels, strand, y, limit)
    if not strands:
        svg.text(MARGIN, y + 16, "There is nothing to compare.", fill=MUTED)
        y += 24
    if len(strands) > MAX_STRANDS:
        more = count_words(len(strands) - MAX_STRANDS, "more part")
        svg.text(MARGIN, y + 16, f"{more} in the table only.", fill=MUTED)
        y += 24
    return svg.finish(round(y + 10), title)


def _draw_strand(svg: Svg, labels: Sequence[str], strand: Strand, y: float, limit: int) -> float:
    """Draw one part from y down; return where it ends."""
    svg.text(
        MARGIN, y + 16, fit_text(f"Step {strand.step}, {strand.label}", 300, 13), size=13, bold=True
    )
    svg.text(WIDTH - MARGIN, y + 16, _say_difference(strand), anchor="end", fill=MUTED)
    y += 26
    longest = max((len(side.text) for side in strand.sides if side), default=0) or 1
    scale = (RIGHT - LEFT) / longest
    top = y
    for label, pieces in zip(labels, strand.sides, strict=True):
        svg.text(LEFT - 10, y + 14, fit_text(label, LEFT - 10 - MARGIN, 12), anchor="end")
        _draw_pieces(svg, pieces, _colour(strand), scale, y, limit)
        y += ROW
    if strand.difference is not None:
        x = LEFT + strand.difference.offset * scale
        svg.path(
            [f"M{format_number(x)} {format_number(top - 2)}V{format_number(y)}"],
            stroke=INK,
            width=2,
        )
    return y + 8


def _draw_pieces(
    svg: Svg, pieces: Pieces | None, colour: str, scale: float, y: float, limit: int
) -> None:
    """Draw one side: its bar, and a cut between every two pieces."""
    if pieces is None:
        svg.text(LEFT, y + 14, "not there", fill=MUTED)
        return
    svg.path([f"M{LEFT} {format_number(y + 17.5)}H{RIGHT}"], stroke=RULE)
    size = len(pieces.text)
    if size:
        svg.rect(LEFT, y + 3, size * scale, 14, fill=colour)
    cuts = list(accumulate(map(len, pieces.texts)))[:-1]
    if len(cuts) <= limit:
        places = sorted({round(LEFT + cut * scale, 1) for cut in cuts})
        svg.path(
            (f"M{format_number(x)} {format_number(y + 3)}v14" for x in places),
            stroke=GROUND,
            width=1.5,
        )
    svg.text(
        WIDTH - MARGIN, y + 14, count_words(len(pieces.texts), "piece"), anchor="end", fill=MUTED
    )


def _colour(strand: Strand) -> str:
    if strand.part.startswith("call "):
        number = strand.part.removeprefix("call ").split(":")[0]
        return CALLS[int(number) % len(CALLS)]
    return PURPLE if strand.part.startswith("reasoning") else BLUE


def _say_difference(strand: Strand) -> str:
    if strand.difference is not None:
        offset = strand.difference.offset
        return (
            f"the same for {count_words(offset, 'character')} (line)"
            if offset
            else ("different from the first character on")
        )
    there = sum(side is not None for side in strand.sides)
    if strand.is_respelt:
        return "the same JSON, spelled otherwise"
    return "word for word the same" if there > 1 else "on one side only"
