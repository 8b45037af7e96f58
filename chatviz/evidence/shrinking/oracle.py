"""Oracle: whether a candidate still fails, asked at most so often and so long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatviz.clock import Clock
from chatviz.evidence.shrinking.candidate import Candidate
from chatviz.evidence.shrinking.failing import Failing
from chatviz.runs.run import StreamRun

__all__ = ["MALFORMED_CODES", "Oracle", "OutOfBudget"]

MALFORMED_CODES: Final = frozenset(
    (
        "blank_lines_missing", "bytes_after_end", "dialect_not_read", "done_missing", "empty_body",
        "end_missing", "error_outside_data", "event_after_end", "event_before_start",
        "fields_without_data", "frame_damaged", "lenient_json", "not_an_object", "not_json",
        "part_not_closed", "part_not_open", "part_opened_twice", "sequence_broken",
        "start_repeated", "unfinished_event",
    )
)  # fmt: skip
"""The findings that say that a stream is not well formed: framing, marks of its end, order."""


class OutOfBudget(Exception):
    """So often, or so long, was to be asked, and no more."""


class Oracle:
    """Runs candidates, each once, and keeps the smallest that failed.

    A candidate fails where the failure is still there, and nothing is malformed that was not so
    at first: what is left of a good stream is a good stream.

    Parameters
    ----------
    failing : Failing
    start : Candidate
        It fails; that is not asked again.
    max_tries : int
    max_s : float
        Seconds.
    clock : Clock
    say : callable
        Told after each try.

    Attributes
    ----------
    best : Candidate
        The last one that failed.
    tries : int
        How many were run.
    raised : int
        For how many the predicate raised an error, which counts as not failing.
    """

    def __init__(
        self,
        failing: Failing,
        start: Candidate,
        *,
        max_tries: int,
        max_s: float,
        clock: Clock,
        say: Callable[[Oracle], None],
    ) -> None:
        self.best = start
        self.tries = self.raised = 0
        self._failing = failing
        self._max_tries, self._clock = max_tries, clock
        self._deadline_ns = clock.now_ns() + int(max_s * 1e9)
        self._say = say
        self._verdicts: dict[tuple[object, ...], bool] = {start.key: True}
        first = start.run
        self._dialect = first.dialect
        self._malformed, self._has_ended = _malformed(first), first.has_ended

    def __call__(self, candidate: Candidate) -> bool:
        """Whether it still fails.

        Raises
        ------
        OutOfBudget
            It would have to be run, and no more may be.
        """
        key = candidate.key
        if key not in self._verdicts:
            if self.tries >= self._max_tries or self._clock.now_ns() >= self._deadline_ns:
                raise OutOfBudget
            self.tries += 1
            self._verdicts[key] = self._ask(candidate)
            self._say(self)
        if self._verdicts[key]:
            self.best = candidate
        return self._verdicts[key]

    def _ask(self, candidate: Candidate) -> bool:
        if not candidate.interaction.is_chat:
            return False
        run = candidate.run
        if run.dialect != self._dialect or run.has_ended < self._has_ended:
            return False
        if not _malformed(run) <= self._malformed:
            return False
        try:
            return self._failing(run)
        except Exception:
            self.raised += 1  # a predicate written for the whole answer; told in the result
            return False


def _malformed(run: StreamRun) -> frozenset[str]:
    return frozenset(one.code for one in run.findings) & MALFORMED_CODES
