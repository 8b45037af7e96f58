"""What the tests of the tap share: a tap in front of the server next door, and clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatviz.transports.tap.tap import Tap
from tests.transports.conftest import Server

WAIT_S = 20  # until a test fails that waits for something


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxy of this machine is between; and no tap is left running."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield
    assert "chatviz-tap" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def tap(server: Server, tmp_path: Path) -> Iterator[Tap]:
    """A tap in front of the server next door, which records in a folder."""
    with Tap(server.url, to=tmp_path / "kept") as tap:
        yield tap


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=WAIT_S) as client:
        yield client


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Wait until something is true, and return it."""

    def wait(ask: Callable[[], Any]) -> Any:
        end = time.monotonic() + WAIT_S
        while not (found := ask()):
            assert time.monotonic() < end, "it did not come true"
            time.sleep(0.005)
        return found

    return wait
