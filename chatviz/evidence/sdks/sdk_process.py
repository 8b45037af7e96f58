"""SDKProcess: SDKs read in a process of their own, which is ended where it hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Final

__all__ = ["Reading", "SDKProcess"]

START_S: Final = 60.0  # seconds: an import from a slow disk may take long


@dataclass(frozen=True, slots=True)
class Reading:
    """What an SDK made of a body.

    Attributes
    ----------
    ending : str
        ``"read"``, ``"raises"``, ``"hangs"``, or ``"dies"`` where its process ended.
    error, message : str
        The name and the text of the exception; ``""`` where none was raised.
    place : tuple of str
        The file and the function that raised it.
    text : str
        The text of the answer.
    calls : tuple of (str, str)
        The name and the arguments of each call.
    """

    ending: str
    error: str = ""
    message: str = field(default="", compare=False)
    place: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    calls: tuple[tuple[str, str], ...] = field(default=(), repr=False)


class SDKProcess:
    """Reads bodies with SDKs, one after another; started when it is first asked.

    Parameters
    ----------
    limit_s : float
        Seconds for one reading. What takes longer hangs: the process and its children are ended,
        and the next reading gets a new one.
    start_s : float
        Seconds for the import of an SDK, before its first reading.
    command : tuple of str
        What is started.
    """

    def __init__(
        self, limit_s: float, *, start_s: float = START_S, command: tuple[str, ...] = ()
    ) -> None:
        self.limit_s, self._start_s = limit_s, start_s
        self._command = command or (sys.executable, "-m", f"{__package__}.worker")
        self._process: subprocess.Popen[str] | None = None
        self._lines: SimpleQueue[str] = SimpleQueue()

    def read(self, adapter: str, body: bytes) -> Reading:
        """Read a body with an adapter."""
        if self._process is None:
            self._start()
        asked = json.dumps({"adapter": adapter, "body": b64encode(body).decode()})
        if not self._send(asked):
            return Reading("dies")
        told = self._hear(self._start_s)
        if told == {"ready": True}:
            told = self._hear(self.limit_s)
        return told if isinstance(told, Reading) else _reading_of(told)

    def _hear(self, limit_s: float) -> dict[str, Any] | Reading:
        """Return the next line of the answer, or how it ended without one."""
        try:
            line = self._lines.get(timeout=limit_s)
        except Empty:
            line = None
        if not line:
            self.close()
            return Reading("hangs" if line is None else "dies")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """End the process, and what it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
        with suppress(OSError):
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _start(self) -> None:
        self._lines = SimpleQueue()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        Thread(target=_pump, args=(self._process.stdout, self._lines), daemon=True).start()

    def _send(self, line: str) -> bool:
        pipe = None if self._process is None else self._process.stdin
        try:
            if pipe is not None:
                pipe.write(line + "\n")
                pipe.flush()
        except OSError:
            self.close()
            return False
        return True


def _pump(pipe: IO[str] | None, lines: SimpleQueue[str]) -> None:
    """Pass lines on as they come; an empty one says that no more will."""
    with suppress(ValueError, OSError):  # closed while it was read
        for line in pipe or ():
            lines.put(line)
    lines.put("")


def _reading_of(told: dict[str, Any]) -> Reading:
    if "error" in told:
        name, message, *place = told["error"]
        return Reading("raises", name, message, tuple(place))
    calls = tuple((str(name), str(arguments)) for name, arguments in told["read"]["calls"])
    return Reading("read", text=told["read"]["text"], calls=calls)
