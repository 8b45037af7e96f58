"""How a drift shows itself: a line for each layer, then what changed, words that differ marked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from chatviz.evidence.drift.change import LAYERS, WHAT, Change, Layer
from chatviz.evidence.drift.drifted import Drift
from chatviz.views.compare.words import count_differing, differing_spans, take_near
from chatviz.views.drawing.html import Cell, MarkedText, Table
from chatviz.views.drawing.text import cut_text
from chatviz.views.view import View

__all__ = ["change_tables", "layer_table", "show_drift"]

SIGNS: Final = {"same": "=", "respelt": "≈", "different": "≠", "not compared": "?"}
LONGEST_PLACE: Final = 200  # characters
MOST_MARKED: Final = 200  # changes of a layer; a page shows no more
LONG: Final = 40  # characters: of longer values the words that differ are marked


def show_drift(drift: Drift) -> View:
    """Show what changed between two recordings; it needs no script."""
    return View(drift.sentence, tables=(layer_table(drift), *change_tables(drift)))


def layer_table(drift: Drift) -> Table:
    """Return a row for each layer: its verdict, and what is behind it; then what may explain it."""
    rows: list[tuple[Cell, ...]] = [
        (layer, f"{SIGNS[word]} {word}", _say_layer(drift, layer))
        for layer, word in drift.verdicts.items()
    ]
    rows += [("note", "", note) for note in drift.notes]
    return Table("Layers", ("layer", "verdict", "what"), tuple(rows), is_open=True, is_prose=True)


def change_tables(drift: Drift, *, most: int = 600) -> tuple[Table, ...]:
    """Return a table of changes for each layer that has any.

    Parameters
    ----------
    most : int
        Characters of one value; of a longer one what is near the words that differ.
    """
    has_talks = any(one.conversation for one in drift.changes)
    found = []
    for layer in LAYERS:
        steps: dict[tuple[int | None, Change], list[int]] = {}
        for one in drift.changes:
            if one.layer == layer:
                talk = one.conversation if has_talks else None
                key = talk, replace(one, conversation=None, step=None)
                steps.setdefault(key, []).extend([] if one.step is None else [one.step])
        rows = tuple(
            _row(*key, numbers, most if place < MOST_MARKED else 0)
            for place, (key, numbers) in enumerate(steps.items())
        )
        if rows:
            columns = (layer, "talk", "step", "what", "old", "new")
            found.append(Table(f"{layer}: what changed", columns, rows, is_prose=True))
    return tuple(found)


def _row(talk: int | None, change: Change, steps: list[int], most: int) -> tuple[Cell, ...]:
    """Return a change as a row, once for all steps in which it is the same."""
    told = ", ".join(str(step + 1) for step in steps) or None
    number = None if talk is None else talk + 1
    place = cut_text(change.place, LONGEST_PLACE)
    return (place, number, told, change.what, *_marked(change, most))


def _marked(change: Change, most: int) -> tuple[str | None, str | None]:
    """Return both sides, with the words marked that the other does not have."""
    old, new = change.old, change.new
    if not most:
        return old, new
    if old is None or new is None or max(len(old), len(new)) <= LONG or change.layer == "wire":
        return (old and take_near(old, (), around=most, most=most)[0],
                new and take_near(new, (), around=most, most=most)[0])  # fmt: skip
    spans = differing_spans((old, new))
    return (
        MarkedText(*take_near(old, spans[0], most=most)),
        MarkedText(*take_near(new, spans[1], most=most)),
    )


def _say_layer(drift: Drift, layer: Layer) -> str:
    mine = [one for one in drift.changes if one.layer == layer]
    if layer == "text" and mine:
        told = [_say_words(mine)]
    else:
        counts = Counter(one.what for one in mine)
        told = [f"{counts[what]:,} {what}" for what in WHAT if counts[what]]
    reason = drift.judged[layer].reason
    return "; ".join(part for part in (", ".join(told), reason) if part)


def _say_words(changes: list[Change]) -> str:
    other = total = 0
    for one in changes[:MOST_MARKED]:
        texts = one.old or "", one.new or ""
        for text, spans in zip(texts, differing_spans(texts), strict=True):
            differing, words = count_differing(text, spans)
            other, total = other + differing, total + words
    if not other:
        return "only spaces and signs differ, no word"
    of = f" of the first {MOST_MARKED:,} texts" if len(changes) > MOST_MARKED else ""
    return f"{other:,} of {total:,} words of both sides differ{of}"
