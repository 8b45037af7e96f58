"""ToolThread: an event loop in a thread of its own, for tools that are run from plain Python.

So that ``run_agent`` works where a loop is running already, as in Jupyter.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Self, TypeVar

__all__ = ["ToolThread"]

ToolValue = TypeVar("ToolValue")


class ToolThread:
    """Runs coroutines for a thread that waits; begins with the first of them.

    Parameters
    ----------
    grace_s : float
        How long to wait for what was told to end. What does not end keeps its thread, which
        ends with it, or with Python.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._future: Future[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(self._grace_s)

    def run(
        self, coroutine: Coroutine[Any, Any, ToolValue], *, has_limit: bool = False
    ) -> ToolValue:
        """Run a coroutine to its end and return its value.

        Raises
        ------
        TimeoutError
            It has a limit, for it only tells others to end, and one of them blocks the loop.
        """
        loop = self._loop or self._start()
        future = self._future = Future[ToolValue]()

        def begin() -> None:  # in the caller's context
            self._task = loop.create_task(coroutine)
            self._task.add_done_callback(lambda task: _settle(task, future))

        loop.call_soon_threadsafe(begin)
        try:
            return future.result(self._grace_s * 2 if has_limit else None)
        finally:
            if future.done():
                self._future = None

    def call_soon(self, function: Callable[[], None]) -> None:
        """Have a function called in the loop, before any coroutine that is run after this."""
        (self._loop or self._start()).call_soon_threadsafe(function)

    @property
    def is_busy(self) -> bool:
        """Whether a coroutine is still running that nobody waits for any more."""
        return self._future is not None and not self._future.done()

    def stop(self) -> Any:
        """Tell the coroutine that is running to end; return its value, None if it does not."""
        if self._loop is None or self._future is None:
            return None
        self._loop.call_soon_threadsafe(self._cancel)
        try:
            return self._future.result(self._grace_s * 2)
        except (CancelledError, TimeoutError):
            return None

    def _start(self) -> asyncio.AbstractEventLoop:
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, args=(loop,), daemon=True)
        self._thread.name = "chatviz tools"
        self._thread.start()
        return loop

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._serve())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    async def _serve(self) -> None:
        """Keep the loop running until all is over; tasks that tools left behind are cancelled."""
        await self._ended.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _settle(task: asyncio.Task[ToolValue], future: Future[ToolValue]) -> None:
    error = None if task.cancelled() else task.exception()
    if task.cancelled():
        future.cancel()
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(task.result())
