"""Verdicts: why a prompt was not read from a cache, as far as the recording and documents tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from chatviz.chat.usage import Usage
from chatviz.dialects.caches import CacheRule
from chatviz.measures.caching.idle import Idle

__all__ = ["VERDICTS", "CacheVerdict", "Evidence", "judge", "say_duration"]

CacheVerdict: TypeAlias = Literal[
    "changed here",
    "nothing changed, idle longer than the known lifetime",
    "nothing changed: the server's side",
    "nothing changed",
]
VERDICTS: Final[tuple[CacheVerdict, ...]] = get_args(CacheVerdict)
_CHANGED, _IDLE, _SERVER, _UNCHANGED = VERDICTS


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a verdict stands on.

    Attributes
    ----------
    has_changed : bool
    before, after : Usage
        What was counted for the earlier request and for this one.
    providers : (str, str)
        Who answered them.
    idle : Idle
    rule : CacheRule | None
    lifetime_s : (float, float) | None
        How long the earlier prompt is surely kept unused, and after how long it is surely gone.
    is_unmarked : bool
        Whether nothing was marked to be cached in one of the two, where only marks make a cache.
    is_marked : bool
        Whether the earlier request marked what is to be cached.
    """

    has_changed: bool
    before: Usage
    after: Usage
    providers: tuple[str, str]
    idle: Idle
    rule: CacheRule | None
    lifetime_s: tuple[float, float] | None
    is_unmarked: bool
    is_marked: bool


def judge(evidence: Evidence) -> tuple[CacheVerdict, str]:
    """Return a verdict, and what stands behind it or is wanting for another."""
    read = evidence.after.cache_read_tokens
    if read is None:
        verdict, told = _UNCHANGED, "not reported: the provider does not say what its cache gave"
    elif read > 0:
        verdict, told = _UNCHANGED, f"{read:,} tokens were read from the cache"
    else:
        verdict, told = _judge_miss(evidence)
    if evidence.has_changed:
        return _CHANGED, "nothing was read from the cache" if read == 0 else told
    if evidence.idle.seconds is None and not read:
        told += "; the idle time is not known"
    return verdict, told


def _judge_miss(evidence: Evidence) -> tuple[CacheVerdict, str]:
    """Judge an unchanged prompt of which nothing was read from a cache."""
    idle, lifetime_s = evidence.idle.seconds, evidence.lifetime_s
    if evidence.is_unmarked:
        return _UNCHANGED, "nothing was marked to be cached"
    before, after = evidence.providers
    if before and after and before != after:
        told = f"answered by {after}, before by {before}: each has a cache of its own"
        return (_UNCHANGED if idle is None else _SERVER), told
    if never := _say_never_cached(evidence):
        return _UNCHANGED, never
    if idle is None:
        return _UNCHANGED, "nothing was read from the cache"
    if lifetime_s is None:
        return _UNCHANGED, (
            f"idle for {say_duration(idle)}; how long this host keeps a prompt is not known"
        )
    told = f"idle for {say_duration(idle)}, kept for {_say_lifetime(lifetime_s)}"
    if idle > lifetime_s[1]:
        return _IDLE, told
    if idle > lifetime_s[0]:
        return _UNCHANGED, told
    if short := _say_perhaps_short(evidence):
        return _UNCHANGED, f"{told}; {short}"
    return _SERVER, told


def _say_never_cached(evidence: Evidence) -> str:
    """Say why the earlier prompt never was in a cache; ``""`` where it may have been."""
    before, rule = evidence.before, evidence.rule
    tokens = before.input_tokens
    if rule is not None and tokens is not None and tokens < rule.tokens[0]:
        least = f"{rule.tokens[0]:,}"
        return f"the earlier prompt had {tokens:,} tokens: caches begin at {least}"
    if evidence.is_marked and before.cache_creation_tokens == before.cache_read_tokens == 0:
        return "the earlier request wrote nothing to the cache, nor did it read from it"
    return ""


def _say_perhaps_short(evidence: Evidence) -> str:
    """Say that the earlier prompt may have been too short; ``""`` where it was not."""
    before, rule = evidence.before, evidence.rule
    tokens = before.input_tokens
    if before.cache_creation_tokens or before.cache_read_tokens or rule is None:
        return ""
    if tokens is None:
        return "how long the earlier prompt was is not known"
    if tokens >= rule.tokens[1]:
        return ""
    first, last = rule.tokens
    return f"caches begin between {first:,} and {last:,} tokens, by model, and it had {tokens:,}"


def _say_lifetime(lifetime_s: Sequence[float]) -> str:
    first, last = map(say_duration, lifetime_s)
    return first if first == last else f"{first} to {last}"


def say_duration(seconds: float) -> str:
    """Return seconds in words: ``"3 s"``, ``"12 min"``, ``"1.5 h"``."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.3g}\u00a0{unit}"
    return f"{seconds:.3g}\u00a0s"
