"""SourceEntry: one file that may be a recording, and how its bytes are had."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from chatviz.cassettes.content.encodings import DecodingLimit
from chatviz.cassettes.neighbours import NeighbourFiles

__all__ = ["FileEntry", "GivenBytes", "NotRegularError", "RefusedEntry", "SourceEntry"]


class NotRegularError(OSError):
    """What has the name of a file is none: a folder, a pipe, a socket, a device."""


class SourceEntry(Protocol):
    """One file of a data set. Entries are small values that can be sent to another process."""

    @property
    def name(self) -> str:
        """Its name in the data set; no other entry has it."""
        ...

    @property
    def path(self) -> str:
        """Where it is, as its runs show it."""
        ...

    @property
    def size_bytes(self) -> int | None:
        """Its size when it was listed."""
        ...

    @property
    def version(self) -> str:
        """Changes when the file does; ``""`` where that cannot be told."""
        ...

    @property
    def read_neighbour(self) -> Callable[[str], bytes] | None:
        """Reads a file beside it by its plain name; None where there are none."""
        ...

    @property
    def limit(self) -> DecodingLimit | None:
        """How far its bodies are decoded, together with others; None where it is alone."""
        ...

    def read(self) -> bytes:
        """Return its bytes as they are now.

        Raises
        ------
        OSError
            It cannot be read.
        ValueError
            It is not read, and why.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file on disk."""

    name: str
    path: str
    size_bytes: int | None
    version: str
    limit: None = None

    @property
    def read_neighbour(self) -> Callable[[str], bytes] | None:
        """Reads files of its own folder."""
        return lambda name: NeighbourFiles(Path(self.path)).read(name)  # few recordings ask

    def open(self) -> IO[bytes]:
        """Open the file, as an archive is."""
        return Path(self.path).open("rb")

    def read(self) -> bytes:
        """Read the file; one that is written to meanwhile is read again.

        A pipe is opened without waiting for somebody to write, and not read.
        """
        for _ in range(_TRIES):
            # os.open: a plain open() of a pipe waits for a writer, without end.
            descriptor = os.open(self.path, _FLAGS)
            with os.fdopen(descriptor, "rb") as file:
                before = os.fstat(descriptor)
                if not stat.S_ISREG(before.st_mode):
                    raise NotRegularError(errno.EINVAL, "this is no regular file")
                data = file.read()
                if version_of(before) == version_of(os.fstat(descriptor)):
                    return data
        raise ValueError("the file changes while it is read. Read it when it is written.")


@dataclass(frozen=True, slots=True)
class GivenBytes:
    """An entry whose bytes were read already: a member of an archive."""

    name: str
    path: str
    version: str
    data: bytes
    limit: DecodingLimit | None = None
    read_neighbour: None = None

    @property
    def size_bytes(self) -> int:
        """Its size, unpacked."""
        return len(self.data)

    def read(self) -> bytes:
        """Return the bytes."""
        return self.data


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """What stands in the list and is not read: its reason is the row's.

    Attributes
    ----------
    is_bad : bool
        Whether a recording may be lost by it; else it is none.
    """

    name: str
    path: str
    reason: str
    is_bad: bool
    size_bytes: int | None = None
    version: str = ""
    read_neighbour: None = None
    limit: None = None

    def read(self) -> bytes:
        """Refuse."""
        if self.is_bad:
            raise ValueError(self.reason)
        raise NotRegularError(errno.EINVAL, self.reason)


def version_of(found: os.stat_result) -> str:
    """Return what changes when a file does: its time and its size."""
    return f"{found.st_mtime_ns}-{found.st_size}"


_TRIES: Final = 3
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
