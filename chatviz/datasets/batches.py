"""A batch: some files read together, and the rows of each wanted table over all of their runs.

What comes out holds columns and no runs, so that it can be kept, or sent from another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Final

import numpy as np

from chatviz.datasets.reading import OpenedFile, open_entry
from chatviz.datasets.rows import LINKED, BatchRows, Places, RunKeys, TableRows, Wanted
from chatviz.datasets.sources.entries import SourceEntry
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs, without_collector
from chatviz.runs.run import StreamRun
from chatviz.tables.groups.rows import ROWS

__all__ = ["cut_into_batches", "read_batch"]

MAX_FILES: Final = 64
MAX_BYTES: Final = 2 * 1024 * 1024
"""Of files that are read together: their runs are in memory at once."""


def cut_into_batches(
    entries: Iterable[SourceEntry], *, most_files: int = MAX_FILES, most_bytes: int = MAX_BYTES
) -> Iterator[list[SourceEntry]]:
    """Yield the entries in batches of many small files, or of one large one."""
    batch: list[SourceEntry] = []
    size = 0
    for entry in entries:
        more = entry.size_bytes or 0
        if batch and (len(batch) == most_files or size + more > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += more
    if batch:
        yield batch


def read_batch(
    entries: Sequence[SourceEntry],
    wanted: Sequence[Wanted],
    *,
    with_keys: bool = False,
    with_frames: bool = True,
) -> BatchRows:
    """Read files and build the rows of the wanted tables; a file that breaks one is bad.

    Without frames the rows stay columns, for a process that sends them to another, which builds
    the frames.
    """
    build = partial(_rows_of, wanted=wanted, with_keys=with_keys, with_frames=with_frames)
    with without_collector():
        opened = [open_entry(entry) for entry in entries]
        try:
            return build(opened)
        except Exception:
            return build([_checked(one, build) for one in opened])


def _checked(opened: OpenedFile, build: Callable[[Sequence[OpenedFile]], BatchRows]) -> OpenedFile:
    """Return a file as it is, or as bad where a table cannot be built of it."""
    try:
        build([opened])
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return OpenedFile(replace(opened.record, state="bad", reason=reason))
    return opened


def _rows_of(
    opened: Sequence[OpenedFile], wanted: Sequence[Wanted], *, with_keys: bool, with_frames: bool
) -> BatchRows:
    runs = [run for one in opened for run in one.runs]
    counts = [len(one.runs) for one in opened]
    run_files = np.repeat(np.arange(len(opened)), counts)
    needs_talks = with_keys or any(want.name in LINKED for want in wanted)
    talks = [link_runs(one.runs) if needs_talks else () for one in opened]
    tables = {
        want.name: _linked_rows(want, opened, talks)
        if want.name in LINKED
        else _single_rows(want, runs, run_files)
        for want in wanted
    }
    keys = _keys_of(opened, talks) if with_keys else None
    records = tuple(one.record for one in opened)
    found = BatchRows(records, run_files, tables, np.array([len(one) for one in talks]), keys)
    return found.build_frames() if with_frames else found


def _single_rows(want: Wanted, runs: Sequence[StreamRun], run_files: Places) -> TableRows:
    found = ROWS[want.name].collect(runs, **want.options)
    return TableRows(found, run_files[np.asarray(found.values["run"], np.int64)])


def _linked_rows(
    want: Wanted, opened: Sequence[OpenedFile], talks: Sequence[Sequence[Conversation]]
) -> TableRows:
    from chatviz.datasets.linked import linked_rows  # the other tables need no pandas here

    return linked_rows(want, opened, talks)


def _keys_of(opened: Sequence[OpenedFile], talks: Sequence[Sequence[Conversation]]) -> RunKeys:
    runs = [run for one in opened for run in one.runs]
    run_ids = [run_id for one in opened for run_id in one.run_ids]
    of_run = {id(run): run_id for run, run_id in zip(runs, run_ids, strict=True)}
    of_talk = {
        id(run): _hash_talk(of_run[id(talk.runs[0])])
        for one in talks
        for talk in one
        for run in talk.runs
    }
    own = [
        (place, of_talk[id(talk.runs[0])])
        for place, its_talks in enumerate(talks)
        for talk in its_talks
        for _ in talk.own_findings
    ]
    interactions = [run.interaction or 0 for run in runs]
    talk_ids = [of_talk[id(run)] for run in runs]
    return RunKeys(
        interactions, run_ids, talk_ids, [id for _, id in own], [place for place, _ in own]
    )


def _hash_talk(first_run: str) -> str:
    """Return what names a conversation: its first run does, however it goes on."""
    return blake2b(f"conversation {first_run}".encode(), digest_size=16).hexdigest()
