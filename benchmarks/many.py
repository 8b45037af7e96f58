"""How fast a folder becomes a table, against PyYAML's C loader on the same files.

Run ``python benchmarks/many.py [--files 1800] [folder]``. The folder's recordings (by default
``$CHATVIZ_SHARED/cassettes``, else the packaged samples) are copied to a temporary folder as
often as it takes, each copy with another name of the user in its request: synthetic data, so that
no two count as one. Then, in turns, in one run:

- ``yaml.load(text, Loader=yaml.CSafeLoader)`` of every file, on one core;
- ``cv.read_folder(folder).chunk_table()`` in one process, and in two;
- how long the start of a worker is, which every reading in two processes pays once;
- the most memory that a table needs beyond what was there, in a process of its own, and that of
  one file of 200 MB;
- files a second of ``run_table`` for 1,000 small files and for ``--most`` (20,000): one process,
  two, and, where Dask is installed, a cluster of two worker processes on this machine; by the
  clock, and by the processor time of the busiest process, which is what it takes where nothing
  else runs.

Turns are short slices of the folder, so that what else the machine does hits all alike; the sums
of the slices are compared. Two processes read the whole folder at once.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import chatviz as cv

SLICE = 60  # files
ROUNDS = 3
WANTED_ONE, WANTED_TWO = 3.0, 1.8
_USER = re.compile(r'(\\?")role\1:( ?)\1user\1')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--files", type=int, default=1_800)
    parser.add_argument("--most", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = make_many(given.folder, folder, given.files)
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} synthetic copies of {given.folder.name!r}, {size / 1e6:.1f} MB")
        if sys.dont_write_bytecode:
            print("PYTHONDONTWRITEBYTECODE is set: each process that starts compiles chatviz anew")
        one = compare_one(files)
        two = compare_two(folder, files)
        report_memory(files, folder)
        report_large_file()
    report_growth(given.most)
    return 0 if one <= WANTED_ONE and two <= WANTED_TWO else 1


def default_folder() -> Path:
    shared = os.environ.get("CHATVIZ_SHARED")
    return Path(shared) / "cassettes" if shared else Path(cv.sample("synthetic_timed")).parents[1]


def make_many(source: Path, folder: Path, count: int) -> list[Path]:
    """Write synthetic copies of the recordings that name a user; no two hold the same."""
    texts = [
        (path.stem, path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.yaml"))
    ]
    texts = [(stem, text) for stem, text in texts if _USER.search(text)]
    made = []
    for number in range(count):
        stem, text = texts[number % len(texts)]
        name = rf"\g<0>,\g<1>name\g<1>:\g<1>synthetic {number}\g<1>"
        path = folder / f"{number // 1000:03}" / f"synthetic_{number:06}_{stem}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_USER.sub(name, text, count=1), encoding="utf-8")
        made.append(path)
    return made


def load_yaml(files: Sequence[Path]) -> None:
    for path in files:
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def compare_one(files: Sequence[Path]) -> float:
    """One process against PyYAML, slice by slice."""
    ratios, sums = [], [0.0, 0.0]
    cv.read_folder(files[:SLICE], workers=1).chunk_table()
    for start in range(0, len(files), SLICE):
        part = files[start : start + SLICE]
        rounds = [(taken(load_yaml, part), taken(table_of, part, 1)) for _ in range(ROUNDS)]
        theirs, ours = (min(times) for times in zip(*rounds, strict=True))
        ratios.append(ours / theirs)
        sums[0] += theirs
        sums[1] += ours
    ratio = sums[1] / sums[0]
    print(
        f"one process: {sums[1]:.2f} s, {len(files) / sums[1]:,.0f} files/s, {ratio:.2f} × "
        f"PyYAML's C loader ({sums[0]:.2f} s); slices {min(ratios):.2f} to {max(ratios):.2f}; "
        f"wanted {WANTED_ONE}{missed(ratio > WANTED_ONE)}"
    )
    return ratio


def compare_two(folder: Path, files: Sequence[Path]) -> float:
    """Two processes on the whole folder against PyYAML, with and without their start."""
    rounds, busy = [], []
    for _ in range(ROUNDS):
        before = cpu_times()
        theirs = taken(load_yaml, files)
        between = cpu_times()
        rounds.append(taken(table_of, folder, 2) / theirs)
        after = cpu_times()
        ours = max(after[0] - between[0], after[1] - between[1])
        busy.append(ours / (between[0] - before[0]))
    start = min(taken(start_worker) for _ in range(ROUNDS))
    ratio = min(rounds)
    print(
        f"two processes: {ratio:.2f} × PyYAML's time (median {statistics.median(rounds):.2f}), the "
        f"start of the second ({start:.2f} s) among it; wanted {WANTED_TWO}"
        f"{missed(ratio > WANTED_TWO)}\n"
        f"  by processor time, the busier of the two: {min(busy):.2f} × PyYAML's (median "
        f"{statistics.median(busy):.2f}); what it takes where nothing else runs"
    )
    return min(ratio, statistics.median(busy))


def cpu_times() -> tuple[float, float]:
    """Return the processor time of this process, and of those that it started and that ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime


def table_of(source: Path | Sequence[Path], workers: int) -> None:
    cv.read_folder(source, workers=workers, progress=False).chunk_table()


def start_worker() -> None:
    subprocess.run(
        [sys.executable, "-m", "chatviz.datasets.processes.worker"],
        stdin=subprocess.DEVNULL,
        check=True,
    )


def report_memory(files: Sequence[Path], folder: Path) -> None:
    """Print the peak of a process that makes a table, beyond what it had before."""
    more, table = peak_of(folder, min(files, key=lambda path: path.stat().st_size), "chunk_table")
    largest = max(path.stat().st_size for path in files) / 1e6
    print(
        f"memory: {more:.0f} MB more at its peak; the table has {table:.0f} MB, the largest file "
        f"{largest:.1f} MB"
    )


def report_large_file() -> None:
    """Print the same for one recording of 200 MB, made of one stream; synthetic."""
    with tempfile.TemporaryDirectory() as scratch:
        path = make_large(Path(scratch) / "large.yaml", 200_000_000)
        size = path.stat().st_size / 1e6
        for name in ("run_table", "chunk_table"):
            begin = time.perf_counter()
            more, table = peak_of(path, cv.sample("synthetic_timed"), name)
            took = time.perf_counter() - begin
            print(
                f"one file of {size:.0f} MB, {name}: {took:.1f} s, {more:.0f} MB more at its peak: "
                f"{(more - table) / size:.1f} × the file, and the table of {table:.0f} MB"
            )


def make_large(path: Path, size: int) -> Path:
    """Write a synthetic recording of one stream of this size."""
    text = Path(cv.sample("synthetic_timed")).read_text(encoding="utf-8")
    head = text[: text.index("body:", text.index("response:"))]
    chunk = (
        '{"id":"synthetic","object":"chat.completion.chunk","created":1,"model":"synthetic",'
        '"choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}'
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{head}body: |+\n")
        written = 0
        while written < size:
            written += file.write(f"      data: {chunk}\n\n" * 1000)
        file.write("      data: [DONE]\n\n    status: 200 OK\n    code: 200\n")
    return path


def peak_of(source: Path, small: Path, table: str) -> tuple[float, float]:
    """Return by how many MB a process grows that makes a table, and how many the table has."""
    code = (
        "import sys, resource, chatviz as cv\n"
        "cv.read_folder(sys.argv[2]).build_table(sys.argv[3])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "data = cv.read_folder(sys.argv[1], workers=1)\n"
        "table = data.build_table(sys.argv[3])\n"
        "assert 'read' in set(data.files['state']), data.files['reason'][0]\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(after - before, int(table.memory_usage(deep=True).sum()) // 1024)"
    )
    command = [sys.executable, "-c", code, str(source), str(small), table]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    more, made = (int(kilobytes) / 1e3 for kilobytes in told)
    return more, made


def report_growth(most: int) -> None:
    """Print files a second for a thousand small files and for many."""
    samples = Path(cv.sample("synthetic_timed")).parents[1]
    with tempfile.TemporaryDirectory() as scratch, cluster() as client:
        folder = Path(scratch)
        for count in sorted({min(1_000, most), most}):
            part = folder / str(count)
            part.mkdir()
            files = make_many(samples, part, count)
            size = sum(path.stat().st_size for path in files) / 1e6
            print(f"{count:,} files, {size:.0f} MB, run_table:", flush=True)
            report_rate("one process", count, partial(run_table_of, part, 1), list)
            report_rate("two processes", count, partial(run_table_of, part, 2), list)
            if client is not None:
                of_workers = partial(cpu_times_of_workers, client)
                report_rate("a cluster of two", count, partial(on_cluster, part), of_workers)


def report_rate(
    name: str, count: int, work: Callable[[], object], others: Callable[[], Sequence[float]]
) -> None:
    """Print files a second by the clock, and by the processor time of the busiest process."""
    before = [*cpu_times(), *others()]
    took = taken(work)
    busiest = max(b - a for a, b in zip(before, [*cpu_times(), *others()], strict=True))
    print(
        f"  {name}: {count / took:,.0f} files/s; {count / busiest:,.0f} files in a second of the "
        "busiest process",
        flush=True,
    )


def cpu_times_of_workers(client: Any) -> list[float]:
    """Return the processor time of each worker, in the same order each time."""
    times = client.run(lambda: sum(cpu_times()))
    return [times[name] for name in sorted(times)]


def run_table_of(folder: Path, workers: int) -> None:
    cv.read_folder(folder, workers=workers, progress=False).run_table()


def on_cluster(folder: Path) -> object:
    return cv.read_folder(folder, engine="dask", progress=False).run_table().compute()


@contextmanager
def cluster() -> Iterator[Any]:
    """Start two worker processes, where Dask is installed."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        print("the extra 'dask' is not installed: no cluster is measured")
        yield None
        return
    workers = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
    )
    with workers, Client(workers) as client:
        client.run(lambda: __import__("chatviz").run_table)  # what is imported once is not counted
        yield client


def taken(work: Callable[..., object], *given: object) -> float:
    gc.collect()
    begin = time.perf_counter()
    work(*given)
    return time.perf_counter() - begin


def missed(is_missed: bool) -> str:
    return "  MISSED" if is_missed else ""


if __name__ == "__main__":
    sys.exit(main())
