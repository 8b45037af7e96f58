"""What Anthropic charges besides tokens or otherwise, and what of its own tools is free.

https://platform.claude.com/docs/en/about-claude/pricing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chatviz.chat.findings.log import shorten
from chatviz.chat.messages import ServerToolCall, ServerToolResult
from chatviz.chat.usage import NO_CHARGES, Charges, unusual_tier
from chatviz.dialects.json_values import count_of, items_of, text_of
from chatviz.wire.json_text import load_any_json

__all__ = ["count_other_passes", "is_free_call", "read_charges"]


# Passes over the model that the numbers at the top count; those of others are billed besides.
# https://platform.claude.com/docs/en/build-with-claude/compaction#understanding-usage
_COUNTED: Final = frozenset(("message", "fallback_message"))
_PASS_COUNTS: Final = (
    *("input_tokens", "output_tokens"),
    *("cache_read_input_tokens", "cache_creation_input_tokens"),
)
_ANYWHERE: Final = ("", "global", "not_available")
_SELDOM: Final = frozenset(("iterations", "server_tool_use", "speed"))


def read_charges(usage: Mapping[str, Any]) -> Charges:
    """Return what a usage object tells of what is charged besides its tokens, or otherwise."""
    if _is_usual(usage):
        return NO_CHARGES
    tier, *others = _tiers(usage)
    tokens, names = count_other_passes(usage)
    if tokens:
        others.append(f"{tokens:,} tokens of other passes ({names})")
    charges = Charges(
        _count_in(usage, "server_tool_use", "web_search_requests"),
        _hour_writes(usage),
        tier,
        tuple(others),
    )
    return NO_CHARGES if charges == NO_CHARGES else charges


def count_other_passes(usage: Mapping[str, Any]) -> tuple[int, str]:
    """Return the tokens of passes over a model that the usage leaves out, and what these are."""
    tokens, names, entries = 0, [], items_of(usage.get("iterations"))
    if not entries:
        return 0, ""
    for entry in entries:
        if isinstance(entry, dict) and text_of(entry.get("type")) not in _COUNTED:
            tokens += sum(count_of(entry.get(name)) or 0 for name in _PASS_COUNTS)
            names.append(text_of(entry.get("type")))
    return tokens, shorten(", ".join(dict.fromkeys(names)))


def _is_usual(usage: Mapping[str, Any]) -> bool:
    """Whether nothing but tokens is charged, each as usual: so it is nearly always."""
    get, writes = usage.get, usage.get("cache_creation")
    is_plain = usage.keys().isdisjoint(_SELDOM) and get("service_tier") in (None, "standard")
    is_short = not isinstance(writes, dict) or not writes.get("ephemeral_1h_input_tokens")
    return is_plain and is_short and get("inference_geo") in (None, *_ANYWHERE)


def _tiers(usage: Mapping[str, Any]) -> list[str]:
    """Return the tier, and what else changes the price of each token."""
    tiers = [unusual_tier(usage.get(name)) for name in ("service_tier", "speed")]
    tier, *others = [name for name in tiers if name] or [""]
    place = text_of(usage.get("inference_geo"))
    return [
        tier,
        *(f"the speed {name!r}" for name in others),
        *([] if place in _ANYWHERE else [f"the region {shorten(place)}"]),
    ]


def _hour_writes(usage: Mapping[str, Any]) -> int:
    """Return how many tokens are kept for an hour; a later count of all may have corrected them."""
    written = count_of(usage.get("cache_creation_input_tokens")) or 0
    return max(
        0, min(written, _count_in(usage, "cache_creation", "ephemeral_1h_input_tokens") or 0)
    )


def _count_in(usage: Mapping[str, Any], field: str, name: str) -> int | None:
    details = usage.get(field)
    return count_of(details.get(name)) if isinstance(details, dict) else None


def is_free_call(call: ServerToolCall, results: Sequence[ServerToolResult]) -> bool:
    """Whether nothing is charged for a call: one that fetched a page, or a search that failed."""
    return call.name == "web_fetch" or any(map(_has_failed, results))


def _has_failed(result: ServerToolResult) -> bool:
    if result.type != "web_search_tool_result":
        return False
    match load_any_json(result.json):
        case {"content": {"type": "web_search_tool_result_error"}}:
            return True
    return False
