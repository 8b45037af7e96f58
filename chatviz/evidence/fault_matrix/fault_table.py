"""The cells of a fault matrix as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatviz.evidence.fault_matrix.cells import VERDICTS, FaultCell
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows

__all__ = ["FAULT_COLUMNS", "fault_table"]

FAULT_COLUMNS: Final = (
    Column("interaction", "Int64", "Which answer of the recording was struck, by its place."),
    Column("chunk", "Int64", "Which chunk of it, from 0; none for a refusal, before all chunks."),
    Column("fault", "string", "The kind of fault: cut, stall, duplicate, drop, corrupt …"),
    Column("verdict", "category", "How the test ended.", tuple(VERDICTS)),
    Column("error", "string", "The type of the error that it raised."),
    Column("message", "string", "The error's text, or what was asked for that is not recorded."),
    Column("got", "string", "What it returned where that was wrong, as Python writes it."),
    Column(
        "findings",
        "string",
        "What chatviz finds in the broken answer and not in the whole one; not looked for where "
        "the answer was right.",
    ),
    Column("is_failure", "boolean", "Whether the client could have done better."),
    Column("duration_s", "Float64", "Seconds that the test took."),
)


def fault_table(cells: Iterable[FaultCell]) -> TableColumns:
    """Return one row for each cell that was tried."""
    return columns_from_rows(FAULT_COLUMNS, map(_row, cells))


def _row(cell: FaultCell) -> tuple[object, ...]:
    return (
        cell.interaction,
        cell.chunk,
        cell.fault,
        cell.verdict,
        cell.error or None,
        cell.message or None,
        cell.got or None,
        ", ".join(cell.findings) or None,
        cell.is_failure,
        cell.seconds,
    )
