"""The compact data of a comparison, for a browser: the numbers, and the parts as columns."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any, Final

from chatviz.views.compare.alignment import Pieces, Strand
from chatviz.views.compare.sides import Comparison
from chatviz.views.compare.words import Spans, differing_spans
from chatviz.views.drawing.base46 import write_numbers, write_steps
from chatviz.views.drawing.html import Cell, format_cell
from chatviz.views.inspector.calls import count_units
from chatviz.views.page_module import measure_json

__all__ = ["comparison_data"]

MAX_BYTES: Final = 1_000_000
MIN_BYTES: Final = 16_000


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Return what the module shows, at most twice the streams' bytes: long texts are cut."""
    rows = (*comparison.numbers.rows, *comparison.findings.rows)
    words = [[_word(cell) for cell in row] for row in rows]
    data: dict[str, Any] = {"labels": comparison.labels, "rows": words, "left_out": []}
    limit = min(MAX_BYTES, max(2 * comparison.size, MIN_BYTES)) - measure_json(data)
    strands = comparison.strands
    shown = [_strand_data(strand, None) for strand in strands]
    weights = sum(map(measure_json, shown))
    if weights > limit:
        texts = [pieces.text for strand in strands for pieces in strand.sides if pieces]
        kept = max(0.0, 0.98 * (1 - (weights - limit) / max(1, sum(map(measure_json, texts)))))
        shown = [_strand_data(strand, kept) for strand in strands]
        data["left_out"] = [f"Texts are cut to their first {kept:.0%}."]
    return {**data, "strands": shown}


def _strand_data(strand: Strand, kept: float | None) -> dict[str, Any]:
    difference = strand.difference
    return {
        "step": strand.step,
        "label": strand.label,
        "offset": None if difference is None else _units(strand, difference.offset),
        "is_respelt": strand.is_respelt,
        "sides": _sides(strand, kept),
    }


def _sides(strand: Strand, kept: float | None) -> list[dict[str, Any] | None]:
    """Return what each side said, and which of its words the others did not say."""
    here = [side for side in strand.sides if side is not None]
    texts = [side.text for side in here]
    marks = differing_spans(texts) if strand.difference else [()] * len(texts)
    told = (
        {**_pieces_data(side, kept), "marks": _unit_edges(side.text, spans)}
        for side, spans in zip(here, marks, strict=True)
    )
    return [None if side is None else next(told) for side in strand.sides]


def _unit_edges(text: str, spans: Spans) -> list[int]:
    """Return where marked words begin and end, by turns, as a browser counts."""
    edges = [edge for span in spans for edge in span]
    if text.isascii():
        return edges
    pieces = (text[low:high] for low, high in pairwise([0, *edges]))
    return list(accumulate(map(count_units, pieces)))


def _units(strand: Strand, offset: int) -> int:
    """Return an offset as a browser counts; up to the first difference all sides are alike."""
    texts = [pieces.text for pieces in strand.sides if pieces is not None]
    return count_units(max(texts, key=len)[:offset])


def _pieces_data(pieces: Pieces, kept: float | None) -> dict[str, Any]:
    text = pieces.text
    data: dict[str, Any] = {
        "chunks": write_steps(pieces.chunks),
        "lengths": write_numbers(map(count_units, pieces.texts)),
        "text": text if kept is None else text[: int(len(text) * kept)],
    }
    if pieces.times:
        data["ticks"] = write_steps([round(at * 1e4) for at in pieces.times], signed=True)
    return data


def _word(cell: Cell) -> str:
    if cell is None:
        return "–"
    return cell if isinstance(cell, str) else format_cell(cell)
