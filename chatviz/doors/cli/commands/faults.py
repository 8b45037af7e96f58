"""``faults``: a client is tried on a recording, with each fault at each chunk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chatviz.doors.cli.functions import find_function
from chatviz.doors.cli.sources import load, one_source, source_argument
from chatviz.doors.cli.targets import check_targets, write_target
from chatviz.doors.cli.terminal import echo, paint, safe_text, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatviz.evidence.fault_matrix.matrix import FaultMatrix

__all__ = ["faults"]

UNSURE: Final = ("wrong", "asked_else")  # for --strict
INTERRUPTED: Final = 130  # exit code: Ctrl-C
MOST_LISTED: Final = 30
MOST_SHOWN: Final = 80  # characters of what a test returned
LABELS: Final = 18  # columns for the names of the faults
WIDE: Final = 4  # columns for a chunk
WRITTEN: Final = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Try a client on a recording, with each fault at each chunk.")
@source_argument("source")
@click.option(
    "--test", "test", required=True, metavar="MODULE:FUNCTION",
    help="Your code: it takes a client, or a base URL, and returns what it made of the answers.",
)  # fmt: skip
@click.option(
    "--faults",
    "names",
    metavar="NAME,…",
    help="Which: cut, end, stall, stall:SECONDS, duplicate, drop, corrupt, split, error, refuse.",
)
@click.option(
    "--over", type=click.Choice(["httpx", "httpx2", "server"]), default="httpx", show_default=True,
    help="What it takes: a client of the library, or the base URL of a server.",
)  # fmt: skip
@click.option("--chunks", metavar="N,…", help="Strike these chunks alone.")
@click.option(
    "--max-chunks", type=click.IntRange(1), default=24, show_default=True,
    help="How many chunks of an answer are struck at most.",
)  # fmt: skip
@click.option("--any", "any_", is_flag=True, help="Whatever is asked, give the next answer.")
@click.option("--ignore", multiple=True, metavar="PATH", help="Of requests, leave this uncompared.")
@click.option("--limit-s", type=click.FloatRange(min=0, min_open=True), default=10.0,
              show_default=True, help="Seconds for one run; what takes longer hangs.")  # fmt: skip
@click.option("--max-s", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@click.option("--strict", is_flag=True, help="Fail for what no client can know, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "-o",
    "--output",
    type=WRITTEN,
    help="Save the picture as a page.",
)
@click.option(
    "--as-test",
    "written",
    type=WRITTEN,
    help="Write a pytest file of the first failure.",
)
def faults(
    source: str, test: str, names: str | None, over: Any, chunks: str | None, max_chunks: int,
    any_: bool, ignore: tuple[str, ...], limit_s: float, max_s: float | None, strict: bool,
    as_json: bool, output: Path | None, written: Path | None,
) -> int:  # fmt: skip
    """Try your own client on a recording, with each fault at each chunk.

    Exit codes: 0 it was right, or raised an error where something was lost; 1 it could have done
    better: a wrong answer though the wire shows the fault, no end, an error though nothing was
    lost; 2 wrong use, or it fails without a fault; 130 Ctrl-C, after what was done is printed.
    """
    from chatviz.evidence.fault_matrix.fault_matrix import fault_matrix

    check_targets([source], output, written)
    cassette = load(one_source(source))
    with find_function(test, "--test") as function:
        try:
            matrix = fault_matrix(
                cassette,
                function,
                None if names is None else names.split(","),
                over=over,
                chunks=_numbers(chunks),
                max_chunks=max_chunks,
                match="any" if any_ else None,
                ignore=ignore,
                limit_s=limit_s,
                max_s=max_s,
            )
        except (ValueError, TypeError) as error:
            raise click.UsageError(safe_text(str(error))) from error
        echo(json.dumps(_document(matrix), indent=2)) if as_json else _print(matrix)
        _write(matrix, output, written)
    if matrix.stopped == "interrupted":
        return INTERRUPTED
    unsure = strict and any(cell.verdict in UNSURE for cell in matrix.cells)
    return int(unsure or bool(matrix.failures))


def _numbers(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"wanted numbers of chunks, as in 0,5,12, found {text!r}.", param_hint="--chunks"
        ) from None


def _document(matrix: FaultMatrix) -> dict[str, Any]:
    return {
        "sentence": matrix.sentence,
        "expected": matrix.expected,
        "stopped": matrix.stopped,
        "planned": len(matrix.plan),
        "seconds": round(matrix.seconds, 3),
        "unasked": list(matrix.unasked),
        "cells": json.loads(matrix.table.to_json(orient="records") or "[]"),
    }


def _print(matrix: FaultMatrix) -> None:
    for line in _grid(matrix, width_of(None)):
        echo(line)
    for cell in matrix.failures[:MOST_LISTED]:
        behind = f": {cell.got[:MOST_SHOWN]}" if cell.got else ""
        behind += "…" if len(cell.got) > MOST_SHOWN else ""
        told = f" [{', '.join(cell.findings)}]" if cell.findings else ""
        echo(safe_text(f"{cell.sentence}{behind}") + paint(told, dim=True))
    rest = len(matrix.failures) - MOST_LISTED
    if rest > 0:
        echo(f"… and {rest:,} more (--json lists all)")
    if matrix.failures:
        echo()
    echo(safe_text(matrix.sentence))


def _grid(matrix: FaultMatrix, width: int) -> Iterator[str]:
    """Yield the lines of the grid: a sign for each cell, "!" behind those that failed."""
    from chatviz.evidence.fault_matrix.cells import SIGNS, VERDICTS

    cells = {(cell.fault, cell.chunk, cell.interaction): cell for cell in matrix.cells}
    room = max(1, (width - LABELS) // WIDE)
    for run in matrix.runs:
        yield paint(matrix.say_struck(run), bold=True)
        chunks = matrix.struck(run.interaction)
        for start in range(0, max(len(chunks), 1), room):
            some: list[int | None] = [*chunks[start : start + room]] or [None]
            yield _line("chunk", ("" if chunk is None else str(chunk) for chunk in some))
            for kind in matrix.kinds:
                if start and not kind.has_chunk:
                    continue
                keys = some if kind.has_chunk else [None]
                row = [cells.get((kind.name, chunk, run.interaction or 0)) for chunk in keys]
                signs = (
                    "" if cell is None else SIGNS[cell.verdict] + "!" * cell.is_failure
                    for cell in row
                )
                yield _line(kind.words, signs)
        yield ""
    used = dict.fromkeys(cell.verdict for cell in matrix.cells)
    yield "; ".join(f"{SIGNS[one]} {VERDICTS[one]}" for one in VERDICTS if one in used)
    yield ""


def _line(name: str, cells: Iterable[str]) -> str:
    return (f"{name:<{LABELS}}" + "".join(f"{cell:<{WIDE}}" for cell in cells)).rstrip()


def _write(matrix: FaultMatrix, output: Path | None, written: Path | None) -> None:
    from chatviz.evidence.fault_matrix.showing import show_fault_matrix

    if output is not None:
        show_fault_matrix(matrix).save(output)
        echo(f"Written: {safe_text(str(output))}", err=True)
    if written is not None and matrix.failures:
        write_target(written, matrix.as_test(matrix.failures[0]))
        echo(f"Written: {safe_text(str(written))}", err=True)
