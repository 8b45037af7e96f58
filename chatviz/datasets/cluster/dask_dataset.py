"""DaskDataSet: the files of a data set read by Dask, its tables as Dask's frames."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chatviz.datasets.cluster.engines import Engine, choose_engine
from chatviz.datasets.cluster.tasks import (
    CountedFiles,
    cut_into_tasks,
    number_rows,
    take_together,
    tell,
    write_rows,
)
from chatviz.datasets.dataset import DataSet
from chatviz.datasets.gathering import mark_repeated
from chatviz.datasets.passes import FolderReading
from chatviz.datasets.rows import Wanted
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.datasets.store.schema import import_pyarrow
from chatviz.datasets.store.stored import StoredDataSet, open_dataset
from chatviz.datasets.store.writing import begin_writing, seen_before
from chatviz.datasets.table_methods import TableMethods
from chatviz.runs.conversation import Conversation
from chatviz.tables import TABLES
from chatviz.tables.groups.rows import is_taken_together

__all__ = ["DaskDataSet"]


class DaskDataSet(TableMethods[Any]):
    """Many recordings, read by the workers of a Dask client, or by Dask's local scheduler.

    Made by ``cv.read_folder(source, engine="dask")``. A table is a ``dask.dataframe.DataFrame``
    with the values and dtypes of the one that a single machine makes: asking for it reads the
    files, and its partitions stay on the workers until it is let go. `runs` and `conversations`
    are read here, as in a `DataSet`.
    """

    def __init__(self, reading: FolderReading, *, place: str) -> None:
        self._reading = reading
        self._here = DataSet(reading, place=place, link="file")
        self.place = place

    @property
    def entries(self) -> tuple[SourceEntry, ...]:
        """The files, in their order."""
        return self._reading.entries

    @property
    def files(self) -> pd.DataFrame:
        """One row for each file, as `DataSet.files`; those not read yet are read on the workers."""
        if any(record.state == "waiting" for record in self._reading.records):
            for _ in self._read(choose_engine(), self.entries, [], {}, keys=False):
                pass
        return self._here.files_so_far

    @property
    def runs(self) -> Any:
        """All runs, in the order of the files; read here when iterated, each time anew."""
        return self._here.runs

    @property
    def conversations(self) -> Any:
        """All conversations, file by file; read here when iterated, each time anew."""
        return self._here.conversations

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self._here)

    def build_table(self, name: str, **options: Any) -> Any:
        """Return a table as a ``dask.dataframe.DataFrame``, a partition for each task.

        A scorecard has one partition: a worker makes it of the rows of all tasks.
        """
        return self._build([Wanted(name, options)])[name]

    def tables(self, *names: str) -> dict[str, Any]:
        """Return several tables while the files are read once; by default all."""
        return self._build([Wanted(one) for one in names or sorted(TABLES)])

    def to_parquet(
        self, folder: str | os.PathLike[str], *, tables: Sequence[str] | None = None
    ) -> StoredDataSet:
        """Write the tables as Parquet, a part for each task, by the workers.

        As `DataSet.to_parquet`; the folder must be one that all workers have.
        """
        import_pyarrow()
        engine = choose_engine()
        names = self._here.stored_names(tables)
        with begin_writing(Path(folder), names, self.place, self.entries) as (stored, entries):
            wanted = [Wanted(name) for name in names]
            seen = seen_before(stored)
            waiting: list[tuple[str, Any]] = []
            for rows, counted in self._read(engine, entries, wanted, seen, keys=True):
                part = secrets.token_hex(8)
                waiting.append((part, engine.call(write_rows, rows, counted, stored, part)))
                if len(waiting) >= engine.threads * 2:
                    stored = stored.count(_written(engine, waiting))
                    stored.save_list()
                    waiting = []
            stored = stored.count(_written(engine, waiting))
            stored.save()
        return open_dataset(folder)

    def _build(self, wanted: Sequence[Wanted]) -> dict[str, Any]:
        self._here.check_names(want.name for want in wanted)
        empty = {want.name: TABLES[want.name].build((), **want.options) for want in wanted}
        engine = choose_engine()
        frames: dict[str, list[Any]] = {want.name: [] for want in wanted}
        of_rows = [want.of_rows() for want in wanted]
        for rows, counted in self._read(engine, self.entries, of_rows, {}, keys=False):
            for name, parts in frames.items():
                parts.append(engine.call(number_rows, rows, name, counted))
        for want in wanted:
            if is_taken_together(want.name) and frames[want.name]:
                frames[want.name] = [engine.call(take_together, want, *frames[want.name])]
        return {name: _join(parts, empty[name]) for name, parts in frames.items()}

    def _read(
        self,
        engine: Engine,
        entries: Sequence[SourceEntry],
        wanted: Sequence[Wanted],
        seen: dict[str, str],
        *,
        keys: bool,
    ) -> Iterator[tuple[Any, CountedFiles]]:
        """Yield the rows of each task, where they are, with what is counted of its files."""
        tasks = cut_into_tasks(entries, engine.threads)
        runs = talks = 0
        with self._reading.bar(len(entries)) as bar:
            for rows in engine.read(tasks, wanted, keys=keys):
                records, run_counts, talk_counts = engine.fetch(engine.call(tell, rows))
                told = tuple(mark_repeated(records, seen))
                counts = np.array([one.state == "read" for one in told], bool)
                of_runs, of_talks = (
                    np.where(counts, run_counts, 0),
                    np.where(counts, talk_counts, 0),
                )
                first_runs = runs + np.cumsum(of_runs) - of_runs
                first_talks = talks + np.cumsum(of_talks) - of_talks
                runs, talks = runs + int(of_runs.sum()), talks + int(of_talks.sum())
                self._reading.note(told)
                bar.add(told)
                yield rows, CountedFiles(told, first_runs, first_talks)

    def __repr__(self) -> str:
        return repr(self._here).replace("<DataSet", "<DaskDataSet", 1)


def _written(engine: Engine, waiting: Sequence[tuple[str, Any]]) -> list[str]:
    """Wait until parts are written; return their names."""
    for _, result in waiting:
        engine.fetch(result)
    return [part for part, _ in waiting]


def _join(parts: Sequence[Any], empty: pd.DataFrame) -> Any:
    """Return a table of partitions; texts stay what they are, whatever Dask is told elsewhere."""
    import dask
    from dask import dataframe

    with dask.config.set({"dataframe.convert-string": False}):
        if not parts:
            return dataframe.from_pandas(empty, npartitions=1)
        return dataframe.from_delayed(list(parts), meta=empty, verify_meta=False)
