"""Stores behind URLs, by fsspec's own store in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.sources.remote import is_url

fsspec = pytest.importorskip("fsspec", reason="the extra 'cloud' is not installed")


@pytest.fixture
def store(shelf: Path) -> Iterator[Any]:
    """The shelf in a store in memory, under memory://box/shelf."""
    memory = fsspec.filesystem("memory")
    memory.put(str(shelf), "/box/shelf", recursive=True)
    yield memory
    memory.rm("/box", recursive=True)


def test_a_url_is_read_as_a_folder(store: Any, shelf: Path) -> None:
    data, folder = read_folder("memory://box/shelf"), read_folder(shelf)
    assert [entry.name for entry in data.entries] == [entry.name for entry in folder.entries]
    pd.testing.assert_frame_equal(data.files, folder.files)
    pd.testing.assert_frame_equal(data.chunk_table(), folder.chunk_table())
    assert data.run_table()["source"][0] == "memory:///box/shelf/a.yaml"


def test_one_file_a_glob_a_list_and_an_archive_may_be_behind_a_url(store: Any, shelf: Path) -> None:
    import zipfile

    assert read_folder("memory://box/shelf/a.yaml").files["state"].tolist() == ["read"]
    found = read_folder("memory://box/shelf/*.yaml")
    assert [entry.name for entry in found.entries] == ["a.yaml", "z.yaml"]
    both = read_folder([shelf, "memory://box/shelf"])
    assert both.files["state"].tolist() == ["read"] * 3 + ["repeated"] * 3
    assert both.entries[3].name == "memory://box/shelf/a.yaml"
    with store.open("/box/shelf.zip", "wb") as file, zipfile.ZipFile(file, "w") as zipped:
        zipped.write(shelf / "a.yaml", "a.yaml")
    assert read_folder("memory://box/shelf.zip").files["state"].tolist() == ["read"]


def test_a_file_that_vanishes_from_a_store_is_a_row(store: Any) -> None:
    data = read_folder("memory://box/shelf")
    store.rm("/box/shelf/a.yaml")
    assert data.files["state"].tolist() == ["bad", "read", "read"]


def test_an_error_of_a_store_is_a_row(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> bytes:
        raise RuntimeError("slow down")

    data = read_folder("memory://box/shelf")
    monkeypatch.setattr(type(store), "cat_file", fail)
    assert set(data.files["state"]) == {"bad"}
    assert data.files_so_far["reason"][0] == "the file cannot be read: RuntimeError: slow down"


def test_what_is_not_there_is_named_and_options_are_not_shown(store: Any) -> None:
    with pytest.raises(FileNotFoundError, match="nothing at 'memory://box/other'"):
        read_folder("memory://box/other")
    with pytest.raises(ValueError, match="a URL that fsspec knows, found 'nosuch://a'"):
        read_folder("nosuch://a")
    data = read_folder("memory://box/shelf", storage_options={"secret": "hunter2"})
    assert "hunter2" not in repr(data) + repr(data.entries)


def test_without_fsspec_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"pip install 'chatviz-inspector\[cloud\]'"):
        read_folder("s3://bucket/folder")


def test_a_drive_is_no_url() -> None:
    assert is_url("s3://bucket")
    assert not is_url("C://folder")
    assert not is_url("folder/file.yaml")
