"""Files that are something else are named; what is in them is never printed."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

import chatviz as cv
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import (
    CassetteError,
    CassetteNotFoundError,
    CassetteSyntaxError,
    CassetteUnsupportedError,
)

RECORDING = b"version: 2\ninteractions: []\n"


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.har", RECORDING)
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("a.yaml")
        member.size = len(RECORDING)
        archive.addfile(member, io.BytesIO(RECORDING))
    return file.getvalue()


KINDS = {
    "a ZIP archive. cv.read_folder": zipped(),
    "a tar archive. cv.read_folder": tarred(),
    "a tar archive. cv.read_folder(path) reads": gzip.compress(tarred()),
    "compressed by gzip, twice. Unpack it": gzip.compress(gzip.compress(RECORDING)),
    "compressed by bzip2": bz2.compress(RECORDING),
    "compressed by xz": lzma.compress(RECORDING),
    "a pickle of Python, which is never opened": pickle.dumps([RECORDING], protocol=4),
    "a SQLite database": b"SQLite format 3\0rest",
    "an HTML page": b"<!DOCTYPE html>\n<html>",
    "XML": b'<?xml version="1.0"?>\n<log/>',
    "a trace of curl": b"== Info:   Trying 10.0.0.7:443...\n=> Send header, 99 bytes\n",
    "a flow file of mitmproxy": b"1234:9:websocket;0:~8:response;",
    "a traceback of Python": b"Traceback (most recent call last):\n  File: x\n",
    "the source of a program": b"import httpx\nfor x in y: print({)",
    "a Jupyter notebook": json.dumps({"cells": [], "nbformat": 4}, indent=1).encode(),
    "a recording of nock": json.dumps([{"scope": "s", "method": "POST", "path": "/"}]).encode(),
    "the body of a request": b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}',
    "a recording of php-vcr": b"-\n    request:\n        method: POST\n        url: u\n",
    "a recording of Ruby's VCR before": b"---\n- !ruby/struct:VCR::HTTPInteraction\n  request: 1\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(KINDS[kind])
    with pytest.raises(CassetteUnsupportedError, match=f"this is {re.escape(kind)}") as caught:
        load_cassette(path)
    assert "estore" not in str(caught.value)


@pytest.mark.parametrize("text", ["a: [1\nb", "key: value: more\n", "\tfunc main() {\n", "%x\n"])
def test_text_of_no_kind_is_not_called_broken(text: str) -> None:
    with pytest.raises(CassetteSyntaxError, match="no key of a recording, and no answer") as caught:
        _ = SourceFile(text.encode()).document
    assert "estore" not in caught.value.reason


def test_a_recording_that_is_broken_is_to_be_restored() -> None:
    with pytest.raises(CassetteSyntaxError, match=r"not valid YAML.*Restore the file"):
        _ = SourceFile(b"version: 2\ninteractions:\n- [\n").document


SECRET = "data: do-not-print-me\n\n" * 4_000


def test_an_answer_in_place_of_a_path_is_not_repeated() -> None:
    for view in (cv.inspect, cv.timeline, cv.run_table):
        with pytest.raises(TypeError, match=r"cv\.read_stream\(body\)") as caught:
            view(SECRET.encode())
        assert len(str(caught.value)) < 200
    with pytest.raises(TypeError, match=r"found 92,000 bytes: cv\.read_stream\(body\)") as caught:
        load_cassette(SECRET.encode())  # type: ignore[arg-type]
    assert "do-not-print" not in str(caught.value)
    with pytest.raises(TypeError, match=r"cv\.read_stream\(body\)"):
        cv.read_runs(SECRET.encode())
    with pytest.raises(CassetteNotFoundError, match="found 92,000 characters") as missing:
        load_cassette(SECRET)
    assert "do-not-print" not in str(missing.value)
    assert len(str(missing.value)) < 300


@pytest.mark.parametrize("keep", [3, 40, 200, 2_000])
def test_no_error_prints_what_is_in_the_file(keep: int, tmp_path: Path) -> None:
    """Damage in every place of a recording with a long body: the message never holds it."""
    body = "secret-of-the-body " * 500
    text = json.dumps({"version": 2, "interactions": [{"request": {"url": 1}, "response": body}]})
    for damaged in (text[:-keep], text.replace('"version"', body), text.replace("{", "[", 1)):
        path = tmp_path / "a.yaml"
        path.write_text(damaged)
        with pytest.raises(CassetteError) as caught:
            load_cassette(path)
        assert "secret-of-the-body secret" not in str(caught.value)
        assert len(caught.value.reason) < 400


def test_a_recording_that_is_compressed_by_gzip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml.gz"
    path.write_bytes(gzip.compress(RECORDING))
    assert load_cassette(path).format == "go-vcr"
    path.write_bytes(gzip.compress(RECORDING)[:-4])
    with pytest.raises(CassetteSyntaxError, match="cannot be unpacked: the gzip data ends too ear"):
        load_cassette(path)


def test_no_more_is_unpacked_than_a_file_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.cassettes.content.encodings.MAX_DECODED_BYTES", 1000)
    path = tmp_path / "a.yaml.gz"
    path.write_bytes(gzip.compress(bytes(100_000)))
    with pytest.raises(CassetteSyntaxError, match=r"cannot be unpacked: .* over 1,000 bytes"):
        load_cassette(path)
