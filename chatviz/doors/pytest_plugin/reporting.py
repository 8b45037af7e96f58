"""What is said of a test's recording: what was left unused, and what explains a failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from chatviz.cassettes.matching.misses import describe_request
from chatviz.doors.cli.terminal import safe_text
from chatviz.doors.pytest_plugin.recorded_test import RecordedTest

__all__ = ["add_to_report", "check_strictly", "forget_page"]

_MOST_LISTED: Final = 5


def add_to_report(report: pytest.TestReport, test: RecordedTest, item: pytest.Item) -> None:
    """Add what there is to say of a test to the report of a phase, in values that xdist sends."""
    lines: list[str] = []
    if report.when == "call":
        test.has_passed = report.passed
    if report.failed:
        lines += _add_evidence(report, test, item)
    elif report.when == "teardown" and test.has_passed:
        lines += [f"{test.nodeid}: {line}" for line in _left_lines(test)]
    noted: Any = report
    noted.chatviz = lines


def forget_page(test: RecordedTest) -> None:
    """Remove the page of an earlier failure: one that is there is of the last time."""
    if test.page is not None:
        with suppress(FileNotFoundError, NotADirectoryError):
            test.page.unlink()


def _add_evidence(
    report: pytest.TestReport, test: RecordedTest, item: pytest.Item
) -> Iterator[str]:
    """Add what is kept of a failure to its report, and yield what the terminal says at the end."""
    from chatviz.doors.pytest_plugin.failure_evidence import collect_evidence

    evidence = collect_evidence(test)
    if evidence.summary:
        report.sections.append(("chatviz", evidence.summary))
    if evidence.page is None:
        return
    item.user_properties.append(("chatviz_page", str(evidence.page)))  # for junitxml
    if (pytest_html := sys.modules.get("pytest_html")) is not None:
        link = pytest_html.extras.url(_link(evidence.page, item.config), name="chatviz")
        noted: Any = report
        noted.extras = [*getattr(report, "extras", ()), link]
    yield f"{test.nodeid} failed: {evidence.page}"


def _link(page: Path, config: pytest.Config) -> str:
    """Return how the report of pytest-html names a page: relative, so that both can be moved."""
    report = config.getoption("htmlpath", None)
    if not report:
        return page.as_uri()
    folder = (config.invocation_params.dir / report).parent
    try:
        return quote(Path(os.path.relpath(page, folder)).as_posix())
    except ValueError:  # on another drive
        return page.as_uri()


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
