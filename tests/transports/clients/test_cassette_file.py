"""A recording on disk grows by interactions and is whole at every moment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import CassetteError, CassetteSyntaxError
from chatviz.transports.clients.cassette_file import CassetteFile


def interaction(name: str) -> Interaction:
    request = RecordedRequest("POST", "http://a.test", body=name.encode())
    return Interaction(request, RecordedResponse(200, body=name.encode()))


def names(path: Path) -> list[str]:
    return [each.request.body.decode() for each in cv.load_cassette(path).interactions]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def test_our_own_stand_in_the_order_of_their_requests(path: Path) -> None:
    file = CassetteFile(path)
    assert not file.existed
    for number in (2, 0, 1):
        file.add(interaction(f"{number}"), number, None)
    assert names(path) == ["0", "1", "2"]
    assert [each.id for each in file.cassette.interactions] == [0, 1, 2]


def test_what_was_there_stands_first(path: Path) -> None:
    cv.save_cassette(Cassette((interaction("old"),), extra={"note": "kept"}), path)
    file = CassetteFile(path)
    assert file.existed
    file.add(interaction("new"), 0, None)
    assert names(path) == ["old", "new"]
    assert cv.load_cassette(path).extra == {"note": "kept"}


def test_what_is_replaced_leaves_the_file(path: Path) -> None:
    cv.save_cassette(Cassette((interaction("a"), interaction("b"))), path)
    file = CassetteFile(path)
    file.add(interaction("c"), 0, file.cassette.interactions[0])
    assert names(path) == ["b", "c"]


def test_what_another_wrote_meanwhile_is_kept_and_ours_is_not_doubled(path: Path) -> None:
    ours, theirs = CassetteFile(path), CassetteFile(path)
    ours.add(interaction("1"), 0, None)
    theirs.add(interaction("2"), 0, None)
    ours.add(interaction("3"), 1, None)
    theirs.add(interaction("4"), 1, None)
    assert sorted(names(path)) == ["1", "2", "3", "4"]


def test_a_file_that_was_deleted_meanwhile_is_written_whole_again(path: Path) -> None:
    file = CassetteFile(path)
    file.add(interaction("1"), 0, None)
    path.unlink()
    file.add(interaction("2"), 1, None)
    assert names(path) == ["1", "2"]


def test_a_file_that_another_spoilt_is_left_alone_with_a_clear_error(path: Path) -> None:
    file = CassetteFile(path)
    file.add(interaction("1"), 0, None)
    path.write_text("")
    with pytest.raises(CassetteSyntaxError, match="the file is empty"):
        file.add(interaction("2"), 1, None)
    assert path.read_text() == ""


def test_no_other_file_is_left_in_the_folder(path: Path) -> None:
    file = CassetteFile(path)
    file.add(interaction("1"), 0, None)
    assert list(path.parent.iterdir()) == [path]


def test_the_folder_may_be_left_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    file = CassetteFile(path.name)
    monkeypatch.chdir("/")
    file.add(interaction("1"), 0, None)
    assert names(path) == ["1"]


def test_a_folder_cannot_be_recorded_into(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="folder"):
        CassetteFile(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be locked there")
def test_who_writes_keeps_other_writers_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    locked: list[Path] = []

    def lock(descriptor: int, operation: int) -> None:
        assert operation == fcntl.LOCK_EX
        assert os.path.samestat(os.fstat(descriptor), path.parent.stat())
        assert not path.exists()
        locked.append(path.parent)

    monkeypatch.setattr(fcntl, "flock", lock)
    CassetteFile(path).add(interaction("1"), 0, None)
    assert locked == [path.parent]


def test_a_system_that_cannot_lock_folders_still_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    CassetteFile(path).add(interaction("1"), 0, None)
    assert names(path) == ["1"]
