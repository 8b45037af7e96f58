"""How fast a folder becomes a table, against PyYAML's C loader on the same files.

Run ``python benchmarks/many.py [--files 1800] [folder]``. The folder's recordings (by default
``$CHATVIZ_SHARED/cassettes``, else the packaged samples) are copied to a temporary folder as
often as it takes, each copy with another name of the user in its request: synthetic data, so that
no two count as one. Then, in turns, in one run:

- ``yaml.load(text, Loader=yaml.CSafeLoader)`` of every file, on one core;
- ``cv.read_folder(folder).chunk_table()`` in one process, and in two;
- how long the start of a worker is, which every reading in two processes pays once;
- the most memory that each needs beyond what was there, in a process of its own.

Turns are short slices of the folder, so that what else the machine does hits all alike; the sums
of the slices are compared. Two processes read the whole folder at once.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

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
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = make_many(given.folder, folder, given.files)
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} synthetic copies of {given.folder.name!r}, {size / 1e6:.1f} MB")
        one = compare_one(files)
        two = compare_two(folder, files)
        report_memory(folder, files)
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
    rounds = []
    for _ in range(ROUNDS):
        theirs = taken(load_yaml, files)
        rounds.append((taken(table_of, folder, 2) / theirs, theirs))
    start = min(taken(start_worker) for _ in range(ROUNDS))
    ratio = min(ratio for ratio, _ in rounds)
    middle = statistics.median(ratio for ratio, _ in rounds)
    print(
        f"two processes: {ratio:.2f} × PyYAML (median {middle:.2f}), the start of the second among "
        f"it ({start:.2f} s); wanted {WANTED_TWO}{missed(ratio > WANTED_TWO)}"
    )
    return ratio


def table_of(source: Path | Sequence[Path], workers: int) -> None:
    cv.read_folder(source, workers=workers, progress=False).chunk_table()


def start_worker() -> None:
    subprocess.run(
        [sys.executable, "-m", "chatviz.datasets.processes.worker"],
        stdin=subprocess.DEVNULL,
        check=True,
    )


def report_memory(folder: Path, files: Sequence[Path]) -> None:
    """Print the peak of a process that makes the table, less that of one which reads one file."""
    code = (
        "import sys, resource, chatviz as cv\n"
        "cv.read_folder(sys.argv[2]).chunk_table()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "table = cv.read_folder(sys.argv[1], workers=1).chunk_table()\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(after - before, int(table.memory_usage(deep=True).sum()) // 1024)"
    )
    smallest = min(files, key=lambda path: path.stat().st_size)
    command = [sys.executable, "-c", code, str(folder), str(smallest)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    largest = max(path.stat().st_size for path in files) / 1e6
    more, table = (int(kilobytes) / 1e3 for kilobytes in told)
    print(
        f"memory: {more:.0f} MB more at its peak; the table has {table:.0f} MB, the largest file "
        f"{largest:.1f} MB"
    )


def taken(work: Callable[..., object], *given: object) -> float:
    gc.collect()
    begin = time.perf_counter()
    work(*given)
    return time.perf_counter() - begin


def missed(is_missed: bool) -> str:
    return "  MISSED" if is_missed else ""


if __name__ == "__main__":
    sys.exit(main())
