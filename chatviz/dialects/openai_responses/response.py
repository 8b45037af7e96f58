"""The response object: who answers, how far it is, what came of it, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from msgspec.structs import replace

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    NoteDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.usage import Charges, Cost, Usage, unusual_tier
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.exact_numbers import TICKS, USD_PER_TICK, exact_decimal, exact_object
from chatviz.dialects.json_values import count_of, is_int64, text_of
from chatviz.dialects.openai_responses.items import Sent, Stage, read_item
from chatviz.dialects.openai_responses.known_fields import RESPONSE_FIELDS
from chatviz.dialects.openai_responses.parts import read_unknown
from chatviz.dialects.unknown_fields import keep_uncounted
from chatviz.wire.json_text import dump_json, slice_json

__all__ = [
    "FINISH_REASONS",
    "INCOMPLETE",
    "keep_odd_counts",
    "make_identity",
    "read_charges",
    "read_end",
    "read_identity",
    "read_usage",
]

# The status of a response. Calls of the client's tools end as anything else does: completed.
FINISH_REASONS: Final[Mapping[str, str]] = {
    "completed": "stop",
    "incomplete": "length",
    "failed": "error",
    "cancelled": "error",
    "queued": "",
    "in_progress": "",
}
# Why a response is incomplete; another reason counts as it was sent, and is told.
INCOMPLETE: Final[Mapping[str, str]] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}


@lru_cache(maxsize=16)
def make_identity(id: str, model: str, created: float | None) -> IdentityDelta:
    """Return who answers; one value for all the events that say the same."""
    return IdentityDelta(id, model, "", created)


def read_identity(response: Mapping[str, Any], where: str, deltas: list[Delta]) -> None:
    """Append who answers, and all that is not modelled: what each response repeats."""
    created = response.get("created_at")
    is_number = is_int64(created) or (isinstance(created, float) and isfinite(created))
    id, model = text_of(response.get("id")), text_of(response.get("model"))
    deltas.append(make_identity(id, model, created if is_number else None))
    read_unknown(response, RESPONSE_FIELDS, where, deltas)


def read_end(
    response: Mapping[str, Any], data: bytes, path: tuple[str, ...], stage: Stage
) -> list[Delta]:
    """Return what a response says that has come to its end, or that was not streamed.

    Parameters
    ----------
    response : mapping
        The decoded response.
    data : bytes
        The JSON text that it is in.
    path : tuple of str
        Where in that text it is.
    stage : {"end", "whole"}
        Whether it ends a stream, or is all of the answer.
    """
    deltas: list[Delta] = []
    read_identity(response, ".".join(("$", *path)), deltas)
    output = response.get("output")
    for place, item in enumerate(output if isinstance(output, list) else ()):
        read_output(item, place, stage, data, (*path, "output", place), deltas)
    read_counted(response, data, path, deltas)
    read_status(response, stage, deltas)
    return deltas


def read_output(
    item: Any,
    place: int | str,
    stage: Stage,
    data: bytes,
    path: tuple[str | int, ...],
    deltas: list[Delta],
) -> None:
    """Append what an item says that is at a path of some JSON text."""
    if not isinstance(item, dict):
        deltas.append(UnknownDelta(f"$.output[{place}]", dump_json(item), True))
        return

    def spell(field: str, value: Any) -> str:
        return slice_json(data, (*path, field), value)

    read_item(Sent(item, place, stage, spell), deltas)


def read_counted(
    response: Mapping[str, Any], data: bytes, path: tuple[str, ...], deltas: list[Delta]
) -> None:
    """Append the usage, if there is any yet."""
    usage, where = response.get("usage"), ".".join(("$", *path, "usage"))
    if isinstance(usage, dict):
        charges = read_charges(response.get("tool_usage"), response.get("service_tier"))
        counted = read_usage(usage, data, (*path, "usage"), charges=charges)
        deltas.append(UsageDelta(counted, "usage"))
        keep_odd_counts(usage, where, deltas)
    elif usage is not None:
        deltas.append(UnknownDelta(where, dump_json(usage)))


def read_status(response: Mapping[str, Any], stage: Stage, deltas: list[Delta]) -> None:
    """Append how it ended."""
    status = text_of(response.get("status"))
    details = response.get("incomplete_details")
    why = text_of(details.get("reason")) if isinstance(details, dict) else ""
    if status:
        means = INCOMPLETE.get(why, why) if status == "incomplete" else ""
        deltas.append(FinishDelta(0, status, why, means))
    if status == "cancelled":
        deltas.append(NoteDelta("answer_cancelled"))
    if response.get("error"):
        deltas.append(ErrorDelta(read_error(response["error"])))
    elif status == "failed":
        deltas.append(ErrorDelta(read_error("the answer failed, and no reason was sent")))
    if stage == "end":
        deltas.append(EndDelta())


# ---- usage and cost, as they were sent

# Cached tokens are among the input, reasoning among the output.
_COUNTS: Final = ("input_tokens", "output_tokens", "total_tokens")
_INPUT_COUNTS: Final = ("cached_tokens", "cache_write_tokens")
_OUTPUT_COUNTS: Final = ("reasoning_tokens",)
_INPUT_COSTS: Final = ("input", "cache_read", "cache_creation")
_COSTS: Final = frozenset(("cost", TICKS))
_SEARCHES: Final = frozenset(("server_side_tool_usage_details", "tool_calls_details"))


def read_charges(tool_usage: Any, tier: Any) -> Charges:
    """Return what is told beside the usage: what the provider's own tools did, and the tier."""
    searches = None
    match tool_usage:
        case {"web_search": {"num_requests": count}}:
            searches = count_of(count)
    return Charges(searches, tier=unusual_tier(tier))


def read_usage(
    usage: Mapping[str, Any], data: bytes, path: Sequence[str | int], *, charges: Charges
) -> Usage:
    """Read one usage object; its cost again from the text, as the exact decimal that it is.

    Parameters
    ----------
    usage : mapping
        The decoded object.
    data : bytes
        The JSON text that it is in.
    path : sequence of str or int
        Where in that text the object is.
    charges : Charges
        What is charged besides.
    """
    get, of_input, of_output = usage.get, _details(usage, "input"), _details(usage, "output")
    return Usage(
        input_tokens=count_of(get("input_tokens")),
        output_tokens=count_of(get("output_tokens")),
        total_tokens=count_of(get("total_tokens")),
        reasoning_tokens=count_of(of_output.get("reasoning_tokens")),
        cache_read_tokens=count_of(of_input.get("cached_tokens")),
        cache_creation_tokens=count_of(of_input.get("cache_write_tokens")),
        cost=None if _COSTS.isdisjoint(usage) else _read_cost(exact_object(data, path)),
        sent=dump_json(usage),
        charges=charges if _SEARCHES.isdisjoint(usage) else _count_searches(usage, charges),
    )


def keep_odd_counts(usage: Mapping[str, Any], where: str, deltas: list[Delta]) -> None:
    """Keep the counts of a usage object, and of its details, that are no whole numbers."""
    keep_uncounted(usage, _COUNTS, where, deltas)
    for side, names in (("input", _INPUT_COUNTS), ("output", _OUTPUT_COUNTS)):
        keep_uncounted(_details(usage, side), names, f"{where}.{side}_tokens_details", deltas)


def _count_searches(usage: Mapping[str, Any], charges: Charges) -> Charges:
    """Return what is charged besides, with the searches that are counted among the tokens."""
    match usage:
        case {"server_side_tool_usage_details": {"web_search_calls": count}}:
            return replace(charges, searches=count_of(count))
        case {"tool_calls_details": {"search_web": {"invocation": count}}}:
            return replace(charges, searches=count_of(count))
    return charges


def _details(usage: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """Return what the counts of one side are made of; nothing where that was not sent."""
    details = usage.get(f"{side}_tokens_details")
    return details if isinstance(details, dict) else {}


def _read_cost(usage: Mapping[str, Any]) -> Cost | None:
    """Read what OpenRouter charged; with a key of the user's own, its cost is only its fee."""
    if isinstance(cost := usage.get("cost"), dict):
        return _read_cost_object(cost)
    total = exact_decimal(cost)
    if total is None:
        ticks = exact_decimal(usage.get(TICKS))
        return None if ticks is None else Cost(ticks * USD_PER_TICK, field=f"usage.{TICKS}")
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


def _read_cost_object(cost: Mapping[str, Any]) -> Cost | None:
    """Read what Perplexity charged: the sum, and what it is made of."""
    total = exact_decimal(cost.get("total_cost"))
    if total is None:
        return None
    sent = [exact_decimal(cost.get(f"{name}_cost")) for name in _INPUT_COSTS]
    of_input = [usd for usd in sent if usd is not None]
    return Cost(
        total,
        sum(of_input, Decimal()) if of_input else None,
        exact_decimal(cost.get("output_cost")),
        exact_decimal(cost.get("tool_calls_cost")),
        "usage.cost.total_cost",
    )
