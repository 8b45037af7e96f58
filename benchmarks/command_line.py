"""How long the command line takes to begin: in processes of their own, and what Python takes alone.

Run ``python benchmarks/command_line.py``. Rounds are interleaved; of each command the median is
shown, and what it takes on top of an empty Python.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 11
WANTED_HELP_S = 0.15  # on top of Python
SAMPLE = "openrouter_kimi-k2_fireworks"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "chatviz --help": ["-m", "chatviz", "--help"],
    "chatviz explain burst": ["-m", "chatviz", "explain", "burst"],
    "chatviz show SAMPLE": ["-m", "chatviz", "show", SAMPLE],
    "chatviz lint SAMPLE": ["-m", "chatviz", "lint", SAMPLE],
    "chatviz table runs SAMPLE": ["-m", "chatviz", "table", "runs", SAMPLE],
}


def main() -> int:
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, words in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    alone, *_ = medians.values()
    for name, median in medians.items():
        print(f"{name:<26} {median * 1e3:6.0f} ms   on top of Python {(median - alone) * 1e3:6.0f}")
    help_s = medians["chatviz --help"] - alone
    is_met = help_s < WANTED_HELP_S
    print(f"{'met' if is_met else 'MISSED'}: help {help_s:.3f} s, wanted {WANTED_HELP_S} s")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
