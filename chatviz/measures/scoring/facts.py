"""AnswerFacts: what a scorecard counts of one answer, and what it is grouped by."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from chatviz.chat.arguments.plain_schema import fits_plain_schema
from chatviz.chat.findings.recording_kinds import RECORDING_KINDS
from chatviz.chat.messages import ToolCall
from chatviz.dialects.caches import find_cache_rule
from chatviz.measures.caching.requests import CachedRequest, read_cached_requests
from chatviz.runs.choices import finish_reasons, tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.gaps import known_gaps

__all__ = ["USUAL_CACHE_TOKENS", "AnswerFacts", "Charge", "read_facts"]

USUAL_CACHE_TOKENS: Final = 1024  # where a host documents nothing: the least that most others ask
_UNEVEN: Final = {"usage_total_off", "usage_reasoning_outside", "usage_reasoning_uncounted"}


class Charge(NamedTuple):
    """A cost, exact, and the tokens that it is for, at least one."""

    usd: Decimal
    tokens: int


class AnswerFacts(NamedTuple):
    """What is counted of one answer.

    Attributes
    ----------
    model, host, provider, dialect, source : str
        What it may be grouped by; ``""`` where it is not known.
    is_refused : bool
        Whether its HTTP status is 400 or more.
    has_warning, has_error : bool
        Whether there is such a finding; what only the recording caused does not count.
    finish_reasons : tuple of str or None
        Why it ended, each reason once: there are several where its choices ended differently.
    calls, right_calls : int
        Calls that have a schema that can be used, and those whose arguments keep to it.
    is_cached : bool | None
        Whether something was read from a cache; None where nothing could be, or it is not told.
    adds_up : bool | None
        Whether the total is input and output tokens; None unless all three were sent.
    total, input, output : Charge | None
        What it cost, where the tokens are known.
    first_token_s, tokens_per_s : float | None
        Seconds to the first token, and tokens per second then; None unless time was measured, the
        rate also where it is not known how many tokens came (``run.time_per_output_token_s``).
    gaps_s : sequence of float
        Seconds between its chunks; none unless time was measured.
    """

    model: str
    host: str
    provider: str
    dialect: str
    source: str
    is_refused: bool
    has_warning: bool
    has_error: bool
    finish_reasons: tuple[str | None, ...]
    calls: int
    right_calls: int
    is_cached: bool | None
    adds_up: bool | None
    total: Charge | None
    input: Charge | None
    output: Charge | None
    first_token_s: float | None
    tokens_per_s: float | None
    gaps_s: Sequence[float]


def read_facts(talk: Conversation) -> Iterator[AnswerFacts]:
    """Yield what is counted of each answer of a conversation, in the order of its runs."""
    honours: dict[int, bool | None] = {}
    if _may_be_cached(talk.runs):
        honours = {one.number: _honours_cache(one) for one in read_cached_requests([talk])}
    for number, run in enumerate(talk.runs):
        yield _facts_of(run, honours.get(number))


def _facts_of(run: StreamRun, is_cached: bool | None) -> AnswerFacts:
    own = {one.severity for one in run.findings if one.code not in RECORDING_KINDS}
    calls = [_keeps_to_schema(call) for call in tool_calls_of(run) if not call.is_free_text]
    total, of_input, of_output = _charges(run)
    first_token_s, tokens_per_s, gaps_s = _times(run)
    return AnswerFacts(
        model=run.model,
        host=run.host,
        provider=run.provider,
        dialect=run.dialect,
        source=run.source,
        is_refused=run.response.status >= 400,
        has_warning="warning" in own,
        has_error="error" in own,
        finish_reasons=tuple(dict.fromkeys(finish_reasons(run))),
        calls=len(calls) - calls.count(None),
        right_calls=calls.count(True),
        is_cached=is_cached,
        adds_up=_adds_up(run),
        total=total,
        input=of_input,
        output=of_output,
        first_token_s=first_token_s,
        tokens_per_s=tokens_per_s,
        gaps_s=gaps_s,
    )


def _charges(run: StreamRun) -> tuple[Charge | None, Charge | None, Charge | None]:
    """Return what the answer cost, in all, and for its input and output."""
    usage = run.usage
    if usage is None or usage.cost is None:
        return None, None, None
    output = usage.generated_tokens
    both = None if usage.input_tokens is None or output is None else usage.input_tokens + output
    return (
        _charge(usage.cost.total_usd, both),
        _charge(usage.cost.input_usd, usage.input_tokens),
        _charge(usage.cost.output_usd, output),
    )


def _charge(usd: Decimal | None, tokens: int | None) -> Charge | None:
    return None if usd is None or not tokens or tokens < 0 else Charge(usd, tokens)


def _times(run: StreamRun) -> tuple[float | None, float | None, Sequence[float]]:
    """Return seconds to the first token, tokens per second then, and the gaps, as measured."""
    if run.timing != "measured":
        return None, None, ()
    each = run.time_per_output_token_s
    times = run.wire.chunk_times
    gaps = array("d", known_gaps(times))
    return run.time_to_first_token_s, 1 / each if each else None, gaps


def _keeps_to_schema(call: ToolCall) -> bool | None:
    """Whether a call's arguments are whole and keep to the schema; None where none can be used."""
    if call.schema is None:
        return None
    value = call.parsed
    if value is not None and fits_plain_schema(value, call.schema):
        return True
    check = call.check
    if check is None or check.fault is not None:
        return None
    return call.growth.is_valid and not check.wrong


def _adds_up(run: StreamRun) -> bool | None:
    """Whether the total is what was counted; None where a part of the sum was not sent."""
    usage = run.usage
    if usage is None or None in (usage.input_tokens, usage.output_tokens, usage.total_tokens):
        return None
    return not any(finding.code in _UNEVEN for finding in run.findings)


def _may_be_cached(runs: Sequence[StreamRun]) -> bool:
    """Whether any prompt but the last is long enough for a cache; else none need be compared."""
    sent = [run.usage.input_tokens or 0 for run in runs[:-1] if run.usage is not None]
    return max(sent, default=0) >= min(map(_least_tokens, runs), default=0) > 0


def _least_tokens(run: StreamRun) -> int:
    """Return from how many tokens on a host surely caches a prompt, as far as it documents it."""
    rule = find_cache_rule(run.host, run.chat_request.model)
    return USUAL_CACHE_TOKENS if rule is None else rule.tokens[1]


def _honours_cache(request: CachedRequest) -> bool | None:
    """Whether something was read from a cache; None where nothing could be, or it is not told.

    What could be does not depend on what was: the request begins with all of the one before it in
    its conversation, which was long enough, marked where marks are needed, and not too long ago.
    """
    pair, read = request.pair, request.usage.cache_read_tokens
    if pair is None or read is None or not pair.is_same_conversation or pair.is_unmarked:
        return None
    if pair.comparison.difference is not None:
        return None
    before = pair.earlier.usage.input_tokens
    if before is None or before < _least_tokens(request.run):
        return None
    idle, lifetime_s = pair.idle.seconds, pair.lifetime_s
    if idle is not None and lifetime_s is not None and idle > lifetime_s[0]:
        return None
    return read > 0
