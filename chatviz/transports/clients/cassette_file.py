"""CassetteFile: a recording on disk that grows by interactions, and is whole at every moment.

Several threads and processes may add to one file: each adds to what is there by then.
"""

from __future__ import annotations

import os
from bisect import insort
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.errors import CassetteError, CassetteUnsupportedError

__all__ = ["CassetteFile"]


class CassetteFile:
    """A recording on disk, to be added to.

    Parameters
    ----------
    path : str or path-like
        In a folder that exists; the file itself may be missing.

    Attributes
    ----------
    path : Path
    existed : bool
        Whether the file was there.

    Raises
    ------
    CassetteError
        The file cannot be read, or there is no such folder.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(os.fspath(path)).absolute()
        if not self.path.parent.is_dir():
            raise CassetteError(
                f"there is no such folder: {str(self.path.parent)!r}. Make it first.",
                path=os.fspath(path),
            )
        self._lock = Lock()
        self._own: list[tuple[int, Interaction]] = []  # with the number of each one's request
        self._seen = self._stamp()
        self.existed = self._seen is not None
        self._found = load_cassette(self.path) if self.existed else Cassette(path=str(self.path))

    @property
    def cassette(self) -> Cassette:
        """What the file holds, as far as we know: what was found, then our own."""
        interactions = (*self._found.interactions, *(own for _, own in self._own))
        numbered = (replace(each, id=number) for number, each in enumerate(interactions))
        return replace(self._found, interactions=tuple(numbered)) if self._own else self._found

    def check_format(self) -> None:
        """Raise an error where the file is another recorder's, which we do not write over."""
        if self._found.format != "go-vcr":
            raise CassetteUnsupportedError(
                f"this is a recording by {self._found.format}, and only go-vcr's files are added "
                "to. Convert it, or record to another path.",
                path=str(self.path),
            )
        fault = next((each.fault for each in self._found.interactions if each.fault), "")
        if fault:
            raise CassetteError(
                "an interaction of this file cannot be read, and writing would lose it: "
                f"{fault} Correct it, or record to another path.",
                path=str(self.path),
            )

    def add(self, interaction: Interaction, number: int, instead_of: Interaction | None) -> None:
        """Add an interaction, and have the file on the disk before returning.

        Parameters
        ----------
        interaction : Interaction
        number : int
            Our own ones stand in the order of these.
        instead_of : Interaction | None
            One that was found in the file, and leaves it.

        Raises
        ------
        CassetteError
            The file cannot be written, or somebody else left one that cannot be read.
        """
        with self._lock, _exclusive(self.path.parent):
            if self._stamp() != self._seen:
                self._find_again()
            if instead_of is not None:
                self._forget(instead_of)
            insort(self._own, (number, interaction), key=lambda pair: pair[0])
            save_cassette(self.cassette, self.path)
            self._seen = self._stamp()

    def _find_again(self) -> None:
        """Take in what another process wrote; of what it found, our own is ours already."""
        if not self.path.exists():
            return
        found = load_cassette(self.path)
        own = [_unnumbered(each) for _, each in self._own]
        others = []
        for each in found.interactions:
            try:
                own.remove(_unnumbered(each))
            except ValueError:
                others.append(each)
        self._found = replace(found, interactions=tuple(others))

    def _forget(self, interaction: Interaction) -> None:
        others = list(self._found.interactions)
        with suppress(ValueError):
            others.remove(interaction)
        self._found = replace(self._found, interactions=tuple(others))

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what tells one state of the file from the next; None where it is missing."""
        try:
            state = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return state.st_ino, state.st_size, state.st_mtime_ns


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
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
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _unnumbered(interaction: Interaction) -> Interaction:
    return replace(interaction, id=None)
