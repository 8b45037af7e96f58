"""CassetteWriter: writes what was recorded in a thread, so that nobody waits for the disk.

The thread lives while there is something to write. An answer is handed over when its last byte has
come, and is in the file a moment later; who loads the file in this process waits for it.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Condition, Thread
from typing import Final, Protocol
from weakref import WeakSet

from chatviz.cassettes.pending import add_writer, remove_writer
from chatviz.clock import SYSTEM_CLOCK
from chatviz.errors import CassetteError
from chatviz.transports.clients.cassette_file import Addition

__all__ = ["CassetteWriter", "TakesAdditions"]


class TakesAdditions(Protocol):
    """What is written to: a file, or several."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    def add(self, additions: Sequence[Addition]) -> None:
        """Have these on the disk, and what could not be written before."""
        ...

    def close(self) -> None:
        """Give what was written its final form."""
        ...


class CassetteWriter:
    """Adds interactions to a file, in the order in which they were handed over.

    Parameters
    ----------
    file : CassetteFile, or several files that take additions as it does
    """

    def __init__(self, file: TakesAdditions) -> None:
        self._file = file
        self._changed = Condition()
        self._waiting: list[Callable[[], Addition]] = []
        self._handed_over = 0
        self._dealt_with = 0
        self._is_running = False
        self._failure: Exception | None = None
        _writers().add(self)

    def add(self, make: Callable[[], Addition]) -> None:
        """Hand over an interaction; it is made in the thread, too."""
        with self._changed:
            self._waiting.append(make)
            self._handed_over += 1
            if self._is_running:
                return
            self._is_running = True
            add_writer(self._file.path, self.settle)
        try:
            Thread(target=self._run_behind, name="chatviz-recorder").start()
        except RuntimeError:  # no thread can be started: the interpreter is ending
            self._run()

    def settle(self) -> None:
        """Wait until what was handed over by now is in the file, or could not be written."""
        with self._changed:
            wanted = self._handed_over
            self._changed.wait_for(lambda: self._dealt_with >= wanted)

    def check(self) -> None:
        """Raise the error where something could not be written and, tried again, still cannot be.

        Raises
        ------
        CassetteError
        """
        if isinstance(self._failure, CassetteError):
            self.settle()
            self._file.add(())
            self._failure = None

    def close(self) -> None:
        """Wait for the thread, write what could not be written, and give the file its final form.

        Raises
        ------
        CassetteError
            It still cannot be written; closing again tries again.
        """
        self.settle()
        failure, self._failure = self._failure, None
        try:
            self._file.close()
        except BaseException:
            self._failure = failure
            raise
        if failure is not None and not isinstance(failure, CassetteError):
            raise failure  # an interaction could not even be made: a fault of ours

    def _run_behind(self) -> None:
        SYSTEM_CLOCK.sleep(_HEAD_START_S)
        self._run()

    def _run(self) -> None:
        while batch := self._take():
            try:
                self._write(batch)
            finally:
                with self._changed:
                    self._dealt_with += len(batch)
                    self._changed.notify_all()

    def _take(self) -> list[Callable[[], Addition]]:
        """Return what is to be written next; nothing ends the thread."""
        with self._changed:
            batch = self._waiting[:_AT_ONCE]
            del self._waiting[:_AT_ONCE]
            if not batch:
                self._is_running = False
                remove_writer(self._file.path, self.settle)
            return batch

    def _write(self, batch: list[Callable[[], Addition]]) -> None:
        """Write a batch; an error waits for whoever asks next, or closes."""
        additions = []
        for make in batch:
            try:
                additions.append(make())
            except Exception as error:
                self._failure = error
        try:
            self._file.add(additions)
        except CassetteError as error:
            self._failure = self._failure or error


@cache
def _writers() -> WeakSet[CassetteWriter]:
    """Return the writers that there are: those that nobody closes are closed at the end."""
    writers: WeakSet[CassetteWriter] = WeakSet()

    def close_all() -> None:
        for writer in list(writers):
            with suppress(CassetteError):  # nobody is left to hear it
                writer.close()

    atexit.register(close_all)
    return writers


_HEAD_START_S: Final = 0.005  # for the caller: a new thread would take the interpreter from it
_AT_ONCE: Final = 32  # so that the first of many need not wait for all of them to be made
