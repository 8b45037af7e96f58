"""Files on disk: found, recognised, refused with a reason, and written whole or not at all."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

import chatviz as cv
from chatviz.cassettes import storage
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteLimitError,
    CassetteNotFoundError,
    CassetteSyntaxError,
)

CASSETTE = Cassette(
    (Interaction(RecordedRequest("POST", "u"), RecordedResponse(200, "200 OK", body=b"a\n"), 0),)
)


def write(folder: Path, data: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_saved_cassette_loads_equal_and_knows_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save_cassette(CASSETTE, path)
    assert load_cassette(path) == CASSETTE
    assert load_cassette(str(path)).path == str(path)
    first = path.read_bytes()
    save_cassette(load_cassette(path), path)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("data", "kind", "reason", "line"),
    [
        ("", CassetteSyntaxError, "the file is empty", None),
        (" \n\n", CassetteSyntaxError, "the file is empty", None),
        ("# only a comment\n", CassetteSyntaxError, "holds no data", None),
        ("a: [1\nb", CassetteSyntaxError, "this is not valid YAML", 2),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
            CassetteFormatError,
            "git lfs pull",
            1,
        ),
        ("version: 2".encode("utf-16"), CassetteSyntaxError, "UTF-16", 1),
        (b"a: 1\nb: \0\n", CassetteSyntaxError, "binary file", 2),
        (b"a: 1\nb: '\xe9'\n", CassetteSyntaxError, "0xe9 is not UTF-8", 2),
        ("a: 1\nb: \x07\n", CassetteSyntaxError, r"U\+0007", 2),
        ("- 1\n", CassetteFormatError, "found something else", 1),
        ("hello", CassetteFormatError, "found something else", 1),
        ("\n1: 2", CassetteFormatError, "found something else", 2),
        ("name: x\non: y\n", CassetteFormatError, "a map with the keys 'name', 'on'", 1),
        ("version: 4\ninteractions: []", CassetteFormatError, "version 4", 1),
        ("version: 2\nx: !!python/object:os.x {}", CassetteFormatError, "python/object", 2),
        ("version: 2\nversion: 2", CassetteFormatError, "'version' appears twice", 2),
        ("version: 2\n---\nversion: 2", CassetteSyntaxError, "second YAML document", 2),
        ("version: 2\nx: " + "[" * 50_000, CassetteLimitError, "64 deep", 2),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_reason(
    tmp_path: Path, data: str | bytes, kind: type[CassetteError], reason: str, line: int | None
) -> None:
    path = write(tmp_path, data)
    with pytest.raises(kind, match=reason) as caught:
        load_cassette(path)
    assert type(caught.value) is kind
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert str(path) in str(caught.value)
    assert f"line {line}" in str(caught.value) or line is None


def test_a_byte_order_mark_and_windows_line_breaks_do_no_harm(tmp_path: Path) -> None:
    save_cassette(CASSETTE, tmp_path / "a.yaml")
    data = (tmp_path / "a.yaml").read_bytes().replace(b"\n", b"\r\n")
    assert load_cassette(write(tmp_path, b"\xef\xbb\xbf" + data)) == CASSETTE


def test_a_json_file_is_read_as_the_yaml_that_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, '{"version": 2, "interactions": []}')
    assert load_cassette(path) == Cassette()


def test_emoji_are_read_as_json_escapes_them(tmp_path: Path) -> None:
    """JSON writes a character beyond U+FFFF in two halves; behind two backslashes it is text."""
    text = r'{"version": 2, "interactions": [], "a": "\ud83d\uDE00", "b": "\\ud83d\\ude00"}'
    cassette = load_cassette(write(tmp_path, text))
    assert cassette.extra == {"a": "😀", "b": r"\ud83d\ude00"}


def test_the_first_go_vcr_format_is_not_taken_for_vcrpy(tmp_path: Path) -> None:
    text = "version: 1\ninteractions:\n- request: {url: u}\n  response: {status: 200 OK, code: 200}"
    with pytest.raises(CassetteFormatError, match="version 1"):
        load_cassette(write(tmp_path, text))


@pytest.mark.parametrize("text", ["version: 1\ninteractions: []", '{"interactions": []}'])
def test_an_empty_recording_of_vcrpy_is_one(tmp_path: Path, text: str) -> None:
    cassette = load_cassette(write(tmp_path, text))
    assert (cassette.format, cassette.interactions) == ("vcrpy", ())


def test_a_missing_file_names_the_near_ones(tmp_path: Path) -> None:
    for name in ("kimi-k2.yaml", "gpt-5.yaml", "notes.txt"):
        (tmp_path / name).touch()
    with pytest.raises(CassetteNotFoundError, match=r"Near it: '.*kimi-k2\.yaml'\.") as caught:
        load_cassette(tmp_path / "kimi_k2.yml")
    assert isinstance(caught.value, FileNotFoundError)
    assert "gpt" not in str(caught.value)
    with pytest.raises(CassetteNotFoundError, match=r"gpt-5\.yaml', '.*kimi-k2\.yaml'"):
        load_cassette(tmp_path / "zzz")


def test_a_missing_file_with_nothing_near_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CassetteNotFoundError, match="no recording in"):
        load_cassette(tmp_path / "a.yaml")
    with pytest.raises(CassetteNotFoundError, match="no such folder"):
        load_cassette(tmp_path / "b" / "a.yaml")
    with pytest.raises(CassetteNotFoundError, match="no such folder"):
        load_cassette(write(tmp_path, "x") / "a.yaml")
    monkeypatch.setattr(Path, "iterdir", _refuse)
    with pytest.raises(CassetteNotFoundError, match="no recording in"):
        load_cassette(tmp_path / "c.yaml")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="this is a folder"):
        load_cassette(tmp_path)
    with pytest.raises(CassetteError, match="no regular file"):
        load_cassette(os.devnull)


def test_a_file_that_may_not_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "version: 2")
    monkeypatch.setattr(Path, "read_bytes", _refuse)
    with pytest.raises(CassetteError, match="cannot be read: Permission denied") as caught:
        load_cassette(path)
    assert caught.value.path == str(path)


def test_a_path_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(CassetteError, match="cannot be read"):
        load_cassette("a\0b")


def test_saving_keeps_the_permissions_of_a_file_that_was_there(tmp_path: Path) -> None:
    path = write(tmp_path, "old")
    path.chmod(0o640)
    save_cassette(CASSETTE, path)
    assert path.stat().st_mode & 0o777 == 0o640
    save_cassette(CASSETTE, tmp_path / "new.yaml")
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert (tmp_path / "new.yaml").stat().st_mode == ordinary.stat().st_mode


def test_saving_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    path = write(tmp_path, "old")
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    save_cassette(CASSETTE, link)
    assert link.is_symlink()
    assert load_cassette(path) == CASSETTE


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "old")
    monkeypatch.setattr(storage.os, "fsync", _refuse)
    with pytest.raises(CassetteError, match="cannot be written: Permission denied"):
        save_cassette(CASSETTE, path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yaml"]


def test_what_is_written_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "old")
    seen: list[bytes] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        seen.append(path.read_bytes())
        fsync(descriptor)

    monkeypatch.setattr(storage.os, "fsync", note)
    save_cassette(CASSETTE, path)
    assert seen == [b"old"]


def test_what_cannot_be_saved_names_the_file(tmp_path: Path) -> None:
    bad = Cassette(extra={"version": 3})
    with pytest.raises(CassetteFormatError, match=r"a\.yaml.*extra holds 'version'"):
        save_cassette(bad, tmp_path / "a.yaml")
    with pytest.raises(CassetteError, match="No such file or directory"):
        save_cassette(CASSETTE, tmp_path / "missing" / "a.yaml")
    for place, reason in ((tmp_path, "it is a folder"), (os.devnull, "it is not a regular file")):
        with pytest.raises(CassetteError, match=reason):
            save_cassette(CASSETTE, place)
    assert list(tmp_path.iterdir()) == []


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_file_named_gz_is_compressed_and_not_recorded_to(tmp_path: Path) -> None:
    path = tmp_path / "copy.yaml.gz"
    written = cv.convert(cv.sample(cv.samples()[0]), path)
    first = path.read_bytes()
    assert gzip.decompress(first).startswith(b"---\nversion: 2\n")
    assert cv.load_cassette(path) == written
    cv.save_cassette(written, path)
    assert path.read_bytes() == first
    for mode, name in (("new_episodes", path.name), ("once", "new.yaml.gz"), ("all", path.name)):
        with pytest.raises(cv.CassetteError, match=r"cannot be added to.*without \.gz"):
            cv.RecordTransport(tmp_path / name, mode=mode)  # type: ignore[arg-type]
    assert cv.RecordTransport(path, mode="none").cassette == written
    assert cv.RecordTransport(path, mode="once").cassette == written
