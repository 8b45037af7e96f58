"""A batch: some files read together, and the rows of each wanted table over all of their runs.

What comes out holds columns and no runs, so that it can be kept, or sent from another process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import compress
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.datasets.reading import FileRecord, OpenedFile, open_entry
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs, without_collector
from chatviz.runs.run import StreamRun
from chatviz.tables.groups.rows import ROWS, is_taken_together

__all__ = [
    "BatchRows",
    "RunKeys",
    "TableRows",
    "Wanted",
    "cut_into_batches",
    "linked_frame",
    "read_batch",
    "renumber",
]

MAX_FILES: Final = 64
MAX_BYTES: Final = 2 * 1024 * 1024
"""Of files that are read together: their runs are in memory at once."""

# Tables of conversations: they are built file by file, since conversations are within a file.
LINKED: Final = frozenset(
    ("cache_table", "critical_path_table", "finding_table", "scorecard_table")
)
RUN_NUMBERS: Final = ("run", "earlier_run")

Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A table that is wanted, with the options that it is asked for with."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def of_rows(self) -> Wanted:
        """Return what is wanted of each batch: options of what is taken together come later."""
        return Wanted(self.name) if is_taken_together(self.name) else self


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table over a batch.

    Attributes
    ----------
    frame : DataFrame
        Its runs are numbered in the batch, its conversations in their file.
    files : array of int
        For each row the place of its file in the batch.
    """

    frame: pd.DataFrame
    files: Places


@dataclass(frozen=True, slots=True)
class RunKeys:
    """What identifies each run of a batch, wherever it stands.

    Attributes
    ----------
    interactions, run_ids, conversation_ids : sequence
        One for each run.
    own_ids, own_files : sequence
        For each finding of a conversation as a whole: the conversation's id, its file's place.
    """

    interactions: Sequence[int]
    run_ids: Sequence[str]
    conversation_ids: Sequence[str]
    own_ids: Sequence[str]
    own_files: Sequence[int]

    def keep(self, runs: Iterable[bool], files: Sequence[bool]) -> RunKeys:
        """Return the keys of some of the runs, which are all of some of the files."""
        chosen = list(runs)
        kept = [files[place] for place in self.own_files]
        return RunKeys(
            list(compress(self.interactions, chosen)),
            list(compress(self.run_ids, chosen)),
            list(compress(self.conversation_ids, chosen)),
            list(compress(self.own_ids, kept)),
            list(compress(self.own_files, kept)),
        )


@dataclass(frozen=True, slots=True)
class BatchRows:
    """What is kept of a batch.

    Attributes
    ----------
    records : tuple of FileRecord
        One for each file, in their order.
    run_files : array of int
        For each run the place of its file in the batch.
    tables : mapping of str to TableRows
    conversations : array of int
        For each file how many it holds; all 0 where nothing was linked.
    keys : RunKeys | None
        Where they were asked for.
    """

    records: tuple[FileRecord, ...]
    run_files: Places
    tables: Mapping[str, TableRows]
    conversations: Places
    keys: RunKeys | None = None


def cut_into_batches(
    entries: Iterable[SourceEntry], *, most_files: int = MAX_FILES, most_bytes: int = MAX_BYTES
) -> Iterator[list[SourceEntry]]:
    """Yield the entries in batches of many small files, or of one large one."""
    batch: list[SourceEntry] = []
    size = 0
    for entry in entries:
        more = entry.size_bytes or 0
        if batch and (len(batch) == most_files or size + more > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += more
    if batch:
        yield batch


def read_batch(
    entries: Sequence[SourceEntry], wanted: Sequence[Wanted], *, with_keys: bool = False
) -> BatchRows:
    """Read files and build the rows of the wanted tables; a file that breaks one is bad."""
    with without_collector():
        opened = [open_entry(entry) for entry in entries]
        try:
            return _rows_of(opened, wanted, with_keys=with_keys)
        except Exception:
            checked = [_checked(one, wanted, with_keys=with_keys) for one in opened]
            return _rows_of(checked, wanted, with_keys=with_keys)


def linked_frame(
    name: str,
    runs: Sequence[StreamRun],
    talks: Sequence[Conversation],
    options: Mapping[str, Any],
) -> pd.DataFrame:
    """Build a table of conversations; runs are numbered as they are given, not talk by talk."""
    build = ROWS[name].build
    if name == "finding_table":
        own = build(talks, **options)
        return pd.concat([own[own["run"].isna()], build(runs, **options)], ignore_index=True)
    places = {id(run): place for place, run in enumerate(runs)}
    order = np.array([places[id(run)] for talk in talks for run in talk.runs], np.int64)
    return renumber(build(talks, **options), order)


def renumber(frame: pd.DataFrame, numbers: Places) -> pd.DataFrame:
    """Return a table with another number for each run: ``numbers[old]``; missing stays missing."""
    changed = {
        name: pd.arrays.IntegerArray(
            np.where(frame[name].isna(), 0, numbers[frame[name].to_numpy(np.int64, na_value=0)])
            if len(numbers)
            else np.zeros(len(frame), np.int64),
            frame[name].isna().to_numpy(bool),
        )
        for name in RUN_NUMBERS
        if name in frame
    }
    return frame.assign(**changed)


def _checked(opened: OpenedFile, wanted: Sequence[Wanted], *, with_keys: bool) -> OpenedFile:
    """Return a file as it is, or as bad where a table cannot be built of it."""
    try:
        _rows_of([opened], wanted, with_keys=with_keys)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return OpenedFile(replace(opened.record, state="bad", reason=reason))
    return opened


def _rows_of(
    opened: Sequence[OpenedFile], wanted: Sequence[Wanted], *, with_keys: bool
) -> BatchRows:
    runs = [run for one in opened for run in one.runs]
    counts = [len(one.runs) for one in opened]
    run_files = np.repeat(np.arange(len(opened)), counts)
    needs_talks = with_keys or any(want.name in LINKED for want in wanted)
    talks = [link_runs(one.runs) if needs_talks else () for one in opened]
    tables = {}
    for want in wanted:
        if is_taken_together(want.name):  # each conversation alone, whatever is before it
            frame = linked_frame(want.name, runs, [one for its in talks for one in its], {})
        elif want.name in LINKED:
            tables[want.name] = _linked_rows(want, opened, talks)
            continue
        else:
            frame = ROWS[want.name].build(runs, **want.options)
        files = run_files[frame["run"].to_numpy(np.int64)] if len(frame) else run_files[:0]
        tables[want.name] = TableRows(frame, files)
    keys = _keys_of(opened, talks) if with_keys else None
    records = tuple(one.record for one in opened)
    return BatchRows(records, run_files, tables, np.array([len(one) for one in talks]), keys)


def _linked_rows(
    want: Wanted, opened: Sequence[OpenedFile], talks: Sequence[Sequence[Conversation]]
) -> TableRows:
    frames, files, before = [], [], 0
    for place, (one, its_talks) in enumerate(zip(opened, talks, strict=True)):
        if one.runs:
            frame = linked_frame(want.name, one.runs, its_talks, want.options)
            if len(frame):
                frames.append(renumber(frame, np.arange(len(one.runs)) + before))
                files.append(np.full(len(frame), place))
        before += len(one.runs)
    if not frames:
        return TableRows(ROWS[want.name].build((), **want.options), np.zeros(0, np.int64))
    return TableRows(pd.concat(frames, ignore_index=True), np.concatenate(files))


def _keys_of(opened: Sequence[OpenedFile], talks: Sequence[Sequence[Conversation]]) -> RunKeys:
    runs = [run for one in opened for run in one.runs]
    run_ids = [run_id for one in opened for run_id in one.run_ids]
    of_run = {id(run): run_id for run, run_id in zip(runs, run_ids, strict=True)}
    of_talk = {
        id(run): _hash_talk(of_run[id(talk.runs[0])])
        for one in talks
        for talk in one
        for run in talk.runs
    }
    own = [
        (place, of_talk[id(talk.runs[0])])
        for place, its_talks in enumerate(talks)
        for talk in its_talks
        for _ in talk.own_findings
    ]
    interactions = [run.interaction or 0 for run in runs]
    talk_ids = [of_talk[id(run)] for run in runs]
    return RunKeys(
        interactions, run_ids, talk_ids, [id for _, id in own], [place for place, _ in own]
    )


def _hash_talk(first_run: str) -> str:
    """Return what names a conversation: its first run does, however it goes on."""
    return blake2b(f"conversation {first_run}".encode(), digest_size=16).hexdigest()
