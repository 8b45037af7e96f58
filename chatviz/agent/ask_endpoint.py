"""Ask an endpoint until it answers or patience ends; sync and async share all but the waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.error_text import say_error
from chatviz.agent.loop import AskModel, ModelAnswer, Stopped
from chatviz.agent.retrying import Patience, is_worth_a_retry, read_retry_after
from chatviz.clock import Clock
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = ["ModelExchange", "ask", "ask_async", "stopped_by"]


def ask(endpoint: ModelEndpoint, exchange: ModelExchange) -> ModelAnswer:
    """Ask in this thread. Never raises: what stopped it is in the answer."""
    while exchange.is_open:
        try:
            if exchange.wait_s is not None:
                exchange.clock.sleep(exchange.wait_s)
            exchange.add(endpoint.ask(exchange.begin(), watch=exchange.see))
        except BaseException as error:
            exchange.fail(error)
    return exchange.answer()


async def ask_async(endpoint: ModelEndpoint, exchange: ModelExchange) -> ModelAnswer:
    """Ask in this task. Never raises: what stopped it is in the answer."""
    while exchange.is_open:
        try:
            if exchange.wait_s is not None:
                await exchange.clock.sleep_async(exchange.wait_s)
            exchange.add(await endpoint.ask_async(exchange.begin(), watch=exchange.see))
        except BaseException as error:
            exchange.fail(error)
    return exchange.answer()


class ModelExchange:
    """One request and what came of it: attempts that failed, and the answer.

    Parameters
    ----------
    question : AskModel
        With the request's JSON body.
    patience : Patience
    clock : Clock
    began_at_ns : int
        The clock's nanoseconds when the loop began.
    watch : callable
        Receives the question, readers and runs as they come.
    """

    def __init__(
        self,
        question: AskModel,
        *,
        patience: Patience,
        clock: Clock,
        began_at_ns: int,
        watch: Callable[[AskModel | StreamReader | StreamRun], None],
    ) -> None:
        self.clock = clock
        self.is_open = True
        self.wait_s: float | None = None
        self._question = question
        self._patience = patience
        self._began_at_ns = self._asked_at_ns = began_at_ns
        self._watch = watch
        self._attempts = 0
        self._reader: StreamReader | None = None
        self._runs: list[StreamRun] = []
        self._stopped: Stopped | None = None

    def begin(self) -> dict[str, Any]:
        """Note that the request is sent now; return its body."""
        self._attempts += 1
        self._reader = None
        self._asked_at_ns = self.clock.now_ns()
        self._watch(self._question)
        return self._question.body

    def see(self, reader: StreamReader) -> None:
        """Take note of the reader of the answer that is coming in."""
        self._reader = reader
        self._watch(reader)

    def add(self, run: StreamRun) -> None:
        """Take an answer; decide whether it is the last."""
        self._reader = None
        self._runs.append(run)
        self.is_open = False
        if is_worth_a_retry(run):
            wanted_s = read_retry_after(run, self.clock.unix_s())
            if not self._try_again(wanted_s):
                self._stopped = self._give_up(run, wanted_s)
        self._watch(run)

    def fail(self, error: BaseException) -> None:
        """Take an exception instead of an answer; what had come until then is kept."""
        self.is_open = False
        is_network = isinstance(error, ConnectionError | TimeoutError)
        has_said = False
        if self._reader is not None:
            run = self._reader.close() if is_network else self._reader.run
            has_said = run.answer.said_at is not None
            self._reader = None
            self._runs.append(run)
        if not is_network:
            self._stopped = stopped_by(error)
        elif has_said or not self._try_again(None):
            times = f" (asked {self._attempts} times)" if self._attempts > 1 else ""
            self._stopped = Stopped("error", f"{say_error(error)}{times}")

    def answer(self) -> ModelAnswer:
        """Return what came; a run without an answer where nothing did."""
        runs = tuple(self._runs) or (StreamReader(self._question.body).run,)
        asked_at_s = (self._asked_at_ns - self._began_at_ns) / 1e9
        answered_at_s = (self.clock.now_ns() - self._began_at_ns) / 1e9
        return ModelAnswer(runs, asked_at_s, answered_at_s, self._stopped)

    def _try_again(self, wanted_s: float | None) -> bool:
        self.wait_s = self._patience.wait_s(self._attempts, wanted_s)
        self.is_open = self.wait_s is not None
        return self.is_open

    def _give_up(self, run: StreamRun, wanted_s: float | None) -> Stopped:
        assert run.error is not None
        longest_s = self._patience.longest_wait_s
        where = f"HTTP {run.error.status}" if run.error.status else "an error in the stream"
        why = f"asked {self._attempts} times"
        if wanted_s is not None and wanted_s > longest_s:
            why = f"the server wants a wait of {wanted_s:g} s, the longest allowed is {longest_s:g}"
        return Stopped("error", f"{where}: {run.error.message} ({why})")


def stopped_by(error: BaseException) -> Stopped:
    """Tell what an exception means for the loop that it stops."""
    match error:
        case KeyboardInterrupt():
            return Stopped("interrupted", error=error)
        case asyncio.CancelledError():
            return Stopped("cancelled", error=error)
        case _:
            return Stopped("error", say_error(error), error)
