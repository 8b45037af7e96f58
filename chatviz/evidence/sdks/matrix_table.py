"""The table of a matrix: one row for each answer and library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chatviz.evidence.sdks.cell import SDKCell
from chatviz.evidence.sdks.reading import VERDICTS
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["COLUMNS", "matrix_table"]

COLUMNS: Final = (
    Column("source", "string", "Where the answer comes from."),
    Column("interaction", "Int64", "Its number in the recording."),
    Column("run", "Int64", "Its number in the matrix, from 0."),
    Column("dialect", "string", "How the answer speaks."),
    Column("chunks", "Int64", "How many chunks it has."),
    Column("sdk", "string", "The library, or the name of a function."),
    Column("version", "string", "The library's version; missing for a function."),
    Column("verdict", "category", "What came of it.", VERDICTS),
    Column("differs", "string", "What differs, the gravest first, with commas; or the error."),
    Column("place", "string", "Where the first difference is, or what raised the error."),
    Column("sent", "string", "What was sent there; missing where nothing differs."),
    Column("read", "string", "What the library read there, or the text of the error."),
    Column("s_per_chunk", "Float64", "Seconds a chunk, the making of a client included."),
    Column("own_s_per_chunk", "Float64", "Seconds a chunk that chatviz took, measured likewise."),
)


@with_columns(COLUMNS)
def matrix_table(
    runs: Sequence[StreamRun], cells: Sequence[SDKCell], own_seconds: Sequence[float | None]
) -> TableColumns:
    """Return one row for each cell of a matrix, answer by answer."""
    return columns_from_rows(COLUMNS, _rows(runs, cells, own_seconds))


def _rows(
    runs: Sequence[StreamRun], cells: Sequence[SDKCell], own_seconds: Sequence[float | None]
) -> Iterator[tuple[object, ...]]:
    for cell in cells:
        run = runs[cell.run]
        chunks = len(run.chunks)
        yield (
            run.source or None,
            run.interaction,
            cell.run,
            run.dialect,
            chunks,
            cell.sdk.name,
            cell.sdk.version or None,
            cell.verdict,
            ", ".join(cell.differs) or None,
            *_first(cell),
            _each(cell.reading.seconds, chunks),
            _each(own_seconds[cell.run], chunks),
        )


def _first(cell: SDKCell) -> tuple[str | None, str | None, str | None]:
    reading = cell.reading
    if reading.differences:
        first = reading.differences[0]
        return first.place, first.sent, first.read
    if reading.error:
        return ":".join(reading.place) or None, None, reading.message
    return None, None, None


def _each(seconds: float | None, chunks: int) -> float | None:
    return None if seconds is None or not chunks else seconds / chunks
