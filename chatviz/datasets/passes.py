"""A pass over the files of a data set: what it reads is kept until it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from chatviz.cassettes.pending import wait_for_writers
from chatviz.datasets.batches import cut_into_batches, read_batch
from chatviz.datasets.gathering import count_once, mark_repeated
from chatviz.datasets.processes.several import choose_workers, read_in_processes
from chatviz.datasets.processes.worker_process import WorkerProcess
from chatviz.datasets.progress import ReadingBar
from chatviz.datasets.reading import FileRecord, OpenedFile, open_entry
from chatviz.datasets.rows import BatchRows, Wanted
from chatviz.datasets.sources.archives import hold_members
from chatviz.datasets.sources.entries import SourceEntry

__all__ = ["FolderReading"]


class FolderReading:
    """The files of a data set, what is known of each, and what an interrupted pass has read.

    Parameters
    ----------
    entries : sequence of SourceEntry
    is_shown : bool | None
        Whether a bar shows how far a pass is; None: where somebody looks, and files are many.
    workers : int | None
        How many processes read, this one included; None: as many as are worth it.
    """

    def __init__(
        self,
        entries: Sequence[SourceEntry],
        *,
        is_shown: bool | None = None,
        workers: int | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self._workers = workers
        self._is_shown = is_shown
        self._records = {
            entry.name: FileRecord(entry.name, entry.size_bytes, entry.version)
            for entry in self.entries
        }
        self._kept: list[_Unfinished] = []

    @property
    def records(self) -> tuple[FileRecord, ...]:
        """What is known of each file by now."""
        return tuple(self._records.values())

    def read(self, wanted: Sequence[Wanted], *, with_keys: bool = False) -> list[BatchRows]:
        """Read all files once; return the rows of the wanted tables, batch by batch.

        Where it is interrupted, what was read is kept, and the next reading for the same goes on.
        """
        kept = self._kept_for(wanted, with_keys)
        count = sum(len(batch.records) for batch in kept.batches)
        with self.bar(len(self.entries)) as bar:
            bar.add(record for batch in kept.batches for record in batch.records)
            for batch in self._read_some(self.entries[count:], wanted, with_keys):
                kept.batches.append(batch)
                bar.add(batch.records)
        self._kept.remove(kept)
        self._note(kept.batches)
        return kept.batches

    def open_files(self) -> Iterator[OpenedFile]:
        """Yield the files that count, one after another, each with its runs."""
        seen: dict[str, str] = {}
        with self.bar(len(self.entries)) as bar:
            for entry in hold_members(self.entries):
                opened = open_entry(entry)
                [record] = mark_repeated([opened.record], seen)
                self._records[record.name] = record
                bar.add([record])
                if record.state == "read":
                    yield opened

    def so_far(self) -> FolderReading:
        """Return a reading of the files that were read by now, with what is kept of them."""
        for kept in self._kept:
            self._note(kept.batches)
        known = {name for name, record in self._records.items() if record.state != "waiting"}
        part = FolderReading([entry for entry in self.entries if entry.name in known])
        part._records = {name: self._records[name] for name in part._records}
        part._kept = [replace(kept, batches=list(kept.batches)) for kept in self._kept]
        return part

    def _kept_for(self, wanted: Sequence[Wanted], with_keys: bool) -> _Unfinished:
        for kept in self._kept:
            if kept.wanted == tuple(wanted) and kept.with_keys == with_keys:
                return kept
        self._kept.append(_Unfinished(tuple(wanted), with_keys))
        return self._kept[-1]

    def stream(
        self, entries: Sequence[SourceEntry], wanted: Sequence[Wanted]
    ) -> Iterator[BatchRows]:
        """Read some of the files, with the keys of their runs; nothing is kept here."""
        with self.bar(len(entries)) as bar:
            for batch in self._read_some(entries, wanted, with_keys=True):
                bar.add(batch.records)
                yield batch

    def bar(self, files: int) -> ReadingBar:
        """Return a bar for the reading of so many files, shown as this reading's are."""
        return ReadingBar(files, self._is_shown)

    def note(self, records: Iterable[FileRecord]) -> None:
        """Know of files what became of them."""
        self._records |= {record.name: record for record in records}

    def _read_some(
        self, waiting: Sequence[SourceEntry], wanted: Sequence[Wanted], with_keys: bool
    ) -> Iterator[BatchRows]:
        for entry in waiting:
            wait_for_writers(entry.path)
        batches = cut_into_batches(hold_members(waiting))
        workers = self._workers or choose_workers(waiting, wanted)
        if workers == 1:
            for batch in batches:
                yield read_batch(batch, wanted, with_keys=with_keys)
            return
        others = [WorkerProcess() for _ in range(workers - 1)]
        yield from read_in_processes(batches, wanted, others, with_keys=with_keys)

    def _note(self, batches: Sequence[BatchRows]) -> None:
        for batch in count_once(batches):
            self.note(batch.records)


@dataclass(frozen=True, eq=False)
class _Unfinished:
    """What an interrupted reading has read for some tables: the first files, batch by batch."""

    wanted: tuple[Wanted, ...]
    with_keys: bool
    batches: list[BatchRows] = field(default_factory=list)
