"""FailsApart: a function of the user's own is asked in a process of its own, with a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Literal

from chatviz.evidence.shrinking.failing import PredicateFails
from chatviz.evidence.workers.worker import Worker
from chatviz.runs.run import StreamRun

__all__ = ["FailsApart", "FunctionRaised"]

_ENDINGS: Final = {"hung": "hangs", "died": "ends its process"}


class FunctionRaised(RuntimeError):
    """The function raised an error, in its own process; the message has its name and text."""


@dataclass(frozen=True, slots=True)
class FailsApart:
    """A function says that an answer fails, takes too long for it, or ends its process.

    Attributes
    ----------
    function : callable
    worker : Worker
        In which it runs, each answer with a limit of time.
    how : str
        ``"returned"``, ``"hung"`` or ``"died"`` once it is pinned; ``""`` for any.
    """

    function: Callable[[StreamRun], bool]
    worker: Worker = field(repr=False, compare=False)
    how: str = ""
    needs: ClassVar[Literal["recording"]] = "recording"

    @property
    def name(self) -> str:
        """The function by its name, and how it fails."""
        if self.how not in _ENDINGS:
            return self._said.name
        return self._said.name.replace(" is true", f" {_ENDINGS[self.how]}")

    def __call__(self, run: StreamRun) -> bool:
        """Whether the function says so, or ends in the way that was pinned.

        Raises
        ------
        FunctionRaised
            It raised an error.
        TypeError
            It cannot be sent to another process; the message says what to do.
        """
        how = self._ask(run)
        return how == self.how if self.how else how != ""

    def pinned(self, run: StreamRun) -> FailsApart | None:
        """Return the failure as it is on an answer."""
        how = self._ask(run)
        return replace(self, how=how) if how else None

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def test_lines(self, run: StreamRun) -> str:
        """Return a test with the function's source in it; errors as of ``source_with_needs``."""
        return self._said.test_lines(run)

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return that the function should say no in time, and what it did."""
        expected, got = self._said.expected_and_got(run)
        return (expected, self.name) if self.how in _ENDINGS else (expected, got)

    def versions(self) -> dict[str, str]:
        """Nothing besides chatviz."""
        return {}

    @property
    def _said(self) -> PredicateFails:
        return PredicateFails(self.function)

    def _ask(self, run: StreamRun) -> str:
        """Return how the function failed; ``""`` where it says no."""
        ended = self.worker.run(_call, self.function, run)
        if ended.ending == "raised":
            raise FunctionRaised(
                f"{ended.error}: {ended.message}" if ended.message else ended.error
            )
        return "" if ended.ending == "returned" and not ended.value else ended.ending


def _call(function: Callable[[StreamRun], object], run: StreamRun) -> bool:
    return bool(function(run))
