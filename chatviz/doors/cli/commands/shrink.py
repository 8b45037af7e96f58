"""``shrink``: from a recording to the least of it that still shows a bug."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatviz.doors.cli.codes import complete_code
from chatviz.doors.cli.sources import load, one_source, source_argument
from chatviz.doors.cli.targets import check_targets, write_target
from chatviz.doors.cli.terminal import echo, paint, safe_text

if TYPE_CHECKING:
    from chatviz.evidence.shrinking.shrunk import Shrunk

__all__ = ["shrink"]

_File = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Find the least of a recording that still shows a bug.")
@source_argument("source")
@click.option(
    "--finding", metavar="CODE", shell_complete=complete_code,
    help="What must still be found (chatviz lint).",
)  # fmt: skip
@click.option("--sdk", metavar="NAME", help="Which SDK must still fail; chatviz sdks lists them.")
@click.option("-o", "--output", type=_File, help="Write the recording that is left.")
@click.option("--test", type=_File, help="Write a pytest file with the bytes inside.")
@click.option("--issue", type=_File, help="Write the text of an issue, in Markdown.")
@click.option("--max-tries", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--max-s", type=click.FloatRange(0), default=120.0, show_default=True)
@click.option(
    "--limit-s", type=click.FloatRange(0), default=10.0, show_default=True,
    help="Seconds for one reading by the SDK; what takes longer hangs.",
)  # fmt: skip
def shrink(
    source: str,
    finding: str | None,
    sdk: str | None,
    output: Path | None,
    test: Path | None,
    issue: Path | None,
    max_tries: int,
    max_s: float,
    limit_s: float,
) -> None:
    """Find the smallest recording that still shows a finding, or that an SDK still fails on.

    Secrets are removed first; what people wrote is listed where any of it is left.
    """
    from chatviz.cassettes.storage import save_cassette
    from chatviz.evidence.sdks.raises import raises
    from chatviz.evidence.shrinking.shrink import shrink as shrink_recording

    if (finding is None) == (sdk is None):
        raise click.UsageError("wanted one of --finding CODE and --sdk NAME.")
    check_targets([source], output, test, issue)
    cassette = load(one_source(source))
    try:
        fails = finding if finding is not None else raises(sdk or "", limit_s=limit_s)
        shrunk = shrink_recording(cassette, fails, max_tries=max_tries, max_s=max_s)
    except ValueError as error:
        raise click.UsageError(safe_text(str(error))) from error
    _print(shrunk)
    if output is not None:
        save_cassette(shrunk.cassette, output)
    for path, text in ((test, shrunk.as_test), (issue, shrunk.as_issue)):
        if path is not None:
            write_target(path, text())
    for path in (output, test, issue):
        if path is not None:
            echo(f"Written: {safe_text(str(path))}")


def _print(shrunk: Shrunk) -> None:
    from chatviz.evidence.shrinking.writing import shown_bytes

    echo(safe_text(shrunk.sentence))
    echo()
    echo(safe_text(shown_bytes(shrunk.after.body)))
    if shrunk.texts:
        echo()
        echo(paint("Texts that are left (look at them before you post):", bold=True))
    for one in shrunk.texts:
        echo(f"  {paint(safe_text(one.place), dim=True)}  {safe_text(one.text)}")
