"""Strange files: each is a row with its reason, none stops the rest, none hangs."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from chatviz.cassettes.samples import sample
from chatviz.cassettes.storage import load_cassette
from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.sources import entries
from chatviz.errors import CassetteNotFoundError

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def row_of(folder: Path, name: str) -> tuple[str, str]:
    """State and reason of a file, beside which all else was read."""
    files = read_folder(folder).files.set_index("name")
    others = files.drop(index=name)
    assert set(others["state"]) == {"read"}
    return files.loc[name, "state"], files.loc[name, "reason"]


@pytest.mark.parametrize(
    ("name", "content", "state", "reason"),
    [
        ("README.md", b"# Recordings", "no recording", "its name ends with none of .yaml"),
        ("picture.png", b"\x89PNG", "no recording", "its name ends with none of .yaml"),
        ("compose.yaml", b"services:\n  web: {}\n", "no recording", "found a map with the keys"),
        ("helm.yaml", b"a: {{ .Values }\n", "no recording", "no key of a recording"),
        ("package.json", b'{"name": "x"}', "no recording", "found a map with the keys"),
        ("page.json", b"<!doctype html>", "not supported", "an HTML page"),
        ("analysis.json", b'{"nbformat": 4}', "not supported", "a Jupyter notebook"),
        ("empty.yaml", b"", "bad", "the file is empty"),
        ("zeros.yaml", bytes(4096), "bad", "zero bytes"),
        ("torn.yaml", b"version: 2\ninteractions:\n  - request: {", "bad", "not valid YAML"),
        ("wrong.yaml", b"version: 2\ninteractions: 7\n", "bad", "interactions"),
        ("torn.har", b'{"version"', "bad", "valid"),
        (
            "pointer.yaml",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "bad",
            "Git LFS pointer",
        ),
    ],
)
def test_a_file_that_is_no_recording_is_not_called_bad(
    shelf: Path, name: str, content: bytes, state: str, reason: str
) -> None:
    (shelf / name).write_bytes(content)
    found = row_of(shelf, name)
    assert found[0] == state
    assert reason in found[1]


@on_posix
def test_a_pipe_is_no_recording_and_nobody_waits_for_it(shelf: Path) -> None:
    os.mkfifo(shelf / "pipe.yaml")
    assert row_of(shelf, "pipe.yaml") == ("no recording", "this is no regular file")


@on_posix
def test_a_file_that_has_become_a_pipe_is_not_waited_for(shelf: Path) -> None:
    data = read_folder(shelf)
    (shelf / "a.yaml").unlink()
    os.mkfifo(shelf / "a.yaml")
    assert data.files["state"].tolist() == ["no recording", "read", "read"]


@on_posix
def test_a_socket_is_no_recording(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.yaml")
        assert row_of(shelf, "socket.yaml") == ("no recording", "this is no regular file")


@on_posix
def test_links_that_go_in_a_circle_are_not_followed(shelf: Path) -> None:
    (shelf / "inner" / "again").symlink_to(shelf, target_is_directory=True)
    assert set(read_folder(shelf).files["state"]) == {"read"}
    (shelf / "circle.yaml").symlink_to(shelf / "circle.yaml")
    state, reason = row_of(shelf, "circle.yaml")
    assert (state, "symbolic links" in reason) == ("bad", True)


@on_posix
def test_a_link_to_nowhere_is_bad_and_a_link_to_a_recording_is_that(shelf: Path) -> None:
    (shelf / "gone.yaml").symlink_to(shelf / "nothing")
    told = "this is a link to nothing: what it leads to is not there."
    state, reason = row_of(shelf, "gone.yaml")
    assert (state, told in reason) == ("bad", True)
    with pytest.raises(CassetteNotFoundError, match=told):
        load_cassette(shelf / "gone.yaml")
    (shelf / "gone.yaml").unlink()
    (shelf / "linked.yaml").symlink_to(shelf / "a.yaml")
    state, reason = row_of(shelf, "linked.yaml")
    assert (state, "'a.yaml'" in reason) == ("repeated", True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_read_and_shown(shelf: Path) -> None:
    (shelf / "inner" / "b.yml").rename(shelf / os.fsdecode(b"caf\xe9.yaml"))
    data = read_folder(shelf)
    assert data.files["name"].tolist() == ["a.yaml", "caf\\xe9.yaml", "z.yaml"]
    assert set(data.files["state"]) == {"read"}
    data.files.to_csv()
    assert "caf" in data.run_table().to_csv()


def test_a_very_large_file_is_read_like_any_other(shelf: Path) -> None:
    """Synthetic, one stream of 5 MB; `.ci/slow` makes it 200 MB."""
    size = int(os.environ.get("CHATVIZ_LARGE_FILE_MB", "5")) * 1_000_000
    text = sample("synthetic_timed").read_text(encoding="utf-8")
    head = text[: text.index("body:", text.index("response:"))]
    chunk = '{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word "}}]}'
    lines = f"      data: {chunk}\n\n" * 1000
    rounds = size // len(lines) + 1
    with (shelf / "large.yaml").open("w", encoding="utf-8") as file:
        file.write(f"{head}body: |+\n")
        for _ in range(rounds):
            file.write(lines)
        file.write("      data: [DONE]\n\n    status: 200 OK\n    code: 200\n")
    data = read_folder(shelf)
    runs = data.run_table().set_index("source")
    assert runs.loc[str(shelf / "large.yaml"), "chunks"] == 1000 * rounds
    assert set(data.files["state"]) == {"read"}


def test_a_file_that_vanishes_is_a_row(shelf: Path) -> None:
    data = read_folder(shelf)
    (shelf / "z.yaml").unlink()
    files = data.files
    assert files["state"].tolist() == ["read", "read", "bad"]
    assert files["reason"][2] == "the file was there when it was listed, and is gone"


def test_a_file_that_is_written_to_while_it_is_read_is_read_again(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, fstat, looks = read_folder(shelf), os.fstat, 0
    size = (shelf / "a.yaml").stat().st_size

    def write_and_look(descriptor: int) -> os.stat_result:
        nonlocal looks
        looks += 1
        if looks == 2:
            with (shelf / "a.yaml").open("ab") as file:
                file.write(b"# more\n")
        return fstat(descriptor)

    monkeypatch.setattr(entries.os, "fstat", write_and_look)
    assert data.files["size_bytes"][0] == size + 7


def test_a_file_that_never_rests_is_bad(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, stamps = read_folder(shelf), iter(range(100))
    monkeypatch.setattr(entries, "version_of", lambda found: str(next(stamps)))
    assert set(data.files["state"]) == {"bad"}
    assert "changes while it is read" in data.files_so_far["reason"][0]


def test_what_may_not_be_read_is_a_row(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made up, since a test may run as root: the system refuses a file, and a folder."""
    data, opens = read_folder(shelf), os.open

    def refuse(path: str, flags: int) -> int:
        if str(path).endswith("a.yaml"):
            raise PermissionError(13, "Permission denied", path)
        return opens(path, flags)

    monkeypatch.setattr(entries.os, "open", refuse)
    reason = "the file cannot be read: Permission denied"
    assert (data.files["state"][0], data.files_so_far["reason"][0]) == ("bad", reason)


def test_a_folder_that_may_not_be_read_is_a_row(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files = read_folder(shelf).files.set_index("name")
    assert files.loc["inner/", "state"] == "bad"
    assert files.loc["inner/", "reason"].startswith("the folder cannot be read: Permission denied")
    assert read_folder(shelf / "inner").files["name"].tolist() == ["./"]
