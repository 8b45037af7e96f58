"""What stands in the Parquet files: the columns of each table, and the keys of each row.

Every row has its keys before the table's own columns:

- ``file``: the name of the recording in its data set;
- ``interaction``: the run's number in it; with ``file`` it names one run;
- ``run_id``: a hash of what was asked and answered, the same wherever the run stands;
- ``conversation_id``: a hash of the conversation's first run, the same however it goes on;
- ``schema_version``: of these columns.

``run`` and ``conversation`` are numbers within the file; ``cv.open_dataset`` numbers them through.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.datasets.linked import renumber
from chatviz.datasets.reading import STATES
from chatviz.datasets.rows import BatchRows, Places, TableRows
from chatviz.tables.columns.columns import Column
from chatviz.tables.columns.frames import build_frame
from chatviz.tables.groups.rows import ROWS

__all__ = [
    "FILES",
    "FILE_COLUMNS",
    "KEY_COLUMNS",
    "RECORD_COLUMNS",
    "SCHEMA_VERSION",
    "columns_of",
    "frame_of",
    "import_pyarrow",
    "keyed_frames",
    "to_arrow",
]

SCHEMA_VERSION: Final = 1
FILES: Final = "files"
KEY_COLUMNS: Final = (
    Column("file", "string", "The name of the recording in its data set."),
    Column("interaction", "Int64", "The run's number in it; none for what several runs show."),
    Column("run_id", "string", "A hash of what was asked and answered."),
    Column("conversation_id", "string", "A hash of the first run of its conversation."),
    Column("schema_version", "Int64", "Of these columns."),
)
RECORD_COLUMNS: Final = (
    Column("format", "string", "Whose format it has; none where it was not read."),
    Column("size_bytes", "Int64", "Its size."),
    Column("state", "category", "What became of it.", STATES),
    Column("reason", "string", "Why it was not read, or is not counted."),
    Column("interactions", "Int64", "How many requests with their responses it holds."),
    Column("runs", "Int64", "How many of them are chats."),
)
_KEYS: Final = frozenset(column.name for column in KEY_COLUMNS)
FILE_COLUMNS: Final = (
    KEY_COLUMNS[0],
    *RECORD_COLUMNS,
    Column("conversations", "Int64", "How many conversations they are."),
    Column("version", "string", "Changes when the file does; none where that cannot be told."),
    Column("content", "string", "A hash of what its runs hold; none where there is no run."),
    KEY_COLUMNS[-1],
)


def columns_of(name: str) -> tuple[Column, ...]:
    """Return the columns of a table as it is stored, its keys first."""
    if name == FILES:
        return FILE_COLUMNS
    own = (column for column in ROWS[name].columns if column.name not in _KEYS)
    return (*KEY_COLUMNS, *own)


def import_pyarrow() -> ModuleType:
    """Return pyarrow; without it the error says what to install."""
    try:
        import pyarrow
    except ImportError:
        raise ImportError(
            "Parquet is written and read by pyarrow: pip install 'chatviz-inspector[parquet]'"
        ) from None
    return pyarrow  # type: ignore[no-any-return]


def keyed_frames(batch: BatchRows, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of a batch with the keys of each row, and that of its files."""
    frames = {name: _with_keys(batch, batch.tables[name]) for name in names}
    frames[FILES] = _files_of(batch)
    return frames


def to_arrow(frame: pd.DataFrame) -> Any:
    """Return a frame as a table of arrow; it says how pandas has it, for those who read it."""
    pyarrow = import_pyarrow()
    table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    numbers = pyarrow.list_(pyarrow.float64())
    for place, one in enumerate(table.schema):
        if pyarrow.types.is_null(one.type):  # arrays of numbers, and there is no row
            table = table.set_column(place, one.name, table.column(place).cast(numbers))
    return table


def frame_of(table: Any, columns: Sequence[Column]) -> pd.DataFrame:
    """Return a frame of columns of a table of arrow, with their dtypes here."""
    values = {column.name: _values_of(table.column(column.name), column) for column in columns}
    return build_frame(columns, values)


def _with_keys(batch: BatchRows, rows: TableRows) -> pd.DataFrame:
    keys = batch.keys
    assert keys is not None
    frame = rows.frame
    is_own = frame["run"].isna().to_numpy(bool)
    runs = frame["run"].to_numpy(np.int64, na_value=0)
    names = np.array([record.name for record in batch.records], object)

    def of_run(column: Sequence[Any]) -> np.ndarray[Any, Any]:
        values = np.array([*column, None], object)[np.where(is_own, len(column), runs)]
        return values

    talks = of_run(keys.conversation_ids)
    talks[is_own] = np.array(keys.own_ids, object) if is_own.any() else None
    found = build_frame(
        KEY_COLUMNS,
        {
            "file": names[rows.files],
            "interaction": of_run(keys.interactions).tolist(),
            "run_id": of_run(keys.run_ids),
            "conversation_id": talks,
            "schema_version": np.full(len(frame), SCHEMA_VERSION),
        },
    )
    own = frame.drop(columns=list(_KEYS), errors="ignore").reset_index(drop=True)
    numbered = renumber(own, _numbers_in_files(batch.run_files))
    return pd.concat([found, numbered], axis=1)


def _numbers_in_files(run_files: Places) -> Places:
    """Return the number that each run has in its own file."""
    counts = np.bincount(run_files) if len(run_files) else np.zeros(0, np.int64)
    first = np.cumsum(counts) - counts
    return np.arange(len(run_files)) - first[run_files] if len(run_files) else run_files


def _files_of(batch: BatchRows) -> pd.DataFrame:
    records = batch.records
    return build_frame(
        FILE_COLUMNS,
        {
            "file": [record.name for record in records],
            "format": [record.format or None for record in records],
            "size_bytes": [record.size_bytes for record in records],
            "state": [record.state for record in records],
            "reason": [record.reason or None for record in records],
            "interactions": [record.interactions for record in records],
            "runs": [record.runs for record in records],
            "conversations": np.asarray(batch.conversations),
            "version": [record.version or None for record in records],
            "content": [record.content or None for record in records],
            "schema_version": np.full(len(records), SCHEMA_VERSION),
        },
    )


def _values_of(values: Any, column: Column) -> Any:
    """Return a column of arrow as `build_frame` takes it, without a value for each number."""
    whole = values.combine_chunks()
    if column.dtype == "category":
        places = {name: place for place, name in enumerate(column.categories)}
        known = np.array([places[name] for name in whole.dictionary.to_pylist()] + [-1], np.int8)
        codes = whole.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)
        return known[codes]
    if column.dtype == "numbers":
        numbers = whole.values.to_numpy(zero_copy_only=False)
        return [numbers[first:last] for first, last in pairwise(whole.offsets.to_pylist())]
    if column.dtype == "string":
        return whole.to_numpy(zero_copy_only=False)
    if column.dtype == "Float64":
        return whole.to_numpy(zero_copy_only=False)
    if whole.null_count or column.dtype == "boolean":
        return whole.to_pylist()
    return whole.to_numpy()
