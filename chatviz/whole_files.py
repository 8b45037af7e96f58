"""Files written whole or not at all: a temporary file in the same folder, which then is renamed.

Whoever writes one holds a lock on it, so that one without a lock is known to be left over from a
process that was killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["exclusive", "sweep_leftovers", "write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write a temporary file in the same folder, flush it to disk, and only then rename it.

    Raises
    ------
    OSError
        It cannot be written, or what is there is no file; what was there is as it was.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file, and is not replaced")
    beside, descriptor = _open_beside(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            with contextlib.suppress(FileNotFoundError):
                beside.chmod(stat.S_IMODE(path.stat().st_mode))
            if os.name != "nt":  # there, an open file cannot be renamed
                beside.replace(path)
                return
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def sweep_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that were killed; those that are locked are in use.

    Where files cannot be locked, none is removed.
    """
    try:
        import fcntl
    except ImportError:
        return
    for path in folder.iterdir():
        if not _TEMPORARY.fullmatch(path.name) or path.is_symlink() or not path.is_file():
            continue
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other recorders out of a folder for a moment; a killed process lets go of it.

    Where folders cannot be locked (Windows, some network disks) two processes that write within
    the same moment may still lose one of the two interactions, and never the file.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open_beside(path: Path) -> tuple[Path, int]:
    """Make a temporary file and lock it; a sweeper may have come in between."""
    while True:
        beside = path.with_name(f".{secrets.token_hex(8)}.tmp")
        # Created by os.open, so that the process's umask sets the permissions of a new file.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        _lock(descriptor)
        if os.fstat(descriptor).st_nlink:
            return beside, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


_TEMPORARY: Final = re.compile(r"\.[0-9a-f]{16}\.tmp")
