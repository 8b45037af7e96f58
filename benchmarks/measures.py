"""How fast times, gaps and caches are worked out, against building the frames of ready columns.

Run ``python benchmarks/measures.py [folder of recordings]``; the folder is by default
``$CHATVIZ_SHARED/cassettes``. Each table is built over all runs of the folder, and the first two
over one stream of 100,000 chunks with times. It is held against ``pandas.DataFrame`` with the
table's own columns, ready. A second ratio adds to that one look at what the table is made of (the
times in numpy, the requests in orjson): a table of one row costs what its 100,000 times cost.
Medians of interleaved rounds, in one process.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
from tables import build_plainly, make_run, take_columns

from chatviz.cassettes.reading import read_conversations
from chatviz.errors import CassetteError
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import runs_of
from chatviz.tables import cache_table, gap_table, timing_table

ROUNDS = 7
CHUNKS = 100_000
WANTED = 3.0

Given = Sequence[Conversation]


def main() -> int:
    shared = os.environ.get("CHATVIZ_SHARED", "")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else f"{shared}/cassettes")
    talks = read_folder(folder)
    print(f"{len(talks):,} conversations, {len(list(runs_of(talks))):,} runs of {folder.name!r}")
    is_ok = True
    for name, make, look in (
        ("timing_table", timing_table, look_at_times),
        ("gap_table", gap_table, look_at_times),
        ("cache_table", cache_table, look_at_requests),
    ):
        is_ok = report(name, lambda make=make: make(talks), lambda look=look: look(talks)) and is_ok
    run = make_run(CHUNKS)
    one: list[object] = [run]
    print(f"one stream of {CHUNKS:,} chunks")
    for name, make in (("timing_table", timing_table), ("gap_table", gap_table)):
        look = lambda: look_at_times(one)  # noqa: E731
        is_ok = report(name, lambda make=make: make(run), look) and is_ok
    return 0 if is_ok else 1


def read_folder(folder: Path) -> list[Conversation]:
    talks = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            talks += read_conversations(path)
        except CassetteError as error:
            print(f"passed over: {path.name}: {type(error).__name__}")
    return talks


def look_at_times(given: Sequence[object]) -> None:
    """Take the times of each run's chunks, and sort the gaps between them."""
    for run in runs_of(given):
        if run.timing != "none":
            np.sort(np.diff(np.array(run.wire.times)[np.array(run.wire.chunk_events, int)]))


def look_at_requests(given: Sequence[object]) -> None:
    """Decode each request once."""
    for run in runs_of(given):
        if run.head.body:
            orjson.loads(run.head.body)


def report(name: str, make: Callable[[], pd.DataFrame], look: Callable[[], None]) -> bool:
    table = make()
    columns, dtypes = take_columns(table), dict(table.dtypes)
    ours, plain, looked = medians(make, lambda: build_plainly(columns, dtypes), look)
    with_look = ours / (plain + looked)
    print(
        f"  {name:14}{len(table):6,} rows {ours * 1e3:8.2f} ms: {ours / plain:6.2f} × the frame "
        f"({plain * 1e3:.2f} ms), {with_look:5.2f} × that and one look ({looked * 1e3:.2f} ms)",
        flush=True,
    )
    return ours <= WANTED * plain


def medians(*tasks: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for task, taken in zip(tasks, times, strict=True):
            gc.collect()
            begin = time.perf_counter()
            task()
            taken.append(time.perf_counter() - begin)
    return [statistics.median(taken) for taken in times]


if __name__ == "__main__":
    sys.exit(main())
