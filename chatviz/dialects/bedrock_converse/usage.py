"""Usage as it was sent: the tokens of the cache are beside the input, and are added to it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from chatviz.chat.deltas import Delta, NoteDelta, UsageDelta
from chatviz.chat.usage import NO_CHARGES, Charges, Cost, Usage, unusual_tier
from chatviz.dialects.json_values import count_of, is_int64, items_of
from chatviz.dialects.unknown_fields import keep_uncounted

__all__ = ["make_usage", "read_counts"]

# The same number under two names: the second is older, and is in no description.
_CACHE_READ: Final = ("cacheReadInputTokens", "cacheReadInputTokenCount")
_CACHE_WRITE: Final = ("cacheWriteInputTokens", "cacheWriteInputTokenCount")
_COUNTS: Final = ("inputTokens", "outputTokens", "totalTokens", *_CACHE_READ, *_CACHE_WRITE)


def read_counts(usage: Mapping[str, Any], sent: str, *, beside: Mapping[str, Any]) -> list[Delta]:
    """Return what one usage object counts.

    Parameters
    ----------
    usage : mapping
        The decoded object.
    sent : str
        Its JSON text.
    beside : mapping
        What it stands in: it names the tier.
    """
    deltas: list[Delta] = []
    for names in (_CACHE_READ, _CACHE_WRITE):
        counts = [count_of(usage.get(name)) for name in names]
        if None not in counts and counts[0] != counts[1]:
            text = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
            deltas.append(NoteDelta("cache_counts_differ", "", (("text", text),)))
    counted = make_usage(
        count_of(usage.get("inputTokens")),
        count_of(usage.get("outputTokens")),
        _first_count(usage, _CACHE_READ),
        _first_count(usage, _CACHE_WRITE),
        count_of(usage.get("totalTokens")),
        sent,
        _read_cost(usage),
        _read_charges(usage, beside),
    )
    keep_uncounted(usage, _COUNTS, "$.usage", deltas)
    return [UsageDelta(counted), *deltas]


def make_usage(
    input: int | None,
    output: int | None,
    cache_read: int | None,
    cache_write: int | None,
    total: int | None,
    sent: str,
    cost: Cost | None = None,
    charges: Charges = NO_CHARGES,
) -> Usage:
    """Return what was counted; the input as it is sent is without the tokens of the cache."""
    if input is not None:
        input += (cache_read or 0) + (cache_write or 0)
    return Usage(input, output, cache_read, cache_write, None, total, cost, sent, charges)


def _read_charges(usage: Mapping[str, Any], beside: Mapping[str, Any]) -> Charges:
    """Return what is charged otherwise: tokens that are kept for an hour, a tier, a low latency."""
    kept = 0
    for detail in items_of(usage.get("cacheDetails")):
        if isinstance(detail, dict) and detail.get("ttl") == "1h":
            kept += count_of(detail.get("inputTokens")) or 0
    written = _first_count(usage, _CACHE_WRITE) or 0
    tier, latency = (
        unusual_tier(part.get(name)) if isinstance(part := beside.get(field), dict) else ""
        for field, name in (("serviceTier", "type"), ("performanceConfig", "latency"))
    )
    others = (f"the latency {latency!r}",) if latency else ()
    return Charges(None, max(0, min(written, kept)), tier, others)


def _read_cost(usage: Mapping[str, Any]) -> Cost | None:
    """Read what a gateway says that the answer costs; Bedrock itself does not say."""
    gateway = usage.get("pydantic_ai_gateway")
    cost = gateway.get("cost_estimate") if isinstance(gateway, dict) else None
    if is_int64(cost) or (isinstance(cost, float) and isfinite(cost)):
        return Cost(Decimal(repr(cost)), field="usage.pydantic_ai_gateway.cost_estimate")
    return None


def _first_count(usage: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    counts = (count_of(usage.get(name)) for name in names)
    return next((count for count in counts if count is not None), None)
