"""What makes an overview interactive: its list, its charts, and the inspectors that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

__all__ = [
    "OVERVIEW_PANES",
    "OverviewParts",
    "Shelf",
    "mount_overview",
    "overview_module",
    "say_repeated",
]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewParts:
    """What an overview shows.

    Attributes
    ----------
    items : sequence of TalkRow or NotListed
    charts : sequence of BarChart
    grid : FindingGrid
    names : mapping of str to str
        What each source is called.
    links : mapping of str to str
        Where each source is shown, where it has a page of its own.
    shelf : Shelf
        The conversations whose inspectors may go into the page.
    repeated : int
        How many files hold the same as another one.
    refresh_s : float | None
        After how many seconds the page is to be asked for again, since more is being read.
    """

    items: Sequence[TalkRow | NotListed]
    charts: Sequence[BarChart]
    grid: FindingGrid
    names: Mapping[str, str]
    links: Mapping[str, str]
    shelf: Shelf
    repeated: int = 0
    refresh_s: float | None = None


def mount_overview(parts: OverviewParts, max_bytes: int) -> Mount:
    """Return the mount of an overview that weighs a number of bytes at most, with its script."""
    module, shelf = overview_module(), parts.shelf
    room = max_bytes - len(module.body.encode()) - len(module.style.encode()) - NOTES
    limit = min(MAX_LIST_BYTES, room * 2 // 3) if shelf.kept else room
    rows, left_out = fit_list(parts.items, parts.names, parts.links, max(0, limit))
    data = {
        "conversations": rows,
        "charts": chart_data(parts.charts, parts.grid),
        "left_out": [*_say_left_out(left_out), *_say_not_counted(parts.repeated)],
        "refresh_s": parts.refresh_s,
    }
    room -= measure_json(data)
    data |= _inspectors(shelf, len(rows["rows"]), room, has_links=bool(parts.links))
    return Mount(module, data)


def say_repeated(files: int) -> str:
    """Say how many files are not counted again."""
    return count_words(files, "file holds the same as another", "files hold the same as another")


def _say_not_counted(files: int) -> list[str]:
    is_are = "is" if files == 1 else "are"
    return [f"{say_repeated(files)}, and {is_are} not counted again."] if files else []


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
