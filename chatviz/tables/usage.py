"""usage_table: what was counted and charged, one row for each run."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Final, get_args

from chatviz.chat.usage import Cost, ReasoningPlace, Usage
from chatviz.measures.money.estimates import estimate
from chatviz.measures.money.prices import Prices, check_prices
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["usage_table"]

REASONING_PLACES: Final = get_args(ReasoningPlace)
USAGE_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("input_tokens", "Int64", "Tokens of the prompt, cached ones included."),
    Column("cache_read_tokens", "Int64", "Those of them that were read from a cache."),
    Column("cache_creation_tokens", "Int64", "Those of them that were written to a cache."),
    Column("output_tokens", "Int64", "Tokens of the answer, as the provider counts them."),
    Column("reasoning_tokens", "Int64", "Tokens of the reasoning."),
    Column("total_tokens", "Int64", "The total that the provider sent."),
    Column(
        "reasoning_in_output",
        "category",
        "Whether the output tokens hold the reasoning tokens, the total adds them, or neither "
        "does; none where there are none, or the numbers do not tell.",
        REASONING_PLACES,
    ),
    Column("cost_usd", "Float64", "What the provider charged, in USD; 0 for free."),
    Column("input_cost_usd", "Float64", "Its part for the prompt, where the provider sent it."),
    Column("output_cost_usd", "Float64", "Its part for the answer, where the provider sent it."),
    Column("fee_usd", "Float64", "The gateway's own part, where the user's key pays the rest."),
    Column(
        "input_usd_per_million_tokens",
        "Float64",
        "The implied price: input_cost_usd by the input tokens, cached ones included.",
    ),
    Column(
        "output_usd_per_million_tokens",
        "Float64",
        "The implied price: output_cost_usd by the output tokens, with the reasoning tokens "
        "where they are not among them.",
    ),
    Column(
        "total_usd_per_million_tokens",
        "Float64",
        "The implied price, cost_usd by all tokens; only where the provider sent no split.",
    ),
    Column("cost_source", "string", "The field in which the cost stood: 'usage.cost'."),
)


ESTIMATE_COLUMNS: Final = (
    Column(
        "estimated_cost_usd",
        "Float64",
        "What the tokens and searches cost by the price; none where price or tokens are not "
        "known. Fees for other tools, images and the like are not in it.",
    ),
    Column("estimated_input_usd", "Float64", "Its part for tokens of the prompt, no cached ones."),
    Column("estimated_cache_read_usd", "Float64", "For tokens that were read from a cache."),
    Column("estimated_cache_write_usd", "Float64", "For tokens that were written to a cache."),
    Column("estimated_output_usd", "Float64", "For tokens of the answer, without its reasoning."),
    Column("estimated_reasoning_usd", "Float64", "For tokens of the reasoning."),
    Column(
        "estimated_tools_usd",
        "Float64",
        "For searches of the web that the provider ran itself: as many as it counted, else its "
        "calls that searched. Other tools of its own have no price here; price_note counts them.",
    ),
    Column("price_source", "string", "Whose price it is."),
    Column("price_date", "string", "The day that the price is for."),
    Column(
        "price_note",
        "string",
        "Why there is no estimate, what had to be assumed, what is not in it (a tier, other passes "
        "over a model), or by how much the recorded cost differs, from 1 % on.",
    ),
)


@with_columns(USAGE_COLUMNS)
def usage_table(runs: Runs, *, prices: Prices | None = None) -> TableColumns:
    """Return what was counted and charged: one row for each run.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them
    prices : mapping of str to Price, price list, or None
        ``cv.packaged_prices()``, ``cv.load_prices(path)`` or ``{"provider/model": cv.Price(…)}``:
        then there are further columns, the estimated cost with its parts
        (``estimated_cost_usd``, ``estimated_input_usd``, ``…_cache_read_usd``,
        ``…_cache_write_usd``, ``…_output_usd``, ``…_reasoning_usd``, ``…_tools_usd``),
        ``price_source``, ``price_date`` and ``price_note``. What was recorded stays as it is.

    Returns
    -------
    DataFrame
        A row for runs without usage too. What the provider did not send is ``<NA>``, never 0; so
        is an estimate whose price is not known.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Notes
    -----
    Money is Float64 here, for arithmetic and plots. The exact sum is ``talk.cost``, a Decimal,
    and None where the cost of one run is unknown. In the table, sum with ``min_count=1``: pandas
    calls the sum of nothing known 0. Any sum in pandas passes over what is missing.

    Examples
    --------
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> float(cv.usage_table(talk)["cost_usd"].sum(min_count=1))
    0.0005058
    """
    check_prices(prices)
    if prices is None:
        rows = (_row(number, run) for number, run in enumerate(runs_of(runs)))
        return columns_from_rows(USAGE_COLUMNS, rows)
    wide = (
        (*_row(number, run), *estimate(run, prices).row) for number, run in enumerate(runs_of(runs))
    )
    return columns_from_rows((*USAGE_COLUMNS, *ESTIMATE_COLUMNS), wide)


def _row(number: int, run: StreamRun) -> tuple[object, ...]:
    usage = run.usage or Usage()
    return (
        number,
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_creation_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.total_tokens,
        usage.reasoning_place,
        *_costs(usage.cost),
        *_prices(usage),
        None if usage.cost is None else usage.cost.field or None,
    )


def _costs(cost: Cost | None) -> tuple[float | None, ...]:
    if cost is None:
        return (None, None, None, None)
    parts = (cost.total_usd, cost.input_usd, cost.output_usd, cost.fee_usd)
    return tuple(None if part is None else float(part) for part in parts)


def _prices(usage: Usage) -> tuple[float | None, ...]:
    """Return the implied prices of input, output and all tokens."""
    cost = usage.cost
    if cost is None:
        return (None, None, None)
    output = usage.generated_tokens
    if cost.input_usd is not None or cost.output_usd is not None:
        return _price(cost.input_usd, usage.input_tokens), _price(cost.output_usd, output), None
    if usage.input_tokens is None or output is None:
        return (None, None, None)
    return None, None, _price(cost.total_usd, usage.input_tokens + output)


def _price(usd: Decimal | None, tokens: int | None) -> float | None:
    if usd is None or tokens is None or tokens <= 0:
        return None
    with localcontext(Context(traps=[])):  # a server may send any number
        return float(usd * 1_000_000 / tokens)
