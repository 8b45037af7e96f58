"""What is kept of a test that failed: a summary, and its answers in the inspector as one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from chatviz.cassettes.reading import read_conversations
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.doors.cli.terminal import safe_text
from chatviz.doors.pytest_plugin.finding_lines import PlacedFinding, finding_lines, placed_findings
from chatviz.doors.pytest_plugin.recorded_test import RecordedTest
from chatviz.views.inspector.inspect import inspect

__all__ = ["FailureEvidence", "collect_evidence"]

_MOST_MISSES: Final = 5


class FailureEvidence(NamedTuple):
    """What a recording has to say of a test that failed.

    Attributes
    ----------
    summary : str
        Requests that nothing recorded matched, with what differs; findings; where the page is.
    page : Path | None
        The page; None where no answer of a chat is in the recording, or none was wanted.
    """

    summary: str
    page: Path | None


def collect_evidence(test: RecordedTest) -> FailureEvidence:
    """Return what there is to say of a failure, and write its page; no secret is in either."""
    cleaned, _ = redact_cassette(test.cassette)
    talks = read_conversations(cleaned)
    lines = [*_miss_lines(test), *_found_lines(placed_findings(talks))]
    page = test.page
    if page is None or not talks:
        return FailureEvidence("\n".join(lines), None)
    note = "\n\n".join(["This test failed.", "\n".join(lines)])
    try:
        _make_folder(test.report_folder or page.parent, page.parent)
        inspect(talks).save(page, title=test.nodeid, note=note)
    except OSError as error:
        lines.append(f"There is no page: {error.strerror or error}.")
        return FailureEvidence("\n".join(lines), None)
    lines.append(f"The answers in the inspector: {page}")
    return FailureEvidence("\n".join(lines), page)


def _miss_lines(test: RecordedTest) -> Iterator[str]:
    """Yield the requests that nothing recorded matched, and how to record them."""
    misses = test.misses
    for miss in misses[:_MOST_MISSES]:
        yield from safe_text(str(miss)).splitlines()
    if len(misses) > _MOST_MISSES:
        yield f"… and {len(misses) - _MOST_MISSES:,} more requests without a recorded answer."
    if misses and test.record_command:
        yield f"To record it: {test.record_command}"


def _found_lines(findings: list[PlacedFinding]) -> Iterator[str]:
    shown = [each for each in findings if each[0].severity != "info"]
    if shown:
        yield f"Findings in the recording ({len(shown)}):"
        yield from finding_lines(shown)


def _make_folder(report: Path, folder: Path) -> None:
    """Make the folder of a page; the report as a whole is nothing for a repository."""
    folder.mkdir(parents=True, exist_ok=True)
    ignored = report / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
