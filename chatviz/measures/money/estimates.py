"""Estimates: what an answer would have cost by a price, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from chatviz.chat.findings.log import Finding, FindingLog
from chatviz.chat.usage import Charges, Usage
from chatviz.measures.money.prices import Price, Prices, find_price, write_cost
from chatviz.measures.money.searches import ServerWork, count_server_work
from chatviz.runs.run import StreamRun

__all__ = ["Estimate", "estimate", "price_findings"]

_MILLION: Final = 1_000_000
_ALIKE: Final = Decimal("0.01")  # recorded and estimated cost may differ by this share


class Estimate(NamedTuple):
    """What an answer would have cost, in exact USD, in all and by part; None where not known.

    ``source`` and ``date`` say whose price it is and for which day; ``note`` why there is no
    estimate, what had to be assumed, what is not in it, or by how much the recorded cost differs.
    """

    total: Decimal | None = None
    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    reasoning: Decimal | None = None
    tools: Decimal | None = None
    source: str | None = None
    date: str | None = None
    note: str | None = None

    @property
    def row(self) -> tuple[object, ...]:
        """The row of the table, its money as floats."""
        return tuple(float(one) if isinstance(one, Decimal) else one for one in self)


def estimate(run: StreamRun, prices: Prices) -> Estimate:
    """Return what an answer would have cost: its tokens by the price of its model."""
    usage = run.usage
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return Estimate(note="the tokens are not known")
    found = find_price(run, prices)
    price = found.price
    if price is None:
        return Estimate(note=found.note)
    read, write = usage.cache_read_tokens or 0, usage.cache_creation_tokens or 0
    thought = usage.reasoning_tokens or 0
    fresh = usage.input_tokens - read - write
    spoken = usage.output_tokens - (0 if usage.is_reasoning_beside else thought)
    if min(fresh, spoken, read, write, thought) < 0:
        return Estimate(note="the counts of tokens contradict one another")
    work = count_server_work(run)
    parts = (
        _cost(fresh, price.input),
        _cost(read, price.input if price.cache_read is None else price.cache_read),
        write_cost(price, write, for_an_hour=min(write, usage.charges.hour_writes)),
        _cost(spoken, price.output),
        _cost(thought, price.output),
        work.searches * (price.web_search or Decimal(0)) / 1_000,
    )
    total = sum(parts, Decimal(0))
    notes = (
        found.note,
        *_say_unpriced(work, usage, price),
        *_say_left_out(usage.charges, found.tier),
        _say_difference(run, total),
    )
    return Estimate(
        total,
        *parts,
        price.source or None,
        price.date or None,
        "; ".join(filter(None, notes)) or None,
    )


def _cost(tokens: int, price: Decimal) -> Decimal:
    return tokens * price / _MILLION


def _say_unpriced(work: ServerWork, usage: Usage, price: Price) -> Iterator[str]:
    """Say what had no price: tokens of a cache are priced as others are, tools are not."""
    if work.is_from_calls and price.web_search is not None:
        yield f"searches counted from the calls ({work.searches}): the provider sent no number"
    unpriced = work.others + (work.searches if price.web_search is None else 0)
    if unpriced:
        yield f"{unpriced} {'call' if unpriced == 1 else 'calls'} of the server's tools not priced"
    if (usage.cache_read_tokens and price.cache_read is None) or (
        usage.cache_creation_tokens and price.cache_write is None
    ):
        yield "no price for the cache is known: its tokens are priced as others"
    dear = usage.charges.hour_writes
    if dear and price.cache_write is not None and price.cache_write_1h is None:
        yield f"{dear:,} tokens cached for an hour are priced at twice the input"


def _say_left_out(charges: Charges, tier: str) -> Iterator[str]:
    """Say what is charged otherwise than by the price, which is that of a tier."""
    other_tier = [] if tier == charges.tier else [f"the tier {charges.tier!r}"]
    if left_out := (*other_tier, *charges.others):
        yield f"not in it: {', '.join(left_out)}"


def _say_difference(run: StreamRun, total: Decimal) -> str:
    """Say by how much the recorded cost differs, and which price it implies."""
    cost = run.cost
    if cost is None or not _differ(cost, total):
        return ""
    return f"recorded {cost:f} USD, estimated {total:f} USD ({_say_share(run, cost, total)})"


def _differ(cost: Decimal, total: Decimal) -> bool:
    return abs(cost - total) > _ALIKE * max(cost, total)


def _say_share(run: StreamRun, cost: Decimal, total: Decimal) -> str:
    usage = run.usage or Usage()
    counted = (usage.input_tokens or 0) + (usage.generated_tokens or 0)
    share = f"{(cost / total - 1) * 100:+.0f} %" if total else "not 0"
    if not counted:
        return share
    return f"{share}; recorded: {cost * _MILLION / counted:.3f} USD per million tokens"


def price_findings(run: StreamRun, prices: Prices) -> tuple[Finding, ...]:
    """Return the finding that the recorded cost is not what the price comes to, from 1 % on."""
    cost, estimated = run.cost, estimate(run, prices)
    if cost is None or estimated.total is None or not _differ(cost, estimated.total):
        return ()
    log = FindingLog()
    log.add(
        "cost_differs",
        total=f"{cost:f}",
        expected=f"{estimated.total:f}",
        text=_say_share(run, cost, estimated.total),
        source=estimated.source,
    )
    return log.findings()
