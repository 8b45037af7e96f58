"""Cassettes on disk: finds the format of a file, and writes a file whole or not at all."""

from __future__ import annotations

import difflib
import gzip
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.formats import go_vcr, refused, ruby_vcr, vcrpy
from chatviz.cassettes.formats.archives import har, har_yaml
from chatviz.cassettes.formats.captures import curl_verbose, printed_bytes, saved_body, terminal
from chatviz.cassettes.formats.file_kinds import name_text
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.neighbours import NeighbourFiles
from chatviz.cassettes.pending import wait_for_writers
from chatviz.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteNotFoundError,
    CassetteUnsupportedError,
)
from chatviz.given_values import check_fits, holds_key, is_content, short_repr, wrong_type
from chatviz.whole_files import write_whole

__all__ = [
    "LINK_TO_NOTHING",
    "Format",
    "is_packed",
    "load_cassette",
    "path_name",
    "read_data",
    "read_file",
    "save_cassette",
]

LINK_TO_NOTHING = (
    "this is a link to nothing: what it leads to is not there. Restore that, or remove the link."
)
"""Why a symbolic link cannot be read."""


class Format(Protocol):
    """What a module must offer to be a format: two functions."""

    def recognises(self, source: SourceFile) -> bool:
        """Say whether a file is meant to be of this format."""
        ...

    def read(self, source: SourceFile) -> Cassette:
        """Read it; errors need not name the file."""
        ...


# The first that recognises a file reads it. Formats other than YAML come first, since asking the
# others parses the file as YAML; but a file that begins as a recording in YAML does is none of
# them, whatever its bodies look like. go-vcr accepts anything with a version, so it comes last.
YAML_FORMATS: tuple[Format, ...] = (refused, ruby_vcr, har_yaml, vcrpy, go_vcr)
FORMATS: tuple[Format, ...] = (
    har,
    saved_body,
    curl_verbose,
    printed_bytes,
    terminal,
    *YAML_FORMATS,
)


def load_cassette(path: str | os.PathLike[str]) -> Cassette:
    """Read a recording.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Cassette

    Raises
    ------
    CassetteError
        One of its subclasses: the file is missing, is not valid YAML or JSON, is not a recording,
        exceeds the limits, or is of a kind that is not supported. The message names the file, the
        line, the reason and what to do.
    TypeError
        It is no path; for the bytes of an answer the message says what reads them.
    """
    name = path_name(path)
    wait_for_writers(name)
    return read_file(name)


def read_file(name: str) -> Cassette:
    """Read a recording as it is on disk now; the errors are those of ``load_cassette``."""
    try:
        source = SourceFile(_read_bytes(Path(name)), NeighbourFiles(Path(name)).read)
        return replace(_read(source), path=name)
    except CassetteError as error:
        raise type(error)(error.reason, path=name, line=error.line) from None


def read_data(
    data: bytes, name: str, read_neighbour: Callable[[str], bytes] | None = None
) -> Cassette:
    """Read a recording of which the bytes are known, by the name it goes by.

    Parameters
    ----------
    data : bytes
    name : str
        For messages; nothing is opened by it.
    read_neighbour : function
        As in `SourceFile`; without one no file beside it is opened.

    The errors are those of ``load_cassette``.
    """
    try:
        return _read(SourceFile(data, read_neighbour))
    except CassetteError as error:
        raise type(error)(error.reason, path=name, line=error.line) from None


def _read(source: SourceFile) -> Cassette:
    for format in YAML_FORMATS if source.begins_as_yaml else FORMATS:
        if format.recognises(source):
            cassette = format.read(source)
            refused.check_supported(cassette)
            return cassette
    raise _unrecognised(source)


def save_cassette(cassette: Cassette, path: str | os.PathLike[str]) -> None:
    """Write a recording as a go-vcr file, version 2.

    Loading what was saved gives an equal cassette, and saving twice gives the same bytes. The file
    is written under a temporary name and then renamed, so that no reader ever sees half of it; the
    permissions of a replaced file are kept.

    Parameters
    ----------
    cassette : Cassette
    path : str or path-like
        In a folder that exists; a file that is there is replaced. One whose name ends with
        ``.gz`` is compressed.

    Raises
    ------
    CassetteError
        The cassette holds what the format cannot, or the file cannot be written.
    TypeError
        It is no Cassette.
    """
    advice = "cv.convert(source, path) takes a path, too"
    check_fits(isinstance(cassette, Cassette), "a Cassette to write", cassette, advice)
    name = path_name(path)
    try:
        written = go_vcr.write(cassette)
        packed = gzip.compress(written, mtime=0) if is_packed(name) else written
        write_whole(Path(os.path.realpath(name)), packed)
    except CassetteError as error:
        raise type(error)(error.reason, path=name, line=error.line) from None
    except OSError as error:
        raise CassetteError(
            f"the file cannot be written: {error.strerror}. "
            "Give a path in a folder that exists and that you may write to.",
            path=name,
        ) from error


def is_packed(name: str) -> bool:
    """Whether a file is compressed, by its name."""
    return name.lower().endswith(".gz")


def path_name(path: str | os.PathLike[str]) -> str:
    """Return a path as text; what was read already is no path, and is never repeated.

    Raises
    ------
    CassetteNotFoundError
        It is the text of an answer.
    TypeError
        It is bytes, or no path at all.
    """
    if isinstance(path, bytes | bytearray | memoryview):
        raise TypeError(
            f"wanted the path of a recording, found {len(path):,} bytes: cv.read_stream(body) "
            "reads the body of one answer; write a whole recording to a file, and give its path."
        )
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else path
    if not isinstance(name, str):
        raise wrong_type("the path of a recording", name, "a text or a pathlib.Path")
    if is_content(name):
        raise CassetteNotFoundError(
            f"wanted the path of a recording, found {len(name):,} characters of text that look "
            "like what is in one: cv.read_stream(text.encode()) reads the body of one answer."
        )
    if holds_key(name) and not os.path.lexists(name):
        raise CassetteNotFoundError(
            f"wanted the path of a recording, found {len(name):,} characters of text with what "
            "looks like a key in it, and no such file: give the path of a file that is there."
        )
    return name


def _read_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            found = "a folder" if path.is_dir() else "no regular file"
            raise CassetteError(f"this is {found}; give the path of one recording in it.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        near = LINK_TO_NOTHING if path.is_symlink() else _say_what_is_near(path)
        raise CassetteNotFoundError(near) from None
    except (OSError, ValueError) as error:
        if isinstance(error, CassetteError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise CassetteError(
            f"the file cannot be read: {reason}. Check the path and its permissions."
        ) from error


def _say_what_is_near(path: Path) -> str:
    """Return the error for a missing file; it names files of the folder with a similar name."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no such folder: {str(folder)!r}. Check the path."
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        names = []
    near = (
        difflib.get_close_matches(path.name, names, n=3)
        or [name for name in names if name.endswith((".yaml", ".yml"))][:3]
    )
    if not near:
        return f"there is no such file, and no recording in {str(folder)!r}. Check the path."
    listed = ", ".join(repr(str(folder / name)) for name in near)
    return f"there is no such file. Near it: {listed}."


def _unrecognised(source: SourceFile) -> CassetteError:
    if kind := name_text(source.data):
        return CassetteUnsupportedError(f"this is {kind}", line=source.document.line)
    keys = ", ".join(short_repr(key) for key in source.keys[:5])
    found = f"a map with the keys {keys}" if keys else "something else"
    return CassetteFormatError(
        "this is not a recording: wanted a YAML map with 'version' and 'interactions' "
        f"(go-vcr, vcrpy), a HAR file, or the saved body of an answer, found {found}. "
        "Give the path of a recording.",
        line=source.document.line,
    )
