"""What providers document of their prompt caches: from how many tokens on, and for how long.

Each number is a pair: up to the first nothing is kept out of a cache, or lost from it, for sure;
from the second on it is. Between the two the documents leave it open, or it depends on the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from chatviz.dialects.hosts import find_host

__all__ = ["CacheRule", "find_cache_rule"]

_MINUTES: Final = 60.0
_HOURS: Final = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheRule:
    """What a provider documents of its prompt cache.

    Attributes
    ----------
    source : str
        The document.
    tokens : (int, int)
        A shorter prompt than the first is never cached; one as long as the second always may be.
    kept_s : (float, float) | None
        An unused prompt is kept at least for the first, and gone after the second, in seconds;
        None where that is not documented.
    words : mapping of str to (float, float)
        The same for what a request may say of it.
    models : str
        A pattern of the models' names that it is for; ``""`` for all.
    """

    source: str
    tokens: tuple[int, int]
    kept_s: tuple[float, float] | None = None
    words: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    models: str = ""


_IN_MEMORY: Final = (5 * _MINUTES, 1 * _HOURS)
_EXTENDED: Final = (5 * _MINUTES, 24 * _HOURS)
_RETENTIONS: Final = {"in_memory": _IN_MEMORY, "in-memory": _IN_MEMORY, "24h": _EXTENDED}
_MARKS: Final = {"5m": (5 * _MINUTES, 5 * _MINUTES), "1h": (1 * _HOURS, 1 * _HOURS)}


def _automatic(source: str) -> tuple[CacheRule, ...]:
    """Return the rules of the servers of OpenAI's models: the newer ones keep prompts longer."""
    newer = r"gpt-5[.-]([5-9]|\d\d)|gpt-[6-9]"
    return tuple(
        CacheRule(source=source, tokens=(1024, 1024), kept_s=kept, words=_RETENTIONS, models=models)
        for models, kept in ((newer, _EXTENDED), ("", _IN_MEMORY))
    )


def _marked(source: str, models: str = "") -> CacheRule:
    """Return the rule of a cache that is marked: where it begins depends on the model."""
    lifetime = _MARKS["5m"]
    return CacheRule(
        source=source, tokens=(512, 4096), kept_s=lifetime, words=_MARKS, models=models
    )


def _implicit(source: str) -> tuple[CacheRule, ...]:
    """Return the rules of Google's caches, whose lifetime is not documented, and of Claude's."""
    return _marked(source, "claude"), CacheRule(source=source, tokens=(1024, 4096))


RULES: Final[Mapping[str, tuple[CacheRule, ...]]] = {
    "OpenAI": _automatic("https://developers.openai.com/docs/guides/prompt-caching"),
    "Azure": _automatic(
        "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/prompt-caching"
    ),
    "Anthropic": (_marked("https://platform.claude.com/docs/en/build-with-claude/prompt-caching"),),
    "Amazon Bedrock": (
        _marked("https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html"),
    ),
    "Google": _implicit("https://ai.google.dev/gemini-api/docs/caching"),
    "Google Vertex AI": _implicit(
        "https://cloud.google.com/vertex-ai/generative-ai/docs/context-cache/context-cache-overview"
    ),
    "Groq": (
        CacheRule(
            source="https://console.groq.com/docs/prompt-caching",
            tokens=(128, 1024),
            kept_s=(2 * _HOURS, 2 * _HOURS),
        ),
    ),
    "DeepSeek": (
        CacheRule(source="https://api-docs.deepseek.com/guides/kv_cache", tokens=(64, 64)),
    ),
}
"""By who runs the host; the first whose models fit. A gateway's upstreams differ: no rule."""


@lru_cache(maxsize=1024)  # each request asks
def find_cache_rule(host: str, model: str) -> CacheRule | None:
    """Return what is documented of the cache for a model at a host; None where nothing is known."""
    found = find_host(host)
    rules = () if found is None else RULES.get(found.provider, ())
    return next((rule for rule in rules if re.search(rule.models, model)), None)
