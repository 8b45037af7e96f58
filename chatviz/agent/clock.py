"""The time and the waiting of the loop, in one place, so that a test can bring its own."""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

__all__ = ["SYSTEM_CLOCK", "Clock"]


class Clock(Protocol):
    """What the drivers need of time."""

    def now_s(self) -> float:
        """Return seconds since 1970."""

    def tick_s(self) -> float:
        """Return seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait in this thread."""

    async def sleep_async(self, seconds: float) -> None:
        """Wait in this task."""


class _SystemClock:
    now_s = staticmethod(time.time)
    tick_s = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)
    sleep_async = staticmethod(asyncio.sleep)


SYSTEM_CLOCK: Final[Clock] = _SystemClock()
