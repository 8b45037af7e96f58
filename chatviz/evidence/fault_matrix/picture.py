"""The fault matrix as a picture: a row for each fault, a column for each chunk that was struck.

Each verdict has a colour and a sign of its own; what the client could have done better has a frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from chatviz.evidence.fault_matrix.cells import SIGNS, VERDICTS, FaultCell, FaultVerdict
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from chatviz.evidence.fault_matrix.planning.chunk_choice import boundaries
from chatviz.evidence.fault_matrix.planning.kinds import FaultKind
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.palette import FRAME, GROUND, INK, MUTED
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text, measure_text

__all__ = ["draw_matrix"]

MARGIN: Final = 12
LABELS: Final = 112  # pixels for the names of the faults
CELL: Final = 22
ROW: Final = 22
COLUMNS: Final = 24  # in one band
MOST_BANDS: Final = 12
WIDTH: Final = 2 * MARGIN + LABELS + COLUMNS * CELL


FILLS: Final[Mapping[FaultVerdict, str]] = {
    "right": "#cfe8dd",
    "raised": "#d3e4f1",
    "wrong": "#f0b48a",
    "asked_else": "#efdcae",
    "hung": "#e2bfd3",
    "died": "#c9c9c9",
}
"""The colour of each verdict: tints, on which ink can be read."""


_CellKey: TypeAlias = tuple[str, int | None, int]


class _ChunkBand(NamedTuple):
    """Some columns of one answer."""

    run: StreamRun
    columns: tuple[int | None, ...]
    is_first: bool

    def keys(self, kind: FaultKind) -> list[_CellKey]:
        """Return which cells a kind has here; a refusal has its one in the first band."""
        interaction = self.run.interaction or 0
        if not kind.has_chunk:
            return [(kind.name, None, interaction)] if self.is_first else []
        return [(kind.name, chunk, interaction) for chunk in self.columns]


def draw_matrix(matrix: FaultMatrix) -> str:
    """Return the picture as SVG."""
    bands = list(_bands(matrix))
    cells = {(cell.fault, cell.chunk, cell.interaction): cell for cell in matrix.cells}
    planned = {(case.kind.name, case.chunk, case.interaction) for case in matrix.plan}
    svg, top = Svg(WIDTH), float(MARGIN)
    for band in bands[:MOST_BANDS]:
        top = _draw_head(svg, band, matrix.say_struck(band.run), top)
        for kind in matrix.kinds:
            keys = band.keys(kind)
            is_empty = planned.isdisjoint(keys)
            if is_empty and not band.is_first:
                continue
            svg.text(MARGIN, top + 15, fit_text(kind.words, LABELS - 6, 12))
            if is_empty and not _has_cells(kind, band.run, planned):
                told = "not here: no character of more than one byte"
                svg.text(MARGIN + LABELS + 4, top + 15, told, fill=MUTED, size=11)
            _draw_row(svg, [(cells.get(key), key in planned) for key in keys], top)
            top += ROW
        top += MARGIN
    if len(bands) > MOST_BANDS:
        svg.text(MARGIN, top + 12, "More chunks were struck than are drawn: matrix.table has all.")
        top += 2 * MARGIN
    top = _draw_legend(svg, matrix, top)
    return svg.finish(int(top) + MARGIN, matrix.sentence)


def _bands(matrix: FaultMatrix) -> Iterator[_ChunkBand]:
    for run in matrix.runs:
        chunks = matrix.struck(run.interaction)
        count = max(1, -(-len(chunks) // COLUMNS))  # as few as can be, and as even
        for number in range(count):
            some = chunks[len(chunks) * number // count : len(chunks) * (number + 1) // count]
            yield _ChunkBand(run, some or (None,), number == 0)


def _has_cells(kind: FaultKind, run: StreamRun, planned: Collection[_CellKey]) -> bool:
    return any(name == kind.name and number == run.interaction for name, _, number in planned)


def _draw_head(svg: Svg, band: _ChunkBand, named: str, top: float) -> float:
    """Write whose chunks these are, and their numbers; bold where something else begins."""
    firsts = set(boundaries(band.run))
    named += "" if band.is_first else ", further on"
    svg.text(MARGIN, top + 12, fit_text(named, WIDTH - 2 * MARGIN, 12), bold=True)
    svg.text(MARGIN, top + 30, "chunk", fill=MUTED, size=10)
    for place, chunk in enumerate(band.columns):
        if chunk is not None:
            svg.text(
                _middle(place), top + 30, str(chunk), size=10, anchor="middle",
                bold=chunk in firsts, fill=INK if chunk in firsts else MUTED,
            )  # fmt: skip
    return top + 36


def _draw_row(svg: Svg, row: Sequence[tuple[FaultCell | None, bool]], top: float) -> None:
    for verdict, fill in FILLS.items():
        places = [n for n, (cell, _) in enumerate(row) if cell and cell.verdict == verdict]
        svg.path([_box(place, top) for place in places], fill=fill)
    svg.path([_box(n, top) for n, (cell, planned) in enumerate(row) if planned and not cell],
             stroke=FRAME)  # fmt: skip
    svg.path([_box(n, top) for n, (cell, _) in enumerate(row) if cell and cell.is_failure],
             stroke=INK, width=1.5)  # fmt: skip
    for failed in (False, True):
        some = [(n, cell) for n, (cell, _) in enumerate(row) if cell and cell.is_failure == failed]
        letters = "".join(SIGNS[cell.verdict] for _, cell in some)
        svg.signs([_middle(n) for n, _ in some], top + 15, letters, bold=failed)


def _draw_legend(svg: Svg, matrix: FaultMatrix, top: float) -> float:
    counts = Counter(cell.verdict for cell in matrix.cells)
    entries = [
        (SIGNS[one], FILLS[one], f"{words} ({counts[one]:,})")
        for one, words in VERDICTS.items()
        if counts[one]
    ]
    if left := len(matrix.plan) - len(matrix.cells):
        entries.append(("", FRAME, f"not tried ({left:,})"))
    x = float(MARGIN)
    for sign, fill, words in entries:
        width = 26 + measure_text(words, 11) + 12
        if x + width > WIDTH - MARGIN and x > MARGIN:
            x, top = float(MARGIN), top + 20
        svg.rect(x + 0.5, top + 0.5, 17, 15, fill=fill if sign else GROUND, stroke=fill)
        svg.signs([x + 9], top + 12, sign, size=11)
        svg.text(x + 24, top + 12, words, size=11)
        x += width
    top += 22
    svg.path([f"M{MARGIN + 1} {top + 1}h16v14h-16z"], stroke=INK, width=1.5)
    told = "the client could have done better; a number in bold: a chunk that says something new"
    svg.text(MARGIN + 24, top + 12, told, size=11)
    return top + 16


def _middle(place: int) -> float:
    return MARGIN + LABELS + place * CELL + CELL / 2


def _box(place: int, top: float) -> str:
    x, size = format_number(MARGIN + LABELS + place * CELL + 1.5), CELL - 3
    return f"M{x} {format_number(top + 1.5)}h{size}v{ROW - 3}h-{size}z"
