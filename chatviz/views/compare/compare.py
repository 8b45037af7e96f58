"""compare: several answers to one question side by side: where they differ, what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import Runs, conversations_of
from chatviz.runs.run import StreamRun
from chatviz.views.compare.alignment import Pieces, Strand, align_runs
from chatviz.views.compare.picture import draw_strands
from chatviz.views.drawing.base46 import write_numbers, write_steps
from chatviz.views.drawing.html import Cell, Table, format_cell
from chatviz.views.drawing.text import cut_text, show_text
from chatviz.views.inspector.calls import count_units
from chatviz.views.page_module import measure_json, mount_html
from chatviz.views.run_headings import count_words, ending, say_seconds
from chatviz.views.view import View

__all__ = ["compare"]

MAX_BYTES: Final = 1_000_000
MIN_BYTES: Final = 16_000
SHOWN: Final = 40  # characters from the first difference on


@dataclass(frozen=True, slots=True)
class _Side:
    label: str
    talks: tuple[Conversation, ...]
    runs: tuple[StreamRun, ...]  # one for each step


def compare(*runs: Runs) -> View:
    """Show answers to the same question side by side.

    Texts and arguments are aligned step by step, by what they say: where the pieces were cut, and
    the first character that differs. Where scripts run they can be aligned by chunk too, and by
    time where all of it was measured.

    Parameters
    ----------
    *runs : StreamRun | Conversation | iterable of them
        Each is one side; at least two.

    Returns
    -------
    View
        Its tables: the numbers side by side, where each part differs first, and the findings.

    Raises
    ------
    ValueError
        There are less than two sides.
    """
    if len(runs) < 2:
        raise ValueError(f"compare(a, b, …) wants at least two sides, found {len(runs)}.")
    sides = [_side(number, item) for number, item in enumerate(runs)]
    strands = align_runs([side.runs for side in sides])
    labels = [side.label for side in sides]
    numbers = Table("Side by side", ("", *labels), tuple(_number_rows(sides)))
    found = _finding_table(labels, sides)
    sentence = _sentence(labels, strands)
    size = sum(len(run.body) for side in sides for run in side.runs)
    data = _data(labels, (*numbers.rows, *found.rows), strands, size)
    return View(
        sentence,
        draw_strands(labels, strands, sentence),
        (numbers, _difference_table(labels, strands), found),
        make_mount=partial(mount_html, "compare", data),
    )


def _side(number: int, item: Runs) -> _Side:
    talks = conversations_of(item)
    runs = tuple(step.run for talk in talks for step in talk.steps)
    letter = chr(ord("A") + number) if number < 26 else str(number + 1)
    names = dict.fromkeys(run.provider or run.host or run.model or "not named" for run in runs)
    return _Side(f"{letter}: {show_text(', '.join(names) or 'no answer')}", talks, runs)


def _number_rows(sides: Sequence[_Side]) -> list[tuple[Cell, ...]]:
    """Return a row for each measure, with a cell for each side."""
    columns = [_numbers(side) for side in sides]
    return [(name, *(column[name] for column in columns)) for name in columns[0]]


def _numbers(side: _Side) -> dict[str, Cell]:
    calls = [call for run in side.runs for call in run.message.tool_calls]
    usages = [talk.usage for talk in side.talks]
    usage = usages[0] if len(usages) == 1 else None
    waits = [run.time_to_headers_s for run in side.runs]
    found = [finding for talk in side.talks for finding in talk.findings]
    return {
        "model": ", ".join(dict.fromkeys(run.model for run in side.runs)),
        "ending": ", ".join(ending(run) for run in side.runs),
        "answers": len(side.runs),
        "chunks": sum(len(run.chunks) for run in side.runs),
        "bytes": sum(len(run.body) for run in side.runs),
        "characters of text": sum(len(run.message.text) for run in side.runs),
        "tool calls": len(calls),
        "fragments": sum(len(call.fragments) for call in calls),
        "input tokens": usage.input_tokens if usage else None,
        "output tokens": usage.output_tokens if usage else None,
        "cost (USD)": side.talks[0].cost if len(side.talks) == 1 else None,
        "headers after": ", ".join("–" if wait is None else say_seconds(wait) for wait in waits),
        "clock": ", ".join(dict.fromkeys(_clock(run) for run in side.runs)),
        "findings": len(found),
        "warnings and errors": sum(finding.severity != "info" for finding in found),
    }


def _clock(run: StreamRun) -> str:
    """Return whose clocks a run has: that of its chunks, and that of its headers."""
    headers = run.response.time_source
    chunks = "chunks: no times" if run.timing == "none" else f"chunks: {run.timing}"
    return chunks if headers == "none" else f"{chunks}; headers: {headers}"


def _difference_table(labels: Sequence[str], strands: Sequence[Strand]) -> Table:
    columns = ("step", "part", "same until character", *labels)
    rows = []
    for strand in strands:
        difference = strand.difference
        offset = None if difference is None else difference.offset
        rows.append((strand.step, strand.label, offset, *_told(strand)))
    return Table("Where they differ first", columns, tuple(rows))


def _told(strand: Strand) -> list[str]:
    """Return, for each side, what it says from the first difference on, and in which chunk."""
    difference = strand.difference
    told = []
    for number, pieces in enumerate(strand.sides):
        if pieces is None:
            told.append("(not there)")
        elif difference is None:
            told.append(f"the same, in {count_words(len(pieces.texts), 'piece')}")
        elif difference.chunks[number] is None:
            told.append("(ends before)")
        else:
            text = cut_text(pieces.text[difference.offset :], SHOWN).split("… (")[0]
            told.append(f"“{text}” (chunk {difference.chunks[number]})")
    return told


def _finding_table(labels: Sequence[str], sides: Sequence[_Side]) -> Table:
    counts = [Counter(f.code for talk in side.talks for f in talk.findings) for side in sides]
    codes = sorted({code for counter in counts for code in counter})
    rows: list[tuple[Cell, ...]] = [
        (f"finding {code}", *(counter[code] for counter in counts)) for code in codes
    ]
    return Table("Findings, by code", ("finding", *labels), tuple(rows))


def _sentence(labels: Sequence[str], strands: Sequence[Strand]) -> str:
    different = [strand for strand in strands if strand.difference is not None]
    told = f"{count_words(len(strands), 'part')}, {len(different):,} of them with a difference"
    for strand in different[:1]:
        offset = strand.difference.offset if strand.difference else 0
        told += f"; the first is in {strand.label} of step {strand.step}, "
        told += f"behind {count_words(offset, 'character')}"
    return f"Comparison of {' and '.join(labels)}: {show_text(told)}."


def _data(
    labels: Sequence[str], rows: Sequence[tuple[Cell, ...]], strands: Sequence[Strand], size: int
) -> dict[str, Any]:
    """Return what the module shows, at most twice the streams' bytes: long texts are cut."""
    words = [[_word(cell) for cell in row] for row in rows]
    data: dict[str, Any] = {"labels": list(labels), "rows": words, "left_out": []}
    limit = min(MAX_BYTES, max(2 * size, MIN_BYTES)) - measure_json(data)
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
        "sides": [None if side is None else _pieces_data(side, kept) for side in strand.sides],
    }


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
