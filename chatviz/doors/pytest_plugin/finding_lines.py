"""Findings as lines of text: severity, code, place and sentence, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from chatviz.chat.findings.log import Finding, severity_rank
from chatviz.doors.cli.terminal import safe_text
from chatviz.runs.conversation import Conversation
from chatviz.views.run_headings import headed_runs

__all__ = ["PlacedFinding", "finding_lines", "placed_findings"]

_MOST_LISTED: Final = 10

PlacedFinding: TypeAlias = tuple[Finding, str]


def placed_findings(talks: Sequence[Conversation]) -> list[PlacedFinding]:
    """Return every finding with where it is (``"step 1, chunk 3"``), the worst first."""
    found = [(one, "several steps") for talk in talks for one in talk.own_findings]
    for run, place, _ in headed_runs(talks):
        for one in run.findings:
            chunk = "" if one.chunk is None else f", chunk {one.chunk}"
            found.append((one, f"{place}{chunk}"))
    return sorted(found, key=lambda each: severity_rank(each[0]))


def finding_lines(findings: Sequence[PlacedFinding]) -> Iterator[str]:
    """Yield a line for each of the first findings, and one that counts the rest."""
    for finding, place in findings[:_MOST_LISTED]:
        yield safe_text(f"  {finding.severity} {finding.code} ({place}): {finding.message}")
    if len(findings) > _MOST_LISTED:
        yield f"  and {len(findings) - _MOST_LISTED:,} more"
