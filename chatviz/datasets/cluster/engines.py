"""Where tasks run: on the workers of a distributed client, or by Dask's local scheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from chatviz.datasets.cluster.tasks import read_files
from chatviz.datasets.processes.worker_process import rows_of_lost
from chatviz.datasets.rows import BatchRows, Wanted
from chatviz.datasets.sources.entries import SourceEntry

__all__ = ["Engine", "choose_engine"]


class Engine(Protocol):
    """Runs tasks; what they return stays where they ran until it is fetched."""

    threads: int

    def read(
        self, tasks: Sequence[list[SourceEntry]], wanted: Sequence[Wanted], *, keys: bool
    ) -> Iterator[Any]:
        """Yield the result of reading each task, in order; only some are begun ahead."""
        ...

    def call(self, function: Callable[..., Any], *given: Any) -> Any:
        """Begin a task on results of others; return its result, which may not be there yet."""
        ...

    def fetch(self, result: Any) -> Any:
        """Wait for a result, and return it here."""
        ...


def choose_engine() -> Engine:
    """Return the engine of the client that is there, or the local one.

    Raises
    ------
    ImportError
        Dask is not installed; the message says what to install.
    """
    try:
        import dask.dataframe  # noqa: F401  # asked for early, so that the error is
    except ImportError:
        raise ImportError(
            "engine='dask' needs Dask: pip install 'chatviz-inspector[dask]'"
        ) from None
    try:
        from distributed import default_client

        return _Cluster(default_client())
    except (ImportError, ValueError):  # no distributed, or no client
        return _Local()


class _Local:
    """Dask's own scheduler in this process: results are computed when they are asked for."""

    threads = 4

    def read(
        self, tasks: Sequence[list[SourceEntry]], wanted: Sequence[Wanted], *, keys: bool
    ) -> Iterator[Any]:
        import dask

        read = dask.delayed(read_files, pure=False)
        for task in tasks:
            [kept] = dask.persist(read(task, list(wanted), keys))
            yield kept

    def call(self, function: Callable[..., Any], *given: Any) -> Any:
        import dask

        return dask.delayed(function, pure=False)(*given)

    def fetch(self, result: Any) -> Any:
        return result.compute()


class _Cluster:
    """The workers of a client. What a lost worker had is computed again by another."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.threads = max(1, sum(client.nthreads().values()))

    def read(
        self, tasks: Sequence[list[SourceEntry]], wanted: Sequence[Wanted], *, keys: bool
    ) -> Iterator[Any]:
        ahead = self.threads * 4
        begun = [self._begin(task, wanted, keys) for task in tasks[:ahead]]
        for number, task in enumerate(tasks):
            future = begun[number]
            begun[number] = None
            if number + ahead < len(tasks):
                begun.append(self._begin(tasks[number + ahead], wanted, keys))
            if not self._is_lost(future):
                yield future
                continue
            for entry in task:  # one of them ends every worker that reads it
                single = self._begin([entry], wanted, keys)
                yield self._lose(entry, wanted, keys) if self._is_lost(single) else single

    def call(self, function: Callable[..., Any], *given: Any) -> Any:
        return self._client.submit(function, *given, pure=False)

    def fetch(self, result: Any) -> Any:
        return result.result()

    def _begin(self, task: list[SourceEntry], wanted: Sequence[Wanted], keys: bool) -> Any:
        return self._client.submit(read_files, task, list(wanted), keys, pure=False)

    def _is_lost(self, future: Any) -> bool:
        """Wait for a task; say whether it has ended its workers, one after another."""
        from distributed import KilledWorker

        error = future.exception()
        if error is None:
            return False
        if isinstance(error, KilledWorker):
            return True
        raise error

    def _lose(self, entry: SourceEntry, wanted: Sequence[Wanted], keys: bool) -> Any:
        rows: BatchRows = rows_of_lost(entry, wanted, keys)
        return self._client.submit(_same, rows, pure=False)


def _same(value: Any) -> Any:
    return value
