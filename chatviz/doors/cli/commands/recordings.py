"""``convert``, ``redact``, ``samples`` and ``explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.codes import check_code, complete_code
from chatviz.doors.cli.sources import STDIN, load, one_source, source_argument
from chatviz.doors.cli.terminal import (
    SEVERITY_COLOURS,
    echo,
    paint,
    safe_text,
    width_of,
    wrap_cells,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["convert", "explain", "redact", "samples"]

READABLE: Final = 100  # columns of prose


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


@click.command(short_help="List the packaged recordings.")
def samples() -> None:
    """List the recordings that come with chatviz; their names are sources."""
    from chatviz.cassettes.samples import sample
    from chatviz.cassettes.samples import samples as names

    width = max(map(len, names()))
    for name in names():
        echo(f"{name:<{width}}  {paint(str(sample(name)), dim=True)}")


@click.command(short_help="Explain a finding by its code.")
@click.argument("code", shell_complete=complete_code)
def explain(code: str) -> None:
    """Explain a finding: its bytes, what careless code makes of them, how chatviz reads them."""
    from chatviz.explanations import explain as text_of

    check_code(code)
    for line in explanation_lines(code, text_of(code), width_of(None)):
        echo(line)


def explanation_lines(code: str, text: str, width: int) -> Iterator[str]:
    """Yield an explanation without the marks of Markdown; its code is indented and not broken."""
    severity, _, told = text.partition(" · ")
    severity = severity.strip("*")
    yield f"{paint(code, bold=True)} ({paint(severity, SEVERITY_COLOURS.get(severity))})"
    yield ""
    is_code = False
    for line in told.rstrip().split("\n"):
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield f"    {safe_text(line)}".rstrip()
        else:
            yield from wrap_cells(line.replace("`", ""), min(width, READABLE))


def _checked(source: str, target: Path | None) -> Path:
    """Return where to write; a recording is never written over by what is made of it."""
    if target is None:
        raise click.UsageError("wanted the path to write to.")
    if source != STDIN and target.exists() and target.samefile(one_source(source)):
        raise click.UsageError("the target is the source: give another path, and keep both.")
    return target
