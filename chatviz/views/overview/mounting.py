"""What makes an overview interactive: its list, its charts, and the inspectors that fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from chatviz.runs.conversation import Conversation
from chatviz.views.inspector.data import explain_findings, inspector_data
from chatviz.views.inspector.inspect import INSPECTOR_PANES
from chatviz.views.overview.charts import BarChart, FindingGrid
from chatviz.views.overview.data import MAX_LIST_BYTES, chart_data, fit_list
from chatviz.views.overview.rows import NotListed, TalkRow
from chatviz.views.page_module import (
    Module,
    Mount,
    make_module,
    measure_json,
    pane_files,
    pane_list,
)
from chatviz.views.run_headings import count_words

__all__ = ["OVERVIEW_PANES", "Shelf", "mount_overview", "overview_module"]

OVERVIEW_PANES: Final = ("charts", "conversations")
MAX_SHELVED: Final = 24  # conversations whose inspectors may go into a page
MAX_SHELVED_BYTES: Final = 1_000_000  # of their streams together
MAX_INSPECTOR_BYTES: Final = 150_000
NOTES: Final = 1_000  # what it weighs to say what is left out, and the frame of the script


class Shelf:
    """The first conversations, kept for their inspectors as long as they are small."""

    def __init__(self) -> None:
        self.kept: dict[int, Conversation] = {}
        self._size = 0

    def offer(self, place: int, talk: Conversation) -> None:
        """Keep a conversation by its place among the rows, if there is room."""
        size = sum(len(run.body) for run in talk.runs)
        if len(self.kept) < MAX_SHELVED and self._size + size <= MAX_SHELVED_BYTES:
            self.kept[place] = talk
            self._size += size


@cache
def overview_module() -> Module:
    """Return the module of an overview: its panes, and those of the inspectors that it opens."""
    files = [*pane_files(OVERVIEW_PANES), *pane_files(INSPECTOR_PANES)]
    made = f"makeOverview({pane_list(OVERVIEW_PANES)}, {pane_list(INSPECTOR_PANES)})"
    return make_module("overview", made, ["views/js/overview.js", *files])


def mount_overview(
    items: Sequence[TalkRow | NotListed],
    charts: Sequence[BarChart],
    grid: FindingGrid,
    max_bytes: int,
    more: Mapping[str, Any],
) -> Callable[[], Mount]:
    """Return what makes the mount, once it is shown."""

    def make_mount() -> Mount:
        module = overview_module()
        room = max_bytes - len(module.body.encode()) - len(module.style.encode()) - NOTES
        limit = min(MAX_LIST_BYTES, room * 2 // 3) if more["shelf"].kept else room
        rows, left_out = fit_list(items, more["names"], more["links"], max(0, limit))
        data = {
            "conversations": rows,
            "charts": chart_data(charts, grid),
            "left_out": _say_left_out(left_out),
            "refresh_s": more["refresh_s"],
        }
        room -= measure_json(data)
        data |= _inspectors(more["shelf"], len(rows["rows"]), room, has_links=bool(more["links"]))
        return Mount(module, data)

    return make_mount


def _say_left_out(count: int) -> list[str]:
    if not count:
        return []
    return [
        f"{count_words(count, 'more row is', 'more rows are')} left out of this list, and not of "
        "the charts: pass fewer conversations, or see cv.run_table(data)."
    ]


def _inspectors(shelf: Shelf, rows: int, room: int, *, has_links: bool) -> dict[str, Any]:
    """Return what the inspectors of the first conversations show, as many as there is room for."""
    inspectors: dict[str, Any] = {}
    explained: dict[str, str] = {}
    for place, talk in shelf.kept.items():
        own = inspector_data([talk], max_bytes=min(MAX_INSPECTOR_BYTES, max(room, 0)))
        new = {
            code: text
            for code, text in explain_findings([talk], room - measure_json(own)).items()
            if code not in explained
        }
        size = measure_json(own) + measure_json(new)
        if place >= rows or size > room or not own["runs"]:
            break
        inspectors[str(place)], explained = own, explained | new
        room -= size
    note = ""
    if not has_links and len(inspectors) < rows:
        opened = count_words(len(inspectors), "conversation opens", "conversations open")
        note = f"The first {opened} in this page; cv.inspect(path) shows any other."
    return {"inspectors": inspectors, "explained": explained, "inspector_note": note}
