"""Usage and cost of OpenAI-style answers, wherever and however they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from chatviz.chat.usage import Charges, Cost, Usage, unusual_tier
from chatviz.dialects.exact_numbers import TICKS, USD_PER_TICK, exact_decimal, exact_object
from chatviz.dialects.json_values import count_of
from chatviz.dialects.openai_chat.known_fields import USAGE_FIELDS
from chatviz.wire.json_text import dump_json, load_json

__all__ = ["find_unread", "read_raw_usage", "read_usage"]

# Each number's places, the first that holds one counts. A place is a path into the usage object.
_PLACES: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "input_tokens": [["prompt_tokens"], ["input_tokens"]],
    "output_tokens": [["completion_tokens"], ["output_tokens"]],
    "total_tokens": [["total_tokens"]],
    "reasoning_tokens": [
        ["completion_tokens_details", "reasoning_tokens"],
        ["output_tokens_details", "reasoning_tokens"],
        ["reasoning_tokens"],
    ],
    "cache_read_tokens": [
        ["prompt_tokens_details", "cached_tokens"],
        ["input_tokens_details", "cached_tokens"],
        ["prompt_cache_hit_tokens"],  # DeepSeek
        ["cached_tokens"],  # Moonshot
        ["cache_read_input_tokens"],
        ["num_cached_tokens"],  # Mistral, as the next
        ["prompt_token_details", "cached_tokens"],
    ],
    "cache_creation_tokens": [
        ["prompt_tokens_details", "cache_write_tokens"],  # OpenRouter
        ["prompt_tokens_details", "cache_creation_tokens"],
        ["prompt_tokens_details", "cache_creation_input_tokens"],  # Alibaba
        ["cache_creation_input_tokens"],
    ],
}
_SEARCHES: Final = (
    ("server_tool_use", "web_search_requests"),  # OpenRouter
    ("server_side_tool_usage_details", "web_search_calls"),  # xAI
)
_COUNTS: Final = frozenset(tuple(place) for places in _PLACES.values() for place in places)
_COST_KEYS: Final = ("cost", TICKS)
_COST_TOTALS: Final = ("total_cost", "total")
_COST_PARTS: Final = {"input_usd": "input_tokens_cost", "output_usd": "output_tokens_cost"}
_FEES: Final = ("request_cost", "search_queries_cost", "citation_tokens_cost")


def read_usage(
    usage: Mapping[str, Any], data: bytes, path: Sequence[str | int], *, tier: Any = None
) -> Usage:
    """Read one usage object.

    Parameters
    ----------
    usage : mapping
        The decoded object.
    data : bytes
        The JSON text that it is in: costs are read from it again as exact decimals.
    path : sequence of str or int
        Where in that text the object is.
    tier : object
        The tier at which the answer was served, as it was sent.
    """
    exact = exact_object(data, path) if _has_cost(usage) else usage
    return _make_usage(usage, exact, ".".join(map(str, path)), tier)


def read_raw_usage(raw: bytes, field: str, *, tier: Any = None) -> Usage | None:
    """Read the JSON text of a usual usage object; None for one that is empty or has unread fields.

    Raises
    ------
    ValueError
        The text is no JSON object.
    """
    usage = load_json(raw)
    if not usage or next(find_unread(usage), None) is not None:
        return None
    return _make_usage(usage, exact_object(raw, ()) if _has_cost(usage) else usage, field, tier)


def _make_usage(usage: Mapping[str, Any], exact: Mapping[str, Any], field: str, tier: Any) -> Usage:
    numbers = {name: _first_count(usage, places) for name, places in _PLACES.items()}
    cost = _read_cost(exact, field) if exact is not usage else None
    tier = usage.get("service_tier") if tier is None else tier  # Mistral's is beside the counts
    charges = Charges(_first_count(usage, _SEARCHES), tier=unusual_tier(tier))
    return Usage(**numbers, cost=cost, sent=dump_json(usage), charges=charges)


def _has_cost(usage: Mapping[str, Any]) -> bool:
    return any(key in usage for key in _COST_KEYS)


def _read_cost(usage: Mapping[str, Any], field: str) -> Cost | None:
    """Read what was charged; the split only where it is not merely zeros beside a real cost."""
    ticks = exact_decimal(usage.get(TICKS))
    sent = usage.get("cost")
    if isinstance(sent, dict):
        return _read_cost_object(sent, f"{field}.cost")
    total = exact_decimal(sent)
    key = "cost"
    if total is None and ticks is not None:
        total, key = ticks * USD_PER_TICK, TICKS
    if total is None:
        return None
    details = usage.get("cost_details")
    if not isinstance(details, dict):
        return Cost(total, field=f"{field}.{key}")
    upstream = exact_decimal(details.get("upstream_inference_cost"))
    fee = None
    if usage.get("is_byok") is True and upstream is not None:
        fee, total = total, total + upstream  # what it calls its cost is then only its fee
    input_usd = exact_decimal(details.get("upstream_inference_prompt_cost"))
    output_usd = exact_decimal(details.get("upstream_inference_completions_cost"))
    if total and not input_usd and not output_usd:
        input_usd = output_usd = None  # Vercel's split is zeros beside a real cost
    return Cost(total, input_usd, output_usd, fee, f"{field}.{key}")


def _read_cost_object(cost: Mapping[str, Any], field: str) -> Cost | None:
    """Read a cost that comes as its parts and their sum (Perplexity)."""
    for key in _COST_TOTALS:
        total = exact_decimal(cost.get(key))
        if total is not None:
            parts = {name: exact_decimal(cost.get(part)) for name, part in _COST_PARTS.items()}
            fees = [fee for fee in map(exact_decimal, map(cost.get, _FEES)) if fee is not None]
            parts["fee_usd"] = sum(fees, Decimal()) if fees else None
            reasoning = exact_decimal(cost.get("reasoning_tokens_cost"))
            if reasoning is not None and parts["output_usd"] is not None:
                parts["output_usd"] += reasoning  # it is charged apart, and is output
            return Cost(total, **parts, field=f"{field}.{key}")
    return None


def find_unread(usage: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the fields of a usage object, and of its details, that are neither read nor known."""
    for key, value in usage.items():
        if value.__class__ is int and 0 <= value < 2**63 and key in USAGE_FIELDS:
            continue  # a count, as nearly all are
        if value is not None and not _is_read(key, value):
            yield key, value
        elif isinstance(value, dict) and (known := USAGE_FIELDS.get(key)):
            for inner, part in value.items():
                is_odd = (key, inner) in _COUNTS and count_of(part) is None
                if (is_odd or inner not in known) and part is not None:
                    yield f"{key}.{inner}", part


def _is_read(key: str, value: Any) -> bool:
    if key in _COST_KEYS:
        return _is_cost(value)
    return key in USAGE_FIELDS and ((key,) not in _COUNTS or count_of(value) is not None)


def _is_cost(value: Any) -> bool:
    """Whether a cost is read: a number, the text of one, or an object that holds its sum."""
    if isinstance(value, dict):
        return any(_is_cost(value.get(key)) for key in _COST_TOTALS)
    is_number = isinstance(value, float) and isfinite(value)
    return is_number or exact_decimal(value) is not None


def _first_count(usage: Mapping[str, Any], places: Iterable[Sequence[str]]) -> int | None:
    for place in places:
        value: Any = usage
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if (count := count_of(value)) is not None:
            return count
    return None
