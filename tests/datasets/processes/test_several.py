"""Several processes read the same as one; a process that ends costs the file that ended it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.datasets import passes
from chatviz.datasets.processes import several
from chatviz.datasets.processes.worker_process import WorkerProcess
from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.rows import Wanted

POISON = """
import os
from chatviz.datasets import batches
from chatviz.datasets.processes import worker

read = batches.open_entry
batches.open_entry = lambda entry: os._exit(9) if entry.name == "inner/b.yml" else read(entry)
worker.main()
"""


def test_tables_of_two_processes_are_those_of_one(shelf: Path) -> None:
    (shelf / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    names = tables.__all__
    one, two = read_folder(shelf, workers=1), read_folder(shelf, workers=2)
    wanted, found = one.tables(*names), two.tables(*names)
    for name in names:
        pd.testing.assert_frame_equal(found[name], wanted[name])
    pd.testing.assert_frame_equal(two.files_so_far, one.files)


def test_a_file_that_ends_its_process_is_bad_and_the_rest_is_read(shelf: Path) -> None:
    """Made up: a process that ends at one file, as one does that has no memory left."""
    worker = WorkerProcess((sys.executable, "-c", POISON))
    entries = list(read_folder(shelf).entries)
    rows = worker.read(entries, [Wanted("run_table")], with_keys=False)
    worker.close()
    assert [one.state for batch in rows for one in batch.records] == ["read", "bad", "read"]
    assert "the process that read it ended" in rows[1].records[0].reason
    assert sum(len(batch.tables["run_table"].frame) for batch in rows) == sum(
        record.runs or 0 for batch in rows for record in batch.records
    )


WRONG = """
from chatviz.datasets import batches
from chatviz.datasets.processes import worker
from chatviz.tables.columns.columns import TableColumns
from chatviz.tables.columns.kinds import TableKind

kind = batches.ROWS["run_table"]

def collect(runs):
    found = kind.collect(runs)
    return TableColumns(found.columns, {**found.values, "chunks": ["none"] * len(runs)})

batches.ROWS["run_table"] = TableKind("run_table", collect, kind.columns)
worker.main()
"""


def test_what_a_process_sends_and_makes_no_frame_is_read_here(shelf: Path) -> None:
    """Made up: a process whose columns hold what they cannot."""
    worker = WorkerProcess((sys.executable, "-c", WRONG))
    entries = list(read_folder(shelf).entries)
    [rows] = worker.read(entries, [Wanted("run_table")], with_keys=False)
    worker.close()
    [wanted] = rows_of(entries, [Wanted("run_table")])
    pd.testing.assert_frame_equal(rows.tables["run_table"].frame, wanted.tables["run_table"].frame)


def test_a_process_that_only_sends_columns_loads_no_pandas(shelf: Path) -> None:
    entries = list(read_folder(shelf).entries)
    asked = pickle.dumps((entries, [Wanted("chunk_table"), Wanted("usage_table")]))
    code = (
        "import pickle, sys; from chatviz.datasets.processes.worker import read_batch; "
        "rows = read_batch(*pickle.load(sys.stdin.buffer), with_frames=False); "
        "print(len(rows.run_files), 'pandas' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], input=asked, capture_output=True, check=True
    )
    assert told.stdout.split() == [b"6", b"False"]


class Scripted(WorkerProcess):
    """Answers in this process, in an order that the test decides."""

    def __init__(self, answers: Any) -> None:
        super().__init__()
        self._answers = answers
        self.is_closed = False

    def read(self, entries: Any, wanted: Any, *, with_keys: bool) -> Any:
        return self._answers(entries)

    def close(self) -> None:
        self.is_closed = True


def rows_of(entries: Any, wanted: Any = ()) -> Any:
    return [several.read_batch(entries, wanted)]


def names_of(rows: Any) -> list[str]:
    return [record.name for batch in rows for record in batch.records]


def test_rows_come_in_order_whoever_is_ready_first(shelf: Path) -> None:
    entries = read_folder(shelf).entries
    second = threading.Event()

    def slowly(batch: Any) -> Any:
        if batch[0].name == "a.yaml":
            assert second.wait(60)
        return rows_of(batch)

    def batches() -> Iterator[Any]:
        yield [entries[0]]
        assert taken.wait(60)
        yield [entries[1]]
        second.set()
        yield [entries[2]]

    taken = threading.Event()
    taken.set()
    rows = several.read_in_processes(batches(), (), [Scripted(slowly)])
    assert names_of(rows) == ["a.yaml", "inner/b.yml", "z.yaml"]


def test_what_fails_in_a_thread_is_raised_where_it_was_asked(shelf: Path) -> None:
    def fail(batch: Any) -> Any:
        raise ZeroDivisionError("by nothing")

    def batches() -> Iterator[Any]:
        yield [read_folder(shelf).entries[0]]

    worker = Scripted(fail)
    started = several.read_in_processes(batches(), (), [worker])
    try:
        list(started)  # this process may have taken the only batch itself
    except ZeroDivisionError as error:
        assert str(error) == "by nothing"
    assert worker.is_closed


def test_an_interrupted_reading_ends_its_processes(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers: list[WorkerProcess] = []

    class Seen(WorkerProcess):
        def __init__(self) -> None:
            super().__init__()
            workers.append(self)

    def interrupt(*given: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(passes, "WorkerProcess", Seen)
    monkeypatch.setattr(several, "read_batch", interrupt)
    monkeypatch.setattr(passes, "cut_into_batches", lambda entries: ([one] for one in entries))
    with pytest.raises(KeyboardInterrupt):
        read_folder(shelf, workers=2).run_table()
    assert [worker._process for worker in workers] == [None]


def test_large_folders_are_read_by_several_processes_and_small_ones_are_not(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = read_folder(shelf).entries
    assert several.choose_workers(entries, ()) == 1
    monkeypatch.setattr(several, "LEAST_BYTES", 1000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    assert several.choose_workers(entries, ()) == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert several.choose_workers(entries, ()) == several.MOST_WORKERS
    cannot_be_sent = Wanted("usage_table", {"prices": lambda run: None})
    assert several.choose_workers(entries, [cannot_be_sent]) == 1


def test_a_number_of_processes_is_at_least_one(shelf: Path) -> None:
    with pytest.raises(ValueError, match="wanted a whole number as workers, 1 or more, found 0"):
        read_folder(shelf, workers=0)
