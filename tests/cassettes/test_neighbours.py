"""Files that a recording names: a plain name in its own folder, and nothing else is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatviz.cassettes import neighbours
from chatviz.cassettes.neighbours import NeighbourFiles
from chatviz.errors import CassetteFormatError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive and a body, inside one with a secret."""
    folder = tmp_path / "archive"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "inner" / "body.dat").write_text("inner")
    (folder / "body.dat").write_text("body")
    (folder / "a.har").write_text("{}")
    return folder


def test_a_file_beside_the_archive_is_read(folder: Path) -> None:
    assert NeighbourFiles(folder / "a.har").read("body.dat") == b"body"


def test_the_folder_is_that_of_the_archive_itself(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.har"
    link.symlink_to(folder / "a.har")
    files = NeighbourFiles(link)
    assert files.read("body.dat") == b"body"
    with pytest.raises(CassetteFormatError, match="not there"):
        files.read("secret.txt")


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../secret.txt", "inner/body.dat", "./body.dat", "..\\secret.txt"),
        *(
            "inner\\body.dat",
            "C:body.dat",
            "C:\\x",
            "body.dat:stream",
            "body.dat\0",
            "/etc/hostname",
        ),
        *("\\\\host\\share", "NUL", "con.txt", "COM1", "lpt9 .dat", "a/" * 500),
    ],
)
def test_what_is_no_plain_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(CassetteFormatError, match="only a plain name in the archive's own") as told:
        NeighbourFiles(folder / "a.har").read(name)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("target", ["body.dat", "../secret.txt", "nowhere"])
def test_links_are_not_followed(folder: Path, target: str) -> None:
    (folder / "link.dat").symlink_to(target)
    with pytest.raises(CassetteFormatError, match="links are not followed"):
        NeighbourFiles(folder / "a.har").read("link.dat")


def test_only_regular_files_are_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.dat")  # to open it would wait for ever
    for name in ("inner", "pipe.dat"):
        with pytest.raises(CassetteFormatError, match="which is no regular file"):
            NeighbourFiles(folder / "a.har").read(name)


def test_a_file_that_is_put_in_place_of_another_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.dat").write_text("other")
    opened = os.open

    def swap(path: Path, flags: int) -> int:
        (folder / "other.dat").replace(path)
        return opened(path, flags)

    monkeypatch.setattr(neighbours.os, "open", swap)
    with pytest.raises(CassetteFormatError, match="another file than a moment before"):
        NeighbourFiles(folder / "a.har").read("body.dat")


def test_a_file_that_is_too_large_or_forbidden_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "MAX_DECODED_BYTES", 3)
    with pytest.raises(CassetteFormatError, match="larger than 3 bytes"):
        NeighbourFiles(folder / "a.har").read("body.dat")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(neighbours.os, "open", refuse)
    with pytest.raises(CassetteFormatError, match="cannot be read: Permission denied"):
        NeighbourFiles(folder / "a.har").read("body.dat")
