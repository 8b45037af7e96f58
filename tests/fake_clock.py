"""A clock that a test moves: what waits in it has waited at once."""

from __future__ import annotations

__all__ = ["FakeClock"]


class FakeClock:
    """Time that passes only by waiting; `waits` holds how long each wait was, in seconds."""

    def __init__(self) -> None:
        self.time_ns = 1_000_000_000_000
        self.waits: list[float] = []

    def now_ns(self) -> int:
        return self.time_ns

    def unix_s(self) -> float:
        return self.time_ns / 1e9

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time_ns += round(seconds * 1e9)

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
