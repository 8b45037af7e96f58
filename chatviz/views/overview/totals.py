"""What the charts of many conversations are drawn from: sums by provider, model and finding."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Context, Decimal, localcontext
from threading import RLock
from typing import Final

from chatviz.chat.findings.finding_kind import Severity
from chatviz.measures.money.estimates import estimate
from chatviz.measures.money.prices import Prices, check_prices
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.gaps import known_gaps
from chatviz.views.overview.rows import cut_short

__all__ = ["UNKNOWN_NAME", "OverviewTotals", "Spent"]

UNKNOWN_NAME: Final = "not known"


class Spent:
    """What was paid to a provider, as far as it is known: exact sums, and of how many answers."""

    __slots__ = ("answers", "estimated", "estimates", "recorded", "records")

    def __init__(self) -> None:
        self.answers = self.records = self.estimates = 0
        self.recorded = self.estimated = Decimal(0)

    def add(self, recorded: Decimal | None, estimated: Decimal | None) -> None:
        """Count an answer with its cost."""
        self.answers += 1
        with localcontext(Context(traps=[])):  # a server may send any number
            if recorded is not None:
                self.records, self.recorded = self.records + 1, self.recorded + recorded
            if estimated is not None:
                self.estimates, self.estimated = self.estimates + 1, self.estimated + estimated


class OverviewTotals:
    """Sums over many conversations, which are not kept.

    Attributes
    ----------
    lock : RLock
        Held while a conversation is counted; to be held while the sums are looked at, where they
        grow in another thread.
    conversations, answers, calls : int
    spent : dict
        By provider.
    tokens : dict
        By model: input tokens, output tokens, and of how many answers.
    found : Counter
        By kind of finding and provider: conversations and answers that show it.
    severities : dict
        Of each kind of finding.
    first_token_s, gap_s : dict
        By provider, of answers whose time was measured: an array of seconds.
    """

    def __init__(self, prices: Prices | None = None) -> None:
        check_prices(prices)
        self.conversations = self.answers = self.calls = 0
        self.spent: dict[str, Spent] = defaultdict(Spent)
        self.tokens: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.found: Counter[tuple[str, str]] = Counter()
        self.severities: dict[str, Severity] = {}
        self.first_token_s: dict[str, array[float]] = defaultdict(lambda: array("d"))
        self.gap_s: dict[str, array[float]] = defaultdict(lambda: array("d"))
        self.prices = prices
        self.lock = RLock()

    def add(self, talk: Conversation) -> None:
        """Count a conversation."""
        with self.lock:
            self.conversations += 1
            for run in talk.runs:
                self._add_run(run)
            who = next((_name(run) for run in talk.runs), UNKNOWN_NAME)
            for code, severity in {one.code: one.severity for one in talk.own_findings}.items():
                self._note(code, severity, who)

    @property
    def by_severity(self) -> Mapping[Severity, int]:
        """How often findings of each severity were seen: once for each answer and kind."""
        counts: Counter[Severity] = Counter()
        for (code, _), count in self.found.items():
            counts[self.severities[code]] += count
        return counts

    def _add_run(self, run: StreamRun) -> None:
        self.answers += 1
        self.calls += len(tool_calls_of(run))
        who, usage = _name(run), run.usage
        for code, severity in {one.code: one.severity for one in run.findings}.items():
            self._note(code, severity, who)
        if run.response.status < 400:
            priced = None if self.prices is None else estimate(run, self.prices).total
            self.spent[who].add(run.cost, priced)
        if usage is not None and usage.input_tokens is not None and usage.output_tokens is not None:
            sums = self.tokens[cut_short(run.model) or UNKNOWN_NAME]
            for place, count in enumerate((usage.input_tokens, usage.output_tokens, 1)):
                sums[place] += max(count, 0)
        if run.timing == "measured":
            self._add_times(run, who)

    def _add_times(self, run: StreamRun, who: str) -> None:
        if run.time_to_first_token_s is not None:
            self.first_token_s[who].append(run.time_to_first_token_s)
        gaps = known_gaps(run.wire.chunk_times)
        if gaps:
            self.gap_s[who].extend(gaps)

    def _note(self, code: str, severity: Severity, who: str) -> None:
        self.found[code, who] += 1
        self.severities[code] = severity


def _name(run: StreamRun) -> str:
    return cut_short(run.provider or run.host) or UNKNOWN_NAME
