"""A runner that is no other process, for tests of all but the workers themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette, RecordedRequest
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample
from chatviz.cassettes.storage import load_cassette
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from chatviz.evidence.fault_matrix.planning.kinds import fault_kinds
from chatviz.evidence.fault_matrix.planning.plan import plan_cases
from chatviz.evidence.fault_matrix.trying import Limits, run_whole
from chatviz.evidence.fault_matrix.user_test import UserTest, match_anything
from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.inside import end_of, plain
from chatviz.evidence.workers.packing import pack_call

__all__ = ["FIREWORKS", "Here", "by_url", "try_here"]

FIREWORKS = "openrouter_kimi-k2_fireworks"


@dataclass
class Here:
    """Runs functions in this process; after some calls it is interrupted."""

    calls_left: int = 10**9

    def run(self, function: Callable[..., Any], *arguments: Any) -> Ending:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise KeyboardInterrupt
        try:
            return Ending("returned", plain(function(*arguments)))
        except Exception as error:
            name, message, *place = end_of(error)
            return Ending("raised", error=name, message=message, place=tuple(place))


def by_url(asked: RecordedRequest, recorded: RecordedRequest) -> list[str]:
    """Compare no more than the URL."""
    return [] if asked.url == recorded.url else ["the URL"]


def try_here(
    test: Callable[[Any], Any],
    faults: Any = None,
    *,
    runner: Here | None = None,
    chunks: Any = None,
    over: Any = "httpx",
    cassette: Cassette | None = None,
    match: Any = match_anything,
    max_s: float | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> FaultMatrix:
    """Do what ``cv.fault_matrix`` does, in this process."""
    if over == "server":
        pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra: server)")
    recorded = cassette or load_cassette(sample(FIREWORKS))
    asked, runner = UserTest(pack_call(test, (match,)), recorded, over), runner or Here()
    baseline = run_whole(asked, runner)
    runs = tuple(run for run in read_runs(recorded) if run.interaction in baseline.order)
    kinds = fault_kinds(faults)
    matrix = FaultMatrix(
        cells=(),
        plan=plan_cases(runs, kinds, chunks=chunks),
        kinds=kinds,
        runs=runs,
        test=test,
        user_test=asked,
        baseline=baseline,
        limits=Limits(10.0, 60.0),
    )
    return matrix.go_on(runner, max_s=max_s, clock=clock)
