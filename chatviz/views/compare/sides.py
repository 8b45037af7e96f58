"""Sides: what is compared, numbered and named, with its numbers and its aligned parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.compare.alignment import Strand, align_runs
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.drawing.text import show_text
from chatviz.views.given import Given, conversations_given
from chatviz.views.run_headings import ending, is_read, say_seconds
from chatviz.views.usage.costs import COUNTED

__all__ = ["Comparison", "compare_sides"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What several sides are beside one another, before it is drawn or sent to a browser.

    Attributes
    ----------
    labels : list of str
        The sides' names.
    numbers, findings : Table
        A row for each measure, and for each code of a finding; a column for each side.
    strands : tuple of Strand
        The parts that belong together.
    size : int
        Bytes of all streams.
    """

    labels: list[str]
    numbers: Table
    findings: Table
    strands: tuple[Strand, ...]
    size: int


@dataclass(frozen=True, slots=True)
class _Side:
    label: str
    talks: tuple[Conversation, ...]
    runs: tuple[StreamRun, ...]  # one for each step


def compare_sides(given: Sequence[Given]) -> Comparison:
    """Set several sides beside one another, step by step.

    Raises
    ------
    ValueError
        There are less than two sides.
    """
    if len(given) < 2:
        raise ValueError(f"compare(a, b, …) wants at least two sides, found {len(given)}.")
    sides = [_side(number, item) for number, item in enumerate(given)]
    labels = [side.label for side in sides]
    return Comparison(
        labels,
        Table("Side by side", ("", *labels), tuple(_number_rows(sides))),
        _finding_table(labels, sides),
        align_runs([side.runs for side in sides]),
        sum(len(run.body) for side in sides for run in side.runs),
    )


def _side(number: int, item: Given) -> _Side:
    talks = conversations_given(item)
    runs = tuple(step.run for talk in talks for step in talk.steps)
    letter = chr(ord("A") + number) if number < 26 else str(number + 1)
    names = dict.fromkeys(run.provider or run.host or run.model or "not named" for run in runs)
    unread = "" if all(map(is_read, runs)) else " (not read)"  # what it lacks may have come
    return _Side(f"{letter}: {show_text(', '.join(names) or 'no answer')}{unread}", talks, runs)


def _number_rows(sides: Sequence[_Side]) -> list[tuple[Cell, ...]]:
    """Return a row for each measure, with a cell for each side."""
    columns = [_numbers(side) for side in sides]
    names = list(columns[0])
    if not any(len(run.messages) > 1 for side in sides for run in side.runs):
        names.remove("choices")
    return [(name, *(column[name] for column in columns)) for name in names]


def _numbers(side: _Side) -> dict[str, Cell]:
    messages = [message for run in side.runs for message in run.messages]
    calls = [call for run in side.runs for call in tool_calls_of(run)]
    usages = [talk.usage for talk in side.talks]
    usage = usages[0] if len(usages) == 1 else None
    waits = [run.time_to_headers_s for run in side.runs]
    told = int if all(map(is_read, side.runs)) else _not_known
    found = [finding for talk in side.talks for finding in talk.findings]
    return {
        "model": ", ".join(dict.fromkeys(run.model for run in side.runs)),
        "ending": ", ".join(ending(run) for run in side.runs),
        "answers": len(side.runs),
        "choices": len(messages),
        "chunks": sum(len(run.chunks) for run in side.runs),
        "bytes": sum(len(run.body) for run in side.runs),
        "characters of text": told(sum(len(message.text) for message in messages)),
        "tool calls": told(len(calls)),
        "fragments": told(sum(len(call.fragments) for call in calls)),
        **{name.replace("_", " "): getattr(usage, name, None) for _, name in COUNTED},
        "cost (USD)": side.talks[0].cost if len(side.talks) == 1 else None,
        "headers after": ", ".join("–" if wait is None else say_seconds(wait) for wait in waits),
        "clock": ", ".join(dict.fromkeys(_clock(run) for run in side.runs)),
        "findings": len(found),
        "warnings and errors": sum(finding.severity != "info" for finding in found),
    }


def _not_known(number: int) -> None:
    """Return that nothing is known: a part of it was not read."""


def _clock(run: StreamRun) -> str:
    """Return whose clocks a run has: that of its chunks, and that of its headers."""
    headers = run.response.time_source
    chunks = "chunks: no times" if run.timing == "none" else f"chunks: {run.timing}"
    return chunks if headers == "none" else f"{chunks}; headers: {headers}"


def _finding_table(labels: Sequence[str], sides: Sequence[_Side]) -> Table:
    counts = [Counter(f.code for talk in side.talks for f in talk.findings) for side in sides]
    codes = sorted({code for counter in counts for code in counter})
    rows: list[tuple[Cell, ...]] = [
        (f"finding {code}", *(counter[code] for counter in counts)) for code in codes
    ]
    return Table("Findings, by code", ("finding", *labels), tuple(rows))
