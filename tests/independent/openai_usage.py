"""The usage of chat completions and of text completions."""

from __future__ import annotations

from typing import Any

from tests.independent.framing import numbers


def count(usage: Any) -> dict[str, int | None]:
    """Return the numbers of an OpenAI-style usage, as sent."""
    used = usage or {}
    asked = used.get("prompt_tokens_details") or {}
    told = used.get("completion_tokens_details") or {}
    flat = (used.get("prompt_cache_hit_tokens"), used.get("cached_tokens"))
    hits = (asked.get("cached_tokens"), *flat)
    return numbers(
        input=used.get("prompt_tokens"), output=used.get("completion_tokens"),
        cache_read=next((hit for hit in hits if hit is not None), None),
        cache_creation=asked.get("cache_write_tokens", used.get("cache_creation_input_tokens")),
        total=used.get("total_tokens"),
        reasoning=told.get("reasoning_tokens", used.get("reasoning_tokens")))  # fmt: skip
