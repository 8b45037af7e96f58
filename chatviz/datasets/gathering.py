"""The batches of a pass put together: each recording counted once, runs numbered through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from chatviz.datasets.linked import renumber
from chatviz.datasets.reading import FileRecord
from chatviz.datasets.rows import BatchRows, Places, TableRows

__all__ = ["count_once", "join_tables", "keep_files", "mark_repeated"]


def count_once(batches: Iterable[BatchRows], seen: dict[str, str] | None = None) -> list[BatchRows]:
    """Return the batches without what was there before: a recording in two files counts once.

    Parameters
    ----------
    batches : iterable of BatchRows
        In the order of the files: the first file of those that hold the same is counted.
    seen : dict
        What was counted already: for the hash of a recording the name of its file. It grows.
    """
    known = {} if seen is None else seen
    return [_count_once(batch, known) for batch in batches]


def join_tables(name: str, batches: Sequence[BatchRows], empty: pd.DataFrame) -> pd.DataFrame:
    """Join the rows of a table; runs and conversations are numbered through."""
    frames, runs, talks = [], 0, 0
    for batch in batches:
        rows = batch.tables[name]
        if len(rows.frame):
            frame = renumber(rows.frame, np.arange(runs, runs + len(batch.run_files)))
            if "conversation" in frame:
                before = talks + np.cumsum(batch.conversations) - batch.conversations
                frame = frame.assign(conversation=frame["conversation"] + before[rows.files])
            frames.append(frame)
        runs += len(batch.run_files)
        talks += int(batch.conversations.sum())
    if not frames:
        return empty
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def mark_repeated(records: Iterable[FileRecord], seen: dict[str, str]) -> list[FileRecord]:
    """Return the records, but of a recording that was seen before one that says so."""
    marked = []
    for record in records:
        first = seen.setdefault(record.content, record.name) if record.content else record.name
        if first != record.name:
            reason = f"it holds the same as {first!r}, and is counted there"
            record = replace(record, state="repeated", reason=reason)
        marked.append(record)
    return marked


def _count_once(batch: BatchRows, seen: dict[str, str]) -> BatchRows:
    records = tuple(mark_repeated(batch.records, seen))
    is_kept = np.array([record.state != "repeated" for record in records], bool)
    return batch if is_kept.all() else replace(keep_files(batch, is_kept), records=records)


def keep_files(batch: BatchRows, is_kept: np.ndarray[Any, Any]) -> BatchRows:
    """Return a batch in which only some of the files have runs, numbered anew."""
    kept_runs = is_kept[batch.run_files]
    numbers = np.cumsum(kept_runs) - 1
    return replace(
        batch,
        run_files=batch.run_files[kept_runs],
        tables={name: _keep(rows, is_kept, numbers) for name, rows in batch.tables.items()},
        conversations=np.where(is_kept, batch.conversations, 0),
        keys=None if batch.keys is None else batch.keys.keep(kept_runs, is_kept.tolist()),
    )


def _keep(rows: TableRows, is_kept: np.ndarray[Any, Any], numbers: Places) -> TableRows:
    """Return the rows of the files that count, with the numbers that their runs have then."""
    mask = is_kept[rows.files]
    frame = rows.frame[mask].reset_index(drop=True)
    return TableRows(renumber(frame, numbers), rows.files[mask])
