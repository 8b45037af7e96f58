"""Tries a test without a fault, then with one after another, until all are done or stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from chatviz.clock import Clock
from chatviz.errors import BaselineError
from chatviz.evidence.fault_matrix.cells import FaultCell, judge
from chatviz.evidence.fault_matrix.planning.broken import read_unbroken
from chatviz.evidence.fault_matrix.planning.plan import FaultCase
from chatviz.evidence.fault_matrix.user_test import UserTest, try_broken, try_whole
from chatviz.evidence.progress import HowFar, ProgressLine
from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.worker import Worker

__all__ = ["Baseline", "Limits", "Runner", "open_worker", "run_whole", "try_cases"]


class Runner(Protocol):
    """What runs functions, each with a limit of time."""

    def run(self, function: Callable[..., Any], *arguments: Any) -> Ending:
        """Run one function, and say how it ended."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may take.

    Attributes
    ----------
    limit_s : float
        Seconds for one run of the test.
    start_s : float
        Seconds for the first run in each process, with all that the test imports.
    """

    limit_s: float
    start_s: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a test returns without a fault.

    Attributes
    ----------
    value : str
        Pickled, in base64.
    shown : str
        Its ``repr``, at most 500 characters.
    order : tuple of int
        Which interactions it asked for, one after another.
    """

    value: str
    shown: str
    order: tuple[int, ...]


def open_worker(user_test: UserTest, limits: Limits) -> Worker:
    """Return a worker in whose processes the test has run once, so that imports do not count."""
    first = partial(_run_once, user_test)
    return Worker(limits.limit_s, start_s=limits.start_s, prepare=first)


def run_whole(user_test: UserTest, worker: Runner) -> Baseline:
    """Run the test without a fault, twice.

    Raises
    ------
    BaselineError
        It raises, does not end, or what it returns cannot be compared.
    """
    told = _told(worker.run(try_whole, user_test))
    again = _told(worker.run(try_broken, user_test, None, told["value"]))
    if again["ending"] != "same":
        raise _no_baseline("it returned something else when it was run again")
    return Baseline(told["value"], told["shown"], tuple(told["order"]))


def try_cases(
    cases: Sequence[FaultCase],
    *,
    user_test: UserTest,
    baseline: Baseline,
    worker: Runner,
    clock: Clock,
    max_s: float | None = None,
) -> tuple[tuple[FaultCell, ...], str]:
    """Try cases in their order; Ctrl-C ends it, and what was done is kept.

    Returns
    -------
    tuple of FaultCell
        Of the cases that were tried, in their order.
    str
        Why not all were: ``"interrupted"`` or ``"max_s"``; ``""`` where all were.
    """
    struck = {case.interaction for case in cases}
    whole = {number: read_unbroken(user_test.cassette, number) for number in struck}
    cells: list[FaultCell] = []
    line, start_ns = ProgressLine(clock), clock.now_ns()
    try:
        for case in cases:
            begun_ns = clock.now_ns()
            if max_s is not None and begun_ns - start_ns >= max_s * 1e9:
                return tuple(cells), "max_s"
            ending = worker.run(try_broken, user_test, case.fault, baseline.value)
            seconds = (clock.now_ns() - begun_ns) / 1e9
            unbroken = whole[case.interaction]
            cells.append(judge(case, ending, user_test.cassette, unbroken, seconds))
            line.say(partial(_tell, cells, len(cases)))
    except KeyboardInterrupt:
        return tuple(cells), "interrupted"
    finally:
        line.end()
    return tuple(cells), ""


def _run_once(user_test: UserTest) -> None:
    """Run the test, so that all is imported; what goes wrong is told when it runs again."""
    with suppress(BaseException), user_test.opened() as (_, call):
        call()


def _told(ending: Ending) -> dict[str, Any]:
    match ending.ending:
        case "returned" if "flaw" in ending.value:
            raise _no_baseline(ending.value["flaw"])
        case "returned":
            told: dict[str, Any] = ending.value
            return told
        case "raised":
            place = f" in {ending.place[1]!r}" if ending.place else ""
            raise _no_baseline(f"it raised {ending.error}{place}: {ending.message[:500]}")
        case "hung":
            raise _no_baseline("it did not end within its limit (limit_s, start_s)")
        case _:
            raise _no_baseline(f"it did not end: {ending.message}")


def _no_baseline(found: str) -> BaselineError:
    return BaselineError(
        "wanted a test that returns what your client made of the answers (text, numbers, lists, "
        "dicts …), the same each time, so that runs with a fault can be held against it; without "
        f"any fault, found that {found}. See that it runs on the recording: its URL and its JSON "
        "must be those that were recorded, but for what ignore=[…] names; match='any' compares "
        "nothing."
    )


def _tell(cells: Sequence[FaultCell], count: int) -> HowFar:
    wrong = sum(cell.is_failure for cell in cells)
    return HowFar("trying", len(cells) / count, f"{len(cells):,} of {count:,}, {wrong:,} failed")
