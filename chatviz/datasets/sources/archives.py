"""Members of zip and tar archives: unpacked one by one, within one limit, and never to disk.

A member's name is only shown. It never becomes a path, so an archive may come from anybody.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import IO, Any, Final, Protocol

from chatviz.cassettes.content.encodings import DecodingLimit
from chatviz.datasets.sources.entries import GivenBytes, RefusedEntry, SourceEntry
from chatviz.datasets.sources.folders import OTHER_NAME, may_be_recording

__all__ = ["ArchiveFile", "ArchiveMember", "hold_members", "is_archive", "list_archive"]

DAMAGE: Final = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    NotImplementedError,
    RuntimeError,  # zipfile's, for a member that is encrypted
    ValueError,  # that of the limit
)


class ArchiveFile(Protocol):
    """The file that an archive is, opened where it is."""

    @property
    def path(self) -> str:
        """Where it is."""
        ...

    @property
    def version(self) -> str:
        """Changes when it does."""
        ...

    def open(self) -> IO[bytes]:
        """Open it for reading from any place in it."""
        ...


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive; it is read together with its neighbours, by `hold_members`."""

    name: str
    path: str
    size_bytes: int
    archive: ArchiveFile
    inner: str
    number: int
    read_neighbour: None = None
    limit: None = None

    @property
    def version(self) -> str:
        """That of the archive: with it, all of its members may be others."""
        return f"{self.archive.version}-{self.number}"

    def read(self) -> bytes:
        """Return its bytes, unpacked."""
        [held] = hold_members([self])
        return held.read()


def is_archive(path: str) -> bool:
    """Say whether a file is called as archives are."""
    return path.lower().endswith(_ENDINGS)


def list_archive(archive: ArchiveFile, prefix: str = "") -> Iterator[SourceEntry]:
    """Yield an entry for each file in an archive, in its order, without keeping any.

    An archive that cannot be read, or not to its end, has a row that says so.
    """
    seen: dict[str, int] = {}
    try:
        for number, inner, size in _list(archive):
            if _is_hidden(inner):
                continue
            seen[inner] = seen.get(inner, 0) + 1
            name = f"{prefix}{inner}" + (f" ({seen[inner]})" if seen[inner] > 1 else "")
            path = f"{archive.path}/{inner}"
            member = ArchiveMember(name, path, size, archive, inner, number)
            if may_be_recording(inner):
                yield member
            else:
                yield RefusedEntry(name, path, OTHER_NAME, False, size, member.version)
    except DAMAGE as error:
        name = f"{prefix}{archive.path.rpartition('/')[2]}"
        yield RefusedEntry(name, archive.path, _damage(error), is_bad=True)


def hold_members(entries: Iterable[SourceEntry]) -> Iterator[SourceEntry]:
    """Yield entries as they are, but members of archives with their bytes.

    Members of one archive that follow each other are unpacked by one pass over it, within one
    limit for them all; those that cannot be unpacked are refused.
    """
    for archive, group in groupby(entries, lambda entry: getattr(entry, "archive", None)):
        if archive is None:
            yield from group
        else:
            yield from _unpack(archive, [one for one in group if isinstance(one, ArchiveMember)])


def _list(archive: ArchiveFile) -> Iterator[tuple[int, str, int]]:
    """Yield number, name and size of each file in an archive."""
    with archive.open() as file:
        if _is_zip(file):
            with zipfile.ZipFile(file) as opened:
                for number, info in enumerate(opened.infolist()):
                    if not info.is_dir():
                        yield number, info.filename, info.file_size
            return
        with _open_tar(file, DecodingLimit()) as tar:
            for number, member in enumerate(tar):
                if member.isreg():
                    yield number, member.name.removeprefix("./"), member.size


def _unpack(archive: ArchiveFile, members: list[ArchiveMember]) -> Iterator[SourceEntry]:
    """Yield the members with their bytes; those behind damage are refused."""
    waiting, limit, of_bodies = deque(members), DecodingLimit(), DecodingLimit()
    try:
        with archive.open() as file:
            if _is_zip(file):
                with zipfile.ZipFile(file) as opened:
                    infos = opened.infolist()
                    while waiting:
                        held = _hold_zipped(opened, infos, waiting.popleft(), limit)
                        if isinstance(held, GivenBytes):
                            held = replace(held, limit=of_bodies)
                        yield held
                return
            with _open_tar(file, limit) as tar:
                for number, info in enumerate(tar):
                    if waiting and waiting[0].number == number:
                        if info.issparse():  # its holes stand in no byte of the archive
                            limit.take(info.size, "tar")
                        data = tar.extractfile(info)
                        whole = b"" if data is None else data.read()
                        yield replace(_held(waiting.popleft(), whole), limit=of_bodies)
    except DAMAGE as error:
        yield from (_refused(member, _damage(error)) for member in waiting)
    else:
        yield from (_refused(member, "it is no more in the archive") for member in waiting)


def _hold_zipped(
    opened: zipfile.ZipFile,
    infos: list[zipfile.ZipInfo],
    member: ArchiveMember,
    limit: DecodingLimit,
) -> SourceEntry:
    """Unpack one member; what is wrong with it concerns no other."""
    if member.number >= len(infos) or infos[member.number].filename != member.inner:
        return _refused(member, "it is no more in the archive")
    pieces = []
    try:
        with opened.open(infos[member.number]) as file:
            while piece := file.read(_STEP):
                limit.take(len(piece), "zip")
                pieces.append(piece)
    except DAMAGE as error:
        return _refused(member, _damage(error))
    return _held(member, b"".join(pieces))


def _is_zip(file: IO[bytes]) -> bool:
    """Look at the first bytes: a tar archive may end with a zip archive that it holds."""
    start = file.read(2)
    file.seek(0)
    return start == b"PK"


def _open_tar(file: IO[bytes], limit: DecodingLimit) -> tarfile.TarFile:
    """Open a tar archive as a stream; of a compressed one all that it unpacks to is counted."""
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
    for magic, opener in openers.items():
        if start.startswith(magic):
            plain: IO[bytes] = opener(file)
            within: Any = _WithinLimit(plain, limit)
            return tarfile.open(fileobj=within, mode="r|")
    return tarfile.open(fileobj=file, mode="r:")


class _WithinLimit:
    """A file that is unpacked as it is read, within a limit."""

    def __init__(self, file: IO[bytes], limit: DecodingLimit) -> None:
        self._file, self._limit = file, limit

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._limit.take(len(data), "archive's")
        return data


def _held(member: ArchiveMember, data: bytes) -> GivenBytes:
    return GivenBytes(member.name, member.path, member.version, data)


def _refused(member: ArchiveMember, reason: str) -> RefusedEntry:
    return RefusedEntry(
        member.name, member.path, reason, True, member.size_bytes, version=member.version
    )


def _damage(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"the archive cannot be unpacked here: {reason}. Unpack it yourself, and give the folder"


def _is_hidden(inner: str) -> bool:
    parts = inner.split("/")
    return any(part.startswith(".") for part in parts) or parts[0] == "__MACOSX"


_STEP: Final = 1 << 20
_ENDINGS: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
