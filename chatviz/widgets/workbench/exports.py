"""What a workbench writes: a page, tables as CSV, and the cassette of a conversation, redacted."""

from __future__ import annotations

import os
from collections.abc import Callable
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
from chatviz.views.run_headings import count_words
from chatviz.views.saving import save_html
from chatviz.widgets.workbench.selection import Selection

__all__ = [
    "TABLES",
    "Target",
    "export_cassette",
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
    """Save the inspector with the chosen conversation as one page; return its path."""
    talk = _conversation(selection)
    target = _target(selection, path, folder, ".html")
    save_html(inspect(talk), target)
    return target


def export_tables(
    selection: Selection, folder: str | os.PathLike[str], *, raw: bool = False
) -> tuple[Path, ...]:
    """Save each table as CSV; return the paths.

    A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``, and a model's answer may begin
    with anything. So such texts get a ``'`` in front; with `raw` they stay what they are.
    """
    talk = _conversation(selection)
    paths = []
    for name, table in TABLES.items():
        ending = f"_{name.replace(' ', '_')}.csv"
        path = _target(selection, None, Path(folder), ending)
        rows = table(talk) if raw else guard_cells(table(talk))
        rows.to_csv(path, index=False, encoding="utf-8", errors="backslashreplace")
        paths.append(path)
    return tuple(paths)


def export_cassette(
    selection: Selection, path: Target = None, *, folder: Path
) -> tuple[Path, tuple[str, ...]]:
    """Save a conversation's interactions without secrets; return where those stood."""
    talk, opened = _conversation(selection), selection.opened
    if opened is None or opened.cassette is None:
        raise LookupError("there is no recording to export: choose one first.")
    target = _target(selection, path, folder, ".yaml")
    cleaned, removed = _clean(opened.cassette, talk)
    save_cassette(cleaned, target)
    return target, removed


def say_export(selection: Selection, what: str, folder: Path) -> str:
    """Export ``"html"``, ``"csv"`` or ``"cassette"``; say what was written, and what removed."""
    match what:
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
            raise ValueError(f"wanted 'html', 'csv' or 'cassette', found {what!r}.")
    guarded = " Texts that a spreadsheet would run begin with '." if what == "csv" else ""
    return f"Written: {', '.join(map(str, paths))}.{guarded} {NOT_COVERED}"


def _clean(cassette: Cassette, talk: Conversation) -> tuple[Cassette, tuple[str, ...]]:
    chosen = {run.interaction for run in talk.runs if run.interaction is not None}
    return redact_cassette(cassette, interactions=chosen)


def _conversation(selection: Selection) -> Conversation:
    if selection.conversation is None:
        raise LookupError("there is no conversation to export: choose one first.")
    return selection.conversation


def _target(selection: Selection, path: Target, folder: Path, ending: str) -> Path:
    """Return where to write: the path that was given, else one in the folder, which is made."""
    if path is not None:
        return Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    several = f"_{selection.talk}" if len(selection.conversations) > 1 else ""
    return folder / f"{file_stem(selection.recording_name)}{several}{ending}"


def file_stem(name: str) -> str:
    """Return a recording's name as a file's: letters, digits, a few signs; nothing that climbs."""
    stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in str(Path(name).with_suffix("")))
    return stem.strip("._")[:100] or "recording"
