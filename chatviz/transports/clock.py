"""The time and the waiting, in one place, so that a test can bring its own."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What a transport needs of time."""

    def now_ns(self) -> int:
        """Return nanoseconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait in this thread."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Wait in this task."""
        ...


class SystemClock:
    """The machine's monotonic clock."""

    now_ns = staticmethod(time.monotonic_ns)
    sleep = staticmethod(time.sleep)

    async def sleep_async(self, seconds: float) -> None:
        """Wait in this task, under whatever runs it."""
        import anyio

        await anyio.sleep(seconds)
