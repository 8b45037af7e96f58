"""``sdks``: what other libraries make of recorded streams."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.sources import find_sources, load_all, sources_argument
from chatviz.doors.cli.targets import check_targets
from chatviz.doors.cli.terminal import echo, paint, safe_text, width_of

if TYPE_CHECKING:
    from chatviz.evidence.sdks.cell import SDKCell
    from chatviz.evidence.sdks.matrix import SDKMatrix

__all__ = ["sdks"]

VERDICTS: Final = ("lossy", "wrong", "raises", "hangs")
COLOURS: Final = {"lossy": "yellow", "wrong": "red", "raises": "red", "hangs": "red"}
MOST_SHOWN: Final = 200  # characters of each side


@click.command(short_help="Say what other libraries make of a stream.")
@sources_argument
@click.option(
    "--sdk", "names", multiple=True, metavar="NAME",
    help="Only this library; may be repeated. By default all that are installed.",
)  # fmt: skip
@click.option(
    "--fail-on", multiple=True, type=click.Choice([*VERDICTS, "never"]),
    help="What makes the exit code 1; may be repeated. By default wrong, raises and hangs.",
)  # fmt: skip
@click.option(
    "--limit-s", type=click.FloatRange(0, min_open=True), default=10.0, show_default=True,
    help="Seconds for one reading of one answer; what takes longer hangs.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Save the page, too.")
@click.pass_context
def sdks(
    context: click.Context,
    sources: tuple[str, ...],
    names: tuple[str, ...],
    fail_on: tuple[str, ...],
    limit_s: float,
    as_json: bool,
    output: Path | None,
) -> None:
    """Feed each library the recorded streams, and compare what it reads with what was sent.

    Exit codes: 0 nothing that --fail-on names, 1 something, 2 a file could not be read.
    """
    from chatviz.cassettes.reading import read_runs
    from chatviz.evidence.sdks.matrix import sdk_matrix
    from chatviz.evidence.sdks.sdk import find_sdk
    from chatviz.evidence.sdks.showing import show_matrix

    try:
        for name in names:
            find_sdk(name)
    except ValueError as error:
        raise click.UsageError(safe_text(str(error))) from error
    check_targets(sources, output)
    runs = [run for _, cassette in load_all(find_sources(sources)) for run in read_runs(cassette)]
    if not runs:
        raise click.UsageError("no answer of a chat is in these recordings.")
    matrix = sdk_matrix(runs, names or None, limit_s=limit_s)
    echo(json.dumps(_document(matrix), indent=2)) if as_json else _print(matrix)
    if output is not None:
        show_matrix(matrix).save(output)
        echo(f"\nWritten: {safe_text(str(output))}", err=as_json)
    failing = fail_on or ("wrong", "raises", "hangs")
    if any(cell.verdict in failing for cell in matrix.cells):
        context.exit(1)


def _document(matrix: SDKMatrix) -> dict[str, object]:
    """Return the matrix for programs."""
    return {
        "sentence": matrix.sentence,
        "libraries": {one.name: dict(one.versions) or None for one in matrix.sdks},
        "cells": json.loads(matrix.table.to_json(orient="records") or "[]"),
    }


def _print(matrix: SDKMatrix) -> None:
    from chatviz.doors.cli.grids import grid_lines
    from chatviz.evidence.sdks.showing import SDK_COLUMNS, name_run, sdk_rows

    echo(safe_text(matrix.sentence))
    echo()
    rows = [["" if cell is None else str(cell) for cell in row] for row in sdk_rows(matrix)]
    used = [place for place, name in enumerate(SDK_COLUMNS) if any(row[place] for row in rows)]
    grid = [[row[place] for place in used] for row in rows]
    for line in grid_lines([SDK_COLUMNS[place] for place in used], grid, width_of(None)):
        echo(line)
    absent = [one.name for one in matrix.sdks if one.is_absent]
    if absent:
        echo(paint(f"absent: {', '.join(absent)}", dim=True))
    for cell in matrix.cells:
        if cell.verdict in VERDICTS:
            echo()
            where = name_run(matrix.runs[cell.run], cell.run)
            told = paint(cell.verdict, COLOURS[cell.verdict], bold=True)
            echo(f"{told}  {safe_text(cell.sdk.name)}  {safe_text(where)}")
            _print_cell(cell)


def _print_cell(cell: SDKCell) -> None:
    reading = cell.reading
    for one in reading.differences:
        sides = f"sent {_short(one.sent)}, read {_short(one.read) if one.read else 'nothing'}"
        echo(f"  {safe_text(one.place)}: {sides}")
    if reading.error:
        place = f" (in {reading.place[1]}, {reading.place[0]})" if reading.place else ""
        echo(f"  {safe_text(f'{reading.error}: {reading.message}{place}')}")


def _short(text: str) -> str:
    from chatviz.views.drawing.text import cut_text

    return safe_text(cut_text(text, MOST_SHOWN)).replace("\n", "⏎") or "nothing"
