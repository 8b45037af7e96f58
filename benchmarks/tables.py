"""How fast a chunk table is built: a run's 100,000 chunks, against the frame of ready columns.

Run ``python benchmarks/tables.py``. The ready columns are numpy arrays of numbers and
plain lists of words; both sides give equal frames. Every figure is a
ratio within one run: the median of interleaved rounds.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from math import nan
from typing import Any

import pandas as pd

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.tables import chunk_table

CHUNKS = 100_000
ROUNDS = 9
WANTED = 3.0  # times the time of building the frame from ready columns, at most


def make_run(chunks: int) -> StreamRun:
    """Return a run with times: half of it text, half the fragments of one tool call."""
    reader = StreamReader()
    for number in range(chunks):
        if number < chunks // 2:
            delta: dict[str, Any] = {"content": f" word{number}"}
        else:
            function = {"arguments": f"{number % 1000} "}
            delta = {"content": None, "tool_calls": [{"index": 0, "function": function}]}
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}
        payload = json.dumps({"id": "gen-0", "model": "synthetic", "choices": [choice]})
        reader.feed(f"data: {payload}\n\n".encode(), number / 1000)
    reader.feed(b"data: [DONE]\n\n", chunks / 1000)
    run = reader.close()
    assert run.findings  # told once, with the reading; benchmarks/reading.py counts them there
    return run


def take_columns(table: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as a program has them ready: numbers as arrays, words as plain lists."""
    columns: dict[str, Any] = {}
    for name, column in table.items():
        is_number = str(column.dtype) in ("Int64", "Float64")
        columns[str(name)] = column.to_numpy(float, na_value=nan) if is_number else column.tolist()
        if str(column.dtype) == "Int64" and column.hasnans:
            columns[str(name)] = column.tolist()
        elif str(column.dtype) == "Int64":
            columns[str(name)] = columns[str(name)].astype("int64")
    return columns


def build_plainly(columns: dict[str, Any], dtypes: dict[str, Any]) -> pd.DataFrame:
    """Build the same frame from ready columns, as one does with pandas."""
    return pd.DataFrame(
        {name: pd.array(values, dtype=dtypes[name]) for name, values in columns.items()},
        copy=False,
    )


def measure(work: Callable[[], pd.DataFrame]) -> float:
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> int:
    run = make_run(CHUNKS)
    table = chunk_table(run)
    columns, dtypes = take_columns(table), dict(table.dtypes)
    pd.testing.assert_frame_equal(build_plainly(columns, dtypes), table)
    rounds = [
        (
            measure(lambda: build_plainly(columns, dtypes)),
            measure(lambda: chunk_table(run)),
        )
        for _ in range(ROUNDS)
    ]
    ready, ours = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = statistics.median(b / a for a, b in rounds)
    print(f"{len(table):,} chunks, {ROUNDS} rounds")
    print(f"from ready columns  {ready * 1000:>7.1f} ms")
    print(f"chunk_table(run)    {ours * 1000:>7.1f} ms")
    print(f"ratio: {ratio:.2f} measured, at most {WANTED} wanted")
    return 0 if ratio <= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
