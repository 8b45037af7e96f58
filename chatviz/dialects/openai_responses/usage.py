"""Usage and cost of a response, as they were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from chatviz.chat.usage import Cost, Usage
from chatviz.dialects.exact_numbers import exact_decimal, exact_object
from chatviz.dialects.json_values import is_int64
from chatviz.wire.json_text import dump_json

__all__ = ["read_usage"]

# Where each number stands. Cached tokens are among the input, reasoning among the output.
_PLACES: Final[Mapping[str, Sequence[str]]] = {
    "input_tokens": ("input_tokens",),
    "output_tokens": ("output_tokens",),
    "total_tokens": ("total_tokens",),
    "reasoning_tokens": ("output_tokens_details", "reasoning_tokens"),
    "cache_read_tokens": ("input_tokens_details", "cached_tokens"),
    "cache_creation_tokens": ("input_tokens_details", "cache_write_tokens"),
}


def read_usage(usage: Mapping[str, Any], data: bytes, path: Sequence[str | int]) -> Usage:
    """Read one usage object; its cost again from the text, as the exact decimal that it is.

    Parameters
    ----------
    usage : mapping
        The decoded object.
    data : bytes
        The JSON text that it stands in.
    path : sequence of str or int
        Where in that text the object stands.
    """
    numbers = {name: _count(usage, place) for name, place in _PLACES.items()}
    cost = _read_cost(exact_object(data, path)) if "cost" in usage else None
    return Usage(**numbers, cost=cost, sent=dump_json(usage))


def _count(usage: Mapping[str, Any], place: Sequence[str]) -> int | None:
    value: Any = usage
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if is_int64(value) else None


def _read_cost(usage: Mapping[str, Any]) -> Cost | None:
    """Read what OpenRouter charged; with a key of the user's own, its cost is only its fee."""
    total = exact_decimal(usage.get("cost"))
    if total is None:
        return None
    sent = usage.get("cost_details")
    details = sent if isinstance(sent, dict) else {}
    upstream = exact_decimal(details.get("upstream_inference_cost"))
    fee: Decimal | None = None
    if usage.get("is_byok") is True and upstream is not None:
        fee, total = total, total + upstream
    input_usd = exact_decimal(details.get("upstream_inference_input_cost"))
    output_usd = exact_decimal(details.get("upstream_inference_output_cost"))
    if total and not input_usd and not output_usd:
        input_usd = output_usd = None  # zeros beside a real cost are no split of it
    return Cost(total, input_usd, output_usd, fee, "usage.cost")
