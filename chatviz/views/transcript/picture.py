"""The picture of a transcript: who said what, one block under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chatviz.views.drawing.palette import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    VERMILION,
)
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text, wrap_text

__all__ = ["SpokenBlock", "draw_transcript"]

WIDTH: Final = 720
MARGIN: Final = 14
LEFT: Final = 164
LINE: Final = 17
MAX_LINES: Final = 14  # of one block
MAX_TEXT: Final = 1600  # characters of one block that can matter for that many lines
ROOM: Final = 21_000  # bytes; what comes after them is only in the table

_COLOURS: Final = {
    "system": GREY,
    "developer": GREY,
    "user": ORANGE,
    "assistant": BLUE,
    "reasoning": PURPLE,
    "call": VERMILION,
    "result": GREEN,
    "error": INK,
}


@dataclass(frozen=True, slots=True)
class SpokenBlock:
    """One part of a conversation.

    Attributes
    ----------
    place : str
        The step that said it; ``""`` for what was sent to the model.
    kind, who : str
        What colours it, and what is beside it.
    text : str
        The words, cut where they are very long.
    size : int
        How many characters there were; 0 for as many as the text has.
    """

    place: str
    kind: str
    who: str
    text: str
    size: int = 0


def draw_transcript(talks: Sequence[Sequence[SpokenBlock]], title: str) -> str:
    """Draw conversations one under another."""
    svg = Svg(WIDTH)
    y = 12.0
    left_out = 0
    for number, talk in enumerate(talks, 1):
        if len(talks) > 1 and svg.size_bytes <= ROOM:
            svg.text(MARGIN, y + 14, f"Conversation {number}", size=13, bold=True)
            y += 26
        for said in talk:
            if svg.size_bytes > ROOM:
                left_out += said.kind != "step"
            elif said.kind == "step":
                y = _draw_step(svg, said, y)
            else:
                y = _draw_block(svg, said, y)
    if left_out:
        svg.text(MARGIN, y + 12, f"… ({left_out:,} more parts in the table only)", fill=MUTED)
        y += 22
    if not talks:
        svg.text(MARGIN, y + 12, "There are no answers to show.", fill=MUTED)
        y += 22
    return svg.finish(round(y + 4), title)


def _draw_step(svg: Svg, said: SpokenBlock, y: float) -> float:
    svg.text(LEFT, y + 13, fit_text(said.text, WIDTH - MARGIN - LEFT, 12), fill=MUTED)
    line = f"M{MARGIN} {format_number(y + 9)}H{LEFT - 10}"
    svg.path([line], stroke=RULE)
    return y + 24


def _draw_block(svg: Svg, said: SpokenBlock, y: float) -> float:
    """Draw one part from y down; return where it ends."""
    lines = list(islice(wrap_text(said.text[:MAX_TEXT], WIDTH - MARGIN - LEFT, 12), MAX_LINES + 1))
    rest = max(said.size, len(said.text)) - MAX_TEXT
    if len(lines) > MAX_LINES or rest > 0:
        lines = lines[:MAX_LINES]
        shown = min(sum(map(len, lines)), MAX_TEXT)
        more = max(said.size, len(said.text)) - shown
        lines.append(f"… (about {more:,} more characters)")
    width = LEFT - MARGIN - 20
    svg.text(LEFT - 16, y + 12, fit_text(said.who, width, 12), anchor="end", bold=True)
    colour = _COLOURS.get(said.kind, GREY)
    height = format_number(len(lines) * LINE - 2)
    svg.path([f"M{LEFT - 7} {format_number(y)}v{height}"], stroke=colour, width=4)
    for number, line in enumerate(lines):
        if line and svg.size_bytes <= ROOM + 1500:
            svg.text(LEFT, y + 12 + number * LINE, line)
    return y + len(lines) * LINE + 9
