"""The time and the waiting of whatever moves, in one place, so that a test can bring its own."""

from __future__ import annotations

import time
from typing import Final, Protocol

__all__ = ["SYSTEM_CLOCK", "Clock"]


class Clock(Protocol):
    """What transports and the tool loop need of time."""

    def now_ns(self) -> int:
        """Return nanoseconds that never go back."""
        ...

    def unix_s(self) -> float:
        """Return seconds since 1970; they may be set back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait in this thread."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Wait in this task."""
        ...


class _SystemClock:
    """The machine's clocks."""

    now_ns = staticmethod(time.monotonic_ns)
    unix_s = staticmethod(time.time)
    sleep = staticmethod(time.sleep)

    async def sleep_async(self, seconds: float) -> None:
        """Wait in this task, under whatever runs it."""
        import anyio

        await anyio.sleep(seconds)


SYSTEM_CLOCK: Final[Clock] = _SystemClock()
