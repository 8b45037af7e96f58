"""What a data set was given, as a list of entries: nothing is read yet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path
from typing import Any, TypeAlias

from chatviz.cassettes.pending import wait_for_all_writers
from chatviz.cassettes.storage import path_name
from chatviz.datasets.sources.archives import is_archive, list_archive
from chatviz.datasets.sources.entries import FileEntry, SourceEntry
from chatviz.datasets.sources.folders import file_entry, list_folder, shown_name
from chatviz.datasets.sources.remote import is_url, list_url, remote_file
from chatviz.given_values import check_list, shown

__all__ = ["FolderSource", "ListedSource", "find_entries"]

FolderSource: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class ListedSource:
    """The entries of a data set, and what they were found in.

    Attributes
    ----------
    entries : tuple of SourceEntry
        Each with a name of its own.
    place : str
        The folder, glob, archive or URL; ``""`` where there were several. With it, a name means
        one file.
    """

    entries: tuple[SourceEntry, ...]
    place: str


def find_entries(
    source: FolderSource | Iterable[FolderSource], options: Mapping[str, Any]
) -> ListedSource:
    """List the files of a source.

    Parameters
    ----------
    source : folder, file, glob, archive, URL, or an iterable of them
    options : mapping
        For the stores of fsspec.

    Raises
    ------
    FileNotFoundError
        There is no such folder or file, or nothing that a glob matches.
    TypeError
        It is none of these.
    """
    wait_for_all_writers()
    if isinstance(source, str | os.PathLike):
        name = path_name(source)
        place = name if is_url(name) else os.path.realpath(name)
        return ListedSource(_unique(_find(name, options, "")), place)
    listed = check_list(source, "a folder, a glob, an archive, a URL, or a list of them")
    entries = [entry for one in listed for entry in _find_one_of(one, options)]
    return ListedSource(_unique(entries), "")


def _find_one_of(source: object, options: Mapping[str, Any]) -> Iterator[SourceEntry]:
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"wanted paths, globs or URLs, found {shown(source)} among them.")
    name = path_name(source)
    yield from _find(name, options, name.rstrip("/" + os.sep))


def _find(name: str, options: Mapping[str, Any], called: str) -> Iterator[SourceEntry]:
    """Yield the entries of one source; ``called`` is what their names begin with in a list."""
    prefix = f"{shown_name(called)}/" if called else ""
    if is_url(name):
        yield from _find_url(name, options, called)
    elif Path(name).is_dir():
        yield from (_renamed(entry, prefix) for entry in list_folder(name))
    elif Path(name).exists() or Path(name).is_symlink():
        entry = file_entry(shown_name(called or Path(name).name), name, is_named=True)
        is_packed = is_archive(name) and isinstance(entry, FileEntry)
        yield from list_archive(entry, prefix) if is_packed else (entry,)  # type: ignore[arg-type]
    elif has_magic(name):
        yield from _find_matching(name, options)
    else:
        raise FileNotFoundError(
            f"there is no folder or file {name!r}: give a folder of recordings, a glob, an "
            "archive, a URL, or cv.sample(name)."
        )


def _find_url(url: str, options: Mapping[str, Any], called: str) -> Iterator[SourceEntry]:
    prefix = f"{called}/" if called else ""
    if is_archive(url):
        yield from list_archive(remote_file(url, options), prefix)
        return
    for entry in list_url(url, options):
        is_itself = entry.path == called
        yield _renamed(entry, "") if not called or is_itself else _renamed(entry, prefix)


def _find_matching(pattern: str, options: Mapping[str, Any]) -> Iterator[SourceEntry]:
    """Yield what a glob matches; one may begin at the root, which pathlib's may not."""
    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207
    if not found:
        raise FileNotFoundError(f"no file matches {pattern!r}. Check the pattern.")
    for path in found:
        yield from _find(path, options, path.rstrip(os.sep))


def _renamed(entry: SourceEntry, prefix: str) -> SourceEntry:
    return _called(entry, f"{prefix}{entry.name}") if prefix else entry


def _called(entry: SourceEntry, name: str) -> SourceEntry:
    """Return an entry by another name; entries of all kinds are dataclasses."""
    kind: Any = entry
    renamed: SourceEntry = replace(kind, name=name)
    return renamed


def _unique(entries: Iterable[SourceEntry]) -> tuple[SourceEntry, ...]:
    """Return each file once, each with a name of its own."""
    found: dict[str, SourceEntry] = {}
    paths: set[str] = set()
    for entry in entries:
        where = os.path.abspath(entry.path) if isinstance(entry, FileEntry) else ""  # noqa: PTH100
        if where and where in paths:
            continue
        paths.add(where)
        name, number = entry.name, 2
        while name in found:
            name, number = f"{entry.name} ({number})", number + 1
        found[name] = entry if name == entry.name else _called(entry, name)
    return tuple(found.values())
