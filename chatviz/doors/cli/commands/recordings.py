"""``convert``, ``redact``, ``samples`` and ``explain``."""

from __future__ import annotations

from pathlib import Path

import click

from chatviz.doors.cli.sources import STDIN, load, one_source
from chatviz.doors.cli.terminal import echo, paint

__all__ = ["convert", "explain", "redact", "samples"]


@click.command(short_help="Write any recording as a go-vcr file.")
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path))
def convert(source: str, target: Path) -> None:
    """Write a recording of any format (HAR, vcrpy, curl ...) as a go-vcr file.

    Everything is kept, secrets too: `chatviz redact` removes them.
    """
    from chatviz.cassettes.convert import convert as write

    cassette = write(load(one_source(source)), target)
    echo(f"{target}: {len(cassette.interactions):,} interactions, as go-vcr, version 2.")


@click.command(short_help="Write a recording without its secrets.")
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where there are secrets.")
@click.pass_context
def redact(context: click.Context, source: str, target: Path | None, check: bool) -> None:
    """Write a recording without its secrets: headers, URLs, named fields, known keys.

    What people wrote stays as it was. Lengths and times stay, so findings and usage do, too.
    """
    from chatviz.cassettes.redaction.redaction import redact_cassette
    from chatviz.cassettes.storage import save_cassette

    cleaned, removed = redact_cassette(load(one_source(source)))
    if not check:
        written = _checked(source, target)
        save_cassette(cleaned, written)
        echo(f"{written}: secrets removed in {len(removed):,} places.")
    for place in removed:
        echo(f"  {place}")
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
@click.argument("code")
def explain(code: str) -> None:
    """Explain a finding: its bytes, what careless code makes of them, how chatviz reads them."""
    from chatviz.explanations import codes
    from chatviz.explanations import explain as text_of

    if code not in codes():
        from difflib import get_close_matches

        near = get_close_matches(code, codes(), n=3) or ["chatviz lint lists them"]
        raise click.BadParameter(f"no finding has the code {code!r}; near it: {', '.join(near)}.")
    click.echo_via_pager(f"{code}\n\n{text_of(code)}")


def _checked(source: str, target: Path | None) -> Path:
    """Return where to write; a recording is never written over by its own redaction."""
    if target is None:
        raise click.UsageError("wanted the path to write to.")
    if source != STDIN and target.exists() and target.samefile(one_source(source)):
        raise click.UsageError("the target is the source: give another path, and keep both.")
    return target
