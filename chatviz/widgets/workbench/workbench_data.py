"""What a workbench tells its browser: what is chosen, and tables a page at a time."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from chatviz.runs.conversation import Conversation
from chatviz.views.compare.data import comparison_data
from chatviz.views.compare.sides import compare_sides
from chatviz.views.drawing.text import cut_text
from chatviz.views.inspector.data import inspector_data
from chatviz.views.run_headings import count_words, headed_runs
from chatviz.widgets.workbench.exports import TABLES
from chatviz.widgets.workbench.selection import Selection

__all__ = [
    "compare_data",
    "film_data",
    "state_data",
    "table_page",
]

MAX_ROWS: Final = 500  # of a table that a browser is sent; sorting looks at all of them
MAX_CELL: Final = 500  # characters
MAX_LABEL: Final = 120
_EXACT: Final = 2**53  # above it a browser's numbers are no longer exact


def state_data(selection: Selection) -> dict[str, Any]:
    """Return what is chosen, and what can be chosen."""
    talk, number = selection.conversation, selection.recording
    is_chosen = number is not None and selection.talk is not None
    return {
        "name": selection.name,
        "key": f"{number}:{selection.talk}" if is_chosen else "",
        "about": _about(talk) if talk else "",
        "reason": "" if number is None else selection.recordings[number].reason,
        "runs": [cut_text(one.heading, MAX_LABEL) for one in headed_runs([talk] if talk else [])],
        "picks": [f"{number}:{talk}" for number, talk in selection.picks],
        "sides": [selection.name_of(number, talk) for number, talk in selection.sides],
    }


def film_data(talk: Conversation | None) -> dict[str, Any]:
    """Return what the inspector shows of a conversation."""
    return inspector_data([talk] if talk is not None else [])


def compare_data(selection: Selection) -> dict[str, Any] | None:
    """Return what the comparison shows: the ticked conversations side by side, or None."""
    sides = [one.talk for one in selection.open_talks(selection.sides)]
    return comparison_data(compare_sides(sides)) if len(sides) > 1 else None


def table_page(
    talk: Conversation | None, name: str, *, sort: str = "", descending: bool = False
) -> dict[str, Any]:
    """Return the first rows of a table, sorted by a column; unknown values are last."""
    frame = TABLES[name]([talk] if talk is not None else [])
    if sort:
        frame = frame.sort_values(sort, ascending=not descending, kind="stable", na_position="last")
    shown = frame.head(MAX_ROWS)
    columns = [[_cell(value) for value in shown[column]] for column in shown.columns]
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    return {
        "name": name,
        "columns": list(frame.columns),
        "numeric": numeric,
        "rows": [list(row) for row in zip(*columns, strict=True)],
        "total": len(frame),
        "sort": sort,
        "descending": descending,
    }


def _about(talk: Conversation) -> str:
    run = talk.runs[0]
    who = " by ".join(filter(None, (run.model, run.provider))) or run.dialect
    asked = next((m.text for m in run.chat_request.messages if m.role == "user"), "")
    steps = count_words(len(talk.steps), "step")
    return f"{cut_text(who, 60)}, {steps}" + (f": {asked[:60]}" if asked else "")


def _cell(value: Any) -> str | int | float | bool | None:
    """Return a table's value as JSON; a number that a browser could not hold as its text."""
    if value is pd.NA or value is None or value != value:
        return None
    if isinstance(value, str):
        return cut_text(value.encode("utf-8", "backslashreplace").decode(), MAX_CELL)
    if isinstance(value, bool):
        return value
    plain: int | float = value.item() if hasattr(value, "item") else value
    if isinstance(plain, int) and abs(plain) > _EXACT:
        return str(plain)
    return plain if abs(plain) != float("inf") else str(plain)
