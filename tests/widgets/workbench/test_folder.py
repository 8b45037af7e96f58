"""The list of a workbench: found by name, read one at a time, bad files with their reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.storage import load_cassette
from chatviz.widgets.workbench import folder
from chatviz.widgets.workbench.folder import find_recordings, look_at, open_one


@pytest.fixture
def shelf(tmp_path: Path, seeds: Any) -> Path:
    """A folder with a recording, one in a folder of it, and what is none."""
    (tmp_path / "inner").mkdir()
    (tmp_path / ".hidden").mkdir()
    shutil.copy(seeds.fireworks, tmp_path / "b.yaml")
    shutil.copy(seeds.novita, tmp_path / "inner" / "a.yml")
    shutil.copy(seeds.novita, tmp_path / ".hidden" / "no.yaml")
    (tmp_path / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    (tmp_path / "notes.txt").write_text("no recording")
    return tmp_path


def test_a_folder_is_listed_by_name_without_reading(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "load_cassette", None)
    found = find_recordings(shelf)
    assert [one.name for one in found] == ["b.yaml", "broken.yaml", "inner/a.yml"]
    assert {one.state for one in found} == {"waiting"}


def test_a_recording_says_how_much_is_in_it(shelf: Path) -> None:
    seen = look_at(find_recordings(shelf)[0])
    assert (seen.state, seen.conversations, seen.answers, seen.reason) == ("read", 1, 2, "")


def test_a_file_that_cannot_be_read_says_why(shelf: Path) -> None:
    broken = look_at(find_recordings(shelf / "broken.yaml")[0])
    assert broken.state == "unreadable"
    assert "interactions" in broken.reason
    [gone] = find_recordings(shelf / "b.yaml")
    (shelf / "b.yaml").unlink()
    assert "no such file" in look_at(gone).reason


def test_a_file_that_breaks_the_reader_is_named_with_its_error(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(folder, "load_cassette", fail)
    assert look_at(find_recordings(shelf)[0]).reason == "ZeroDivisionError: by nothing"


def test_several_sources_are_listed_one_behind_the_other_each_with_its_own_name(
    shelf: Path, seeds: Any
) -> None:
    cassette = load_cassette(shelf / "b.yaml")
    found = find_recordings([shelf / "b.yaml", cassette, [shelf]])
    names = ["b.yaml", "b.yaml (2)", "b.yaml (3)", "broken.yaml", "inner/a.yml"]
    assert [one.name for one in found] == names
    assert open_one(found[1]).cassette is cassette


def test_the_files_of_a_data_set_are_listed_and_read_archives_too(
    shelf: Path, tmp_path: Path
) -> None:
    found = {one.name: look_at(one).state for one in find_recordings(cv.read_folder(shelf))}
    assert found.pop("notes.txt", "unreadable") == "unreadable"
    assert found == {"b.yaml": "read", "broken.yaml": "unreadable", "inner/a.yml": "read"}
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", shelf)
    listed = find_recordings(cv.read_folder(archive))
    opened = open_one(next(one for one in listed if one.name.endswith("b.yaml")))
    assert opened.cassette is not None
    assert [talk.runs[0].provider for talk in opened.conversations] == ["Fireworks"]


def test_a_folder_is_cut_at_ten_thousand_files(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MAX_FILES", 2)
    assert len(find_recordings(shelf)) == 2


def test_what_is_not_there_and_what_is_no_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder or file .*nowhere.*cv\.sample"):
        find_recordings(tmp_path / "nowhere")
    for wrong in (7, b"path"):
        with pytest.raises(TypeError, match="wanted a folder, a path, a Cassette or several"):
            find_recordings(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["data: {}\n\n", "x" * 100_000])
def test_the_text_of_an_answer_is_no_folder_and_is_not_repeated(text: str) -> None:
    with pytest.raises(FileNotFoundError, match="characters of text") as caught:
        find_recordings(text)
    assert len(str(caught.value)) < 300
