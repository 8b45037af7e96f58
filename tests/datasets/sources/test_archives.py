"""Archives: read as the folder would be, never unpacked to disk, bombs are refused."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from chatviz.cassettes.cassette import (
    Cassette,
    Interaction,
    RecordedRequest,
    RecordedResponse,
)
from chatviz.cassettes.content import encodings
from chatviz.cassettes.storage import save_cassette
from chatviz.datasets.read_folder import read_folder

MODES = {".zip": "", ".tar": "w:", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2",
         ".tar.xz": "w:xz"}  # fmt: skip
every_kind = pytest.mark.parametrize("ending", MODES)


def pack(folder: Path, ending: str) -> Path:
    path = folder.parent / f"packed{ending}"
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    if ending == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            for file in files:
                zipped.write(file, file.relative_to(folder))
    else:
        with tarfile.open(path, MODES[ending]) as tar:  # type: ignore[call-overload]
            for file in files:
                tar.add(file, f"./{file.relative_to(folder)}")
    return path


@every_kind
def test_an_archive_is_read_as_its_folder(ending: str, shelf: Path) -> None:
    (shelf / "README.md").write_text("recordings")
    before = sorted(shelf.parent.rglob("*"))
    packed = pack(shelf, ending)
    data, folder = read_folder(packed), read_folder(shelf)
    columns = ["name", "format", "size_bytes", "state", "reason", "runs"]
    by_name = [one.files[columns].sort_values("name", ignore_index=True) for one in (data, folder)]
    pd.testing.assert_frame_equal(*by_name)
    order = folder.run_table().drop(columns="source")
    pd.testing.assert_frame_equal(data.run_table().drop(columns="source"), order)
    assert data.run_table()["source"][0] == f"{packed}/a.yaml"
    assert sum(1 for _ in data.runs) == len(order)
    assert sorted(shelf.parent.rglob("*")) == sorted([*before, packed])


def test_a_member_can_be_read_alone(shelf: Path) -> None:
    entry = read_folder(pack(shelf, ".zip")).entries[0]
    assert entry.read() == (shelf / "a.yaml").read_bytes()


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_bomb_is_refused_and_what_is_before_it_is_read(
    ending: str, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "m.yaml").write_bytes(bytes(3_000_000))
    packed = pack(shelf, ending)
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 1_000_000)
    files = read_folder(packed).files.set_index("name")
    assert files["state"].to_dict()["a.yaml"] == "read"
    bad = files[files["state"] == "bad"]
    assert len(bad)
    assert "unpacks to over 1,000,000 bytes" in bad["reason"].iloc[0]


def test_bodies_of_all_members_are_decoded_within_one_limit(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made up: three recordings, each with a body that gzip has made small."""
    body = gzip.compress(b"data: {}\n\n" + b":" * 60_000 + b"\n\n")
    for path in list(shelf.rglob("*.y*ml")):
        path.unlink()
    for number in range(3):
        response = RecordedResponse(
            200, headers={"content-encoding": ("gzip",), "x-number": (str(number),)}, body=body
        )
        request = RecordedRequest(
            "POST", "https://api.openai.com/v1/chat/completions", body=b'{"messages":[]}'
        )
        save_cassette(Cassette((Interaction(request, response),)), shelf / f"{number}.yaml")
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 150_000)
    findings = read_folder(pack(shelf, ".zip")).finding_table()
    assert findings["code"].tolist().count("body_not_decoded") == 1
    assert "body_not_decoded" not in read_folder(shelf).finding_table()["code"].tolist()


def test_holes_of_a_sparse_member_are_counted(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made up: a member that says it has two gigabytes, of which the archive holds nothing."""
    path = shelf.parent / "sparse.tar"
    info = tarfile.TarInfo("sparse.yaml")
    info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(2 << 30)}
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as tar:
        tar.add(shelf / "a.yaml", "a.yaml")
        tar.addfile(info)
    files = read_folder(path).files
    assert files["state"].tolist() == ["read", "bad"]
    assert "unpacks to over" in files["reason"][1]


def test_a_tar_archive_that_holds_a_zip_archive_is_a_tar_archive(shelf: Path) -> None:
    inner = pack(shelf, ".zip")
    inner.rename(shelf / "zz.zip")
    files = read_folder(pack(shelf, ".tar")).files.set_index("name")
    assert files["state"].to_dict() == {
        "a.yaml": "read",
        "inner/b.yml": "read",
        "z.yaml": "read",
        "zz.zip": "no recording",
    }


def test_a_member_that_is_encrypted_or_damaged_is_a_row(shelf: Path) -> None:
    packed = pack(shelf, ".zip")
    data = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as opened:
        first, second = opened.getinfo("a.yaml"), opened.getinfo("inner/b.yml")
    data[first.header_offset + 6] |= 1  # the flag of encryption, here and in the directory
    directory = data.index(b"a.yaml", data.index(b"PK\x01\x02")) - 46
    data[directory + 8] |= 1
    data[second.header_offset + 200] ^= 255
    packed.write_bytes(data)
    files = read_folder(packed).files
    assert files["state"].tolist() == ["bad", "bad", "read"]
    assert "encrypted" in files["reason"][0]
    assert "the archive cannot be unpacked here" in files["reason"][1]


def test_an_archive_that_is_cut_off_has_a_row_that_says_so(shelf: Path) -> None:
    packed = pack(shelf, ".tar.gz")
    packed.write_bytes(packed.read_bytes()[:-1000])
    files = read_folder(packed).files
    assert files["name"].tolist()[-1] == "packed.tar.gz"
    assert (files["state"] == "bad").any()


def test_a_file_that_is_only_called_an_archive_has_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"nothing")
    [row] = read_folder(tmp_path / "a.zip").files.to_dict("records")
    assert (row["name"], row["state"]) == ("a.zip", "bad")


def test_names_in_an_archive_are_shown_and_open_nothing(tmp_path: Path, shelf: Path) -> None:
    path, text = tmp_path / "hostile.tar", (shelf / "a.yaml").read_bytes()
    with tarfile.open(path, "w:") as tar:
        for name in ("../../etc/x.yaml", "/abs.yaml", "twice.yaml", "twice.yaml"):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("link.yaml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    files = read_folder(path).files
    assert files["state"].tolist() == ["read", "repeated", "repeated"]
    assert files["name"].tolist() == ["/abs.yaml", "twice.yaml", "twice.yaml (2)"]


def test_an_archive_that_changed_since_it_was_listed_is_said(shelf: Path) -> None:
    packed = pack(shelf, ".zip")
    data = read_folder(packed)
    (shelf / "a.yaml").unlink()
    pack(shelf, ".zip")
    assert data.files["state"].tolist() == ["bad", "bad", "bad"]
    assert "no more in the archive" in data.files_so_far["reason"][0]
