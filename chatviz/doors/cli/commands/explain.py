"""``explain``: what a kind of finding is, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click

from chatviz.doors.cli.codes import check_code, complete_code
from chatviz.doors.cli.terminal import (
    SEVERITY_COLOURS,
    echo,
    paint,
    safe_text,
    width_of,
    wrap_cells,
)

__all__ = ["explain"]

READABLE: Final = 100  # columns of prose


@click.command(short_help="Explain a finding by its code, or list the codes.")
@click.argument("code", required=False, shell_complete=complete_code)
def explain(code: str | None) -> None:
    """Explain a finding: its bytes, what careless code makes of them, how chatviz reads them.

    Without CODE all codes are listed, the worst first, each with its first sentence.
    """
    if code is not None:
        check_code(code)
    width = min(width_of(None), READABLE)
    for line in _list_lines(width) if code is None else _explanation_lines(code, width):
        echo(line)


def _explanation_lines(code: str, width: int) -> Iterator[str]:
    """Yield an explanation without the marks of Markdown; its code is indented and not broken."""
    severity, told = _read(code)
    yield f"{paint(code, bold=True)} ({paint(severity, SEVERITY_COLOURS[severity])})"
    yield ""
    is_code = False
    for line in told.rstrip().split("\n"):
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield f"    {safe_text(line)}".rstrip()
        else:
            yield from wrap_cells(line.replace("`", ""), width)


def _list_lines(width: int) -> Iterator[str]:
    """Yield each code with the first sentence of its explanation, by severity."""
    from chatviz.explanations import codes

    read = {code: _read(code) for code in codes()}
    for severity, colour in SEVERITY_COLOURS.items():
        listed = {code: told for code, (own, told) in read.items() if own == severity}
        yield paint(f"{severity} ({len(listed):,})", colour, bold=True)
        for code, told in listed.items():
            sentence, stop, _ = told.partition("\n")[0].replace("`", "").partition(". ")
            yield f"  {code}"
            for line in wrap_cells(sentence + stop.strip(), width - 4):
                yield paint(f"    {line}", dim=True)


def _read(code: str) -> tuple[str, str]:
    """Return the severity of a finding, and its explanation in Markdown."""
    from chatviz.explanations import explain as text_of

    severity, _, told = text_of(code).partition(" · ")
    return severity.strip("*"), told
