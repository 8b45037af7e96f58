"""What a workbench writes: a page, tables and the list as CSV, and a cassette, redacted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd

from chatviz import tables
from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.cassettes.storage import save_cassette
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import Runs
from chatviz.tables.files.spreadsheets import guard_cells
from chatviz.views.inspector.inspect import inspect
from chatviz.views.overview.overview import overview
from chatviz.views.run_headings import count_words
from chatviz.views.saving import save_html
from chatviz.widgets.workbench.selection import PickedTalk, Selection
from chatviz.widgets.workbench.talk_frame import talk_frame

__all__ = [
    "TABLES",
    "Target",
    "export_cassette",
    "export_list",
    "export_page",
    "export_tables",
    "file_stem",
    "say_export",
]

Target: TypeAlias = str | os.PathLike[str] | None

MAX_TOLD: Final = 5  # places that secrets were removed from

COVERED: Final = (
    "Covered are headers, URLs, fields with the name of a secret and the known shapes of keys; "
    "what people wrote stays as it was."
)
GUARDED: Final = "Texts that a spreadsheet would run begin with '."
NOT_COVERED: Final = "It holds the streams as they came: no secret was removed."

TABLES: Final[dict[str, Callable[[Runs], pd.DataFrame]]] = {
    "runs": tables.run_table,
    "chunks": tables.chunk_table,
    "deltas": tables.delta_table,
    "tool calls": tables.tool_call_table,
    "arguments": tables.argument_table,
    "usage": tables.usage_table,
    "findings": tables.finding_table,
}


def export_page(selection: Selection, path: Target = None, *, folder: Path) -> Path:
    """Save the inspector of a conversation as one page, or the overview of several."""
    picked = _picked(selection)
    target = _target(selection, path, folder, ".html")
    talks = [one.talk for one in picked]
    save_html(inspect(talks) if len(talks) == 1 else overview(talks), target)
    return target


def export_tables(
    selection: Selection, folder: str | os.PathLike[str], *, raw: bool = False
) -> tuple[Path, ...]:
    """Save each table as CSV; return the paths.

    A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``, and a model's answer may begin
    with anything. So such texts get a ``'`` in front; with `raw` they stay what they are.
    """
    talks = [one.talk for one in _picked(selection)]
    paths = []
    for name, table in TABLES.items():
        path = _target(selection, None, Path(folder), f"_{name.replace(' ', '_')}.csv")
        _write_csv(table(talks), path, raw=raw)
        paths.append(path)
    return tuple(paths)


def export_list(
    selection: Selection, path: Target = None, *, folder: Path, raw: bool = False
) -> Path:
    """Save the list of all conversations that were read as CSV; return its path."""
    if path is None:
        folder.mkdir(parents=True, exist_ok=True)
    target = folder / "conversations.csv" if path is None else Path(path)
    _write_csv(talk_frame(selection.recordings), target, raw=raw)
    return target


def export_cassette(
    selection: Selection, path: Target = None, *, folder: Path
) -> tuple[Path, tuple[str, ...]]:
    """Save the interactions of conversations without secrets; return where those stood."""
    picked = _picked(selection)
    target = _target(selection, path, folder, ".yaml")
    cleaned = [_clean(one.cassette, one.talk) for one in picked]
    first, _ = cleaned[0]
    whole = tuple(one for cassette, _ in cleaned for one in cassette.interactions)
    save_cassette(first if len(cleaned) == 1 else replace(first, interactions=whole), target)
    if len(cleaned) == 1:
        return target, cleaned[0][1]
    named = zip(picked, cleaned, strict=True)
    return target, tuple(f"{one.name}: {place}" for one, (_, places) in named for place in places)


def say_export(selection: Selection, what: str, folder: Path) -> str:
    """Export ``"html"``, ``"csv"``, ``"cassette"`` or ``"list"``; say what was written."""
    match what:
        case "list":
            return f"Written: {export_list(selection, folder=folder)}. {GUARDED}"
        case "html":
            paths: tuple[Path, ...] = (export_page(selection, folder=folder),)
        case "csv":
            paths = export_tables(selection, folder)
        case "cassette":
            path, removed = export_cassette(selection, folder=folder)
            places = f": {'; '.join(removed[:MAX_TOLD])}" if removed else ""
            more = f" and {len(removed) - MAX_TOLD} more" if len(removed) > MAX_TOLD else ""
            said = f"Secrets removed in {count_words(len(removed), 'place')}{places}{more}."
            return f"Written: {path}. {said} {COVERED}"
        case _:
            raise ValueError(f"wanted 'html', 'csv', 'cassette' or 'list', found {what!r}.")
    guarded = f" {GUARDED}" if what == "csv" else ""
    return f"Written: {', '.join(map(str, paths))}.{guarded} {NOT_COVERED}"


def _clean(cassette: Cassette, talk: Conversation) -> tuple[Cassette, tuple[str, ...]]:
    chosen = {run.interaction for run in talk.runs if run.interaction is not None}
    return redact_cassette(cassette, interactions=chosen)


def _picked(selection: Selection) -> list[PickedTalk]:
    picked = list(selection.open_talks(selection.exported))
    if not picked:
        raise LookupError("there is no conversation to export: choose one first.")
    return picked


def _write_csv(table: pd.DataFrame, path: Path, *, raw: bool) -> None:
    rows = table if raw else guard_cells(table)
    rows.to_csv(path, index=False, encoding="utf-8", errors="backslashreplace")


def _target(selection: Selection, path: Target, folder: Path, ending: str) -> Path:
    """Return where to write: the path that was given, else one in the folder, which is made."""
    if path is not None:
        return Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    places = selection.exported
    if len(places) > 1:
        return folder / f"{len(places)}_conversations{ending}"
    ((number, talk),) = places
    listed = selection.recordings[number]
    several = f"_{talk}" if (listed.conversations or 0) > 1 else ""
    return folder / f"{file_stem(listed.name)}{several}{ending}"


def file_stem(name: str) -> str:
    """Return a recording's name as a file's: letters, digits, a few signs; nothing that climbs."""
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in str(Path(name).with_suffix("")))
    return stem.strip("._")[:100] or "recording"
