"""SDKReader: a library reads answers in a process of its own, with a limit of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Self, TypeAlias

from chatviz.clock import SYSTEM_CLOCK
from chatviz.evidence.sdks.reading import Reading, judge_reading
from chatviz.evidence.sdks.result import check_result
from chatviz.evidence.sdks.sdk import SDK, Adapter, ReadsBody
from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.worker import Worker
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun

__all__ = ["SDKReader", "read_once", "read_own", "read_timed", "request_of"]

_Reads: TypeAlias = Callable[[ReadsBody, bytes, dict[str, Any]], dict[str, Any]]

REPEATED_S: Final = 2.0  # seconds: what took longer at first is not read again
QUICK_S: Final = 0.2  # seconds: what takes less is read a third time


class SDKReader:
    """Reads answers with a library, one after another; a process is started when it is first asked.

    Parameters
    ----------
    sdk : SDK
    limit_s : float
        Seconds for one answer. What takes longer hangs: the process and what it started are ended,
        and the next answer gets a new one.
    """

    def __init__(self, sdk: SDK, limit_s: float) -> None:
        self.sdk = sdk
        self._worker = Worker(limit_s, prepare=_Prepare(sdk.adapters))

    def read(self, run: StreamRun) -> Reading:
        """Read an answer, once.

        Raises
        ------
        TypeError
            It is a function that cannot be sent to another process; the message says what to do.
        """
        return self._judge(run, read_once)

    def read_and_time(self, run: StreamRun) -> Reading:
        """Read an answer, and again to see how long that takes; raises as `read`."""
        return self._judge(run, read_timed)

    def time(self, read: ReadsBody, run: StreamRun) -> Ending:
        """Run a function on an answer's body and request; its value has ``seconds``."""
        return self._worker.run(read_timed, read, run.body, request_of(run))

    def _judge(self, run: StreamRun, way: _Reads) -> Reading:
        if self.sdk.is_absent:
            return Reading("absent", message=self.sdk.advice)
        adapter = self.sdk.adapter_for(run)
        if adapter is None:
            return Reading("not read")
        ended = self._worker.run(way, adapter.read, run.body, request_of(run))
        return judge_reading(ended, run, is_own=not self.sdk.versions)

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Prepare:
    """Does what adapters do first; it is sent to the process."""

    def __init__(self, adapters: tuple[Adapter, ...]) -> None:
        self.steps = [one.prepare for one in adapters if one.prepare is not None]

    def __call__(self) -> None:
        for step in self.steps:
            step()


def request_of(run: StreamRun) -> dict[str, Any]:
    """Return what a reader is told of the request, in plain values.

    Returns
    -------
    dict
        ``dialect`` of the answer, ``url``, ``json`` (the request's body, None where it is not
        known) and ``tools``: a list of dicts with ``name``, ``description`` and ``schema``.
    """
    return {
        "dialect": run.dialect,
        "url": run.head.url,
        "json": None if run.request is None else dict(run.request),
        "tools": [
            {"name": one.name, "description": one.description, "schema": dict(one.schema)}
            for one in run.chat_request.tools
        ],
    }


def read_once(read: ReadsBody, body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Read a body; runs in the process of its own, and returns what `read_timed` does."""
    seconds, result = _time(read, body, request)
    return {"result": check_result(result), "seconds": seconds}


def read_timed(read: ReadsBody, body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Read a body, and again to see how long that takes; runs in the process of its own.

    The first reading may load what the others have; where it took long it is the only one.

    Returns
    -------
    dict
        ``result``: what the first reading gave; ``seconds``: how long the quickest took.
    """
    seconds, result = _time(read, body, request)
    takes_its_own = isinstance(result, dict) and result.get("seconds")
    if seconds < REPEATED_S and result is not None and not takes_its_own:
        seconds, _ = _time(read, body, request)
        if seconds < QUICK_S:
            seconds = min(seconds, _time(read, body, request)[0])
    return {"result": check_result(result), "seconds": seconds}


def read_own(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Read as chatviz does, for the time that it takes."""
    run = read_stream(body, request["json"])
    return {"text": run.message.text, "finish": run.finish_reason_sent}


def _time(read: ReadsBody, body: bytes, request: dict[str, Any]) -> tuple[float, Any]:
    begun_ns = SYSTEM_CLOCK.now_ns()
    result = read(body, request)
    return (SYSTEM_CLOCK.now_ns() - begun_ns) / 1e9, result
