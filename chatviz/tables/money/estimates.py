"""Estimates: what an answer would have cost by a price, part by part."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from chatviz.chat.usage import Usage
from chatviz.runs.run import StreamRun
from chatviz.tables.columns import Column
from chatviz.tables.money.prices import Price, Prices, find_price

__all__ = ["ESTIMATE_COLUMNS", "Estimate", "estimate"]

_MILLION: Final = 1_000_000
_ALIKE: Final = Decimal("0.01")  # recorded and estimated cost may differ by this share

ESTIMATE_COLUMNS: Final = (
    Column(
        "estimated_cost_usd",
        "Float64",
        "What the tokens cost by the price; none where price or tokens are not known. Fees for "
        "tools, images and the like are not in it.",
    ),
    Column("estimated_input_usd", "Float64", "Its part for tokens of the prompt, no cached ones."),
    Column("estimated_cache_read_usd", "Float64", "For tokens that were read from a cache."),
    Column("estimated_cache_write_usd", "Float64", "For tokens that were written to a cache."),
    Column("estimated_output_usd", "Float64", "For tokens of the answer, without its reasoning."),
    Column("estimated_reasoning_usd", "Float64", "For tokens of the reasoning."),
    Column("price_source", "string", "Whose price it is."),
    Column("price_date", "string", "The day that the price is for."),
    Column(
        "price_note",
        "string",
        "Why there is no estimate, what had to be assumed, or by how much the recorded cost "
        "differs, from 1 % on.",
    ),
)


class Estimate(NamedTuple):
    """A row of ``ESTIMATE_COLUMNS``; money is exact."""

    total: Decimal | None = None
    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    source: str | None = None
    date: str | None = None
    note: str | None = None

    @property
    def row(self) -> tuple[object, ...]:
        """The row of the table, its money as floats."""
        return tuple(float(one) if isinstance(one, Decimal) else one for one in self)


def estimate(run: StreamRun, prices: Prices, *, adds_reasoning: bool) -> Estimate:
    """Return what an answer would have cost.

    Parameters
    ----------
    run : StreamRun
    prices : mapping of str to Price, or PriceList
    adds_reasoning : bool
        Whether the reasoning tokens are not among the output tokens.
    """
    usage = run.usage
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return Estimate(note="the tokens are not known")
    price, note = find_price(run, prices)
    if price is None:
        return Estimate(note=note)
    read, write = usage.cache_read_tokens or 0, usage.cache_creation_tokens or 0
    thought = usage.reasoning_tokens or 0
    fresh = usage.input_tokens - read - write
    spoken = usage.output_tokens - (0 if adds_reasoning else thought)
    if min(fresh, spoken, read, write, thought) < 0:
        return Estimate(note="the counts of tokens contradict one another")
    parts = (
        _cost(fresh, price.input),
        _cost(read, price.input if price.cache_read is None else price.cache_read),
        _cost(write, price.input if price.cache_write is None else price.cache_write),
        _cost(spoken, price.output),
        _cost(thought, price.output),
    )
    total = sum(parts, Decimal(0))
    notes = (note, _say_unpriced(usage, price), _say_difference(run, total))
    return Estimate(
        total,
        *parts,
        price.source or None,
        price.date or None,
        "; ".join(filter(None, notes)) or None,
    )


def _cost(tokens: int, price: Decimal) -> Decimal:
    return tokens * price / _MILLION


def _say_unpriced(usage: Usage, price: Price) -> str:
    """Say that tokens of a cache were priced as others are."""
    if (usage.cache_read_tokens and price.cache_read is None) or (
        usage.cache_creation_tokens and price.cache_write is None
    ):
        return "no price for the cache is known: its tokens are priced as others"
    return ""


def _say_difference(run: StreamRun, total: Decimal) -> str:
    """Say by how much the recorded cost differs, and which price it implies."""
    cost, usage = run.cost, run.usage
    if cost is None or usage is None or abs(cost - total) <= _ALIKE * max(cost, total):
        return ""
    counted = (usage.input_tokens or 0) + (usage.output_tokens or 0)
    implied = (
        f"; recorded: {cost * _MILLION / counted:.3f} USD per million tokens" if counted else ""
    )
    share = f"{(cost / total - 1) * 100:+.0f} %" if total else "not 0"
    return f"recorded {cost:f} USD, estimated {total:f} USD ({share}{implied})"
