"""Tables on a terminal: columns as narrow as they must be, and one part below another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from chatviz.doors.cli.terminal import cell_width, paint, safe_text, wrap_cells

__all__ = ["grid_lines"]

GAP: Final = 2  # columns of the terminal between two of the table
NARROW: Final = 16  # to this a column is squeezed, with its cells on several lines
WIDE: Final = 48  # where not even that fits, columns of at most this width are shown in parts
_NUMBER: Final = re.compile(r"-?[\d,]+(\.\d+)?(e-?\d+)?|")


def grid_lines(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield a table's lines, none wider than the terminal.

    Parameters
    ----------
    columns : sequence of str
    rows : sequence of sequences of str
        As they came; they are made safe here.
    width : int
        Columns of the terminal. Where the table cannot be squeezed into it, its columns are shown
        in several parts, each led by the number of the row.
    """
    cells = [[safe_text(cell).replace("\n", "⏎") for cell in row] for row in (columns, *rows)]
    natural = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    least = sum(min(one, NARROW) for one in natural) + GAP * (len(natural) - 1)
    if least <= width:
        yield from _part(cells, _squeezed(natural, width))
        return
    numbers = ["row", *map(str, range(len(rows)))]
    room = width - len(max(numbers, key=len)) - GAP
    for number, (start, end) in enumerate(_parts(natural, room)):
        if number:
            yield ""
        part = [[name, *row[start:end]] for name, row in zip(numbers, cells, strict=True)]
        widths = [min(one, WIDE, room) for one in natural[start:end]]
        yield from _part(part, [len(max(numbers, key=len)), *widths])


def _squeezed(natural: Sequence[int], width: int) -> list[int]:
    """Return widths that fit: the widest columns give way, evenly."""
    widths = [min(one, width) for one in natural]
    for _ in range(sum(widths) + GAP * (len(widths) - 1) - width):
        widths[widths.index(max(widths))] -= 1
    return widths


def _parts(natural: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Yield from which column to which each part goes."""
    start, used = 0, 0
    for place, one in enumerate(natural):
        needed = min(one, WIDE, room)
        if place > start and used + needed > room:
            yield start, place
            start, used = place, 0
        used += needed + GAP
    yield start, len(natural)


def _part(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    are_numbers = [
        all(_NUMBER.fullmatch(cell) for cell in column) for column in zip(*cells[1:], strict=True)
    ] or [False] * len(widths)
    for place, row in enumerate(cells):
        wrapped = [list(wrap_cells(cell, wide)) for cell, wide in zip(row, widths, strict=True)]
        for line in zip_longest(*wrapped, fillvalue=""):
            told = (
                (" " * GAP)
                .join(
                    _padded(cell, wide, is_number)
                    for cell, wide, is_number in zip(line, widths, are_numbers, strict=True)
                )
                .rstrip()
            )
            yield told if place else paint(told, bold=True)


def _padded(cell: str, width: int, is_number: bool) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if is_number else cell + space
