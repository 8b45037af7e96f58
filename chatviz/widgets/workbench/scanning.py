"""Reads recording after recording for what the list says of each, and tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from time import monotonic
from typing import Any, Final

from chatviz.views.overview.charts import bar_charts, finding_grid
from chatviz.views.overview.data import chart_data, list_data
from chatviz.widgets.workbench.folder import MAX_FILES
from chatviz.widgets.workbench.memory import resident_mb
from chatviz.widgets.workbench.selection import Selection

__all__ = ["chart_trait", "progress_trait", "row_batch", "scan_recordings"]

SHOWN_EVERY_S: Final = 0.4  # how often the list is shown anew while it is read
MAX_BATCH: Final = 500  # recordings whose rows a browser is sent at once


def scan_recordings(
    selection: Selection,
    lock: AbstractContextManager[Any],
    stop: Event,
    show: Callable[[], None],
) -> None:
    """Read every recording, until told to stop; the list is shown now and then, and at the end."""
    shown_at = monotonic()
    for number in range(len(selection.recordings)):
        if stop.is_set():
            return
        selection.look(number, lock)
        if monotonic() - shown_at >= SHOWN_EVERY_S:
            show()
            shown_at = monotonic()
    show()


def progress_trait(selection: Selection) -> dict[str, Any]:
    """Return how many recordings are read and cannot be, what memory is in use, and a cut."""
    states = [one.state for one in selection.recordings]
    return {
        "files": len(states),
        "read": len(selection.read),
        "bad": states.count("unreadable"),
        "memory_mb": resident_mb(),
        "is_cut": len(states) == MAX_FILES,
    }


def chart_trait(selection: Selection) -> dict[str, Any]:
    """Return the charts of what was read by now."""
    with selection.totals.lock:
        return chart_data(bar_charts(selection.totals), finding_grid(selection.totals))


def row_batch(selection: Selection, start: int) -> dict[str, Any]:
    """Return the rows of the recordings that were read from the `start`-th on, not too many.

    Returns
    -------
    dict
        ``from`` and ``to`` count recordings in the order in which they were read; ``files`` holds
        number, state and reason of each, ``words`` and ``rows`` are as in the data of an overview,
        but that rows name recordings by their numbers.
    """
    numbers = selection.read[start : start + MAX_BATCH]
    recordings = [selection.recordings[number] for number in numbers]
    data = list_data([row for one in recordings for row in one.listed], {})
    return {
        "from": start,
        "to": start + len(numbers),
        "files": [
            [number, *file[1:3]] for number, file in zip(numbers, data["files"], strict=True)
        ],
        "words": data["words"],
        "rows": [[numbers[row[0]], *row[1:]] for row in data["rows"]],
    }
