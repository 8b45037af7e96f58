"""Progress: one line that says how far it is, on a terminal or below a notebook's cell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, NamedTuple

from chatviz.clock import Clock
from chatviz.progress_bar import NotebookLine, is_in_notebook

__all__ = ["HowFar", "ProgressLine"]

FIRST_AFTER_NS: Final = 1_000_000_000  # what is done sooner shows nothing
EVERY_NS: Final = 250_000_000
WIDTH: Final = 20  # characters of the bar


class HowFar(NamedTuple):
    """How far it is: what is done (``"shrinking"``), the share of it, from 0 to 1, and numbers."""

    doing: str
    share: float
    numbers: str


class ProgressLine:
    """A bar with numbers.

    Where nobody looks (standard error is no terminal, and no notebook runs) nothing is written.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due_ns = clock.now_ns() + FIRST_AFTER_NS
        self._line: NotebookLine | None = None
        self._is_written = False

    def say(self, tell: Callable[[], HowFar]) -> None:
        """Show how far it is, now and then; only then it is asked."""
        now = self._clock.now_ns()
        if now < self._due_ns:
            return
        self._due_ns = now + EVERY_NS
        doing, share, numbers = tell()
        done = round(WIDTH * share)
        self._write(f"{doing} {'█' * done}{'░' * (WIDTH - done)} {numbers}")

    def end(self) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line.write("")
        elif self._is_written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()
            self._is_written = True
        elif is_in_notebook():
            self._line = self._line or NotebookLine()
            self._line.write(text)
