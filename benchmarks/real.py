"""How fast real answers are read: chatviz against a minimal orjson loop of each dialect.

Run ``python benchmarks/real.py``. The recordings are those of ``$CHATVIZ_SHARED/cassettes``, or of
``../shared/cassettes`` beside the project. Every figure is a ratio within one round: ours and the
loop's take turns, and the median of the rounds counts. A group of few or short streams is read so
often in a round that it takes 0.2 s, and the time is divided by that number.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from minimal_loops import LOOPS
from reading import ROUNDS, measure, read_by_openai

import chatviz as cv

LEAST_S = 0.2  # of work in one measure
MOST_REPEATS = 5_000
WANTED = 2.5  # times the loop's time, over all streams
WANTED_OF_EACH = 4.0  # of a dialect or a host with ENOUGH streams
ENOUGH = 10
WANTED_AGAINST_OPENAI = 20.0


class Answer(NamedTuple):
    """One recorded answer with the head of its request, which tells the dialect."""

    dialect: str
    host: str
    body: bytes
    request: object
    chunks: int

    @property
    def is_whole(self) -> bool:
        """Whether it was not streamed: a single JSON value."""
        return self.chunks == 1 and self.body.lstrip()[:1] in (b"{", b"[")


class Group(NamedTuple):
    """The answers of one dialect from one host, and what a pass over them took in each round."""

    dialect: str
    host: str
    answers: Sequence[Answer]
    repeats: int
    ours: Sequence[float]
    loops: Sequence[float]


def read_by_chatviz(answer: Answer) -> object:
    """Read one answer and touch what a reader of it wants."""
    run = cv.read_stream(answer.body, answer.request)
    return run.message, run.usage, run.cost, run.findings, run.error


def read_by_loop(answer: Answer) -> object:
    """Read one answer by the minimal loop of its dialect."""
    return LOOPS[answer.dialect](answer.body)


def load_answers(folder: Path) -> tuple[list[Answer], Counter[str]]:
    """Load the chat answers that can be compared, and count why others cannot."""
    answers: list[Answer] = []
    passed_over: Counter[str] = Counter()
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        try:
            runs = cv.read_runs(cv.load_cassette(path))
        except cv.CassetteError as error:
            passed_over[type(error).__name__] += 1
            continue
        for run in runs:
            answer = Answer(run.dialect, run.host, run.body, run.head, len(run.chunks))
            reason = f"HTTP {run.response.status}" if run.response.status >= 400 else ""
            reason = reason or reason_to_pass_over(answer)
            if reason:
                passed_over[reason] += 1
            else:
                answers.append(answer)
    return answers, passed_over


def reason_to_pass_over(answer: Answer) -> str:
    """Return why an answer cannot be compared, ``""`` where it can."""
    if answer.dialect not in LOOPS:
        return f"no loop for {answer.dialect!r}"
    try:
        read_by_loop(answer)
    except Exception as error:
        return f"the loop of {answer.dialect} fails: {type(error).__name__}"
    return ""


def measure_group(dialect: str, host: str, answers: Sequence[Answer]) -> Group:
    """Measure ours and the loop in turns, each often enough to take LEAST_S a round."""
    ours_repeats = _repeats(read_by_chatviz, answers)
    loop_repeats = _repeats(read_by_loop, answers)
    ours: list[float] = []
    loops: list[float] = []
    for _ in range(ROUNDS):
        loops.append(measure_pass(read_by_loop, answers, loop_repeats))
        ours.append(measure_pass(read_by_chatviz, answers, ours_repeats))
    return Group(dialect, host, answers, ours_repeats, ours, loops)


def measure_pass(
    work: Callable[[Answer], object], answers: Sequence[Answer], repeats: int
) -> float:
    """Return the seconds that one pass takes, the mean of some passes."""

    def work_often(_: bytes) -> None:
        for _ in range(repeats):
            for answer in answers:
                work(answer)

    return measure(work_often, b"") / repeats


def _repeats(work: Callable[[Answer], object], answers: Sequence[Answer]) -> int:
    for answer in answers:  # what is made at the first use is not counted
        work(answer)
    begin = time.perf_counter()
    for answer in answers:
        work(answer)
    taken = max(time.perf_counter() - begin, 1e-9)
    return min(MOST_REPEATS, max(1, round(LEAST_S / taken)))


def measure_all(answers: Iterable[Answer]) -> list[Group]:
    """Group answers by dialect and host and measure each group."""
    grouped: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        grouped[answer.dialect, answer.host].append(answer)
    return [measure_group(*key, grouped[key]) for key in sorted(grouped)]


def report(name: str, groups: Sequence[Group], limit: float | None) -> bool:
    """Print one line; return whether its limit is kept (None: there is none)."""
    count = sum(len(group.answers) for group in groups)
    chunks = sum(answer.chunks for group in groups for answer in group.answers)
    ours = [sum(times) for times in zip(*(group.ours for group in groups), strict=True)]
    loops = [sum(times) for times in zip(*(group.loops for group in groups), strict=True)]
    ratio = median(a / b for a, b in zip(ours, loops, strict=True))
    repeats = sorted({group.repeats for group in groups})
    often = f"{repeats[0]}" if len(repeats) == 1 else f"{repeats[0]} to {repeats[-1]}"
    is_kept = limit is None or ratio <= limit
    wanted = "" if limit is None else f"{limit:.1f}" + ("" if is_kept else "  MISSED")
    print(
        f"{name:44} {count:7,} {chunks:8,} {1e6 * median(ours) / count:9,.0f}"
        f" {1e6 * median(loops) / count:9,.0f} {ratio:7.2f}  {often:>12}  {wanted}"
    )
    return is_kept


def report_by(key: Callable[[Group], str], groups: Sequence[Group], *, limited: bool) -> bool:
    """Print a line for each dialect or each host; return whether all limits are kept."""
    is_fine = True
    for name in sorted({key(group) for group in groups}):
        chosen = [group for group in groups if key(group) == name]
        is_enough = sum(len(group.answers) for group in chosen) >= ENOUGH
        is_fine &= report(name, chosen, WANTED_OF_EACH if limited and is_enough else None)
    return is_fine


def report_all(title: str, answers: Sequence[Answer], *, limited: bool) -> bool:
    """Measure and print streams, or whole answers; return whether all limits are kept."""
    print(f"\n{title}")
    if not answers:
        print("none")
        return True
    columns = f"{'chunks':>8} {'ours, µs':>9} {'loop, µs':>9} {'ratio':>7}  {'read a round':>12}"
    print(f"{'':44} {'answers':>7} {columns}  wanted")
    groups = measure_all(answers)
    is_fine = report_by(lambda group: group.dialect, groups, limited=limited)
    is_fine &= report_by(lambda group: group.host or "(no host)", groups, limited=limited)
    return report("in all", groups, WANTED if limited else None) and is_fine


def report_against_openai(answers: Sequence[Answer]) -> bool:
    """Compare with openai-python's accumulator on the streams that it can read."""
    try:
        import openai  # noqa: F401  # only to see whether it is there
    except ImportError:
        print("\nopenai-python is not installed: not compared (extra bench)")
        return True
    chats = [answer for answer in answers if answer.dialect == "openai-chat"]
    read = [answer for answer in chats if is_read_by_openai(answer)]
    print(
        f"\nopenai-python's accumulator fails on {len(chats) - len(read)} of {len(chats)} streams"
    )
    if not read:
        return True
    repeats = _repeats(read_by_chatviz, read)
    rounds = [
        (measure_pass(read_theirs, read, 1), measure_pass(read_by_chatviz, read, repeats))
        for _ in range(ROUNDS)
    ]
    ratio = median(theirs / ours for theirs, ours in rounds)
    print(f"on the other {len(read)} it takes {ratio:.0f} times our time,", end=" ")
    print(
        f"wanted {WANTED_AGAINST_OPENAI:.0f}"
        + ("" if ratio >= WANTED_AGAINST_OPENAI else "  MISSED")
    )
    return ratio >= WANTED_AGAINST_OPENAI


def read_theirs(answer: Answer) -> object:
    """Read one answer by openai-python's accumulator."""
    return read_by_openai(answer.body)


def is_read_by_openai(answer: Answer) -> bool:
    """Whether openai-python's accumulator reads a stream to its end."""
    try:
        read_theirs(answer)
    except Exception:
        return False
    return True


def main() -> int:
    """Measure all and return the exit code."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    shared = os.environ.get("CHATVIZ_SHARED")
    folder = Path(shared) if shared else Path(__file__).resolve().parents[2] / "shared"
    folder = folder / "cassettes"
    if not folder.is_dir():
        print(f"no recordings in {str(folder)!r}: set CHATVIZ_SHARED to the folder of cassettes/")
        return 2
    answers, passed_over = load_answers(folder)
    told = ", ".join(f"{reason}: {count}" for reason, count in sorted(passed_over.items()))
    print(f"{len(answers)} answers from {str(folder)!r}; passed over: {told or 'none'}")
    print(f"{ROUNDS} rounds in turns; short groups are read again until {LEAST_S} s have passed;")
    print("times are those of one answer, ours with the request's JSON read")
    streams = [answer for answer in answers if not answer.is_whole]
    is_fine = report_all("streams", streams, limited=True)
    report_all("answers that were not streamed", [a for a in answers if a.is_whole], limited=False)
    is_fine &= report_against_openai(streams)
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
