"""What pytest calls: options, a marker, fixtures, reports. It loads nothing but pytest by itself.

The rest of the plugin is imported by the fixtures, and so by the tests that ask for one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from chatviz.doors.pytest_plugin.client_maker import ClientMaker
    from chatviz.doors.pytest_plugin.recorded_server import RecordedServer
    from chatviz.doors.pytest_plugin.recorded_test import RecordedTest
    from chatviz.transports.clients.record import RecordTransport
    from chatviz.transports.clients.replay import ReplayTransport

__all__ = [
    "RECORDED_TEST",
    "chatviz_client",
    "chatviz_recorded_test",
    "chatviz_server",
    "chatviz_transport",
]

_MARKER: Final = (
    "chatviz(cassette=None, *, mode=, ignore=, normalise_ids=, match=, repeat=, on_miss=, speed=, "
    "chunks_per_second=, faults=, redact=, upstream=, strict=): how the fixtures chatviz_transport,"
    " chatviz_client and chatviz_server record and replay (docs/pytest.md of chatviz)."
)

RECORDED_TEST: Final[pytest.StashKey[RecordedTest]] = pytest.StashKey()
"""Where a test that asked for a fixture keeps what it recorded and played."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options; none changes a test that does not ask for a fixture."""
    group = parser.getgroup("chatviz", "recorded chats (chatviz)")
    group.addoption(
        "--chatviz-mode",
        choices=("none", "once", "new_episodes", "all"),
        help="When recordings are made: none only replays, once records what has no recording yet, "
        "new_episodes adds what is new, all records anew. By default once, and none where the "
        "environment variable CI is set.",
    )
    group.addoption(
        "--chatviz-strict",
        action="store_true",
        help="Fail tests that leave recorded interactions unused, or asked for what none answers.",
    )
    group.addoption(
        "--chatviz-report",
        default="chatviz-report",
        metavar="FOLDER",
        help="Where the answers of tests that fail are kept, as pages for a browser; '' for none. "
        "By default chatviz-report, in pytest's root folder.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def chatviz_recorded_test(request: pytest.FixtureRequest) -> Iterator[RecordedTest]:
    """Return the recording of this test: its path, its mode, what was played."""
    from chatviz.doors.pytest_plugin.recorded_test import recorded_test_of
    from chatviz.doors.pytest_plugin.reporting import check_strictly, forget_page

    test = request.node.stash[RECORDED_TEST] = recorded_test_of(request.node)
    forget_page(test)
    try:
        yield test
    finally:
        test.close()
    check_strictly(test)


@pytest.fixture
def chatviz_transport(
    chatviz_recorded_test: RecordedTest,
) -> RecordTransport | ReplayTransport:
    """Return a transport with this test's recording, for any client of httpx or httpx2."""
    return chatviz_recorded_test.transport


@pytest.fixture
def chatviz_client(chatviz_recorded_test: RecordedTest) -> ClientMaker:
    """Return what makes a client with this test's recording: ``chatviz_client(openai.OpenAI)``."""
    return chatviz_recorded_test.client_maker


@pytest.fixture
def chatviz_server(chatviz_recorded_test: RecordedTest) -> RecordedServer:
    """Return a server on this machine with this test's recording, for what takes a base URL."""
    return chatviz_recorded_test.server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what a test recorded and played to the reports of its phases."""
    report = yield
    if (test := item.stash.get(RECORDED_TEST, None)) is not None:
        from chatviz.doors.pytest_plugin.reporting import add_to_report

        add_to_report(report, test, item)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what tests that passed left unused, and where the pages of the others are."""
    reports = [one for reports in terminalreporter.stats.values() for one in reports]
    told = [line for one in reports for line in getattr(one, "chatviz", ())]
    if told:
        terminalreporter.section("chatviz")
        for line in told:
            terminalreporter.line(line)
