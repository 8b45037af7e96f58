"""Files of a folder that may be recordings: the one rule of names, and the walk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chatviz.datasets.sources.entries import FileEntry, RefusedEntry, SourceEntry, version_of

__all__ = ["ENDINGS", "file_entry", "list_folder", "may_be_recording", "shown_name", "walk"]

# What recordings are called. Whether a file is one, only reading it tells.
ENDINGS: Final = (".yaml", ".yml", ".json", ".har", ".sse", ".ndjson", ".jsonl")
OTHER_NAME: Final = (
    f"its name ends with none of {', '.join(ENDINGS)}, with .gz or without: "
    "to read it all the same, give its path"
)


def may_be_recording(name: str) -> bool:
    """Say whether a file is called as recordings are; one that is compressed has ``.gz`` more."""
    return name.lower().removesuffix(".gz").endswith(ENDINGS)


def walk(folder: str) -> Iterator[os.DirEntry[str] | OSError]:
    """Yield what a folder and its folders hold, sorted, but nothing hidden and no folders.

    Links to folders are not followed, so that no loop of links is endless; a folder that cannot be
    read is yielded as its error, whose ``filename`` names it.
    """
    waiting: list[Iterator[os.DirEntry[str]]] = []
    listed = _scan(folder)
    if isinstance(listed, OSError):
        yield listed
        return
    waiting.append(listed)
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif found.is_dir(follow_symlinks=False):
            listed = _scan(found.path)
            if isinstance(listed, OSError):
                yield listed
            else:
                waiting.append(listed)
        elif not _is_linked_folder(found):
            yield found


def list_folder(folder: str) -> Iterator[SourceEntry]:
    """Yield an entry for each file of a folder; what is called otherwise is listed, not read."""
    for found in walk(folder):
        if isinstance(found, OSError):
            name = _name_in(folder, str(found.filename or folder))
            reason = f"the folder cannot be read: {found.strerror}. Check its permissions."
            yield RefusedEntry(f"{name}/", str(found.filename), reason, is_bad=True)
            continue
        yield file_entry(_name_in(folder, found.path), found.path, is_named=False)


def file_entry(name: str, path: str, *, is_named: bool) -> SourceEntry:
    """Return the entry of a file; one that was only come across must be called as recordings are.

    A file that cannot be looked at has an entry, too: reading it says why.
    """
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return FileEntry(name, path, None, "")
    if not stat.S_ISREG(found.st_mode):
        return RefusedEntry(
            name, path, "this is no regular file", is_named, version=version_of(found)
        )
    if not (is_named or may_be_recording(path)):
        version = version_of(found)
        return RefusedEntry(name, path, OTHER_NAME, False, found.st_size, version)
    return FileEntry(name, path, found.st_size, version_of(found))


def shown_name(path: str) -> str:
    r"""Return a name that can be written; of one that is not UTF-8 each such byte as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _scan(folder: str) -> Iterator[os.DirEntry[str]] | OSError:
    try:
        with os.scandir(folder) as listing:
            shown = [entry for entry in listing if not entry.name.startswith(".")]
    except OSError as error:
        return error
    return iter(sorted(shown, key=lambda entry: entry.name))


def _is_linked_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads nowhere: reading it says so


def _name_in(folder: str, path: str) -> str:
    return shown_name(os.path.relpath(path, folder).replace(os.sep, "/"))
