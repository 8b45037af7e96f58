"""Whether a killed recorder leaves a file that can be read, with all that ended in good time.

Run ``python benchmarks/kills.py``: a process records answers of a mock as fast as it can and is
killed at moments that are drawn anew each time. The file must be readable while it grows and
afterwards, must hold the first answers without a gap, each whole and once, and whoever records next
must sweep up what was left over. How many kills lost an answer that had ended 0.1 s before is
counted apart: it depends on how busy the machine is.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import chatviz as cv
from chatviz.errors import CassetteNotFoundError

ROUNDS = 110
KEPT_AFTER_S = 0.1  # seconds after the last byte of an answer, on a machine that is not overloaded
SCRIPT = """
import itertools, sys, time, httpx, chatviz as cv
from chatviz.transports.clients import cassette_file
cassette_file.MAX_WRITTEN_ANEW = int(sys.argv[2])
answer = httpx.MockTransport(lambda asked: httpx.Response(200, content=b"data: %s\\n\\n" % BODY))
BODY = b"\\xc3\\xa9x" * 2_000 + bytes(range(32, 127))
transport = cv.RecordTransport(sys.argv[1], mode="new_episodes", inner=answer)
with httpx.Client(transport=transport) as client:
    for number in itertools.count():
        client.post("http://a.test/v1/chat/completions", json={"number": number})
        print(number, time.monotonic(), flush=True)
        time.sleep(0.01)
"""


class Outcome(NamedTuple):
    """What one kill left: how many answers had ended 0.1 s before, how many were kept; a fault."""

    ended: int
    kept: int
    fault: str = ""


def main() -> int:
    draw = random.Random(0)
    outcomes = []
    for number in range(ROUNDS):
        # Half of them in the form of small files, which are written anew, half in that of large.
        limit = 0 if number % 2 else 1 << 18
        outcome = kill_once(draw.uniform(0.05, 1.2), limit)
        outcomes.append(outcome)
        if outcome.fault:
            print(f"kill {number}: {outcome}")
    survived = sum(not outcome.fault for outcome in outcomes)
    answers = sum(outcome.kept for outcome in outcomes)
    late = sum(outcome.kept < outcome.ended for outcome in outcomes)
    print(f"{survived} of {len(outcomes)} kills survived; {answers:,} answers were kept")
    print(f"{late} of them lost an answer that had ended {KEPT_AFTER_S} s before")
    return 0 if survived == len(outcomes) else 1


def kill_once(after_s: float, largest_written_anew: int) -> Outcome:
    """Start a recorder, read its file while it grows, kill it, and look at what is left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recorded.yaml"
        command = [sys.executable, "-c", SCRIPT, str(path), str(largest_written_anew)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it has begun
            end = time.monotonic() + after_s
            try:
                while time.monotonic() < end:
                    read_numbers(path)
                fault = ""
            except Exception as error:
                fault = f"while it grew: {error}"
            process.kill()
            killed = time.monotonic()
            lines = [line.split() for line in process.stdout.read().splitlines()[:-1]]
        ended = sum(float(line[1]) < killed - KEPT_AFTER_S for line in lines)
        return look(path, ended, fault)


def look(path: Path, ended: int, fault: str) -> Outcome:
    """Look at the file that was left, and let another recorder sweep the folder."""
    try:
        kept = read_numbers(path)
        if kept != list(range(len(kept))):
            fault = "the answers have a gap, are not in order, or there twice"
        record_one_more(path)
        left = [entry.name for entry in path.parent.iterdir() if entry != path]
        fault = fault or (f"left over: {left}" if left else "")
    except Exception as error:
        return Outcome(ended, 0, f"{type(error).__name__}: {error}")
    return Outcome(ended, len(kept), fault)


def read_numbers(path: Path) -> list[int]:
    """Return the numbers of the answers in the file; none where there is no file yet."""
    try:
        cassette = cv.load_cassette(path)
    except CassetteNotFoundError:
        return []
    bodies = {len(each.response.body) for each in cassette.interactions}
    assert len(bodies) <= 1, "an answer is not whole"
    return [int(each.request.body[10:-1]) for each in cassette.interactions]


def record_one_more(path: Path) -> None:
    import httpx

    inner = httpx.MockTransport(lambda asked: httpx.Response(200, content=b"more"))
    with httpx.Client(transport=cv.RecordTransport(path, mode="new_episodes", inner=inner)) as one:
        one.post("http://a.test/v1/chat/completions", json={"other": 1})


if __name__ == "__main__":
    sys.exit(main())
