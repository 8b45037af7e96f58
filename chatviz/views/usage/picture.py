"""The picture of usage: a bar for each kind of token, and for the cost beside its split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from chatviz.chat.usage import Usage
from chatviz.measures.money.estimates import Estimate
from chatviz.views.drawing.palette import (
    BLUE,
    GREEN,
    GREY,
    GROUND,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
)
from chatviz.views.drawing.svg import Svg
from chatviz.views.drawing.text import fit_text, measure_text
from chatviz.views.run_headings import count_words
from chatviz.views.usage.costs import COUNTED

__all__ = ["Counted", "draw_usage"]

WIDTH: Final = 720
MARGIN: Final = 14
TOKENS: Final = 172  # the token bars begin here
TOKENS_END: Final = 316
COST: Final = 476  # the cost bars begin here
COST_END: Final = 600
ROW: Final = 20
MAX_ITEMS: Final = 16
_COLOURS: Final = (BLUE, SKY, SKY, GREEN, PURPLE, GREY)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one answer, or a whole conversation, used."""

    place: str
    heading: str
    usage: Usage | None
    estimate: Estimate | None = None  # None where no prices were given
    is_total: bool = False
    missing: str = "no usage was sent"  # what is shown where there is none


def draw_usage(items: Sequence[Counted], title: str) -> str:
    """Draw answers and totals one under another, all to the same two scales."""
    svg = Svg(WIDTH)
    y = 10.0
    shown = items[:MAX_ITEMS]
    usages = [item.usage for item in shown if item.usage is not None]
    most = max((number for usage in usages for number in _numbers(usage)), default=0)
    amounts = [part for usage in usages for _, part in _costs(usage)]
    amounts += [item.estimate.total or Decimal(0) for item in shown if item.estimate]
    dearest = max(amounts, default=Decimal(0))
    for item in shown:
        y = _draw_item(svg, item, y, most, dearest)
    if not items:
        svg.text(MARGIN, y + 15, "There are no answers to show.", fill=MUTED)
        y += ROW
    if len(items) > len(shown):
        more = count_words(len(items) - len(shown), "more row")
        svg.text(MARGIN, y + 15, f"{more} in the table only.", fill=MUTED)
        y += ROW
    if any(item.estimate for item in shown):
        y = _draw_legend(svg, y)
    return svg.finish(round(y + 6), title)


def _draw_legend(svg: Svg, y: float) -> float:
    """Tell the two marks of the costs apart."""
    svg.rect(COST, y + 4, 24, 12, fill=INK)
    svg.text(COST + 32, y + 14, "recorded: what was charged")
    svg.rect(COST + 0.5, y + ROW + 4.5, 23, 11, fill=GROUND, stroke=INK)
    svg.text(COST + 32, y + ROW + 14, "estimated: tokens by a price")
    return y + 2 * ROW


def _draw_item(svg: Svg, item: Counted, y: float, most: int, dearest: Decimal) -> float:
    """Draw one answer from y down: tokens on the left, cost on the right."""
    if item.is_total:
        svg.path([f"M{MARGIN} {y + 0.5:g}H{WIDTH - MARGIN}"], stroke=MUTED)
    svg.text(MARGIN, y + 17, fit_text(item.heading, WIDTH - 2 * MARGIN, 14), size=13, bold=True)
    y += 25
    if item.usage is None:
        words = "not known: a part was not counted" if item.is_total else item.missing
        svg.text(TOKENS, y + 14, words, fill=MUTED)
        return y + ROW + 8
    rows = _draw_tokens(svg, item.usage, y, most)
    costs = _draw_costs(svg, item.usage, y, dearest)
    if item.estimate is not None:
        costs += _draw_estimate(svg, item.estimate, y + costs * ROW, dearest)
    return y + max(rows, costs) * ROW + 12


def _draw_tokens(svg: Svg, usage: Usage, y: float, most: int) -> int:
    """Draw a bar for each kind of token that was sent; return how many."""
    drawn = 0
    for (words, name), colour in zip(COUNTED, _COLOURS, strict=True):
        number = getattr(usage, name)
        if number is not None:
            top = y + drawn * ROW
            width = (TOKENS_END - TOKENS) * max(number, 0) / (most or 1)
            _draw_bar(svg, (TOKENS, top, width), words, f"{number:,}", colour)
            drawn += 1
    return drawn


def _draw_costs(svg: Svg, usage: Usage, y: float, dearest: Decimal) -> int:
    """Draw the cost as it was sent beside its split; return how many rows that takes."""
    costs = _costs(usage)
    if not costs:
        words = "a cost is not read" if usage.names_cost else "no cost was sent"
        svg.text(COST, y + 14, words, fill=MUTED)
        return 1
    colours = {"cost": INK, "input part": BLUE, "output part": GREEN, "fee": ORANGE}
    for number, (words, part) in enumerate(costs):
        width = float((COST_END - COST) * max(part, Decimal(0)) / (dearest or 1))
        amount = _say_amount(part)
        _draw_bar(svg, (COST, y + number * ROW, width), words, amount, colours[words])
    return len(costs)


def _draw_estimate(svg: Svg, estimate: Estimate, y: float, dearest: Decimal) -> int:
    """Draw what the tokens come to by a price, hollow, or say why that is not known."""
    if estimate.total is None:
        words = f"no estimate: {estimate.note or 'a part has none'}"
        svg.text(COST, y + 14, fit_text(words, WIDTH - COST - 8, 12), fill=MUTED)
        return 1
    width = float((COST_END - COST) * estimate.total / (dearest or 1))
    _draw_bar(
        svg,
        (COST, y, width),
        "estimated",
        _say_amount(estimate.total.normalize()),
        GROUND,
        frame=INK,
    )
    return 1


def _draw_bar(
    svg: Svg,
    place: tuple[float, float, float],
    words: str,
    number: str,
    colour: str,
    *,
    frame: str = "",
) -> None:
    x, y, width = place
    svg.text(x - 8, y + 14, words, anchor="end")
    svg.path([f"M{x - 0.5:g} {y + 2:g}v16"], stroke=RULE)
    if frame:  # a hollow bar, its line within the bar's size
        svg.rect(x + 0.5, y + 4.5, max(width - 1, 1.0), 11, fill=colour, stroke=frame)
    else:
        svg.rect(x, y + 4, max(width, 1.0), 12, fill=colour)
    room = (WIDTH - 4 if x == COST else COST - 78) - (x + width + 6)
    number = number if measure_text(number, 12) <= room else fit_text(number, room, 12)
    svg.text(x + max(width, 1.0) + 6, y + 14, number)


def _say_amount(part: Decimal) -> str:
    """Return an exact amount, or an approximate one where it is too long to show."""
    exact = f"${part:f}"
    return exact if len(exact) <= 13 else f"≈${float(part):.4g}"


def _numbers(usage: Usage) -> list[int]:
    numbers = (getattr(usage, name) for _, name in COUNTED)
    return [number for number in numbers if number is not None]


def _costs(usage: Usage) -> list[tuple[str, Decimal]]:
    """Return the recorded cost and the parts of it that were sent."""
    cost = usage.cost
    if cost is None:
        return []
    rows = (
        ("cost", cost.total_usd),
        ("input part", cost.input_usd),
        ("output part", cost.output_usd),
        ("fee", cost.fee_usd),
    )
    return [(words, part) for words, part in rows if part is not None]
