"""StoredDataSet: a data set that was written to Parquet, and its tables as frames."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chatviz.datasets.linked import RUN_NUMBERS
from chatviz.datasets.rows import Places
from chatviz.datasets.store.parts import StoredParts, open_parts
from chatviz.datasets.store.schema import FILES, import_pyarrow
from chatviz.datasets.table_methods import TableMethods
from chatviz.errors import DataSetError
from chatviz.given_values import path_given, shown
from chatviz.tables.groups.rows import ROWS, finish_table, is_taken_together

__all__ = ["StoredDataSet", "open_dataset"]


class StoredDataSet(TableMethods[pd.DataFrame]):
    """A data set on disk, as ``data.to_parquet(folder)`` wrote it; made by ``cv.open_dataset``.

    Each table is a method, and ``cv.usage_table(stored)`` works as for the recordings. Files are
    in the order of their names.
    """

    def __init__(self, parts: StoredParts) -> None:
        self._parts = parts
        self.folder = parts.folder
        self.names = parts.tables

    @property
    def files(self) -> pd.DataFrame:
        """One row for each file, as the ``files`` of the data set that was written."""
        columns = ["name", "format", "size_bytes", "state", "reason", "interactions", "runs"]
        return self._files().rename(columns={"file": "name"})[columns]

    def build_table(self, name: str, **options: Any) -> pd.DataFrame:
        """Return a table by its name, as it is of the recordings.

        Options are those of a scorecard, which is made of what is stored of each answer.

        Raises
        ------
        DataSetError
            It was not written, or options are given that need the recordings.
        """
        if options and not is_taken_together(name):
            asked = "".join(f", {option}=…" for option in options)
            raise DataSetError(
                f"{name} with what it was asked for ({name}(data{asked})) needs the recordings, "
                "and a stored data set has tables only: ask cv.read_folder(source)."
            )
        frame = self.keyed_table(name)
        files = self._files()
        places = pd.Series(np.arange(len(files)), index=files["file"])
        at = places[frame["file"]].to_numpy(np.int64)
        counted = {**dict.fromkeys(RUN_NUMBERS, "runs"), "conversation": "conversations"}
        for column in filter(counted.__contains__, frame.columns):
            frame[column] += _before(files, counted[column])[at]
        own = frame[[column.name for column in ROWS[name].columns]]
        return finish_table(name, own, options)

    def keyed_table(self, name: str) -> pd.DataFrame:
        """Return a table as it is stored: each row with its keys, runs numbered in their file.

        The keys are ``file``, ``interaction``, ``run_id``, ``conversation_id`` and
        ``schema_version``: tables join on them, in whatever data set.
        """
        self._check(name)
        frame, files = self._parts.read(name), self._files()
        places = pd.Series(np.arange(len(files)), index=files["file"])
        order = np.argsort(places[frame["file"]].to_numpy(np.int64), kind="stable")
        return frame.iloc[order].reset_index(drop=True)

    def paths(self, name: str) -> list[str]:
        """Return the Parquet files of a table, for whoever reads such.

        ``duckdb.read_parquet(paths)``, ``polars.scan_parquet(paths)``,
        ``dask.dataframe.read_parquet(paths)``.
        """
        self._check(name)
        return self._parts.paths(name)

    def arrow(self, name: str) -> Any:
        """Return a table as a ``pyarrow.dataset.Dataset``, of which nothing is read yet."""
        import_pyarrow()
        from pyarrow import dataset

        return dataset.dataset(self.paths(name), format="parquet")

    def _files(self) -> pd.DataFrame:
        files = self._parts.read(FILES)
        names = [name.split("/") for name in files["file"]]
        order = sorted(range(len(files)), key=names.__getitem__)
        return files.iloc[order].reset_index(drop=True)

    def _check(self, name: str) -> None:
        if name not in (*self.names, FILES):
            known = ", ".join(map(repr, self.names))
            raise DataSetError(f"wanted a table that was written, one of {known}, found {name!r}.")

    def __repr__(self) -> str:
        parts = len(self._parts.parts)
        noun = "part" if parts == 1 else "parts"
        return f"<StoredDataSet in {str(self.folder)!r}: {len(self.names)} tables, {parts} {noun}>"


def open_dataset(folder: str | os.PathLike[str]) -> StoredDataSet:
    """Open a data set that ``data.to_parquet(folder)`` wrote.

    Parameters
    ----------
    folder : str or path-like

    Returns
    -------
    StoredDataSet
        Its tables are those of the recordings: ``cv.usage_table(cv.open_dataset(folder))``.
        ``.paths(name)`` are the Parquet files for DuckDB, Polars and Dask, ``.arrow(name)`` is a
        data set of pyarrow, ``.keyed_table(name)`` has the keys of each row.

    Raises
    ------
    DataSetError
        No data set is there, or one of another version.
    TypeError, ValueError
        It is no path, but what is in a recording.
    """
    writes = "cv.read_folder(source).to_parquet(folder) writes one"
    name = path_given(folder, "the folder of a data set", writes)
    parts = open_parts(Path(name))
    if parts is None:
        raise DataSetError(f"there is no data set in {shown(name)}: {writes}.")
    return StoredDataSet(parts)


def _before(files: pd.DataFrame, column: str) -> Places:
    """Return how many there are in the files before each; those that do not count have none."""
    counts = np.where(files["state"] == "read", files[column].fillna(0), 0).astype(np.int64)
    before: Places = np.cumsum(counts) - counts
    return before
