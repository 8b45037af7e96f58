"""Our own tool loop on both packaged Kimi K2 recordings: each fault at each chunk, and the end.

Run ``python benchmarks/fault_matrix.py``. Each cell is a conversation of its own, over a replay
server in a process that a limit ends. What must hold: no cell hangs, ends its process, or ends in
something that cannot be looked at (transcript, timeline, tables). A stall is 0.2 s.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import chatviz as cv
from chatviz.evidence.fault_matrix.cells import VERDICTS, FaultCell
from tests.seed_agent import SEEDS, converse

LIMIT_S = 20.0


def main() -> int:
    """Try all and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", help="only these, as in cut,drop")
    parser.add_argument("--max-chunks", type=int, help="of each answer at most")
    given = parser.parse_args()
    faults = given.faults.split(",") if given.faults else None
    unreadable = 0
    for seed in sorted(SEEDS):
        matrix = cv.fault_matrix(
            seed, partial(converse, seed), faults, over="server", max_chunks=given.max_chunks,
            limit_s=LIMIT_S,
        )  # fmt: skip
        report(seed, matrix)
        unreadable += sum(map(is_unreadable, matrix.cells))
        if matrix.stopped:
            return 130
    print(f"\ncells that cannot be read: {unreadable}")
    return int(unreadable > 0)


def is_unreadable(cell: FaultCell) -> bool:
    """Whether a cell ended in something else than a result that can be looked at."""
    return cell.verdict in ("hung", "died") or (
        cell.verdict == "raised" and cell.error != "RuntimeError"
    )


def report(seed: str, matrix: cv.FaultMatrix) -> None:
    print(f"\n{seed}: {matrix.sentence} {matrix.seconds:.0f} s")
    kinds = [kind.name for kind in matrix.kinds]
    print(f"  {'':<12}" + "".join(f"{kind:>10}" for kind in kinds))
    for verdict, words in VERDICTS.items():
        counts = Counter(cell.fault for cell in matrix.cells if cell.verdict == verdict)
        if counts:
            numbers = "".join(f"{counts[kind]:>10}" for kind in kinds)
            print(f"  {verdict:<12}{numbers}  {words}")
    seconds = sorted(cell.seconds for cell in matrix.cells)
    print(f"  seconds for one: median {seconds[len(seconds) // 2]:.3f}, most {seconds[-1]:.3f}")
    for cell in filter(is_unreadable, matrix.cells):
        print(f"  {cell.sentence}: {cell.message}")


if __name__ == "__main__":
    sys.exit(main())
