"""Files beside a recording that it names: opened only by a plain name, in its own folder.

A recording may come from anybody, so a name in it is not a path: no separator, no drive, no link,
and nothing but a regular file is opened.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from chatviz.cassettes.content.encodings import MAX_DECODED_BYTES
from chatviz.errors import CassetteFormatError
from chatviz.given_values import short_repr

__all__ = ["NeighbourFiles", "plain_name", "unread_neighbour"]


class NeighbourFiles:
    """The files in the folder of a recording.

    Parameters
    ----------
    recording : Path
        Its folder is that of the file itself, where the path is a link.
    """

    def __init__(self, recording: Path) -> None:
        self._folder = Path(os.path.realpath(recording)).parent

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises
        ------
        CassetteFormatError
            It is not there, is no regular file, or too large, or the name is no plain name.
        """
        path = self._folder / plain_name(name)
        try:
            return _read_regular_file(path)
        except FileNotFoundError:
            reason = "which is not there. Put it into the archive's folder."
        except ValueError as error:
            reason = f"which is {error}."
        except OSError as error:
            reason = f"which cannot be read: {error.strerror}."
        raise unread_neighbour(name, reason)


def plain_name(name: str) -> str:
    """Return the name of a file beside a recording, if it is no path.

    Raises
    ------
    CassetteFormatError
        It may lead out of the folder.
    """
    if not _is_plain_name(name):
        raise CassetteFormatError(
            f"the body should be in a file beside the archive, and the name of it is "
            f"{_shown(name)}: only a plain name in the archive's own folder is opened."
        )
    return name


def unread_neighbour(name: str, reason: str) -> CassetteFormatError:
    """Return the error for a file beside a recording: the reason is the end of a sentence."""
    told = f"the body is in the file {_shown(name)} beside the archive, {reason}"
    return CassetteFormatError(told)


def _shown(name: str) -> str:
    return short_repr(name, longest=80)


def _is_plain_name(name: str) -> bool:
    return (
        bool(name)
        and name not in (".", "..")
        and not _NOT_IN_NAMES.intersection(name)
        and name.partition(".")[0].rstrip(" ").upper() not in _DEVICES
    )


def _read_regular_file(path: Path) -> bytes:
    """Open without following a link, and look at what was opened before reading it."""
    before = path.lstat()
    if stat.S_ISLNK(before.st_mode):
        raise ValueError("a link, and links are not followed")
    if not stat.S_ISREG(before.st_mode):
        raise ValueError("no regular file")
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not os.path.samestat(before, found):
            raise ValueError("another file than a moment before")
        if found.st_size > MAX_DECODED_BYTES:
            raise ValueError(f"larger than {MAX_DECODED_BYTES:,} bytes")
        return file.read(MAX_DECODED_BYTES + 1)[:MAX_DECODED_BYTES]


_NOT_IN_NAMES: Final = frozenset("/\\:\0")
# Windows opens a device by these names, in any folder and with any ending.
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
