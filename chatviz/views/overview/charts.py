"""The charts of many conversations, before they are drawn: bars with edges, and a grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from chatviz.chat.findings.finding_kind import Severity
from chatviz.views.overview.totals import OverviewTotals, Spent
from chatviz.views.pace.series import percentile_of
from chatviz.views.run_headings import count_words, say_seconds

__all__ = ["Bar", "BarChart", "FindingGrid", "bar_charts", "finding_grid", "say_usd"]

MAX_BARS: Final = 6
MAX_CODES: Final = 10
MAX_PROVIDERS: Final = 6
PERCENTS: Final = (50, 90, 99)
OTHERS: Final = "others"
_RANKS: Final[Mapping[Severity, int]] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart.

    Attributes
    ----------
    label : str
        Whose it is; ``""`` for a second bar of the one above.
    edges : tuple of float
        Where its parts end, rising from 0.
    text : str
        Its numbers.
    is_estimate : bool
        Whether it is drawn hollow.
    """

    label: str
    edges: tuple[float, ...]
    text: str
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars on one scale.

    Attributes
    ----------
    title : str
    parts : tuple of str
        What the parts of the bars are.
    bars : tuple of Bar
    more : int
        How many bars there are besides.
    hue : str
        Whether its parts are kinds of a thing, or ever rarer times.
    """

    title: str
    parts: tuple[str, ...]
    bars: tuple[Bar, ...]
    more: int = 0
    hue: Literal["kind", "time"] = "kind"


@dataclass(frozen=True, slots=True)
class FindingGrid:
    """How often each kind of finding was seen, by provider.

    Attributes
    ----------
    providers : tuple of str
    rows : tuple of (str, str, tuple of int)
        Severity, code, and the counts of each provider.
    more : int
        How many kinds there are besides.
    """

    providers: tuple[str, ...]
    rows: tuple[tuple[Severity, str, tuple[int, ...]], ...]
    more: int = 0


def bar_charts(totals: OverviewTotals) -> tuple[BarChart, ...]:
    """Return the charts of which something is known."""
    charts = (
        _cost_chart(totals.spent),
        _token_chart(totals.tokens),
        _time_chart("Time to the first token, by provider", "answers", totals.first_token_s),
        _time_chart("Time between two chunks, by provider", "gaps", totals.gap_s),
    )
    return tuple(chart for chart in charts if chart.bars)


def finding_grid(totals: OverviewTotals) -> FindingGrid:
    """Return the kinds of findings, the worst and most frequent first."""
    by_code: Counter[str] = Counter()
    by_provider: Counter[str] = Counter()
    for (code, provider), count in totals.found.items():
        by_code[code] += count
        by_provider[provider] += count
    codes = sorted(by_code, key=lambda one: (_RANKS[totals.severities[one]], -by_code[one], one))
    providers = [name for name, _ in by_provider.most_common(MAX_PROVIDERS)]
    has_others = len(by_provider) > len(providers)
    rows = []
    for code in codes[:MAX_CODES]:
        counts = [totals.found[code, provider] for provider in providers]
        counts += [by_code[code] - sum(counts)] if has_others else []
        rows.append((totals.severities[code], code, tuple(counts)))
    names = (*providers, *([OTHERS] if has_others else []))
    return FindingGrid(names, tuple(rows), max(0, len(codes) - MAX_CODES))


def say_usd(amount: Decimal) -> str:
    """Return an amount of money to three digits: ``"$1,234"``, ``"$0.0421"``."""
    value = float(amount)
    if value >= 100:
        return f"${value:,.0f}"
    return f"${value:.3g}" if value >= 0.0001 or value == 0 else f"${value:.2e}"


def _cost_chart(spent: Mapping[str, Spent]) -> BarChart:
    known = {name: one for name, one in spent.items() if one.records or one.estimates}
    ordered = sorted(known, key=lambda name: (-_dearest(known[name]), name))
    bars = tuple(bar for name in ordered[:MAX_BARS] for bar in _cost_bars(name, known[name]))
    has_estimates = any(bar.is_estimate for bar in bars)
    parts = ("recorded", *(["estimated"] if has_estimates else []))
    return BarChart("Cost, by provider", parts, bars, max(0, len(ordered) - MAX_BARS))


def _dearest(one: Spent) -> float:
    return float(max(one.recorded, one.estimated))


def _cost_bars(name: str, one: Spent) -> Iterator[Bar]:
    label = name
    pairs = ((one.records, one.recorded, False), (one.estimates, one.estimated, True))
    for answers, amount, is_estimate in pairs:
        if answers:
            whose = "estimated " if is_estimate else ""
            text = f"{whose}{say_usd(amount)} ({answers:,} of {count_words(one.answers, 'answer')})"
            yield Bar(label, (max(float(amount), 0.0),), text, is_estimate)
            label = ""


def _token_chart(tokens: Mapping[str, Sequence[int]]) -> BarChart:
    ordered = sorted(tokens, key=lambda name: (-sum(tokens[name][:2]), name))
    bars = []
    for name in ordered[:MAX_BARS]:
        read, written, answers = tokens[name]
        text = f"{read:,} in · {written:,} out ({count_words(answers, 'answer')})"
        bars.append(Bar(name, (float(read), float(read + written)), text))
    more = max(0, len(ordered) - MAX_BARS)
    return BarChart("Tokens, by model", ("input", "output"), tuple(bars), more)


def _time_chart(title: str, noun: str, seconds: Mapping[str, Sequence[float]]) -> BarChart:
    known = {name: sorted(values) for name, values in seconds.items() if len(values)}
    ordered = sorted(known, key=lambda name: (-len(known[name]), name))
    bars = []
    for name in ordered[:MAX_BARS]:
        edges = tuple(percentile_of(known[name], percent) for percent in PERCENTS)
        told = " · ".join(say_seconds(edge) for edge in edges)
        bars.append(Bar(name, edges, f"{told} (n = {len(known[name]):,} {noun})"))
    parts = tuple(f"{percent} %" for percent in PERCENTS)
    return BarChart(title, parts, tuple(bars), max(0, len(ordered) - MAX_BARS), "time")
