"""Files that are being added to in this process: whoever reads one waits for what is on its way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

__all__ = ["add_writer", "remove_writer", "wait_for_all_writers", "wait_for_writers"]

_lock = Lock()
_writers: dict[str, list[Callable[[], None]]] = {}


def add_writer(path: str | os.PathLike[str], settle: Callable[[], None]) -> None:
    """Note that a file has a writer, or a folder one that writes several in it.

    Parameters
    ----------
    path : str or path-like
    settle : function
        Waits until what the writer was given by now is in the file. It raises nothing.
    """
    with _lock:
        _writers.setdefault(os.path.realpath(path), []).append(settle)


def remove_writer(path: str | os.PathLike[str], settle: Callable[[], None]) -> None:
    """Note that a file has this writer no more."""
    name = os.path.realpath(path)
    with _lock:
        _writers[name].remove(settle)
        if not _writers[name]:
            del _writers[name]


def wait_for_writers(path: str | os.PathLike[str]) -> None:
    """Wait until what was recorded by now in this process is in the file, or in its folder.

    Whoever asks whether a file is there waits first. What a writer itself opens is not waited for:
    it would wait for itself.
    """
    if _writers:
        name = os.path.realpath(path)
        with _lock:
            places = (name, str(Path(name).parent))
            waiting = [settle for place in places for settle in _writers.get(place, ())]
        for settle in waiting:
            settle()


def wait_for_all_writers() -> None:
    """Wait until all that was recorded by now in this process is on the disk: who lists files."""
    with _lock:
        waiting = [settle for settles in _writers.values() for settle in settles]
    for settle in waiting:
        settle()
