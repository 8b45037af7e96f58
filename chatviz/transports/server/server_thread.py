"""ServerThread: an ASGI application on a socket, in a thread and an event loop of its own.

So it works inside a notebook, whose own loop is running, and it stops at once: connections that
are still streaming are broken, not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from threading import Thread
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["TRANSPORT", "ServerThread"]

TRANSPORT: Final = "transport"
"""Under this key the application finds the connection of a request in ``scope["state"]``."""


class ServerThread:
    """A server that is running, until it is stopped.

    Parameters
    ----------
    app : ASGI application
    listener : socket
        It is listening, and it is closed in the end.
    head_timeout_s : float
        How long a connection may take to send the head of a request.
    name : str
        The thread's.
    last : callable | None
        What is awaited in the thread's loop once every connection has ended.
    """

    def __init__(
        self,
        app: Any,
        listener: socket,
        *,
        head_timeout_s: float = 60.0,
        name: str = "chatviz-replay-server",
        last: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._server = _Server(_configure(app, head_timeout_s), last)
        self._thread = Thread(target=self._run, args=(listener,), name=name, daemon=True)
        self._thread.start()
        try:
            self._loop = self._server.ready.result()
        except Exception:
            self._thread.join()
            raise

    def stop(self) -> None:
        """Break every connection, free the socket, and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.leave.set)
        self._thread.join()

    def let_pass(self) -> None:
        """Wait until the application has done what it could do by now."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_take_turns(_MANY_TURNS), self._loop).result()

    def _run(self, listener: socket) -> None:
        with listener:
            try:
                asyncio.run(self._server.serve(sockets=[listener]))
            except BaseException as error:
                if self._server.ready.done():
                    raise
                self._server.ready.set_exception(error)


class _Server(uvicorn.Server):
    """Told to leave, it does so: uvicorn's own looks at a flag ten times a second, and waits."""

    ready: Future[asyncio.AbstractEventLoop]
    leave: asyncio.Event

    def __init__(self, config: uvicorn.Config, last: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self.ready = Future()
        self._last = last

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, and say so."""
        self.leave = asyncio.Event()
        await super().startup(sockets)
        self.ready.set_result(asyncio.get_running_loop())

    async def main_loop(self) -> None:
        """Serve until told to leave."""
        await self.leave.wait()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Break what is still open; an application learns of it as of a client that has gone."""
        for server in self.servers:
            server.close()
        await _take_turns(_TURNS)
        while self.server_state.connections:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_PATIENCE_S)
        if self._last is not None:
            await self._last()


class _Protocol(H11Protocol):
    """HTTP/1.1, and the application can reach the connection itself, to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the connection where each of its requests finds it; send small pieces at once."""
        super().connection_made(transport)
        # asyncio does so too, but not with a socket that was made without naming its protocol.
        transport.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self.app_state = {**self.app_state, TRANSPORT: transport}
        self._timer: asyncio.TimerHandle | None = None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; the head of a request has to come whole in time."""
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        """Go on with the next request, whose head may have begun to come."""
        super().on_response_complete()
        self._watch_head()

    def _watch_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self.conn.trailing_data[0]:
            self._await_head()

    def _await_head(self) -> None:
        if self._timer is None:
            assert isinstance(self.config, _Config)
            self._timer = self.loop.call_later(self.config.head_timeout_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Config(uvicorn.Config):
    """uvicorn's own, and how long a connection may take to send the head of a request."""

    head_timeout_s: float = 60.0


async def _take_turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _configure(app: Any, head_timeout_s: float) -> uvicorn.Config:
    config = _Config(
        app,
        http=_Protocol,
        interface="asgi3",
        lifespan="off",
        log_config=None,  # the logging of the process is not ours to change
        access_log=False,
        proxy_headers=False,
        server_header=False,  # nothing but what was recorded
        date_header=False,
        timeout_keep_alive=3600,
        ws="none",
    )
    config.head_timeout_s = head_timeout_s
    return config


_TURNS: Final = 5  # asyncio takes two turns of its loop to make a connection of an accepted socket
_MANY_TURNS: Final = 50  # an answer that a client has read whole takes a few to come to its end
_PATIENCE_S: Final = 2.0  # a task that lasts longer is cancelled with the loop
