"""``table``: a table of one recording or of many, to look at or for another program."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chatviz.doors.cli.grids import grid_lines
from chatviz.doors.cli.sources import (
    GivenSource,
    find_sources,
    load_all,
    read_talks,
    shown_name,
    sources_argument,
)
from chatviz.doors.cli.targets import check_targets, write_target
from chatviz.doors.cli.terminal import echo, echo_bytes, safe_text, width_of, wrap_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["table"]

KINDS: Final = {
    "runs": "run_table",
    "chunks": "chunk_table",
    "deltas": "delta_table",
    "tool-calls": "tool_call_table",
    "arguments": "argument_table",
    "usage": "usage_table",
    "findings": "finding_table",
    "timing": "timing_table",
    "gaps": "gap_table",
    "cache": "cache_table",
    "definitions": "definition_table",
    "server-timing": "server_timing_table",
    "critical-path": "critical_path_table",
    "scorecard": "scorecard_table",
}
GROUPINGS: Final = ("model", "host", "provider", "dialect", "source")
LINKED: Final = ("findings", "tool-calls", "cache", "critical-path")  # of conversations
MOST_ROWS: Final = 60  # on a terminal
MOST_TEXT: Final = 120  # characters of a cell on a terminal


@click.command(short_help="Print a table: runs, chunks, usage, timing ...")
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="KIND")
@sources_argument
@click.option(
    "--to", "form", type=click.Choice(["text", "csv", "json", "parquet"]), default="text",
    show_default=True, help="csv for spreadsheets, json as a list of rows.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else it is printed.")
@click.option(
    "--by", multiple=True, type=click.Choice(GROUPINGS),
    help="What a scorecard's rows are; may be given more than once. By default model and host.",
)  # fmt: skip
@click.option("--raw", is_flag=True, help="In csv: leave texts that a spreadsheet would run alone.")
def table(
    kind: str,
    sources: tuple[str, ...],
    form: str,
    output: Path | None,
    by: tuple[str, ...],
    raw: bool,
) -> None:
    r"""Print the table of that KIND; with several files, its first column names the file.

    \b
    KIND: runs, chunks, deltas, tool-calls, arguments, usage, findings, timing,
    gaps, cache, definitions, server-timing, critical-path; scorecard (of all
    files together).
    """
    if by and kind != "scorecard":
        raise click.UsageError(f"--by says what a scorecard's rows are; found the kind {kind!r}.")
    if form == "parquet" and output is None:
        raise click.UsageError("Parquet is no text: wanted -o FILE.")

    check_targets(sources, output)
    given = find_sources(sources)
    frame = _scorecard(given, by) if kind == "scorecard" else _frame(kind, given)
    if form == "text" and "file" in frame:
        frame["file"] = frame["file"].map(shown_name)
    written = _written(frame, form, raw=raw)
    if output is None and form == "text":
        echo(written.decode().removesuffix("\n"))
    elif output is None:
        echo_bytes(written)
    else:
        write_target(output, click.unstyle(written.decode()) if form == "text" else written)
        echo(f"Written: {safe_text(str(output))}")


def _frame(kind: str, sources: list[GivenSource]) -> pd.DataFrame:
    """Return the table, of several recordings one under another, each row with its file."""
    import pandas as pd

    from chatviz import tables
    from chatviz.cassettes.reading import read_runs

    make: Callable[[Any], pd.DataFrame] = getattr(tables, KINDS[kind])
    frames: dict[str, pd.DataFrame] = {}
    for path, cassette in load_all(sources):
        is_linked = kind in LINKED
        frames[path] = make(read_talks(cassette) if is_linked else read_runs(cassette))
    if len(frames) < 2:
        return next(iter(frames.values()), make([]))
    return pd.concat(frames, names=["file"]).reset_index("file").reset_index(drop=True)


def _scorecard(sources: list[GivenSource], by: tuple[str, ...]) -> pd.DataFrame:
    """Return the scorecard of all recordings together; one is in memory at a time."""
    from chatviz.tables.groups.scorecard import scorecard_table

    cassettes = (cassette for _, cassette in load_all(sources))
    talks = (talk for cassette in cassettes for talk in read_talks(cassette))
    return scorecard_table(talks, by=by or ("model", "host"))


def _written(frame: pd.DataFrame, form: str, *, raw: bool) -> bytes:
    if form == "text":
        return _to_text(frame).encode()
    if form == "json":
        text = frame.to_json(orient="records", indent=2, date_format="iso") or "[]"
        return f"{text}\n".encode("utf-8", "backslashreplace")
    if form == "csv":
        from chatviz.tables.files.spreadsheets import guard_cells

        rows = frame if raw else guard_cells(frame)
        return rows.to_csv(index=False).encode("utf-8", "backslashreplace")
    target = BytesIO()
    try:
        frame.to_parquet(target, index=False)
    except ImportError:
        raise ModuleNotFoundError("Parquet wants pyarrow: pip install pyarrow.") from None
    return target.getvalue()


def _to_text(frame: pd.DataFrame) -> str:
    """Return a table for the eye: as many rows as one can look at, and no empty column.

    What is left out is told.
    """
    if frame.empty:
        told = f"No rows. The columns are: {', '.join(frame.columns)}."
        return "\n".join([*wrap_cells(told, width_of(None)), ""])
    full = frame.dropna(axis="columns", how="all")
    shown = full.head(MOST_ROWS).astype(object)
    rows = [
        [_cell(value) if is_known else "" for value, is_known in zip(row, known, strict=True)]
        for row, known in zip(shown.to_numpy(), shown.notna().to_numpy(), strict=True)
    ]
    lines = list(grid_lines(list(full.columns), rows, width_of(None)))
    if more := len(frame) - len(rows):
        lines.append(f"{more:,} more rows (--to csv has all)")
    if without := [name for name in frame.columns if name not in full.columns]:
        lines += wrap_cells(f"Without any value: {', '.join(without)}.", width_of(None))
    return "\n".join([*lines, ""])


def _cell(value: object) -> str:
    """Return a value as the eye reads it; long text is cut."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"
