"""Requests in words: how much of each prompt was known, what a cache gave, where two part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from chatviz.measures.caching.differences import PromptDifference
from chatviz.measures.caching.requests import CachedRequest, read_cached_requests
from chatviz.measures.caching.savings import avoidable_tokens, price_saving
from chatviz.measures.money.prices import Prices
from chatviz.runs.conversation import Conversation
from chatviz.views.run_headings import count_words, headed_runs

__all__ = ["CacheRow", "Excerpt", "cache_rows", "excerpt"]

AROUND: Final = 40  # characters on each side of a difference
SHOWN: Final = 400  # characters of the difference itself


@dataclass(frozen=True, slots=True)
class CacheRow:
    """One request of the picture.

    Attributes
    ----------
    place : str
        ``"step 2"``.
    request : CachedRequest
    tokens : int | None
        How many more tokens a cache could have given, at most, had nothing changed.
    usd : Decimal | None
        What these cost more than they would have cost from a cache.
    """

    place: str
    request: CachedRequest
    tokens: int | None
    usd: Decimal | None

    @property
    def parts(self) -> tuple[int, int, int]:
        """Bytes that are the earlier prompt's, that changed, and that are new."""
        pair = self.request.pair
        if pair is None:
            return 0, 0, self.request.size
        found = pair.comparison
        return found.shared_bytes, found.changed_bytes, found.new_bytes

    @property
    def regions(self) -> list[tuple[str, int]]:
        """The regions of the prompt in their order, each with its bytes."""
        names = {"message": "messages"}
        return [(names.get(name, name), size) for name, size in self.request.sizes.items() if size]

    @property
    def difference(self) -> PromptDifference | None:
        """Where it parts from the request before it; None where it does not."""
        return None if self.request.pair is None else self.request.pair.comparison.difference

    @property
    def verdict(self) -> str:
        """The verdict, and the place of what changed."""
        pair, found = self.request.pair, self.difference
        if pair is None:
            return "the first request"
        return pair.verdict if found is None else f"{pair.verdict}: {found.place}"

    @property
    def reason(self) -> str:
        """What a verdict on a miss stands on; ``""`` where the other words say it."""
        pair, read = self.request.pair, self.request.usage.cache_read_tokens
        return "" if pair is None or self.difference is not None or read else pair.reason

    @property
    def counted(self) -> str:
        """What the provider counted, in words."""
        usage = self.request.usage
        if usage.input_tokens is None:
            return "tokens not known"
        told = f"{usage.input_tokens:,} input tokens"
        if usage.cache_read_tokens is None:
            return f"{told}, reading from a cache not reported"
        told += f": {usage.cache_read_tokens:,} read from a cache"
        if usage.cache_creation_tokens is not None:
            told += f", {usage.cache_creation_tokens:,} written to it"
        fresh = self.request.fresh_tokens
        return told if fresh is None else f"{told}, {fresh:,} fresh"

    @property
    def sized(self) -> str:
        """How many bytes are shared, changed and new, in words."""
        shared, changed, new = self.parts
        if self.request.pair is None:
            return count_words(new, "byte")
        told = f"{shared:,} of {count_words(self.request.size, 'byte')} as before"
        return f"{told}, {changed:,} changed, {new:,} new" if changed else f"{told}, {new:,} new"

    @property
    def avoidable(self) -> str:
        """What a stable prefix would have saved, in words; ``""`` where nothing is known of it."""
        if not self.tokens:
            return ""
        usd = "" if self.usd is None else f", {self.usd:f} USD"
        return f"a stable prefix would have saved {self.tokens:,} tokens at most{usd}"


class Excerpt(NamedTuple):
    """A difference with what is around it: what both have before it, each side's own, and after.

    ``before`` and ``after`` are None for the side that has no such value.
    """

    lead: str
    before: str | None
    after: str | None
    tail: str


def cache_rows(conversations: Sequence[Conversation], prices: Prices | None) -> list[CacheRow]:
    """Return a row for each request that reached a model."""
    places = {id(item.run): item.place for item in headed_runs(conversations)}
    return [
        CacheRow(
            places[id(request.run)],
            request,
            avoidable_tokens(request),
            None if prices is None else price_saving(request, prices).usd,
        )
        for request in read_cached_requests(conversations)
    ]


def excerpt(found: PromptDifference) -> Excerpt:
    """Return a difference that is fit to be shown: its middle, and a little around it."""
    before, after = found.before, found.after
    lead = (after or "")[: found.same]
    if before is None or after is None:
        return Excerpt("", _cut(before), _cut(after), "")
    rests = before[found.same :], after[found.same :]
    end = _common_end(*rests)
    was, now = (_cut(rest[: len(rest) - end]) for rest in rests)
    tail = after[len(after) - end :]
    return Excerpt(
        lead if len(lead) <= AROUND else f"…{lead[-AROUND:]}",
        was,
        now,
        tail if len(tail) <= AROUND else f"{tail[:AROUND]}…",
    )


def _common_end(one: str, other: str) -> int:
    """Return how many characters two texts end with in common."""
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[-1 - n] != other[-1 - n]), shorter)


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}… ({len(text) - SHOWN:,} more characters)"
