"""A recording on disk grows by interactions and is whole at every moment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz import whole_files
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats.go_vcr_lines import ITEM, line_of, start_of
from chatviz.errors import CassetteError, CassetteSyntaxError
from chatviz.transports.clients import cassette_file
from chatviz.transports.clients.cassette_file import Addition, CassetteFile


def interaction(name: str) -> Interaction:
    request = RecordedRequest("POST", "http://a.test", body=name.encode())
    return Interaction(request, RecordedResponse(200, body=name.encode()))


def names(path: Path) -> list[str]:
    return [each.request.body.decode() for each in cv.load_cassette(path).interactions]


@pytest.fixture(params=[0, 1 << 18], ids=["by lines", "anew"])
def path(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a file in either form: grown by lines, and written anew each time."""
    monkeypatch.setattr(cassette_file, "MAX_WRITTEN_ANEW", request.param)
    return tmp_path / "a.yaml"


def test_our_own_stand_in_the_order_of_their_requests(path: Path) -> None:
    file = CassetteFile(path)
    assert not file.existed
    for number in (2, 0, 1):
        file.add([Addition(interaction(f"{number}"), number)])
        assert str(number) in names(path)
    file.close()
    assert names(path) == ["0", "1", "2"]
    assert [each.id for each in file.cassette.interactions] == [0, 1, 2]


def test_what_was_there_stands_first(path: Path) -> None:
    cv.save_cassette(Cassette((interaction("old"),), extra={"note": "kept"}), path)
    file = CassetteFile(path)
    assert file.existed
    file.add([Addition(interaction("new"), 0)])
    assert names(path) == ["old", "new"]
    assert cv.load_cassette(path).extra == {"note": "kept"}


def test_what_is_replaced_leaves_the_file(path: Path) -> None:
    cv.save_cassette(Cassette((interaction("a"), interaction("b"))), path)
    file = CassetteFile(path)
    file.add([Addition(interaction("c"), 0, file.cassette.interactions[0])])
    assert names(path) == ["b", "c"]


def test_what_another_wrote_meanwhile_is_kept_and_ours_is_not_doubled(path: Path) -> None:
    ours, theirs = CassetteFile(path), CassetteFile(path)
    ours.add([Addition(interaction("1"), 0)])
    theirs.add([Addition(interaction("2"), 0)])
    ours.add([Addition(interaction("3"), 1)])
    theirs.add([Addition(interaction("4"), 1)])
    assert sorted(names(path)) == ["1", "2", "3", "4"]


def test_a_file_that_was_deleted_meanwhile_is_written_whole_again(path: Path) -> None:
    file = CassetteFile(path)
    file.add([Addition(interaction("1"), 0)])
    path.unlink()
    file.add([Addition(interaction("2"), 1)])
    assert names(path) == ["1", "2"]


def test_a_file_that_another_spoilt_is_left_alone_with_a_clear_error(path: Path) -> None:
    file = CassetteFile(path)
    file.add([Addition(interaction("1"), 0)])
    path.write_text("")
    with pytest.raises(CassetteSyntaxError, match="the file is empty"):
        file.add([Addition(interaction("2"), 1)])
    assert path.read_text() == ""


def test_no_other_file_is_left_in_the_folder(path: Path) -> None:
    file = CassetteFile(path)
    file.add([Addition(interaction("1"), 0)])
    assert list(path.parent.iterdir()) == [path]


def test_the_folder_may_be_left_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    file = CassetteFile(path.name)
    monkeypatch.chdir("/")
    file.add([Addition(interaction("1"), 0)])
    assert names(path) == ["1"]


def test_a_folder_cannot_be_recorded_into(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="folder"):
        CassetteFile(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be locked there")
def test_who_writes_keeps_other_writers_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    locked: list[Path] = []

    def lock(descriptor: int, operation: int) -> None:
        if os.path.samestat(os.fstat(descriptor), path.parent.stat()):
            assert operation == fcntl.LOCK_EX
            assert not path.exists()
            locked.append(path.parent)

    monkeypatch.setattr(fcntl, "flock", lock)
    CassetteFile(path).add([Addition(interaction("1"), 0)])
    assert locked == [path.parent]


def test_a_system_that_cannot_lock_folders_still_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    CassetteFile(path).add([Addition(interaction("1"), 0)])
    assert names(path) == ["1"]


@pytest.mark.parametrize("close", [False, True])
def test_what_is_in_the_file_is_the_same_in_either_form(path: Path, close: bool) -> None:
    cv.save_cassette(Cassette((interaction("a"), interaction("é😀")), extra={"note": "kept"}), path)
    file = CassetteFile(path)
    first, _ = file.cassette.interactions
    file.add([Addition(interaction("b"), 0), Addition(interaction("c"), 1, first)])
    file.add([Addition(interaction("d"), 2)])
    if close:
        file.close()
    found = cv.load_cassette(path)
    assert [each.request.body.decode() for each in found.interactions] == ["é😀", "b", "c", "d"]
    assert found.extra == {"note": "kept"}
    if close:
        assert found == file.cassette
        before = path.read_bytes()
        cv.save_cassette(found, path)
        assert path.read_bytes() == before


def test_what_replaces_another_is_in_the_file_before_that_one_leaves(path: Path) -> None:
    cv.save_cassette(Cassette(tuple(interaction(name) for name in "abc")), path)
    file = CassetteFile(path)
    for number, old in enumerate(file.cassette.interactions):
        file.add([Addition(interaction(f"new {number}"), number, old)])
        file.add([Addition(interaction(f"more {number}"), 10 + number, old)])  # it has left
    assert sorted(names(path)) == [
        f"{word} {number}" for word in ("more", "new") for number in "012"
    ]


def test_closing_twice_writes_once(path: Path) -> None:
    file = CassetteFile(path)
    file.close()
    assert not path.exists()
    file.add([Addition(interaction("1"), 0)])
    file.close()
    stamp = path.stat()
    file.close()
    assert path.stat() == stamp


def test_what_could_not_be_written_is_written_with_the_next_or_when_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = CassetteFile(path)
    file.add([Addition(interaction("0"), 0)])

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    for number, finish in ((1, lambda: file.add([Addition(interaction("2"), 2)])), (3, file.close)):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(CassetteError, match="No space left on device") as caught:
                file.add([Addition(interaction(f"{number}"), number)])
            assert caught.value.path == str(path)
            assert "0" in names(path)
        finish()
        assert str(number) in names(path)
    file.close()
    assert names(path) == ["0", "1", "2", "3"]


def test_what_is_replaced_leaves_when_its_replacement_comes_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing fails, and then another process adds something before it is tried again."""
    cv.save_cassette(Cassette((interaction("a"), interaction("b"))), path)
    file = CassetteFile(path)
    old = file.cassette.interactions[0]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(CassetteError, match="full"):
            file.add([Addition(interaction("c"), 0, old)])
    other = CassetteFile(path)
    other.add([Addition(interaction("d"), 0)])
    other.close()
    file.close()
    assert names(path) == ["b", "d", "c"]


def test_a_folder_that_has_vanished_is_an_error_and_nothing_is_lost(path: Path) -> None:
    file = CassetteFile(path)
    file.add([Addition(interaction("0"), 0)])
    away = path.parent.with_name(f"{path.parent.name}-away")
    path.parent.rename(away)
    for fails in (lambda: file.add([Addition(interaction("1"), 1)]), file.close):
        with pytest.raises(CassetteError, match="there is no such folder"):
            fails()
    away.rename(path.parent)
    file.close()
    assert names(path) == ["0", "1"]


def test_what_killed_processes_left_over_is_swept_and_nothing_else(path: Path) -> None:
    import fcntl

    left, used, other = (path.parent / f".{name}.tmp" for name in ("0" * 16, "1" * 16, "mine"))
    for one in (left, used, other):
        one.write_text("half")
    with used.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        CassetteFile(path).add([Addition(interaction("1"), 0)])
    assert sorted(path.parent.iterdir()) == sorted([used, other, path])


def test_a_sweeper_that_comes_in_between_costs_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new temporary file is not locked yet when it is swept: another one is made."""
    lock = whole_files._lock
    swept: list[int] = []

    def sweep(descriptor: int) -> None:
        if not swept:
            swept.append(descriptor)
            whole_files.sweep_leftovers(path.parent)
        lock(descriptor)

    monkeypatch.setattr(whole_files, "_lock", sweep)
    CassetteFile(path).add([Addition(interaction("1"), 0)])
    assert swept
    assert names(path) == ["1"]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("count", [0, 1, 40, -1])
def test_a_line_that_was_cut_is_no_interaction(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process was killed while it appended: whatever is there of the line, the file is whole."""
    monkeypatch.setattr(cassette_file, "MAX_WRITTEN_ANEW", 0)
    path = tmp_path / "a.yaml"
    file = CassetteFile(path)
    file.add([Addition(interaction("é😀"), 0)])
    line = line_of(interaction("cut 😀"))
    with path.open("ab") as open_file:
        open_file.write(line[:count])
    assert names(path) == ["é😀"]
    file.add([Addition(interaction("next"), 1)])
    assert names(path) == ["é😀", "next"]
    file.close()
    assert names(path) == ["é😀", "next"]
    assert b"cut" not in path.read_bytes()


def test_every_prefix_of_a_line_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    start = start_of(Cassette()) + ITEM + line_of(interaction("a"))[1:]
    line = line_of(interaction("b\n'\"\\ 😀\x7f"))
    for end in range(len(line)):
        path.write_bytes(start + line[:end])
        assert names(path) == ["a"]
    path.write_bytes(start + ITEM + line[1:])
    assert names(path) == ["a", "b\n'\"\\ 😀\x7f"]


def test_the_lines_of_others_are_taken_in_without_reading_the_file_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cassette_file, "MAX_WRITTEN_ANEW", 0)
    path = tmp_path / "a.yaml"
    ours, theirs = CassetteFile(path), CassetteFile(path)
    ours.add([Addition(interaction("0"), 0)])
    theirs.add([Addition(interaction("1"), 0)])
    monkeypatch.setattr(cassette_file, "read_file", None)
    ours.add([Addition(interaction("4"), 2)])
    ours.add([Addition(interaction("5"), 3)])
    theirs.add([Addition(interaction("6"), 2)])
    monkeypatch.undo()
    assert names(path) == list("01456")
    ours.close()
    theirs.close()
    assert sorted(names(path)) == list("01456")


@pytest.mark.parametrize("given", ["data: {}\n\n", "x" * 100_000, b"data: {}"])
def test_what_is_in_a_recording_is_no_path_and_is_not_repeated(given: Any) -> None:
    with pytest.raises((CassetteError, TypeError), match="wanted the path of a recording") as error:
        CassetteFile(given)
    assert len(str(error.value)) < 300
