"""What a data set can be made of: folders, files, globs, archives, URLs, and lists of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatviz.datasets.read_folder import read_folder


def names_of(source: object) -> list[str]:
    return [entry.name for entry in read_folder(source).entries]  # type: ignore[arg-type]


def test_a_file_is_a_data_set_of_one_whatever_it_is_called(shelf: Path) -> None:
    (shelf / "a.yaml").rename(shelf / "a.txt")
    data = read_folder(shelf / "a.txt")
    assert data.files[["name", "state"]].values.tolist() == [["a.txt", "read"]]


def test_a_glob_names_files_by_their_paths(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)
    assert names_of("*.yaml") == ["a.yaml", "z.yaml"]
    assert names_of("**/*.y*ml") == ["a.yaml", "inner/b.yml", "z.yaml"]
    assert names_of("*") == ["a.yaml", "inner/b.yml", "z.yaml"]
    with pytest.raises(FileNotFoundError, match=r"no file matches '\*\.sse'"):
        read_folder("*.sse")


def test_a_list_holds_each_file_once(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf.parent)
    given = ["shelf/z.yaml", Path("shelf"), "shelf/inner/../a.yaml"]
    assert names_of(given) == ["shelf/z.yaml", "shelf/a.yaml", "shelf/inner/b.yml"]
    assert read_folder(given).place == ""


def test_what_is_no_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder or file .*nowhere"):
        read_folder(tmp_path / "nowhere")
    for wrong in (7, b"path", {"a": 1}):
        with pytest.raises(TypeError, match=r"wanted a folder, a glob|found \d+ bytes"):
            read_folder(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="wanted paths, globs or URLs, found 7"):
        read_folder([7])  # type: ignore[list-item]


def test_an_empty_folder_is_a_data_set_of_nothing(tmp_path: Path) -> None:
    data = read_folder(tmp_path)
    assert (len(data.files), len(data.chunk_table()), list(data.runs)) == (0, 0, [])
    assert repr(data) == f"<DataSet: 0 files of {str(tmp_path)!r}: none>"
