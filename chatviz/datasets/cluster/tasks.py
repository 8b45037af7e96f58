"""What a worker of a cluster does: reads files, numbers the rows of a table, writes a part.

Each is a function of its arguments alone, so that whoever has lost a result may run it again: a
file that has changed meanwhile, or is gone, then costs its own rows and no other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.datasets.batches import cut_into_batches, read_batch
from chatviz.datasets.gathering import keep_files
from chatviz.datasets.linked import renumber
from chatviz.datasets.reading import FileRecord
from chatviz.datasets.rows import BatchRows, Places, TableRows, Wanted
from chatviz.datasets.sources.archives import hold_members
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.datasets.store.parts import StoredParts
from chatviz.datasets.store.schema import keyed_frames
from chatviz.tables.groups.rows import finish_table

__all__ = [
    "CountedFiles",
    "cut_into_tasks",
    "number_rows",
    "read_files",
    "take_together",
    "tell",
    "write_rows",
]

MOST_FILES: Final = 512
MOST_BYTES: Final = 32 * 1024 * 1024
LEAST_BYTES: Final = 1024 * 1024
TASKS_A_THREAD: Final = 4  # so that none has nothing to do while another has much


@dataclass(frozen=True, slots=True)
class CountedFiles:
    """What is known of a task's files once all tasks before it are: what is counted of them.

    Attributes
    ----------
    records : tuple of FileRecord
        As they are told: a recording that is there already is ``"repeated"``.
    first_runs, first_talks : array of int
        For each file the number of its first run, and of its first conversation.
    """

    records: tuple[FileRecord, ...]
    first_runs: Places
    first_talks: Places


def cut_into_tasks(entries: Sequence[SourceEntry], threads: int) -> list[list[SourceEntry]]:
    """Cut files into tasks that take about as long as each other, in their order.

    What is in one archive is one task: it is unpacked once.
    """
    total = sum(entry.size_bytes or 0 for entry in entries)
    most = min(max(total // (threads * TASKS_A_THREAD), LEAST_BYTES), MOST_BYTES)
    tasks: list[list[SourceEntry]] = []
    for archive, group in groupby(entries, lambda entry: getattr(entry, "archive", None)):
        files = list(group)
        if archive is None:
            tasks += cut_into_batches(files, most_files=MOST_FILES, most_bytes=most)
        else:
            tasks.append(files)
    return tasks


def read_files(entries: Sequence[SourceEntry], wanted: Sequence[Wanted], keys: bool) -> BatchRows:
    """Read the files of a task."""
    return read_batch(list(hold_members(entries)), wanted, with_keys=keys)


def tell(rows: BatchRows) -> tuple[tuple[FileRecord, ...], Places, Places]:
    """Return what is told of a task's files: their records, and how many runs and conversations."""
    runs = np.bincount(rows.run_files, minlength=len(rows.records))
    return rows.records, runs, rows.conversations


def number_rows(rows: BatchRows, name: str, counted: CountedFiles) -> pd.DataFrame:
    """Return the rows of a table that count, with the numbers that they have in the whole."""
    table = _as_counted(rows, counted).tables[name]
    return _numbered(table, rows, counted)


def take_together(want: Wanted, *parts: pd.DataFrame) -> pd.DataFrame:
    """Return the table that is made of the rows of all tasks together."""
    some = [part for part in parts if len(part)] or list(parts[:1])
    return finish_table(want.name, pd.concat(some, ignore_index=True), want.options)


def write_rows(rows: BatchRows, counted: CountedFiles, stored: StoredParts, part: str) -> None:
    """Write a task's rows as a part, which does not count yet; again makes the same files."""
    kept = _as_counted(rows, counted)
    stored.write(keyed_frames(replace(kept, records=counted.records), stored.tables), part)


def _as_counted(rows: BatchRows, counted: CountedFiles) -> BatchRows:
    """Return the rows of files that count and are still what they were when they were counted."""
    is_kept = [
        told.state == "read" and told.content == record.content
        for told, record in zip(counted.records, rows.records, strict=True)
    ]
    return rows if all(is_kept) else keep_files(rows, np.array(is_kept, bool))


def _numbered(table: TableRows, rows: BatchRows, counted: CountedFiles) -> pd.DataFrame:
    kept = _as_counted(rows, counted)
    counts = np.bincount(kept.run_files, minlength=len(rows.records))
    first = np.cumsum(counts) - counts
    in_file = np.arange(len(kept.run_files)) - first[kept.run_files]
    frame = renumber(table.frame, counted.first_runs[kept.run_files] + in_file)
    if "conversation" in frame:
        talks: Any = counted.first_talks[table.files]
        frame = frame.assign(conversation=frame["conversation"] + talks)
    return frame
