"""What is kept of a batch of files: rows of tables and what identifies them, and no run.

All of it can be sent from another process, which loads no pandas where it sends columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chatviz.datasets.reading import FileRecord
from chatviz.tables.columns.columns import TableColumns
from chatviz.tables.columns.kinds import frame_of
from chatviz.tables.groups.rows import is_taken_together

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LINKED", "BatchRows", "Places", "RunKeys", "TableRows", "Wanted"]

# Tables of conversations: they are built file by file, since conversations are within a file.
LINKED: Final = frozenset(
    ("cache_table", "critical_path_table", "finding_table", "scorecard_table")
)

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
    rows : TableColumns | DataFrame
        Its runs are numbered in the batch, its conversations in their file.
    files : array of int
        For each row the place of its file in the batch.
    """

    rows: TableColumns | pd.DataFrame
    files: Places

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame, which is built here where it is not yet."""
        return frame_of(self.rows) if isinstance(self.rows, TableColumns) else self.rows


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

    def build_frames(self) -> BatchRows:
        """Return the same, each table as a frame."""
        tables = {name: TableRows(rows.frame, rows.files) for name, rows in self.tables.items()}
        return replace(self, tables=tables)
