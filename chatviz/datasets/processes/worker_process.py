"""WorkerProcess: a process that reads batches, and is replaced where one of them ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

import numpy as np

from chatviz.datasets.batches import read_batch
from chatviz.datasets.processes.worker import receive, send
from chatviz.datasets.reading import FileRecord
from chatviz.datasets.rows import BatchRows, Wanted
from chatviz.datasets.sources.entries import SourceEntry

__all__ = ["WorkerProcess", "rows_of_lost"]


class WorkerProcess:
    """Reads batches in a process of its own, which starts with the first.

    Nothing of the process that asks is imported there but chatviz: a script needs no guard
    around what it does.

    Parameters
    ----------
    command : tuple of str
        What is started.
    """

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._command = command or (sys.executable, "-m", f"{__package__}.worker")
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._is_closed = False

    def read(
        self, entries: Sequence[SourceEntry], wanted: Sequence[Wanted], *, with_keys: bool
    ) -> list[BatchRows]:
        """Read a batch; a file that ends the process is bad, and costs nothing but its row."""
        rows = self._ask(entries, wanted, with_keys)
        if rows is not None or self._is_closed:
            return [] if rows is None else [rows]
        found = []
        for entry in entries:
            rows = self._ask([entry], wanted, with_keys)
            found.append(rows_of_lost(entry, wanted, with_keys) if rows is None else rows)
        return found

    def close(self) -> None:
        """End the process; another thread that waits for its answer has none."""
        with self._lock:
            self._is_closed = True
        self._end()

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            with suppress(OSError):
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()

    def _ask(
        self, entries: Sequence[SourceEntry], wanted: Sequence[Wanted], with_keys: bool
    ) -> BatchRows | None:
        """Return what the process answers; None where it ended."""
        with self._lock:
            if self._is_closed:
                return None
            process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        rows: BatchRows | None = None
        with suppress(OSError, ValueError):  # it ended, or is being closed
            send(process.stdin, (list(entries), tuple(wanted), with_keys))
            rows = receive(process.stdout)
        if rows is None:
            self._end()
            return None
        return _with_frames(rows, entries, wanted, with_keys)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )


def _with_frames(
    rows: BatchRows, entries: Sequence[SourceEntry], wanted: Sequence[Wanted], with_keys: bool
) -> BatchRows:
    try:
        return rows.build_frames()
    except Exception:  # a file breaks a table: it is told here which one
        return read_batch(entries, wanted, with_keys=with_keys)


def rows_of_lost(entry: SourceEntry, wanted: Sequence[Wanted], with_keys: bool) -> BatchRows:
    """Return the rows of a file that ended the process which read it: none."""
    empty = read_batch((), wanted, with_keys=with_keys)
    record = FileRecord(
        entry.name,
        entry.size_bytes,
        entry.version,
        "bad",
        "the process that read it ended: it may be too large for the memory that is there",
    )
    return BatchRows((record,), empty.run_files, empty.tables, np.zeros(1, np.int64), empty.keys)
