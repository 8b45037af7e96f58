"""``convert``, ``redact``, ``share`` and ``samples``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import click

from chatviz.doors.cli.sources import load, one_source, source_argument
from chatviz.doors.cli.targets import check_targets
from chatviz.doors.cli.terminal import echo, paint, safe_text, width_of, wrap_cells

__all__ = ["convert", "redact", "samples", "share"]


@click.command(short_help="Write any recording as a go-vcr file.")
@source_argument("source")
@click.argument("target", type=click.Path(path_type=Path))
def convert(source: str, target: Path) -> None:
    """Write a recording of any format (HAR, vcrpy, curl ...) as a go-vcr file.

    Everything is kept, secrets too: `chatviz redact` removes them.
    """
    from chatviz.cassettes.convert import convert as write
    from chatviz.views.run_headings import count_words

    cassette = write(load(one_source(source)), _checked(source, target))
    count = count_words(len(cassette.interactions), "interaction")
    echo(f"{safe_text(str(target))}: {count}, as go-vcr, version 2.")


@click.command(short_help="Write a recording without its secrets.")
@source_argument("source")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where there are secrets.")
@click.pass_context
def redact(context: click.Context, source: str, target: Path | None, check: bool) -> None:
    """Write a recording without its secrets: headers, URLs, named fields, known keys.

    What people wrote stays as it was. Lengths and times stay, so findings and usage do, too.
    """
    from chatviz.cassettes.redaction.redaction import redact_cassette
    from chatviz.cassettes.storage import save_cassette
    from chatviz.views.run_headings import count_words

    cleaned, removed = redact_cassette(load(one_source(source)))
    if not check:
        written = _checked(source, target)
        save_cassette(cleaned, written)
        places = count_words(len(removed), "place")
        echo(f"{safe_text(str(written))}: secrets removed in {places}.")
    for place in removed:
        echo(f"  {safe_text(place)}")
    if check and removed:
        context.exit(1)


@click.command(short_help="Write a recording that may be shown to others.")
@source_argument("source")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--names", multiple=True, metavar="NAME",
    help="A person, a firm, a project; may be given several times.",
)  # fmt: skip
@click.option(
    "--text", type=click.Choice(["shapes", "keep"]), default="shapes", show_default=True,
    help="Replace every word that was written, or only what is personal.",
)  # fmt: skip
@click.pass_context
def share(
    context: click.Context,
    source: str,
    target: Path,
    names: tuple[str, ...],
    text: Literal["shapes", "keep"],
) -> None:
    """Write a recording with the same stream, without its secrets and the people in it.

    The same word becomes the same one everywhere. Then the file is held against the recording:
    exit code 1 says that something is not the same, or that somebody is still named.
    """
    from chatviz.cassettes.sharing.share import share as write
    from chatviz.errors import CassetteError

    written = _checked(source, target)
    try:
        report = write(load(one_source(source)), written, names=names, text=text)
    except CassetteError:
        raise
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--names") from None
    name = safe_text(str(written))
    echo(f"{name}: {'may be shown' if report.holds else 'do not show it, a check failed'}.")
    for line in str(report).splitlines():
        echo(f"  {line}")
    if not report.holds:
        context.exit(1)


@click.command(short_help="List the packaged recordings.")
def samples() -> None:
    """List the recordings that come with chatviz; their names are sources."""
    from chatviz.cassettes.samples import sample
    from chatviz.cassettes.samples import samples as names

    paths = {name: sample(name) for name in names()}
    folder = Path(os.path.commonpath(paths.values()))
    is_for_the_eye = sys.stdout.isatty()
    width = max(map(len, paths))
    for name, path in paths.items():
        shown = path.relative_to(folder) if is_for_the_eye else path
        echo(f"{name:<{width}}  {paint(safe_text(str(shown)), dim=True)}")
    if is_for_the_eye:
        for line in wrap_cells(f"The files are in {folder}", width_of(None)):
            echo(line)


def _checked(source: str, target: Path | None) -> Path:
    """Return where to write; a recording is never written over by what is made of it."""
    if target is None:
        raise click.UsageError("wanted the path to write to.")
    check_targets([source], target)
    return target
