"""A data set written to Parquet: what is new or changed is read, part by part, and added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from chatviz.datasets.gathering import count_once
from chatviz.datasets.reading import FileRecord
from chatviz.datasets.rows import BatchRows
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.datasets.store.parts import StoredParts, open_parts
from chatviz.datasets.store.schema import FILES, keyed_frames
from chatviz.errors import DataSetError
from chatviz.whole_files import exclusive

__all__ = ["begin_writing", "seen_before", "write_batches"]

PART_BYTES: Final = 64 * 1024 * 1024
"""Of recordings whose rows are one part, or a little more: they are in memory together."""


@contextmanager
def begin_writing(
    folder: Path, tables: Sequence[str], place: str, entries: Sequence[SourceEntry]
) -> Iterator[tuple[StoredParts, list[SourceEntry]]]:
    """Hold a folder for one writer; what is in it is as it was, but for what is read again.

    Yields
    ------
    parts : StoredParts
        Those that are there, without the rows of files that have changed.
    entries : list of SourceEntry
        The files that are new or have changed.

    Raises
    ------
    DataSetError
        The data set that is there has other tables, or is of other recordings.
    """
    _open_for_writing(folder, tables, place)
    with exclusive(folder):
        stored = _open_for_writing(folder, tables, place)
        stored.sweep()
        to_read = _files_to_read(stored, entries)
        stored = _drop_files(stored, [entry.name for entry in to_read])
        stored.save()
        yield stored, to_read


def seen_before(stored: StoredParts) -> dict[str, str]:
    """Return what is counted already: for the hash of a recording the name of its file."""
    files = stored.read(FILES, ("file", "state", "content"))
    counted = files[(files["state"] == "read") & files["content"].notna()]
    return dict(zip(counted["content"], counted["file"], strict=True))


def _open_for_writing(folder: Path, tables: Sequence[str], place: str) -> StoredParts:
    """Return the parts that are in a folder, or none yet; it is made where it is not there.

    Raises
    ------
    DataSetError
        The data set that is there has other tables, or is of other recordings.
    """
    stored = open_parts(folder)
    if stored is None:
        folder.mkdir(parents=True, exist_ok=True)
        return StoredParts(folder, tuple(tables), place)
    if set(stored.tables) != set(tables):
        raise DataSetError(
            f"the data set in {str(folder)!r} has the tables {', '.join(stored.tables)}: add with "
            "the same tables, or write to another folder."
        )
    if stored.place != place:
        raise DataSetError(
            f"the data set in {str(folder)!r} is of {stored.place or 'several sources'!r}, not of "
            f"{place or 'several sources'!r}: their files may have the same names. Write to "
            "another folder, or write a list of both sources."
        )
    return stored


def _files_to_read(stored: StoredParts, entries: Iterable[SourceEntry]) -> list[SourceEntry]:
    """Return the entries that are new or changed since they were stored, or had no bytes then.

    A repeated recording is read again with the file that it repeats.
    """
    files = stored.read(FILES, ("file", "version", "state", "content"))
    is_known = files["version"].notna()
    known = dict(zip(files["file"][is_known], files["version"][is_known], strict=True))
    wanted = {entry.name for entry in entries if known.get(entry.name) != entry.version}
    changed = set(files["content"][files["file"].isin(wanted)].dropna())
    again = set(files["file"][(files["state"] == "repeated") & files["content"].isin(changed)])
    return [entry for entry in entries if entry.name in wanted or entry.name in again]


def _drop_files(stored: StoredParts, names: Iterable[str]) -> StoredParts:
    """Return the parts without the rows of some files; parts without them stay as they are."""
    gone = set(names)
    kept, rewritten = [], stored
    for part in stored.parts:
        files = stored.read(FILES, parts=[part])
        is_gone = files["file"].isin(gone)
        if not is_gone.any():
            kept.append(part)
        elif not is_gone.all():
            rewritten = rewritten.add(
                {
                    table: _without(stored.read(table, parts=[part]), gone)
                    for table in (*stored.tables, FILES)
                }
            )
    added = rewritten.parts[len(stored.parts) :]
    return replace(stored, parts=(*kept, *added))


def write_batches(stored: StoredParts, batches: Iterator[BatchRows]) -> Iterator[list[FileRecord]]:
    """Write batches part by part; yield the records of the files of each part, once it counts."""
    seen = seen_before(stored)
    waiting: list[BatchRows] = []
    size = 0
    try:
        for batch in batches:
            waiting += count_once([batch], seen)
            size += sum(record.size_bytes or 0 for record in batch.records)
            if size >= PART_BYTES:
                stored = _write_part(stored, waiting)
                yield _records_of(waiting)
                waiting, size = [], 0
    except KeyboardInterrupt:  # what was read stays
        if waiting:
            _write_part(stored, waiting)
        raise
    if waiting:
        _write_part(stored, waiting)
        yield _records_of(waiting)


def _write_part(stored: StoredParts, batches: Sequence[BatchRows]) -> StoredParts:
    keyed = [keyed_frames(batch, stored.tables) for batch in batches]
    frames = {
        table: pd.concat(_some([frames[table] for frames in keyed]), ignore_index=True)
        for table in (*stored.tables, FILES)
    }
    added = stored.add(frames)
    added.save()
    return added


def _some(frames: Sequence[pd.DataFrame]) -> Sequence[pd.DataFrame]:
    """Return the frames that have rows, or one that has none."""
    return [frame for frame in frames if len(frame)] or frames[:1]


def _records_of(batches: Iterable[BatchRows]) -> list[FileRecord]:
    return [record for batch in batches for record in batch.records]


def _without(frame: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    return frame[~frame["file"].isin(gone).to_numpy(np.bool_)].reset_index(drop=True)
