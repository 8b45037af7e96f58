"""usage: what was counted and charged, by step and in total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from chatviz.chat.findings.log import Finding, in_order
from chatviz.chat.usage import Usage
from chatviz.explanations import explain_all
from chatviz.measures.money.estimates import Estimate, estimate, price_findings
from chatviz.measures.money.prices import Prices, check_prices
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.inspector.runs import finding_rows
from chatviz.views.page_module import Mount
from chatviz.views.run_headings import headed_runs, is_read, talk_names
from chatviz.views.usage.costs import COUNTED, say_cost
from chatviz.views.usage.picture import Counted, draw_usage
from chatviz.views.view import View

__all__ = ["usage"]

_ESTIMATED: Final = "estimated USD"  # a column of the panes


def usage(runs: Given, *, prices: Prices | None = None) -> View:
    """Show tokens by kind, and cost, for each answer and in total.

    Every number is the provider's. What it did not send is missing, never 0; a total is missing
    where one of its parts is.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.
    prices : mapping of str to Price, price list, or None
        As for ``cv.usage_table``: then what the tokens come to by these prices stands beside the
        recorded cost, in a mark of its own, and where both differ by more than 1 % that is a
        finding.

    Returns
    -------
    View
        Its table has one row for each answer, and one for the total of each conversation.
    """
    check_prices(prices)
    conversations = conversations_given(runs)
    estimates = _estimates(conversations, prices)
    items = _items(conversations, estimates)
    sentence = _sentence(conversations, estimates)
    return View(
        sentence,
        draw_usage(items, sentence),
        (_table(items),),
        _findings(conversations, prices),
        _mount(conversations, estimates, prices),
    )


def _estimates(
    conversations: Sequence[Conversation], prices: Prices | None
) -> dict[int, Estimate] | None:
    """Return the estimate of each answer by the answer's identity; None without prices."""
    if prices is None:
        return None
    return {id(run): estimate(run, prices) for talk in conversations for run in talk.runs}


def _findings(conversations: Sequence[Conversation], prices: Prices | None) -> tuple[Finding, ...]:
    found = [
        finding
        for talk in conversations
        for finding in talk.findings
        if finding.code.startswith(("usage_", "cost_"))
    ]
    if prices is not None:
        runs = (run for talk in conversations for run in talk.runs)
        found += [finding for run in runs for finding in price_findings(run, prices)]
    return in_order(found)


def _mount(
    conversations: Sequence[Conversation],
    estimates: dict[int, Estimate] | None,
    prices: Prices | None,
) -> Callable[[], Mount]:
    """Return what makes the mount: the panes' rows have the estimates, and what they show."""
    if estimates is None or prices is None:
        return mount_film(conversations, "header", "usage")
    runs = [run for run, *_ in headed_runs(conversations)]
    found = [price_findings(run, prices) for run in runs]
    panes = ("header", "usage", *(["findings"] if any(found) else []))
    make = mount_film(conversations, *panes)

    def make_priced() -> Mount:
        mount = make()
        in_turn = [estimates[id(run)].total for run in runs]
        for number, columns in enumerate(mount.data["runs"]):
            columns["findings"] += finding_rows(found[number])
            for row in columns["usage"]:
                row[_ESTIMATED] = _say_usd(in_turn[number])
            if columns["sum"]:
                columns["sum"][_ESTIMATED] = _say_usd(_sum_of(in_turn[: number + 1]))
        if any(found):
            mount.data["explained"] |= explain_all(["cost_differs"])
        return mount

    return make_priced


def _say_usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


def _sum_of(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum; None where one of them is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _items(
    conversations: Sequence[Conversation], estimates: dict[int, Estimate] | None
) -> list[Counted]:
    """Return each answer, and after those of a conversation its total."""
    items = []
    waiting = {id(run): (place, heading) for run, place, heading in headed_runs(conversations)}
    for name, talk in zip(talk_names(conversations), conversations, strict=True):
        for run in talk.runs:
            own = None if estimates is None else estimates[id(run)]
            items.append(Counted(*waiting[id(run)], run.usage, own, missing=_say_missing(run)))
        if len(talk.runs) > 1:
            total = f"{name}, total" if name else "total"
            heading = total[0].upper() + total[1:]
            whole = None
            if estimates is not None:
                whole = Estimate(_sum_of([estimates[id(run)].total for run in talk.runs]))
            items.append(Counted(total, heading, talk.usage, whole, is_total=True))
    return items


def _say_missing(run: StreamRun) -> str:
    return "no usage was sent" if is_read(run) else "the answer is not read"


def _table(items: Sequence[Counted]) -> Table:
    columns = ("answer", *(words for words, _ in COUNTED), "cost (USD)", "input part (USD)",
               "output part (USD)", "cost sent as")  # fmt: skip
    if any(item.estimate for item in items):
        columns += ("estimated (USD)", "price from", "price of", "note")
    return Table("Usage in numbers", columns, tuple(_row(item) for item in items))


def _row(item: Counted) -> tuple[Cell, ...]:
    counted = item.usage or Usage()
    cost = counted.cost
    charged: tuple[Cell, ...] = (None,) * 4
    if cost is not None:
        charged = cost.total_usd, cost.input_usd, cost.output_usd, cost.field
    row = (item.place, *(getattr(counted, name) for _, name in COUNTED), *charged)
    if item.estimate is None:
        return row
    by = item.estimate
    return (*row, by.total, by.source, by.date, by.note)


def _sentence(conversations: Sequence[Conversation], estimates: dict[int, Estimate] | None) -> str:
    """Return the picture in one exact sentence."""
    told = []
    for name, talk in zip(talk_names(conversations), conversations, strict=True):
        total = talk.usage
        tokens = "tokens not known"
        if total is not None and total.input_tokens is not None:
            output = (
                "an unknown number of"
                if total.output_tokens is None
                else (f"{total.output_tokens:,}")
            )
            tokens = f"{total.input_tokens:,} input and {output} output tokens"
        cost = "cost not known" if talk.cost is None else say_cost(talk.cost)
        if estimates is not None:
            amount = _say_usd(_sum_of([estimates[id(run)].total for run in talk.runs]))
            cost += f", estimated {amount} USD" if amount else ", no estimate"
        told.append(f"{name}: {tokens}, {cost}" if name else f"{tokens}, {cost}")
    return f"Usage: {'; '.join(told) or 'no answers'}."
