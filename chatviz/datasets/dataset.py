"""DataSet: many recordings, read file by file when something is wanted of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pandas as pd

from chatviz.datasets.gathering import count_once, join_tables
from chatviz.datasets.linked import linked_frame
from chatviz.datasets.passes import FolderReading
from chatviz.datasets.reading import STATES, FileRecord, OpenedFile
from chatviz.datasets.rows import LINKED, BatchRows, Wanted
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.datasets.store.schema import RECORD_COLUMNS, import_pyarrow
from chatviz.datasets.store.stored import StoredDataSet, open_dataset
from chatviz.datasets.store.writing import begin_writing, write_batches
from chatviz.datasets.table_methods import TableMethods
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.run import StreamRun
from chatviz.tables import TABLES
from chatviz.tables.columns.columns import Column
from chatviz.tables.columns.frames import build_frame_from_rows
from chatviz.tables.groups.rows import ROWS, finish_table

__all__ = ["ConversationSequence", "DataSet", "Link", "RunSequence"]

Link: TypeAlias = Literal["file", "folder"]
NAME: Final = Column("name", "string", "The file's name in the data set; no other has it.")


class DataSet(TableMethods[pd.DataFrame]):
    """Many recordings; made by ``cv.read_folder``.

    Files are read when something is wanted of them, one after another, and let go again: an
    attribute or a table goes through all of them, in memory for the largest file and the table.
    Each recording counts once, whatever files hold it. What an interrupted reading has read is
    kept: asked again, it goes on from there, and `so_far` has the part that was read.

    Attributes
    ----------
    entries : tuple of SourceEntry
        The files, in their order.
    place : str
        The folder, glob, archive or URL; ``""`` where there were several.
    link : str
        ``"file"``: a conversation is within one file. ``"folder"``: it may go on in another one;
        then tables of conversations hold all runs in memory.
    """

    def __init__(self, reading: FolderReading, *, place: str, link: Link) -> None:
        self._reading = reading
        self.place = place
        self.link = link

    @property
    def entries(self) -> tuple[SourceEntry, ...]:
        """The files, in their order."""
        return self._reading.entries

    @property
    def records(self) -> tuple[FileRecord, ...]:
        """What is known of each file by now; nothing is read for it."""
        return self._reading.records

    @property
    def files(self) -> pd.DataFrame:
        """One row for each file; those that were not read yet are read.

        Columns: ``name``, ``format``, ``size_bytes``, ``state``, ``reason``, ``interactions``,
        ``runs``. A ``state`` is ``"read"``, ``"repeated"`` (it holds the same as another file,
        and is not counted again), ``"no recording"`` (it is something else), ``"not supported"``
        (of a kind that is recognised and not read) or ``"bad"`` (a recording that cannot be
        read); all but the first have a ``reason``.
        """
        if any(record.state == "waiting" for record in self.records):
            self._reading.read([])
        return self.files_so_far

    @property
    def files_so_far(self) -> pd.DataFrame:
        """As `files`, of what is known by now: a file that was not read yet is ``"waiting"``."""
        return build_frame_from_rows((NAME, *RECORD_COLUMNS), map(_file_row, self.records))

    @property
    def runs(self) -> RunSequence:
        """All runs, in the order of the files; read when iterated, each time anew."""
        return RunSequence(self)

    @property
    def conversations(self) -> ConversationSequence:
        """All conversations, file by file; read when iterated, each time anew."""
        return ConversationSequence(self)

    @property
    def so_far(self) -> DataSet:
        """The data set of the files that were read by now."""
        return DataSet(self._reading.so_far(), place=self.place, link=self.link)

    def __iter__(self) -> Iterator[Conversation]:
        """Iterate the conversations: a data set is given to any view as they would be."""
        return iter(self.conversations)

    def build_table(self, name: str, **options: Any) -> pd.DataFrame:
        """Build a table by its name, ``"usage_table"``, with the table's own options.

        It is what the table makes of each file, one below the other, with runs and conversations
        numbered through. The conversations' own findings are in ``finding_table``.
        """
        return self._build([Wanted(name, options)])[name]

    def tables(self, *names: str) -> dict[str, pd.DataFrame]:
        """Build several tables while the files are read once; by default all.

        Raises
        ------
        LookupError
            A table's name is not known.
        """
        return self._build([Wanted(name) for name in names or tuple(TABLES)])

    def to_parquet(
        self, folder: str | os.PathLike[str], *, tables: Sequence[str] | None = None
    ) -> StoredDataSet:
        """Write the tables as a partitioned Parquet data set, or add to one what is new.

        Only files that are new, or have changed since, are read; a changed file's old rows go. The
        rows of files that are gone stay. A recording that two files hold counts once: the
        other's state is ``"repeated"``. Each file on disk is written whole or not at all, and an
        interrupted writing goes on where it was (extra ``parquet``).

        Parameters
        ----------
        folder : str or path-like
            It is made where it is not there. Each table has a folder in it.
        tables : sequence of str or None
            Their names; None: all. Of a scorecard what it counts of each answer is written.

        Returns
        -------
        StoredDataSet
            As ``cv.open_dataset(folder)``.

        Raises
        ------
        DataSetError
            It cannot be written, or is a data set of other recordings or tables.
        ValueError
            Conversations may go on in other files (``link="folder"``): a file alone does not tell
            them.
        """
        if self.link == "folder":
            raise ValueError("to_parquet links within files: read_folder(source, link='file').")
        import_pyarrow()
        names = self.stored_names(tables)
        with begin_writing(Path(folder), names, self.place, self.entries) as (stored, entries):
            batches = self._reading.stream(entries, [Wanted(name) for name in names])
            for records in write_batches(stored, batches):
                self._reading.note(records)
        return open_dataset(folder)

    def stored_names(self, tables: Sequence[str] | None) -> tuple[str, ...]:
        """Return the tables that are written: those that were asked for, or all."""
        names = tuple(tables or TABLES)
        self.check_names(names)
        return names

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse a table that is not there; the message lists those that are."""
        for name in names:
            if name not in TABLES:
                known = ", ".join(map(repr, sorted(TABLES)))
                raise LookupError(f"wanted a table, one of {known}, found {name!r}.")

    def _build(self, wanted: Sequence[Wanted]) -> dict[str, pd.DataFrame]:
        self.check_names(want.name for want in wanted)
        for want in wanted:  # a wrong option is told before anything is read
            TABLES[want.name].build((), **want.options)
        is_linked = self.link == "folder"
        rows = [want.of_rows() for want in wanted]
        by_file = [want for want in rows if not (is_linked and want.name in LINKED)]
        made: dict[str, pd.DataFrame] = {}
        if by_file:
            batches = count_once(self._reading.read(by_file))
            made |= {want.name: _join(want, batches) for want in by_file}
        rest = [want for want in rows if want.name not in made]
        if rest:
            runs = list(self.runs)
            talks = link_runs(runs)
            made |= {want.name: linked_frame(want.name, runs, talks, want.options) for want in rest}
        return {
            want.name: finish_table(want.name, made[want.name], want.options) for want in wanted
        }

    def __repr__(self) -> str:
        states = [record.state for record in self.records]
        counted = [f"{states.count(state):,} {state}" for state in STATES if state in states]
        place = f" of {self.place!r}" if self.place else ""
        noun = "file" if len(states) == 1 else "files"
        return f"<DataSet: {len(states):,} {noun}{place}: {', '.join(counted) or 'none'}>"


class RunSequence:
    """The runs of a data set, one file in memory at a time; can be iterated again."""

    def __init__(self, data: DataSet) -> None:
        self._data = data

    def __iter__(self) -> Iterator[StreamRun]:
        return (run for opened in _counted_files(self._data) for run in opened.runs)

    def __repr__(self) -> str:
        return f"<the runs of {self._data!r}>"


class ConversationSequence:
    """The conversations of a data set; can be iterated again.

    Those of one file are in memory at a time; where they may go on in other files, all are.
    """

    reads_one_by_one = True

    def __init__(self, data: DataSet) -> None:
        self._data = data

    def __iter__(self) -> Iterator[Conversation]:
        if self._data.link == "folder":
            return iter(link_runs(self._data.runs))
        files = _counted_files(self._data)
        return (talk for opened in files for talk in link_runs(opened.runs))

    def __repr__(self) -> str:
        return f"<the conversations of {self._data!r}>"


def _counted_files(data: DataSet) -> Iterator[OpenedFile]:
    return data._reading.open_files()


def _join(want: Wanted, batches: Sequence[BatchRows]) -> pd.DataFrame:
    return join_tables(want.name, batches, ROWS[want.name].build((), **want.options))


def _file_row(record: FileRecord) -> tuple[object, ...]:
    return (
        record.name,
        record.format or None,
        record.size_bytes,
        record.state,
        record.reason or None,
        record.interactions,
        record.runs,
    )
