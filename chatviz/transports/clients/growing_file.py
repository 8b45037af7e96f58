"""GrowingFile: a go-vcr file on disk to which lines are appended, each counting in one step.

It knows where its lines are, and nothing of what they mean; see ``go_vcr_lines`` for their form.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from io import FileIO
from pathlib import Path

from chatviz.cassettes.formats.go_vcr_lines import COMMENT, ITEM, LIST
from chatviz.whole_files import write_whole

__all__ = ["GrowingFile"]


class GrowingFile:
    """A file of lines, each with a key; ``begin`` writes one, ``join`` goes on with another's."""

    def __init__(self, path: Path, offsets: dict[int, int], end: int) -> None:
        self._path = path
        self._offsets = offsets
        self._end = end
        self._inode = path.stat().st_ino

    @classmethod
    def begin(cls, path: Path, start: bytes, lines: Mapping[int, bytes]) -> GrowingFile:
        """Write a file, instead of what is there.

        Parameters
        ----------
        path : Path
        start : bytes
            What comes before the lines.
        lines : mapping from a key to bytes
            The lines that count from the beginning, each a comment with its line break.

        Raises
        ------
        OSError
            The file cannot be written; what was there is as it was.
        """
        offsets: dict[int, int] = {}
        end = len(start)
        for key, line in lines.items():
            offsets[key] = end
            end += len(line)
        counting = (ITEM + line[len(ITEM) :] for line in lines.values())
        write_whole(path, b"".join([start, *counting]))
        return cls(path, offsets, end)

    @classmethod
    def join(cls, path: Path, keys: Sequence[int]) -> GrowingFile | None:
        """Return the file that is there, its items with these keys; None where it has no lines."""
        data = path.read_bytes()
        before, found, lines = data.partition(LIST)
        at, offsets = len(before) + len(found), []
        for line in lines.splitlines(keepends=True):
            if line.startswith(_STARTS[0]):
                offsets.append(at)
            elif not line.startswith(COMMENT):
                return None
            at += len(line)
        if not found or len(offsets) != len(keys):
            return None
        return cls(path, dict(zip(keys, offsets, strict=True)), len(data))

    def change(self, lines: Mapping[int, bytes], *, strike: Iterable[int] = ()) -> None:
        """Append lines, and strike others out, so that all of it is on the disk.

        The lines are there as comments before the first of them counts, and they all count before
        the first one is struck out: whenever this is interrupted, nothing is lost.

        Raises
        ------
        OSError
            The file cannot be written; some of the lines may count, and none by half.
        """
        with self._path.open("r+b", buffering=0) as file:
            offsets, data = self._place(lines, file.seek(0, os.SEEK_END), _last_byte(file))
            _write_all(file, data)
            os.fsync(file.fileno())
            for offset in offsets.values():
                _write_byte(file, offset, ITEM)
            for key in strike:
                _write_byte(file, self._offsets.pop(key), COMMENT)
            os.fsync(file.fileno())
            self._end = file.seek(0, os.SEEK_END)
        self._offsets |= offsets

    def appended_by_others(self) -> bytes | None:
        """Return the lines behind those that we know; None where the file is not ours any more."""
        with self._path.open("rb") as file:
            if os.fstat(file.fileno()).st_ino != self._inode:
                return None
            file.seek(self._end)
            tail = file.read()
        is_ours = all(line[:3] in _STARTS for line in tail.splitlines() if line)
        return tail if tail and is_ours else None

    def _place(
        self, lines: Mapping[int, bytes], end: int, last: bytes
    ) -> tuple[dict[int, int], bytes]:
        """Return where each line will begin, and what is to be appended.

        A process that was killed may have left a comment without its line break.
        """
        pieces = [b"" if last == b"\n" else b"\n"]
        end += len(pieces[0])
        offsets: dict[int, int] = {}
        for key, line in lines.items():
            offsets[key] = end
            end += len(line)
            pieces.append(line)
        return offsets, b"".join(pieces)


def _last_byte(file: FileIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1) or b""


def _write_all(file: FileIO, data: bytes) -> None:
    file.seek(0, os.SEEK_END)
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _write_byte(file: FileIO, offset: int, byte: bytes) -> None:
    file.seek(offset)
    file.write(byte)


_STARTS = (ITEM + b" {", COMMENT + b" {")
