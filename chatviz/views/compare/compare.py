"""compare: several answers to one question side by side: where they differ, what they cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatviz.views.compare.alignment import Divergence, Strand
from chatviz.views.compare.data import comparison_data
from chatviz.views.compare.picture import draw_strands
from chatviz.views.compare.sides import compare_sides
from chatviz.views.compare.words import Spans, count_differing, differing_spans
from chatviz.views.drawing.html import MarkedText, Table
from chatviz.views.drawing.text import show_text
from chatviz.views.given import Given
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.run_headings import count_words
from chatviz.views.view import View

__all__ = ["COMPARE_PANES", "compare"]

COMPARE_PANES: Final = ("compare",)

SHOWN: Final = 40  # characters from the first word that differs on
_WORD_END: Final = re.compile(r"\w*\Z")


def compare(*runs: Given) -> View:
    """Show answers to the same question side by side.

    Texts and arguments are aligned step by step, by what they say: where the pieces were cut, the
    first character that differs, and the words that do. Arguments that are the same JSON, spelled
    otherwise, are the same. Where an answer has several choices (``n=2``), each is set beside the
    same choice of the others: ``choice 1: text``. Where scripts run they can be aligned by chunk
    too, and by time where all of it was measured. (``cv.drift`` says what changed between two
    recordings of one test.)

    Parameters
    ----------
    *runs : StreamRun | Conversation | Cassette | path | iterable of them
        Each is one side; at least two. A path to a recording, or the name of a sample, is read as
        ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its tables: the numbers side by side, where each part differs first, and the findings.

    Raises
    ------
    ValueError
        There are less than two sides.
    """
    sides = compare_sides(runs)
    sentence = _sentence(sides.labels, sides.strands)
    return View(
        sentence,
        draw_strands(sides.labels, sides.strands, sentence),
        (sides.numbers, _difference_table(sides.labels, sides.strands), sides.findings),
        make_mount=lambda: Mount(pane_module(*COMPARE_PANES), comparison_data(sides)),
    )


def _difference_table(labels: Sequence[str], strands: Sequence[Strand]) -> Table:
    columns = ("step", "part", "same until character", *labels)
    rows = []
    for strand in strands:
        difference = strand.difference
        offset = None if difference is None else difference.offset
        rows.append((strand.step, strand.label, offset, *_told(strand)))
    return Table("Where they differ first", columns, tuple(rows))


def _told(strand: Strand) -> list[str]:
    """Return what each side says from the first word that differs on, and how much differs."""
    here = [side for side in strand.sides if side is not None]
    texts = [side.text for side in here]
    marks = iter(differing_spans(texts) if strand.difference else [()] * len(texts))
    same = "the same JSON, spelled otherwise" if strand.is_respelt else "the same"
    same = same if len(here) > 1 else "only here"
    told = []
    for number, pieces in enumerate(strand.sides):
        if pieces is None:
            told.append("(not there)")
        elif strand.difference is None:
            told.append(f"{same}, in {count_words(len(pieces.texts), 'piece')}")
        else:
            told.append(_tell_words(pieces.text, strand.difference, number, next(marks)))
    return told


def _tell_words(text: str, difference: Divergence, side: int, spans: Spans) -> str:
    """Return what a side says from the first word that differs on, with the words marked."""
    chunk = difference.chunks[side]
    if chunk is None:
        return "(ends before)"
    start = max(0, difference.offset - len(_WORD_END.findall(text[: difference.offset])[0]))
    shown = text[start : start + SHOWN]
    kept = [(max(a - start, 0), min(b - start, SHOWN)) for a, b in spans if start < b]
    words = [(a + 1, b + 1) for a, b in kept if a < SHOWN]  # behind the quotation mark
    other, total = count_differing(text, spans)
    rest = "…" if len(text) > start + SHOWN else ""
    note = f"chunk {chunk}; {other:,} of {count_words(total, 'word')} differ"
    return MarkedText(f"“{shown}{rest}” ({note})", words)


def _sentence(labels: Sequence[str], strands: Sequence[Strand]) -> str:
    different = [strand for strand in strands if strand.difference is not None]
    partial = sum(strand.is_partial for strand in strands)
    told = f"{count_words(len(strands), 'part')}, {len(different):,} of them with a difference"
    told += f", {partial:,} not on all sides" if partial else ""
    for strand in different[:1]:
        offset = strand.difference.offset if strand.difference else 0
        told += f"; the first is in {strand.label} of step {strand.step}, "
        told += f"behind {count_words(offset, 'character')}"
    return f"Comparison of {' and '.join(labels)}: {show_text(told)}."
