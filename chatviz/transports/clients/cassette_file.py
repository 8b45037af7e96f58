"""CassetteFile: a recording on disk that grows by interactions, and is whole at every moment.

A small file is written anew with each of them. A larger one grows by lines (`GrowingFile`), and is
written in its final form by ``close``: so a recording costs what it holds, and not its square.
Several threads and processes may add to one file: each adds to what is there by then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.formats import go_vcr
from chatviz.cassettes.formats.go_vcr_lines import EMPTY, line_of, start_of
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.storage import path_name, read_file
from chatviz.errors import CassetteError, CassetteUnsupportedError
from chatviz.transports.clients.growing_file import GrowingFile
from chatviz.whole_files import exclusive, sweep_leftovers, write_whole

__all__ = ["MAX_WRITTEN_ANEW", "Addition", "CassetteFile"]

MAX_WRITTEN_ANEW = 256 * 1024
"""How large a file, in bytes, is written anew with each interaction."""


class Addition(NamedTuple):
    """An interaction to be added.

    Attributes
    ----------
    interaction : Interaction
    number : int
        Our own ones are in the order of these.
    instead_of : Interaction | None
        One that was found in the file, and leaves it.
    """

    interaction: Interaction
    number: int
    instead_of: Interaction | None = None


class _WrittenEntry(NamedTuple):
    """An interaction of the file, and its place: what was found, then our own by their numbers."""

    interaction: Interaction
    order: tuple[int, int]

    @property
    def is_own(self) -> bool:
        return self.order[0] == 1


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
        self.path = Path(path_name(path)).absolute()
        if not self.path.parent.is_dir():
            raise _no_folder(self.path.parent, os.fspath(path))
        self._lock = Lock()
        self._keys = count(1)
        self._entries: dict[int, _WrittenEntry] = {}
        self._growing: GrowingFile | None = None  # where it is, the file holds every entry
        self._replaced: list[Interaction] = []  # what has to leave the file
        self._is_behind = False  # something was added that the file may not hold
        self._is_shared = False  # another process has changed the file while it grew
        self._is_swept = False
        self._seen = self._stamp()
        self.existed = self._seen is not None
        self._found = read_file(str(self.path)) if self.existed else Cassette(path=str(self.path))
        for interaction in self._found.interactions:
            self._add_found(interaction)

    @property
    def cassette(self) -> Cassette:
        """What the file holds, as far as we know: what was found, then our own."""
        entries = sorted(self._entries.values(), key=lambda each: each.order)
        if [each.interaction for each in entries] == [*self._found.interactions]:
            return self._found
        numbered = (replace(each.interaction, id=number) for number, each in enumerate(entries))
        return replace(self._found, interactions=tuple(numbered))

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

    def add(self, additions: Sequence[Addition]) -> None:
        """Add interactions, and have them on the disk before returning.

        What could not be written is kept, and written with the next ones, or by ``close``.

        Raises
        ------
        CassetteError
            The file cannot be written, or somebody else left one that cannot be read.
        """
        with self._lock:
            new = {
                next(self._keys): _WrittenEntry(each.interaction, (1, each.number))
                for each in additions
            }
            self._entries |= new
            self._replaced += [each.instead_of for each in additions if each.instead_of]
            self._is_behind = True
            with self._writing():
                self._look_again(new.keys())
                self._write(new, self._remove_replaced())

    def close(self) -> None:
        """Write what could not be written before, and give the file its final form.

        Raises
        ------
        CassetteError
            As for ``add``; closing again tries again.
        """
        if self._growing is None and not self._is_behind:
            return
        with self._lock, self._writing():
            if self._is_shared or self._stamp() != self._seen:
                self._read_again()
            self._remove_replaced()
            write_whole(self._real_path, go_vcr.write(self.cassette))
            self._growing = None

    @property
    def _real_path(self) -> Path:
        return Path(os.path.realpath(self.path))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep others out, and remember the file as we leave it; after a failure it is unknown."""
        try:
            with exclusive(self.path.parent):
                if not self._is_swept:
                    sweep_leftovers(self._real_path.parent)
                    self._is_swept = True
                yield
                self._is_behind = False
                self._replaced = []
                self._seen = self._stamp()
        except BaseException as error:
            self._growing = None
            if isinstance(error, CassetteError):
                raise type(error)(error.reason, path=str(self.path), line=error.line) from None
            if isinstance(error, OSError):
                raise self._unwritable(error) from error
            raise

    def _unwritable(self, error: OSError) -> CassetteError:
        if not self.path.parent.is_dir():
            return _no_folder(self.path.parent, str(self.path))
        return CassetteError(
            f"the file cannot be written: {error.strerror}. What was recorded is kept, and written "
            "with the next answer or by close().",
            path=str(self.path),
        )

    def _write(self, new: dict[int, _WrittenEntry], gone: list[int]) -> None:
        """Write what was added: by lines where the file has that form, or else the whole file."""
        if self._growing is not None:
            self._growing.change(_lines(new), strike=gone)
            return
        whole = go_vcr.write(self.cassette)
        if len(whole) <= MAX_WRITTEN_ANEW:
            write_whole(self._real_path, whole)
            return
        start, lines = start_of(self._found), _lines(self._entries)
        self._growing = GrowingFile.begin(self._real_path, start, lines)

    def _look_again(self, new: Collection[int] = ()) -> None:
        """Take in what another process wrote; ``new`` is not written yet."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        tail = self._growing.appended_by_others() if self._growing and stamp else None
        if tail is None:
            self._read_again(new)
            return
        self._is_shared = True
        for interaction in go_vcr.read(SourceFile(EMPTY + tail)).interactions:
            self._add_found(interaction)

    def _read_again(self, new: Collection[int] = ()) -> None:
        """Read the file anew: of what is in it, our own is ours already."""
        self._growing = None
        if self._stamp() is None:
            return
        found = read_file(str(self.path))
        own = {key: each for key, each in self._entries.items() if each.is_own}
        known = _Known({key: own[key].interaction for key in own.keys() - new})
        self._entries = {}
        keys = [known.take(each) or self._add_found(each) for each in found.interactions]
        others = tuple(each.interaction for each in self._entries.values())
        self._found = replace(found, interactions=others)
        self._entries |= own
        if known.are_all_taken:
            self._growing = GrowingFile.join(self._real_path, keys)

    def _add_found(self, interaction: Interaction) -> int:
        key = next(self._keys)
        self._entries[key] = _WrittenEntry(interaction, (0, key))
        return key

    def _remove_replaced(self) -> list[int]:
        return [key for each in self._replaced for key in self._remove(each)]

    def _remove(self, interaction: Interaction) -> Iterator[int]:
        """Forget an interaction that was found, and yield its key."""
        found = {key: each.interaction for key, each in self._entries.items() if not each.is_own}
        key = next((key for key, each in found.items() if each is interaction), None)
        if key is None:
            wanted = _unnumbered(interaction)
            alike = (key for key, each in found.items() if _unnumbered(each) == wanted)
            key = next(alike, None)
        if key is not None:
            del self._entries[key]
            yield key

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what tells one state of the file from the next; None where it is missing."""
        try:
            state = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return state.st_ino, state.st_size, state.st_mtime_ns


def _lines(entries: dict[int, _WrittenEntry]) -> dict[int, bytes]:
    return {key: line_of(replace(each.interaction, id=key)) for key, each in entries.items()}


class _Known:
    """Interactions by their keys, to be found again in a file; each of them once."""

    def __init__(self, interactions: Mapping[int, Interaction]) -> None:
        self._alike: dict[tuple[str, bytes], list[tuple[int, Interaction]]] = {}
        for key, each in interactions.items():
            self._alike.setdefault(_mark(each), []).append((key, _unnumbered(each)))

    def take(self, interaction: Interaction) -> int | None:
        """Return the key of an interaction, None where it is not known."""
        alike, wanted = self._alike.get(_mark(interaction), []), _unnumbered(interaction)
        place = next((place for place, (_, each) in enumerate(alike) if each == wanted), None)
        return None if place is None else alike.pop(place)[0]

    @property
    def are_all_taken(self) -> bool:
        return not any(self._alike.values())


def _mark(interaction: Interaction) -> tuple[str, bytes]:
    """Return what tells most interactions apart."""
    return interaction.request.url, interaction.request.body


def _unnumbered(interaction: Interaction) -> Interaction:
    return replace(interaction, id=None)


def _no_folder(folder: Path, path: str) -> CassetteError:
    return CassetteError(f"there is no such folder: {str(folder)!r}. Make it first.", path=path)
