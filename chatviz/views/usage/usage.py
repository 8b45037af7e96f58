"""usage: what was counted and charged, by step and in total."""

from __future__ import annotations

from collections.abc import Sequence

from chatviz.chat.usage import Usage
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.run_headings import headed_runs, is_read, talk_names
from chatviz.views.usage.costs import COUNTED, say_cost
from chatviz.views.usage.picture import Counted, draw_usage
from chatviz.views.view import View

__all__ = ["usage"]


def usage(runs: Given) -> View:
    """Show tokens by kind, and cost, for each answer and in total.

    Every number is the provider's. What it did not send is missing, never 0; a total is missing
    where one of its parts is.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its table has one row for each answer, and one for the total of each conversation.
    """
    conversations = conversations_given(runs)
    items = _items(conversations)
    sentence = _sentence(conversations)
    return View(
        sentence,
        draw_usage(items, sentence),
        (_table(items),),
        tuple(
            finding
            for talk in conversations
            for finding in talk.findings
            if finding.code.startswith(("usage_", "cost_"))
        ),
        mount_film(conversations, "header", "usage"),
    )


def _items(conversations: Sequence[Conversation]) -> list[Counted]:
    """Return each answer, and after those of a conversation its total."""
    items = []
    waiting = {id(run): (place, heading) for run, place, heading in headed_runs(conversations)}
    for name, talk in zip(talk_names(conversations), conversations, strict=True):
        for run in talk.runs:
            items.append(Counted(*waiting[id(run)], run.usage, missing=_say_missing(run)))
        if len(talk.runs) > 1:
            total = f"{name}, total" if name else "total"
            items.append(Counted(total, total[0].upper() + total[1:], talk.usage, is_total=True))
    return items


def _say_missing(run: StreamRun) -> str:
    return "no usage was sent" if is_read(run) else "the answer is not read"


def _table(items: Sequence[Counted]) -> Table:
    columns = ("answer", *(words for words, _ in COUNTED), "cost (USD)", "input part (USD)",
               "output part (USD)", "cost sent as")  # fmt: skip
    return Table("Usage in numbers", columns, tuple(_row(item) for item in items))


def _row(item: Counted) -> tuple[Cell, ...]:
    counted = item.usage or Usage()
    cost = counted.cost
    charged: tuple[Cell, ...] = (None,) * 4
    if cost is not None:
        charged = cost.total_usd, cost.input_usd, cost.output_usd, cost.field
    return (item.place, *(getattr(counted, name) for _, name in COUNTED), *charged)


def _sentence(conversations: Sequence[Conversation]) -> str:
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
        told.append(f"{name}: {tokens}, {cost}" if name else f"{tokens}, {cost}")
    return f"Usage: {'; '.join(told) or 'no answers'}."
