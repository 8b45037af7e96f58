"""``lint``: the findings of many recordings, for people, for programs and for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chatviz.doors.cli.codes import check_code, complete_code
from chatviz.doors.cli.reports import REPORTS, Reported
from chatviz.doors.cli.sources import (
    GivenSource,
    find_sources,
    load,
    read_talks,
    say_passed_over,
    sources_argument,
    with_progress,
)
from chatviz.doors.cli.terminal import echo, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatviz.chat.findings.log import Finding
    from chatviz.runs.conversation import Conversation
    from chatviz.runs.run import StreamRun

__all__ = ["UNREADABLE", "lint"]

UNREADABLE = "unreadable"  # the code under which a file that cannot be read is reported
SEVERITIES = ("error", "warning", "info")  # the worst first


@click.command(short_help="Report what is odd on the wire.")
@sources_argument
@click.option(
    "--fail-on", "fail_on", multiple=True, metavar="error|warning|info|never|CODE",
    shell_complete=complete_code,
    help="What makes the exit code 1: a severity and all worse, or a code. By default error.",
)  # fmt: skip
@click.option(
    "--ignore", multiple=True, metavar="CODE", shell_complete=complete_code,
    help="Leave out findings with this code.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(sorted(REPORTS)), default="text", show_default=True,
)  # fmt: skip
@click.option("--notes/--no-notes", default=None, help="Print what is only a note, too.")
@click.pass_context
def lint(
    context: click.Context, sources: tuple[str, ...], fail_on: tuple[str, ...],
    ignore: tuple[str, ...], format_: str, notes: bool | None,
) -> None:  # fmt: skip
    """Report what is odd on the wire, with file, interaction, chunk and byte.

    Exit codes: 0 nothing that --fail-on names, 1 something, 2 a file could not be read.
    """
    _check_codes((*ignore, *(one for one in fail_on if one not in (*SEVERITIES, "never"))))
    found = find_sources(sources)
    told = [_report(source) for source in with_progress(found)]
    passed_over = told.count(None)
    say_passed_over(passed_over, len(found))
    reported = [one for each in told for one in each or () if one.code not in ignore]
    failed = [one for one in reported if _fails(one, fail_on or ("error",))]
    is_shown = notes if notes is not None else format_ != "text"
    shown = [one for one in reported if is_shown or one.severity != "info" or one in failed]
    shown.sort(key=lambda one: (one.file, SEVERITIES.index(one.severity)))
    echo(REPORTS[format_](shown, len(found) - passed_over, len(reported) - len(shown)))
    if any(one.code == UNREADABLE for one in reported):
        context.exit(2)
    if failed:
        context.exit(1)


def _report(source: GivenSource) -> list[Reported] | None:
    """Return what is odd in a recording; None for what is none, and was only come across."""
    from chatviz.errors import CassetteError

    try:
        talks = read_talks(load(source.path))
    except CassetteError as error:
        if source.is_passed_over(error):
            return None
        line = "" if error.line is None else f"line {error.line}: "
        return [Reported(source.path, None, UNREADABLE, "error", line + error.reason)]
    if not talks:  # nothing odd, since nothing was looked at
        echo(f"{safe_text(source.path)}: no answer of a chat is in this recording.", err=True)
    return list(_found(source, talks))


def _found(source: GivenSource, talks: Iterable[Conversation]) -> Iterator[Reported]:
    for talk in talks:
        for finding in talk.own_findings:
            yield _reported(source.path, None, finding)
        for run in talk.runs:
            for finding in run.findings:
                yield _reported(source.path, run, finding)


def _reported(source: str, run: StreamRun | None, finding: Finding) -> Reported:
    return Reported(
        source,
        None if run is None else run.interaction,
        finding.code,
        finding.severity,
        finding.message,
        finding.part,
        finding.chunk,
        finding.last_chunk,
        None if run is None else _offset(run, finding.chunk),
        finding.count,
    )


def _offset(run: StreamRun, chunk: int | None) -> int | None:
    events = run.wire.chunk_events
    return run.wire.starts[events[chunk]] if chunk is not None and chunk < len(events) else None


def _fails(one: Reported, fail_on: tuple[str, ...]) -> bool:
    worst = SEVERITIES.index(one.severity)
    limits = [SEVERITIES.index(name) for name in fail_on if name in SEVERITIES]
    return one.code in fail_on or any(worst <= limit for limit in limits)


def _check_codes(codes: tuple[str, ...]) -> None:
    for code in codes:
        if code != UNREADABLE:
            check_code(code)
