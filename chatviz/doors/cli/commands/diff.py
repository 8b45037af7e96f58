"""``diff``: what changed between two recordings of one test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.grids import grid_lines
from chatviz.doors.cli.sources import load, one_source, source_argument
from chatviz.doors.cli.targets import check_targets
from chatviz.doors.cli.terminal import echo, indented, paint, safe_text, width_of, wrap_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatviz.evidence.drift.drifted import Drift
    from chatviz.views.drawing.html import MarkedText, Table

__all__ = ["diff"]

LAYERS: Final = ("wire", "parts", "calls", "text", "usage", "times")
SHOWN: Final = 240  # characters of one value
INDENT: Final = 23  # columns before what is said of a layer
COLOURS: Final = {"=": "green", "≈": "cyan", "≠": "yellow", "?": "cyan"}
MARKS: Final = (("[-", "-]"), ("{+", "+}"))  # as ``git diff --word-diff`` writes them


@click.command(short_help="Say what changed between two recordings of one test.")
@source_argument("old")
@source_argument("new")
@click.option(
    "--fail-on", metavar="LAYERS",
    help="Which layers exit with 1 where they changed, such as wire,calls; spelling for arguments "
    "that are only spelled otherwise; never for none.  [default: all but times and spelling]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Save the page, too.")
@click.pass_context
def diff(
    context: click.Context,
    old: str,
    new: str,
    fail_on: str | None,
    as_json: bool,
    form: str,
    output: Path | None,
) -> None:
    """Say what changed between two recordings of one test, layer by layer.

    `diff` takes two recordings of one test, or of one question on two days, and says what changed
    in how the answer is sent and in what it says; `compare` sets two answers side by side, such as
    those of two providers.

    Layers: wire (fields, order of events, framing), parts (roles, parts, endings), calls (names
    and arguments as JSON values), text (by words), usage (tokens, costs), times (where both have a
    clock; twice as long is another time). What changes with every answer, such as ids, is no
    change.

    Exit codes: 0 the same, 1 it changed (--fail-on), 2 a recording cannot be read.
    """
    from chatviz.cassettes.reading import read_conversations
    from chatviz.evidence.drift.drift import drift
    from chatviz.evidence.drift.showing import show_drift

    layers = _layers(fail_on)
    check_targets([old, new], output)
    sides = [read_conversations(load(one_source(one))) for one in (old, new)]
    found = drift(*sides)
    if as_json or form == "json":
        _print_json(found, old, new)
    else:
        _print(found)
    if output is not None:
        show_drift(found).save(output)
        echo(f"\nWritten: {safe_text(str(output))}", err=as_json or form == "json")
    if found.failing(layers) or ("spelling" in layers and "respelt" in found.verdicts.values()):
        context.exit(1)


def _layers(given: str | None) -> tuple[str, ...]:
    """Return the layers that a change of fails.

    Raises
    ------
    click.UsageError
        One of them is none.
    """
    if given is None:
        return LAYERS[:-1]
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    known = (*LAYERS, "spelling", "never")
    for name in names:
        if name not in known:
            raise click.UsageError(f"--fail-on wants some of {', '.join(known)}, found {name!r}.")
    if not names or ("never" in names and len(names) > 1):
        raise click.UsageError("--fail-on wants layers, such as wire,calls; or never alone.")
    return names


def _print_json(found: Drift, old: str, new: str) -> None:
    from json import dumps

    echo(dumps({**found.as_json(), "old": old, "new": new}, indent=2))


def _print(found: Drift) -> None:
    from chatviz.evidence.drift.showing import change_tables, layer_table

    width = width_of(None)
    for layer, verdict, what in layer_table(found).rows:
        signed = str(verdict)
        told = list(wrap_cells(str(what), width - INDENT))
        head = f"{layer:<7}{paint(signed, COLOURS.get(signed[:1]))}"
        space = " " * (INDENT - 7 - len(signed))
        echo(f"{head}{space}{told[0]}" if told[0] else head.rstrip())
        for line in told[1:]:
            echo(f"{' ' * INDENT}{line}")
    for table in change_tables(found, most=SHOWN):
        echo()
        for line in _table_lines(table, width):
            echo(line)


def _table_lines(table: Table, width: int) -> Iterator[str]:
    """Yield the changes of a layer: short ones as a table, texts below one another."""
    from chatviz.views.drawing.html import MarkedText

    long = [row for row in table.rows if isinstance(row[-1], MarkedText)]
    short = [row for row in table.rows if row not in long]
    if short:
        known = [n for n in range(len(table.columns)) if any(row[n] is not None for row in short)]
        rows = [["" if row[n] is None else str(row[n]) for n in known] for row in short]
        yield from grid_lines([table.columns[n] for n in known], rows, width)
    for place, talk, step, _what, *sides in long:
        told = [] if talk is None else [f"talk {talk}"]
        yield paint(safe_text(", ".join([*told, f"step {step}", str(place)])), bold=True)
        for label, side, marks in zip(("old", "new"), sides, MARKS, strict=True):
            if isinstance(side, MarkedText):
                yield from indented(label, _with_marks(side, *marks), width)


def _with_marks(text: MarkedText, before: str, behind: str) -> str:
    told, done = "", 0
    for start, end in text.spans:
        told += f"{text[done:start]}{before}{text[start:end]}{behind}"
        done = end
    return told + text[done:]
