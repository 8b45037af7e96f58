"""What a prompt that begins like the one before it would have saved: tokens, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from chatviz.measures.caching.requests import CachedRequest
from chatviz.measures.money.prices import Prices, find_price, write_cost

__all__ = ["Saving", "avoidable_tokens", "price_saving"]

_MILLION: Final = 1_000_000


class Saving(NamedTuple):
    """Money that was not saved, exactly; or why it is not known.

    Attributes
    ----------
    usd : Decimal | None
    source, note : str
        Whose price it is, and what there is to say of it.
    """

    usd: Decimal | None = None
    source: str = ""
    note: str = ""


def avoidable_tokens(request: CachedRequest) -> int | None:
    """Return how many more tokens a cache could have given, at most, had nothing changed.

    They are those of the earlier prompt that were not read. None where nothing changed, where the
    provider does not say what it read, and for a question that begins another conversation.
    """
    pair, read = request.pair, request.usage.cache_read_tokens
    if pair is None or pair.comparison.difference is None or read is None:
        return None
    if not pair.is_same_conversation and pair.comparison.difference.region == "message":
        return None
    before, after = pair.earlier.usage.input_tokens, request.usage.input_tokens
    if before is None or after is None or pair.is_unmarked:
        return None
    if pair.rule is not None and before < pair.rule.tokens[0]:
        return 0  # so short a prompt is never cached
    return max(0, min(before, after) - read)


def price_saving(request: CachedRequest, prices: Prices) -> Saving:
    """Return what the avoidable tokens cost more than they would have cost from a cache.

    Those that were written to a cache instead are counted at the price of writing, the rest at the
    price of input: https://platform.claude.com/docs/en/build-with-claude/prompt-caching (pricing).
    """
    tokens = avoidable_tokens(request)
    if tokens is None:
        return Saving()
    found = find_price(request.run, prices)
    if found.price is None:
        return Saving(note=found.note)
    price = found.price
    if price.cache_read is None:
        return Saving(source=price.source, note="no price for reading from the cache is known")
    written = min(tokens, request.usage.cache_creation_tokens or 0)
    long = min(written, request.usage.charges.hour_writes)
    writing = write_cost(price, written, for_an_hour=long)
    rest = (tokens - written) * price.input - tokens * price.cache_read
    return Saving(writing + rest / _MILLION, price.source, found.note)
