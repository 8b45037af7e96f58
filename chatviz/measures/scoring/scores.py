"""Score: what was counted of the answers of one group; and how answers are put into groups."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from chatviz.chat.arguments.plain_schema import fits_plain_schema
from chatviz.chat.findings.recording_kinds import RECORDING_KINDS
from chatviz.chat.messages import ToolCall
from chatviz.dialects.caches import find_cache_rule
from chatviz.measures.caching.requests import CachedRequest, read_cached_requests
from chatviz.measures.money.estimates import reasoning_place
from chatviz.measures.scoring.shares import Share
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun

__all__ = ["GROUPINGS", "USUAL_CACHE_TOKENS", "Grouping", "Score", "score_groups"]

Grouping: TypeAlias = Literal["model", "host", "provider", "dialect", "source"]
GROUPINGS: Final[Mapping[str, Callable[[StreamRun], str]]] = {
    "model": lambda run: run.model,
    "host": lambda run: run.host,
    "provider": lambda run: run.provider,
    "dialect": lambda run: run.dialect,
    "source": lambda run: run.source,
}
USUAL_CACHE_TOKENS: Final = 1024  # where a host documents nothing: the least that most others ask
_UNEVEN: Final = {"usage_total_off", "usage_reasoning_outside", "usage_reasoning_uncounted"}


class Score:
    """What was counted of the answers of one group.

    Attributes
    ----------
    answers, refused : int
        All of them, and those with an HTTP status of 400 or more.
    warnings, errors : int
        Answers with at least one such finding; what only the recording caused does not count.
    calls, cache, usage : Share
        Calls whose arguments keep to their schema, of those that have a schema that can be used;
        requests that were given something from a cache, of those that could have been; answers
        whose total is input and output tokens, of those with all three.
    finishes : Counter
        The answers by finish reason; None where there is none.
    charges : dict
        For "total", "input" and "output": exact USD and the tokens that they were charged for.
    charged : int
        Answers with a cost and the tokens that it is for.
    first_token_s, gap_s, tokens_per_s : array of float
        Of answers whose time was measured: seconds to the first token, between two chunks, and
        tokens per second once they came.
    """

    def __init__(self) -> None:
        self.answers = self.refused = self.warnings = self.errors = self.charged = 0
        self.calls = self.cache = self.usage = Share(0, 0)
        self.finishes: Counter[str | None] = Counter()
        self.charges: dict[str, tuple[Decimal, int]] = {}
        self.first_token_s, self.gap_s, self.tokens_per_s = array("d"), array("d"), array("d")

    def add(self, run: StreamRun) -> None:
        """Count an answer."""
        self.answers += 1
        self.refused += run.response.status >= 400
        own = {one.severity for one in run.findings if one.code not in RECORDING_KINDS}
        self.warnings += "warning" in own
        self.errors += "error" in own
        self.finishes[run.finish_reason] += 1
        for message in run.messages:
            for call in message.tool_calls:
                if call.type not in run.spoken.manners.free_text_calls:
                    self.calls = _counted(self.calls, _keeps_to_schema(call))
        self.usage = _counted(self.usage, _adds_up(run))
        self._add_charge(run)
        self._add_times(run)

    def add_request(self, request: CachedRequest) -> None:
        """Count what a request was given from a cache, if it could have been given something."""
        self.cache = _counted(self.cache, _honours_cache(request))

    def _add_charge(self, run: StreamRun) -> None:
        usage = run.usage
        if usage is None or usage.cost is None:
            return
        output = usage.output_tokens
        if output is not None and reasoning_place(run) in ("outside", "uncounted"):
            output += usage.reasoning_tokens or 0
        both = None if usage.input_tokens is None or output is None else usage.input_tokens + output
        self.charged += self._charge("total", usage.cost.total_usd, both)
        self._charge("input", usage.cost.input_usd, usage.input_tokens)
        self._charge("output", usage.cost.output_usd, output)

    def _charge(self, kind: str, usd: Decimal | None, tokens: int | None) -> bool:
        if usd is None or not tokens or tokens < 0:
            return False
        paid, counted = self.charges.get(kind, (Decimal(0), 0))
        with localcontext(Context(traps=[])):  # a server may send any number
            self.charges[kind] = paid + usd, counted + tokens
        return True

    def _add_times(self, run: StreamRun) -> None:
        if run.timing != "measured":
            return
        first, each = run.time_to_first_token_s, run.time_per_output_token_s
        if first is not None:
            self.first_token_s.append(first)
        if each:
            self.tokens_per_s.append(1 / each)
        times = [run.wire.times[event] for event in run.wire.chunk_events]
        self.gap_s.extend(later - earlier for earlier, later in pairwise(times))


def score_groups(talks: Iterable[Conversation], by: Sequence[str]) -> dict[tuple[str, ...], Score]:
    """Return what was counted, by the values that answers have of the groupings.

    Parameters
    ----------
    talks : iterable of Conversation
        Gone through once; none is kept.
    by : sequence of str
        Names in ``GROUPINGS``.
    """
    groups: dict[tuple[str, ...], Score] = {}
    readers = [GROUPINGS[name] for name in by]

    def score_of(run: StreamRun) -> Score:
        return groups.setdefault(tuple(read(run) for read in readers), Score())

    for talk in talks:
        for run in talk.runs:
            score_of(run).add(run)
        if _may_be_cached(talk.runs):
            for request in read_cached_requests([talk]):
                score_of(request.run).add_request(request)
    return groups


def _counted(share: Share, is_true: bool | None) -> Share:
    """Count one more; none where it is not known."""
    return share if is_true is None else Share(share.hits + is_true, share.of + 1)


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
