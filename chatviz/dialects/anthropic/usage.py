"""Usage of Anthropic's answers: its three kinds of input tokens are one number here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from chatviz.chat.deltas import Delta, NoteDelta, UsageDelta
from chatviz.chat.usage import Cost, Usage
from chatviz.dialects.anthropic.charges import count_other_passes, read_charges
from chatviz.dialects.json_values import count_of, is_int64
from chatviz.dialects.unknown_fields import keep_uncounted
from chatviz.wire.json_text import dump_json

__all__ = ["read_usage", "usage_deltas"]

_COUNTS: Final = (
    *("input_tokens", "output_tokens"),
    *("cache_read_input_tokens", "cache_creation_input_tokens"),
)
_NAME_COST: Final = frozenset(("cost", "pydantic_ai_gateway"))


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Read a usage object, or the fields of several ones put together.

    Parameters
    ----------
    usage : mapping
        ``input_tokens`` counts neither the tokens read from a cache nor those written to one;
        ``output_tokens`` counts thinking.
    """
    get = usage.get
    fresh, read, made = (
        count_of(get("input_tokens")),
        count_of(get("cache_read_input_tokens")),
        count_of(get("cache_creation_input_tokens")),
    )
    details = get("output_tokens_details")
    return Usage(
        None if fresh is None else fresh + (read or 0) + (made or 0),
        count_of(get("output_tokens")),
        read,
        made,
        count_of(details.get("thinking_tokens")) if isinstance(details, dict) else None,
        cost=_read_cost(usage),
        sent=dump_json(usage),
        charges=read_charges(usage),
    )


def usage_deltas(usage: Mapping[str, Any]) -> list[Delta]:
    """Return what a usage object says: its fields replace those that came before."""
    deltas: list[Delta] = [UsageDelta(read_usage(usage), merge="fields")]
    keep_uncounted(usage, _COUNTS, "$.usage", deltas)
    tokens, names = count_other_passes(usage)
    if tokens:
        details = (("tokens", tokens), ("text", names))
        deltas.append(NoteDelta("usage_leaves_out", "", details))
    return deltas


def _read_cost(usage: Mapping[str, Any]) -> Cost | None:
    """Read what a gateway says that the answer costs; Anthropic itself does not say."""
    if usage.keys().isdisjoint(_NAME_COST):
        return None
    gateway = usage.get("pydantic_ai_gateway")
    places = {
        "usage.cost": usage.get("cost"),  # OpenRouter
        "usage.pydantic_ai_gateway.cost_estimate": (
            gateway.get("cost_estimate") if isinstance(gateway, dict) else None
        ),
    }
    for field, sent in places.items():
        if is_int64(sent) or (isinstance(sent, float) and isfinite(sent)):
            return Cost(Decimal(repr(sent)), field=field)
    return None
