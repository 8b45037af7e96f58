"""What is said of a test's recording: what was left unused, and what nothing recorded answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from chatviz.cassettes.matching.misses import describe_request
from chatviz.doors.cli.terminal import safe_text
from chatviz.doors.pytest_plugin.recorded_test import RecordedTest

__all__ = ["add_to_report", "check_strictly"]

_MOST_LISTED: Final = 5


def add_to_report(report: pytest.TestReport, test: RecordedTest, config: pytest.Config) -> None:
    """Add what there is to say of a test to the report of a phase; it passes on to xdist's."""
    lines: list[str] = []
    if report.when == "call":
        test.has_passed = report.passed
    if report.when == "teardown" and test.has_passed:
        lines += [f"{test.nodeid}: {line}" for line in _left_lines(test)]
    noted: Any = report
    noted.chatviz = lines


def check_strictly(test: RecordedTest) -> None:
    """Fail a test that passed, is strict, and left something unused or without an answer."""
    if test.is_strict and test.has_passed and (lines := list(_left_lines(test))):
        pytest.fail("\n".join(lines), pytrace=False)


def _left_lines(test: RecordedTest) -> Iterator[str]:
    """Yield what a test that passed should be told."""
    if test.misses:
        yield f"passed, though {_count(len(test.misses), 'request')} had no recorded answer:"
        yield from (f"  {safe_text(str(miss).splitlines()[0])}" for miss in test.misses)
    if unused := test.unused:
        count = len(test.cassette.interactions) if not test.is_recording else len(unused)
        yield f"{_count(len(unused), 'recorded interaction')} of {count} not asked for:"
        for place, interaction in unused[:_MOST_LISTED]:
            yield f"  #{place} {safe_text(describe_request(interaction.request))}"
        if len(unused) > _MOST_LISTED:
            yield f"  and {len(unused) - _MOST_LISTED} more"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
