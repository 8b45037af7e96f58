"""The guard of conftest.py is held to its word: a test that leaves this machine fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbval.kernel
import pytest

GUARDED = """
import asyncio, contextlib, socket, urllib.request
from conftest import only_loopback

AWAY = ("192.0.2.1", 9)  # an address reserved for documentation

def test_away_connect():
    with contextlib.suppress(OSError), socket.socket() as s:
        s.connect(AWAY)

def test_away_connect_ex():
    with contextlib.suppress(OSError), socket.socket() as s:
        s.connect_ex(AWAY)

def test_away_datagram():
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as s:
        s.sendto(b"x", 0, AWAY)

def test_away_by_name():
    with contextlib.suppress(OSError):
        urllib.request.urlopen("http://example.invalid")

def test_away_from_a_loop():
    with contextlib.suppress(OSError):
        asyncio.run(asyncio.open_connection("example.invalid", 9))

def test_home_server():
    with socket.create_server(("localhost", 0)) as server:
        with socket.create_connection(server.getsockname()) as s:
            assert s.getpeername() == server.getsockname()

def test_home_pair():
    one, other = socket.socketpair()
    with one, other:
        one.send(b"x")
        assert other.recv(1) == b"x"
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of tests that stay and of tests that go away."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "test_guarded.py").write_text(GUARDED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("test", ["connect", "connect_ex", "datagram", "by_name", "from_a_loop"])
def test_a_test_that_reaches_off_loopback_fails_even_if_it_hides_the_error(
    report: str, test: str
) -> None:
    assert f"ERROR test_guarded.py::test_away_{test} " in report
    assert "the test reached off loopback" in report


@pytest.mark.parametrize("test", ["server", "pair"])
def test_a_test_may_use_this_machine(report: str, test: str) -> None:
    assert f"PASSED test_guarded.py::test_home_{test}\n" in report


def test_a_file_of_tests_that_cannot_be_imported_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("from chatviz import nothing_of_this_name\n")
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(root),
               "-c", str(root / "pyproject.toml"), "-p", "conftest", str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "nothing_of_this_name" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="kernels are reached by ports there")
def test_a_notebook_speaks_with_its_kernel_by_files() -> None:
    """A port could be taken by another test's server before the kernel takes it."""
    manager, client = nbval.kernel.start_new_kernel(kernel_name="python3")
    try:
        assert manager.get_connection_info()["transport"] == "ipc"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
