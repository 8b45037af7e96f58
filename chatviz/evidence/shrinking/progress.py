"""Progress: one line that says how far it is, on a terminal or below a notebook's cell."""

from __future__ import annotations

import sys
from typing import Any, Final

from chatviz.clock import Clock
from chatviz.evidence.shrinking.oracle import Oracle

__all__ = ["ProgressLine"]

FIRST_AFTER_NS: Final = 1_000_000_000  # what is done sooner shows nothing
EVERY_NS: Final = 250_000_000
WIDTH: Final = 20  # characters of the bar


class ProgressLine:
    """A bar with numbers: how much smaller it is, and after how many tries.

    Where nobody looks (standard error is no terminal, and no notebook runs) nothing is written.
    """

    def __init__(self, size: int, clock: Clock) -> None:
        self._size, self._clock = size, clock
        self._due_ns = clock.now_ns() + FIRST_AFTER_NS
        self._handle: Any = None
        self._is_written = False

    def say(self, oracle: Oracle) -> None:
        """Show the state after a try, now and then."""
        now = self._clock.now_ns()
        if now < self._due_ns:
            return
        self._due_ns = now + EVERY_NS
        left = len(oracle.best.parts.body)
        gone = 1 - left / max(self._size, 1)
        bar = "█" * round(WIDTH * gone) + "░" * (WIDTH - round(WIDTH * gone))
        self._write(
            f"shrinking {bar} {self._size:,} → {left:,} bytes, "
            f"{len(oracle.best.parts.events):,} events, {oracle.tries:,} tries"
        )

    def end(self) -> None:
        """Take the line away."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)
        elif self._is_written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": text}, raw=True)
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()
            self._is_written = True
        elif "ipykernel" in sys.modules:
            from IPython import display as shown

            show: Any = shown.display
            self._handle = show({"text/plain": text}, raw=True, display_id=True)
