"""What was recorded is written behind the caller's back: nobody waits, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from benchmarks.kills import kill_once
from chatviz.errors import CassetteError
from chatviz.transports.clients import cassette_writer, record
from chatviz.transports.clients.cassette_file import CassetteFile
from chatviz.widgets.workbench.folder import find_recordings

URL = "http://a.test/v1/chat/completions"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recorded.yaml"


@pytest.fixture
def inner() -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(200, content=request.content))


def asked(path: Path) -> list[bytes]:
    return [each.request.body for each in cv.load_cassette(path).interactions]


class Gate:
    """Holds the writing of a file up until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_open = threading.Event()
        self.is_reached = threading.Event()
        add = CassetteFile.add

        def wait(file: CassetteFile, additions: Any) -> None:
            self.is_reached.set()
            assert self.is_open.wait(20)
            add(file, additions)

        monkeypatch.setattr(CassetteFile, "add", wait)


def test_the_caller_does_not_wait_for_the_disk(
    path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    with httpx.Client(transport=cv.RecordTransport(path, inner=inner)) as client:
        for number in range(3):
            assert client.post(URL, content=b"%d" % number).content == b"%d" % number
        assert gate.is_reached.wait(20)
        assert not path.exists()
        gate.is_open.set()
    assert asked(path) == [b"0", b"1", b"2"]


def test_who_loads_the_file_waits_for_what_has_ended(
    path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    transport = cv.RecordTransport(path, inner=inner)
    httpx.Client(transport=transport).post(URL, content=b"0")
    threading.Timer(0.05, gate.is_open.set).start()
    assert asked(path) == [b"0"]
    assert len(transport.cassette.interactions) == 1
    transport.close()


def test_once_plays_what_this_process_has_just_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = []
    inner = httpx.MockTransport(lambda sent: asked_for.append(sent) or httpx.Response(200))
    gate = Gate(monkeypatch)
    first = cv.RecordTransport(path, inner=inner)
    httpx.Client(transport=first).post(URL, content=b"0")
    threading.Timer(0.05, gate.is_open.set).start()
    second = cv.RecordTransport(path, inner=inner)
    httpx.Client(transport=second).post(URL, content=b"0")
    assert (second.is_recording, len(asked_for)) == (False, 1)
    first.close()
    second.close()
    assert asked(path) == [b"0"]


@pytest.mark.parametrize(
    "open_it",
    [
        lambda path: cv.RecordTransport(path, mode="none").all_played,
        lambda path: cv.Endpoint(URL, model="m", cassette=path, mode="none") is None,
        lambda path: len(cv.read_folder(path).entries) != 1,
        lambda path: len(cv.read_folder(path.parent).entries) != 1,
        lambda path: len(cv.read_folder(str(path.with_name("*.yaml"))).entries) != 1,
        lambda path: len(find_recordings(path.parent)) != 1,
        lambda path: len(find_recordings(path)) != 1,
    ],
    ids=["none", "endpoint", "file", "folder", "glob", "workbench-folder", "workbench"],
)
def test_who_asks_whether_the_file_is_there_waits_for_what_has_ended(
    open_it: Callable[[Path], bool], path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    with httpx.Client(transport=cv.RecordTransport(path, inner=inner)) as client:
        client.post(URL, content=b"0")
        threading.Timer(0.05, gate.is_open.set).start()
        assert not open_it(path)


def test_what_cannot_be_written_is_told_before_the_next_request_and_when_closed(
    path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = cv.RecordTransport(path, inner=inner)
    client = httpx.Client(transport=transport)
    away = path.parent.with_name(f"{path.parent.name}-away")
    path.parent.rename(away)
    assert client.post(URL, content=b"0").content == b"0"
    assert transport.cassette.interactions  # waits for the writer
    for fails in (lambda: client.post(URL, content=b"not sent"), transport.close, transport.close):
        with pytest.raises(CassetteError, match="there is no such folder"):
            fails()
    away.rename(path.parent)
    client.post(URL, content=b"1")
    transport.close()
    assert asked(path) == [b"0", b"1"]


def test_closing_tries_again_what_could_not_be_written(path: Path, inner: Any) -> None:
    transport = cv.RecordTransport(path, inner=inner)
    away = path.parent.with_name(f"{path.parent.name}-away")
    path.parent.rename(away)
    with pytest.raises(CassetteError), httpx.Client(transport=transport) as client:
        client.post(URL, content=b"0")
    away.rename(path.parent)
    transport.close()
    assert asked(path) == [b"0"]


def test_an_async_client_closes_its_recorder_too(path: Path, inner: Any) -> None:
    import asyncio

    async def ask() -> None:
        async with httpx.AsyncClient(transport=cv.RecordTransport(path, inner=inner)) as client:
            await client.post(URL, content=b"0")
        assert path.exists()

    asyncio.run(ask())
    assert asked(path) == [b"0"]


def test_a_fault_of_ours_costs_one_answer_and_is_raised_when_closed(
    path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    redact = record.redact

    def fail(interaction: Any, **options: Any) -> Any:
        if interaction.request.body == b"1":
            raise KeyError("a fault")
        return redact(interaction, **options)

    monkeypatch.setattr(record, "redact", fail)
    transport = cv.RecordTransport(path, inner=inner)
    client = httpx.Client(transport=transport)
    for number in range(3):
        client.post(URL, content=b"%d" % number)
    with pytest.raises(KeyError, match="a fault"):
        transport.close()
    assert asked(path) == [b"0", b"2"]
    transport.close()


def test_where_no_thread_can_be_started_the_answer_is_written_at_once(
    path: Path, inner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoThread:
        def __init__(self, **_: Any) -> None: ...

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(cassette_writer, "Thread", NoThread)
    httpx.Client(transport=cv.RecordTransport(path, inner=inner)).post(URL, content=b"0")
    assert path.exists()
    assert asked(path) == [b"0"]


SCRIPT = """
import sys, httpx, chatviz as cv
from chatviz.transports.clients import cassette_file
cassette_file.MAX_WRITTEN_ANEW = 0
inner = httpx.MockTransport(lambda request: httpx.Response(200))
client = httpx.Client(transport=cv.RecordTransport(sys.argv[1], inner=inner))
for number in range(5): client.post("http://a.test/v1/chat/completions", json=number)
"""


def test_a_recorder_that_nobody_closes_is_closed_at_the_end(path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(path)]
    done = subprocess.run(command, capture_output=True, cwd=Path(__file__).parents[3], timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert asked(path) == [b"%d" % number for number in range(5)]
    assert path.read_bytes().startswith(b"---\nversion: 2\ninteractions:\n- id: 0\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("limit", [0, 1 << 18], ids=["by lines", "anew"])
@pytest.mark.parametrize("after_s", [0.03, 0.3])
def test_a_killed_recorder_leaves_a_file_that_can_be_read(after_s: float, limit: int) -> None:
    """Of 110 kills at moments drawn anew, benchmarks/kills.py tells how many were survived."""
    outcome = kill_once(after_s, limit)
    assert outcome.fault == ""
