"""How a fault matrix shows itself: a grid, and below it what went wrong; no script is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chatviz.evidence.fault_matrix.cells import FaultCell
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from chatviz.evidence.fault_matrix.picture import draw_matrix
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.view import View

__all__ = ["show_fault_matrix"]

MOST_CODES = 2  # of the findings of a cell
WRONG_COLUMNS = ("fault", "interaction", "chunk", "verdict", "returned", "error", "on the wire")


def show_fault_matrix(matrix: FaultMatrix) -> View:
    """Show what became of each cell, the failures first."""
    unseen = [c for c in matrix.cells if c.verdict == "wrong" and not c.is_failure]
    raised = Counter(
        (cell.case.kind.words, cell.error) for cell in matrix.cells if cell.verdict == "raised"
    )
    return View(
        matrix.sentence,
        svg=draw_matrix(matrix),
        tables=(
            _cells("The client could have done better", matrix.failures),
            _cells("Wrong, by faults that nothing on the wire shows", unseen),
            Table(
                "Errors raised",
                ("fault", "error", "cells"),
                tuple((*key, count) for key, count in raised.items()),
            ),
            Table("Right", ("what", "value"), (("without a fault", matrix.expected),)),
        ),
    )


def _cells(title: str, cells: Iterable[FaultCell]) -> Table:
    return Table(title, WRONG_COLUMNS, tuple(map(_row, cells)))


def _row(cell: FaultCell) -> tuple[Cell, ...]:
    told = f"{cell.error}: {cell.message}".strip(": ")
    return (
        cell.case.kind.words,
        cell.interaction,
        cell.chunk,
        cell.verdict.replace("_", " "),
        cell.got or None,
        told or None,
        _codes(cell) or None,
    )


def _codes(cell: FaultCell) -> str:
    rest = len(cell.findings) - MOST_CODES
    return ", ".join(cell.findings[:MOST_CODES]) + (f" and {rest} more" if rest > 0 else "")
