"""The requests of conversations as a cache saw them: each beside the one before it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

from chatviz.chat.usage import Usage
from chatviz.dialects.caches import CacheRule, find_cache_rule
from chatviz.measures.caching.differences import PromptComparison, compare_prompts
from chatviz.measures.caching.idle import Idle, measure_idle
from chatviz.measures.caching.prompt import Prompt, Region
from chatviz.measures.caching.reading import PromptReader
from chatviz.measures.caching.verdicts import CacheVerdict, Evidence, judge
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.linking import without_collector
from chatviz.runs.run import StreamRun

__all__ = ["CachePair", "CachedRequest", "read_cached_requests"]


_WithPrompt: TypeAlias = "tuple[CachedRequest, Prompt]"


class CachedRequest(msgspec.Struct, frozen=True):
    """A request, and what its provider counted of it.

    Attributes
    ----------
    run : StreamRun
    number : int
        The run's number among all those given, from 0.
    sizes : dict
        The bytes of each region of its prompt.
    usage : Usage
        Empty where nothing was sent.
    pair : CachePair | None
        What there is to say of it beside the request before it; None where there is none.
    """

    run: StreamRun
    number: int
    sizes: dict[Region, int]
    usage: Usage
    pair: CachePair | None = None

    @property
    def size(self) -> int:
        """Bytes of the prompt: values and names in UTF-8, without JSON's own signs."""
        return sum(self.sizes.values())

    @property
    def fresh_tokens(self) -> int | None:
        """Tokens of the prompt that were neither read from the cache nor written to it."""
        usage = self.usage
        if usage.input_tokens is None or usage.cache_read_tokens is None:
            return None
        fresh = usage.input_tokens - usage.cache_read_tokens - (usage.cache_creation_tokens or 0)
        return fresh if fresh >= 0 else None


class CachePair(msgspec.Struct, frozen=True):
    """A request beside the one before it.

    Attributes
    ----------
    earlier : CachedRequest
    comparison : PromptComparison
    idle : Idle
    rule : CacheRule | None
        What the provider documents of its cache.
    lifetime_s : (float, float) | None
        How long the earlier prompt is surely kept unused, and after how long it is surely gone.
    is_same_conversation : bool
    is_unmarked : bool
        Whether nothing was marked to be cached, where only marks make a cache.
    verdict : str
        ``"changed here"``, or one of three that say why else nothing was read.
    reason : str
        What stands behind the verdict, or what is wanting for another.
    """

    earlier: CachedRequest
    comparison: PromptComparison
    idle: Idle
    rule: CacheRule | None
    lifetime_s: tuple[float, float] | None
    is_same_conversation: bool
    is_unmarked: bool
    verdict: CacheVerdict
    reason: str


def read_cached_requests(talks: Sequence[Conversation]) -> list[CachedRequest]:
    """Return the requests that reached a model, in their order, each beside the one before it.

    The first of a conversation is beside the first of the conversation before it, if that was asked
    of the same host in the same way.
    """
    with without_collector():  # it would look through all runs again and again
        return _read_all(talks)


def _read_all(talks: Sequence[Conversation]) -> list[CachedRequest]:
    read: list[CachedRequest] = []
    reader, number = PromptReader(), 0
    first_before: _WithPrompt | None = None
    for talk in talks:
        before: _WithPrompt | None = None
        for run, usage, place in _asked(talk, number):
            prompt = reader.read(run)
            earlier = before or (first_before if _is_alike(first_before, run) else None)
            pair = None
            if earlier is not None:
                pair = _pair(earlier, run, usage, prompt, is_same_conversation=before is not None)
            request = CachedRequest(run, place, prompt.sizes(), usage, pair)
            read.append(request)
            if before is None:
                first_before = (request, prompt)
            before = (request, prompt)
        number += len(talk.runs)
    return read


def _asked(talk: Conversation, number: int) -> Iterator[tuple[StreamRun, Usage, int]]:
    """Yield the runs that asked for an answer and were not refused, with what was counted."""
    for step in talk.steps:
        for run in (*step.attempts, step.run):
            if run.request is not None and run.response.status < 400:
                yield run, run.usage or _fetched_usage(step, run) or Usage(), number
            number += 1


def _fetched_usage(step: Step, run: StreamRun) -> Usage | None:
    """Return the usage of an answer that was fetched later, by a request of its own."""
    id = run.answer.identity.id
    return step.run.usage if id and step.run.answer.identity.id == id else None


def _is_alike(earlier: _WithPrompt | None, run: StreamRun) -> bool:
    if earlier is None:
        return False
    return (earlier[0].run.dialect, earlier[0].run.host) == (run.dialect, run.host)


def _pair(
    before: _WithPrompt, run: StreamRun, usage: Usage, prompt: Prompt, *, is_same_conversation: bool
) -> CachePair:
    earlier, prompt_before = before
    comparison = compare_prompts(prompt_before, prompt)
    idle = measure_idle(earlier.run, run)
    rule = find_cache_rule(run.host, run.chat_request.model)
    marks = prompt_before.marks
    lifetime_s = None if rule is None else _lifetime(rule, marks)
    is_marked_only = run.spoken.manners.prompt.is_marked_only
    is_unmarked = is_marked_only and not (marks and prompt.marks)
    evidence = Evidence(
        has_changed=comparison.difference is not None,
        before=earlier.usage,
        after=usage,
        providers=(earlier.run.provider, run.provider),
        idle=idle,
        rule=rule,
        lifetime_s=lifetime_s,
        is_unmarked=is_unmarked,
        is_marked=bool(marks),
    )
    verdict, reason = judge(evidence)
    return CachePair(
        earlier=earlier,
        comparison=comparison,
        idle=idle,
        rule=rule,
        lifetime_s=lifetime_s,
        is_same_conversation=is_same_conversation,
        is_unmarked=is_unmarked,
        verdict=verdict,
        reason=reason,
    )


def _lifetime(rule: CacheRule, marks: Sequence[str]) -> tuple[float, float] | None:
    """Return the longest lifetime that a request asked for, else the usual one."""
    asked = [rule.words.get(mark, rule.kept_s) for mark in marks]
    return max((one for one in asked if one is not None), default=rule.kept_s)
