"""A Jupyter server of this process, with a token and the extension, over a folder of recordings."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx
import pytest

from tests.doors.cli.conftest import BODY

TOKEN = "test-token-0123456789"
Ask = Callable[..., httpx.Response]


class Jupyter(NamedTuple):
    """A server that runs: its address, and what it shows."""

    url: str
    folder: Path
    app: Any


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    pytest.importorskip("jupyter_server", reason="jupyter-server is not installed (extra: lab)")
    scratch = tmp_path_factory.mktemp("jupyter")
    folder = scratch / "shown"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a.sse").write_bytes(BODY)
    (scratch / "secret.sse").write_bytes(BODY)
    started: Future[Any] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_until_complete, args=[_serve(scratch, started, stop)])
    thread.start()
    try:
        app = started.result(60)
        yield Jupyter(f"http://127.0.0.1:{app.port}/base/", folder, app)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _serve(scratch: Path, started: Future[Any], stop: asyncio.Event) -> None:
    from jupyter_server.serverapp import ServerApp

    class Unsignalled(ServerApp):
        """One that leaves the signals of the process alone."""

        def init_signal(self) -> None: ...

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        app = Unsignalled(
            ip="127.0.0.1", port=port, port_retries=0, base_url="/base/", allow_root=True,
            root_dir=str(scratch / "shown"), runtime_dir=str(scratch / "runtime"),
            config_dir=str(scratch / "config"), data_dir=str(scratch / "data"),
            jpserver_extensions={"chatviz": True}, open_browser=False,
        )  # fmt: skip
        app.initialize(argv=[f"--IdentityProvider.token={TOKEN}"], find_extensions=False)
        app.http_server.start()
    except BaseException as error:
        started.set_exception(error)
        return
    started.set_result(app)
    await stop.wait()
    app.http_server.stop()
    await app._cleanup()


@pytest.fixture
def ask(jupyter: Jupyter) -> Iterator[Ask]:
    """Ask for the page of a path, with the token."""
    with httpx.Client(trust_env=False, timeout=30) as client:

        def asked(path: str, *, token: str = TOKEN, **headers: str) -> httpx.Response:
            if token:
                headers["Authorization"] = f"token {token}"
            url = f"{jupyter.url}chatviz/page"
            return client.get(url, params={"path": path}, headers=headers)

        yield asked
