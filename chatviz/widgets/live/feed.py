"""LiveFeed and Turn: a run that is told to a browser while it goes on, and stops when it is told.

What comes from the browser comes in another thread: it takes the lock, and never makes a task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Event, RLock
from time import monotonic
from typing import Any, Final, TypeAlias

from chatviz.agent.news import News, Watch
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.runs.conversation import Conversation
from chatviz.widgets.live.entries import Entry, pack_entries
from chatviz.widgets.live.log import LiveLog

__all__ = ["LiveFeed", "Send", "Turn"]

PIECES: Final = 16  # after so many the clock is looked at

Send: TypeAlias = Callable[[dict[str, Any], list[bytes]], None]


class LiveFeed:
    """Sends what a log holds, in batches; once a view has come, also what it has missed.

    Parameters
    ----------
    send : callable
        Takes a message for the browser, and its buffers.
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, send: Send, clock: Callable[[], float] = monotonic) -> None:
        self.log = LiveLog(clock)
        self._send = send
        self._clock = clock
        self._lock = RLock()
        self._timer: asyncio.TimerHandle | None = None
        self._pieces = 0

    def begin(self, prompt: str, system: str = "", *, earlier: Conversation | None = None) -> None:
        """Say that a turn begins."""
        with self._lock:
            self.log.begin(prompt, system, earlier=earlier)
            self.flush()

    def watch(self, news: News) -> None:
        """Take what the agent's loop tells, in that loop."""
        log = self.log
        if news is log.reader and self._timer is not None:
            log.has_grown = True  # the usual case, once for each piece
            self._pieces += 1
            # The timer sends it; but a stream that never waits leaves the loop no time for that.
            if self._pieces % PIECES or self._clock() < log.next_s:
                return
        with self._lock:
            log.take(news)
            self._send_when_due()

    def tell_state(self, state: str, words: str = "") -> None:
        """Say at once in which state the conversation is."""
        with self._lock:
            self.log.tell_state(state, words)
            self.flush()

    def end(self, state: str, words: str = "") -> None:
        """Say how a turn ended; no timer is left."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self.tell_state(state, words)

    def catch_up(self, have: int) -> None:
        """Send a view that has so many entries those that it lacks."""
        with self._lock:
            self.flush()
            self._send({"kind": "batch", "first": have}, pack_entries(self.log.entries[have:]))

    def flush(self) -> None:
        """Send the entries that have not been sent, from any thread."""
        with self._lock:
            self._send_batch(*self.log.take_rest())

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
            self._send_when_due()

    def _send_when_due(self) -> None:
        """Send a batch now if one is due, else see to it that it is sent when it is."""
        wait_s = self.log.due_in_s
        if wait_s <= 0:
            self._send_batch(*self.log.make_batch())
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _send_batch(self, first: int, entries: list[Entry]) -> None:
        if entries:
            self._send({"kind": "batch", "first": first}, pack_entries(entries))


class Turn:
    """One run of the agent.

    Parameters
    ----------
    feed : LiveFeed
    begin : callable
        Takes a watch; returns the coroutine of ``run_agent_async``.
    """

    def __init__(
        self, feed: LiveFeed, begin: Callable[[Watch], Coroutine[Any, Any, AgentResult]]
    ) -> None:
        self._feed = feed
        self._begin = begin
        self.over = Event()  # set by who runs it, when its result can be read
        self._is_stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[AgentResult] | None = None

    async def run(self) -> AgentResult:
        """Run to the end; a turn that was stopped has a result, too.

        Raises
        ------
        asyncio.CancelledError
            Somebody else cancelled the task that this runs in.
        Exception
            What ``run_agent_async`` raises.
        """
        self._task = asyncio.create_task(self._begin(self._watch))
        self._loop = asyncio.get_running_loop()
        try:
            result = await self._task
        except asyncio.CancelledError:
            outer, kept = asyncio.current_task(), self._feed.log.result
            self._feed.end("stopped")
            if kept is None or (outer is not None and outer.cancelling()):
                raise
            return kept
        except BaseException as error:
            self._feed.end("failed", _tell(error))
            raise
        self._feed.end(*_ending(result))
        return result

    def stop(self) -> None:
        """Stop, from any thread: at the next piece, or at once where the loop is waiting."""
        if self._is_stopped or (self._task is not None and self._task.done()):
            return
        self._is_stopped = True
        self._feed.tell_state("stopping")
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # the loop is closed: the turn has ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)

    def _watch(self, news: News) -> None:
        self._feed.watch(news)
        # A stream that never waits leaves the loop no time to cancel a task.
        if self._is_stopped and not isinstance(news, AgentResult | ToolRun):
            raise asyncio.CancelledError("stopped")


def _ending(result: AgentResult) -> tuple[str, str]:
    """Return the state after a turn, and what there is to say of it."""
    match result.stop_reason:
        case "error":
            return "failed", result.error
        case "cancelled" | "interrupted":
            return "stopped", ""
        case "no_tool_calls":
            return "idle", ""
        case reason:
            return "idle", f"ended by {reason}"


def _tell(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
