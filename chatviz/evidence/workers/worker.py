"""Worker: functions run in a process of its own, which is ended where one takes too long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import IO, Any, Final, Self

from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.packing import pack_call
from chatviz.given_values import check_number

__all__ = ["Worker"]

START_S: Final = 60.0  # seconds: an import from a slow disk may take long


class Worker:
    """Runs functions in a process of its own, one after another, each with a limit of time.

    The process is spawned when it is first needed, with this one's ``sys.path`` and environment.
    Where a function takes too long, or its process ends, that process and all that it started are
    ended, and the next function gets a new one. It is used from one thread at a time; it is closed
    when it is forgotten, or as a context manager at the end.

    Parameters
    ----------
    limit_s : float
        Seconds for one function, from when it has been loaded.
    start_s : float
        Seconds for the start of the process, for `prepare`, and for the loading of a function.
    prepare : callable or None
        What each new process does first: imports that are not part of what is measured.
    command : tuple of str
        What is started; by default Python, with `inside`.

    Examples
    --------
    >>> from chatviz.evidence.workers.worker import Worker
    >>> with Worker(limit_s=10) as worker:
    ...     worker.run(divmod, 7, 2).value, worker.run(divmod, 7, 0).error
    ([3, 1], 'ZeroDivisionError')
    """

    def __init__(
        self,
        limit_s: float,
        *,
        start_s: float = START_S,
        prepare: Callable[[], object] | None = None,
        command: tuple[str, ...] = (),
    ) -> None:
        self.limit_s, self._start_s, self._prepare = limit_s, start_s, prepare
        self._command = command or (sys.executable, "-P", "-m", f"{__package__}.inside")
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        check_number(limit_s, "limit_s", "in seconds")
        check_number(start_s, "start_s", "in seconds")

    def run(self, function: Callable[..., Any], *arguments: Any) -> Ending:
        """Run a function; whatever it does, its `Ending` says how it ended.

        Raises
        ------
        TypeError
            The function or an argument cannot be sent; the message says what to do.
        """
        call = pack_call(function, arguments)
        try:
            return self._start() or self._ask(call)
        except BaseException:  # Ctrl-C: the answer that is still to come is nobody's
            self.close()
            raise

    def close(self) -> None:
        """End the process, and what it started; a later function gets a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def _start(self) -> Ending | None:
        """Start the process if there is none; return how that ended if not well."""
        if self._process is not None:
            return None
        path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
        self._lines = SimpleQueue()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        Thread(target=_pump, args=(self._process.stdout, self._lines), daemon=True).start()
        told = self._hear(self._start_s)
        if isinstance(told, Ending):
            return told
        if self._prepare is None:
            return None
        prepared = self._ask(pack_call(self._prepare), self._start_s)
        if prepared.ending == "returned":
            return None
        self.close()
        return prepared

    def _ask(self, call: bytes, limit_s: float | None = None) -> Ending:
        pipe = None if self._process is None else self._process.stdin
        data = len(call).to_bytes(8, "big") + call
        Thread(target=_write, args=(pipe, data), daemon=True).start()  # the other may not read
        told = self._hear(self._start_s)
        if told == {"loaded": True}:
            told = self._hear(self.limit_s if limit_s is None else limit_s)
        return told if isinstance(told, Ending) else _ending_of(told)

    def _hear(self, limit_s: float) -> dict[str, Any] | Ending:
        """Return the next line of an answer, or how it ended without one."""
        try:
            line = self._lines.get(timeout=limit_s)
        except Empty:
            self.close()
            return Ending("hung")
        if not line:
            return self._died()
        told: dict[str, Any] = json.loads(line)
        return told

    def _died(self) -> Ending:
        code = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):  # it only closed its output
                code = self._process.wait(timeout=1)
        self.close()
        how = "closed its output" if code is None else f"ended with exit code {code}"
        return Ending("died", message=f"its process {how}")


def _pump(pipe: IO[bytes] | None, lines: SimpleQueue[bytes]) -> None:
    """Pass lines on as they come; an empty one says that no more will."""
    with suppress(ValueError, OSError):  # closed while it was read
        for line in pipe or ():
            lines.put(line)
    lines.put(b"")


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    with suppress(ValueError, OSError):  # the process has ended: that is heard, too
        if pipe is not None:
            pipe.write(data)
            pipe.flush()


def _ending_of(told: dict[str, Any]) -> Ending:
    if "error" in told:
        name, message, *place = told["error"]
        return Ending("raised", error=name, message=message, place=tuple(place))
    return Ending("returned", told["value"], seconds=told["seconds"])
