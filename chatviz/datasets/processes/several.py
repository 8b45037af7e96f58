"""Batches read by several processes and this one, each as soon as it is free, told in order."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from threading import Condition, Thread
from typing import Final

from chatviz.datasets.batches import read_batch
from chatviz.datasets.processes.worker_process import WorkerProcess
from chatviz.datasets.rows import BatchRows, Wanted
from chatviz.datasets.sources.entries import SourceEntry

__all__ = ["choose_workers", "read_in_processes"]

LEAST_BYTES: Final = 16 * 1024 * 1024
"""Of files for which a second process is worth its start."""
MOST_WORKERS: Final = 8


def choose_workers(entries: Sequence[SourceEntry], wanted: Sequence[Wanted]) -> int:
    """Return how many processes are worth it, this one included."""
    size = sum(entry.size_bytes or 0 for entry in entries)
    if size < LEAST_BYTES:
        return 1
    try:
        pickle.dumps(wanted)
    except Exception:  # a price list of one's own may be anything
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return max(1, min(count, MOST_WORKERS, size // (LEAST_BYTES // 2)))


def read_in_processes(
    batches: Iterator[list[SourceEntry]],
    wanted: Sequence[Wanted],
    workers: Sequence[WorkerProcess],
    *,
    with_keys: bool = False,
) -> Iterator[BatchRows]:
    """Read batches in some processes, and in this one; yield their rows in order.

    Whoever stops asking, or is interrupted, ends the processes.
    """
    shared = _Shared(batches)
    threads = [
        Thread(target=_work, args=(shared, worker, wanted, with_keys), daemon=True)
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    told = 0
    try:
        while True:
            ready = shared.take_ready(told)
            if ready is not None:
                told += 1
                yield from ready
            elif (taken := shared.take_batch()) is not None:
                number, entries = taken
                shared.give(number, [read_batch(entries, wanted, with_keys=with_keys)])
            elif not shared.wait_for(told):
                return
    finally:
        shared.stop()
        for worker in workers:
            worker.close()
        for thread in threads:
            thread.join()


class _Shared:
    """The batches that wait, and the rows of those that were read, for several threads."""

    def __init__(self, batches: Iterator[list[SourceEntry]]) -> None:
        self._batches = batches
        self._changed = Condition()
        self._taken = 0
        self._ready: dict[int, list[BatchRows]] = {}
        self._is_over = False
        self._failure: BaseException | None = None

    def take_batch(self) -> tuple[int, list[SourceEntry]] | None:
        """Return the next batch with its number; None where there is none."""
        with self._changed:
            entries = None if self._is_over else next(self._batches, None)
            if entries is None:
                self._is_over = True
                return None
            self._taken += 1
            return self._taken - 1, entries

    def give(self, number: int, rows: list[BatchRows]) -> None:
        """Hand in the rows of a batch."""
        with self._changed:
            self._ready[number] = rows
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Say that a thread has ended without its rows."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def take_ready(self, number: int) -> list[BatchRows] | None:
        """Return the rows of a batch, where they are there."""
        with self._changed:
            if self._failure is not None:
                raise self._failure
            return self._ready.pop(number, None)

    def wait_for(self, number: int) -> bool:
        """Wait until the rows of a batch are there; False where no such batch was taken."""
        with self._changed:
            self._changed.wait_for(
                lambda: number in self._ready or number >= self._taken or self._failure is not None
            )
            return number < self._taken

    def stop(self) -> None:
        """Hand out no more batches."""
        with self._changed:
            self._is_over = True


def _work(
    shared: _Shared, worker: WorkerProcess, wanted: Sequence[Wanted], with_keys: bool
) -> None:
    try:
        while (taken := shared.take_batch()) is not None:
            number, entries = taken
            shared.give(number, worker.read(entries, wanted, with_keys=with_keys))
    except BaseException as error:  # told to whoever asked, who is in another thread
        shared.fail(error)
