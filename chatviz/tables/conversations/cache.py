"""cache_table: what each request had from a prompt cache, and why it had no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatviz.measures.caching.idle import IDLE_CLOCKS
from chatviz.measures.caching.prompt import REGIONS
from chatviz.measures.caching.requests import CachedRequest, CachePair, read_cached_requests
from chatviz.measures.caching.savings import avoidable_tokens, price_saving
from chatviz.measures.caching.verdicts import VERDICTS
from chatviz.measures.money.prices import Prices, check_prices
from chatviz.runs.given_runs import Runs, conversations_of
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["cache_table"]

SHOWN: Final = 200  # characters
CACHE_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("earlier_run", "Int64", "The run whose request came before it."),
    Column("same_conversation", "boolean", "Whether both are of one conversation."),
    Column("input_tokens", "Int64", "Tokens of the prompt, cached ones included."),
    Column(
        "cache_read_tokens",
        "Int64",
        "Those of them that were read from a cache; none where the provider reports nothing.",
    ),
    Column("cache_creation_tokens", "Int64", "Those that were written to a cache."),
    Column("fresh_tokens", "Int64", "Those that were neither; none unless reading is reported."),
    Column("verdict", "category", "Why no more was read from a cache.", VERDICTS),
    Column("reason", "string", "What the verdict stands on, or what is wanting for another."),
    Column(
        "region",
        "category",
        "The first part of the request that differs from the earlier one.",
        REGIONS,
    ),
    Column("message", "Int64", "The number of the message that differs, counted in the request."),
    Column("path", "string", "The value that differs first; 'host' is the server's name."),
    Column("same_bytes", "Int64", "Bytes of that value that are still the same."),
    Column(
        "before",
        "string",
        f"What the earlier request has from there on, {SHOWN} characters at most; none where it "
        "has no such value.",
    ),
    Column("after", "string", "What this request has from there on, likewise."),
    Column(
        "changed_options",
        "string",
        "Options that changed and reach no prompt: a cache does not see them.",
    ),
    Column(
        "prompt_bytes",
        "Int64",
        "Bytes of the request's values and names in UTF-8; what reaches no prompt is not counted.",
    ),
    Column("shared_bytes", "Int64", "Those from the start on that are the earlier request's."),
    Column(
        "idle_s",
        "Float64",
        "Seconds between the two answers; none where the recording has no clock.",
    ),
    Column(
        "idle_clock",
        "category",
        "Which clock that is: the header 'date', or the stamp of creation in the answers.",
        IDLE_CLOCKS,
    ),
    Column("kept_s", "Float64", "How long an unused prompt is kept at least, as documented."),
    Column("gone_after_s", "Float64", "After how many seconds it is gone, as documented."),
    Column(
        "avoidable_tokens",
        "Int64",
        "How many more tokens a cache could have given, at most, had nothing changed.",
    ),
)
PRICED_COLUMNS: Final = (
    Column(
        "avoidable_usd",
        "Float64",
        "What these tokens cost more than they would have cost from a cache.",
    ),
    Column("price_source", "string", "Whose price it is."),
    Column("price_note", "string", "Why it is not known, or what was assumed."),
)


@with_columns(CACHE_COLUMNS)
def cache_table(talk: Runs, *, prices: Prices | None = None) -> TableColumns:
    """Return why prompts were not read from a cache: one row for each request after the first.

    A request is compared with the one before it in its conversation, from its start on: model,
    tools, the system's words, options, messages. The first request of a conversation is compared
    with the first of the conversation before it, if that was asked of the same host.

    Parameters
    ----------
    talk : Conversation, StreamRun, or an iterable of them
        Runs of several recordings in one list are linked first.
    prices : mapping of str to Price, price list, or None
        As for ``usage_table``: then there are further columns, ``avoidable_usd``,
        ``price_source`` and ``price_note``.

    Returns
    -------
    DataFrame
        A row for each pair of requests; those that were refused (HTTP 4xx, 5xx) are left out.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Notes
    -----
    ``"changed here"`` says where; a cache can give nothing from there on. Where nothing changed,
    and nothing was read, it depends on the time: an idle time beyond ``gone_after_s`` explains it,
    one within ``kept_s`` leaves the server's side. Anything else, a recording without a clock
    too, is ``"nothing changed"``, and ``reason`` says what is not known. Numbers of documents are
    in ``chatviz/dialects/caches.py``, each with its source.

    Examples
    --------
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> cv.cache_table(talk)[["cache_read_tokens", "verdict", "shared_bytes"]]
       cache_read_tokens          verdict  shared_bytes
    0                  0  nothing changed           583
    """
    check_prices(prices)
    pairs = [one for one in read_cached_requests(conversations_of(talk)) if one.pair is not None]
    if prices is None:
        return columns_from_rows(CACHE_COLUMNS, map(_row, pairs))
    wide = ((*_row(one), *_priced(one, prices)) for one in pairs)
    return columns_from_rows((*CACHE_COLUMNS, *PRICED_COLUMNS), wide)


def _row(request: CachedRequest) -> tuple[object, ...]:
    pair, usage = request.pair, request.usage
    assert pair is not None
    kept, gone = pair.lifetime_s or (None, None)
    return (
        request.number,
        pair.earlier.number,
        pair.is_same_conversation,
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_creation_tokens,
        request.fresh_tokens,
        pair.verdict,
        pair.reason,
        *_difference(pair),
        ", ".join(pair.comparison.outside) or None,
        request.size,
        pair.comparison.shared_bytes,
        pair.idle.seconds,
        pair.idle.clock,
        kept,
        gone,
        avoidable_tokens(request),
    )


def _difference(pair: CachePair) -> Iterator[object]:
    found = pair.comparison.difference
    if found is None:
        yield from (None,) * 6
        return
    yield from (found.region, found.message, found.place, found.same_bytes)
    for text in (found.before, found.after):
        yield None if text is None else text[found.same : found.same + SHOWN]


def _priced(request: CachedRequest, prices: Prices) -> tuple[object, ...]:
    saving = price_saving(request, prices)
    usd = None if saving.usd is None else float(saving.usd)
    return usd, saving.source or None, saving.note or None
