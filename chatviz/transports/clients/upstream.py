"""Upstream: what a recorder sends requests through, by default a client of the same library."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from threading import Lock
from typing import Any

from chatviz.transports.clients.library import Library, Request, Response, check_transport

__all__ = ["Upstream"]


class Upstream:
    """The transport that was given, or plain clients, each made when it is first needed.

    A plain client honours the proxy variables, the certificates and the limits that any client of
    its library does. It is only used to send: no redirect is followed, nothing is added.

    Parameters
    ----------
    given : transport or None
    named : str
        The argument that it was given as, for messages.
    keeps_connections : bool
        Whether a connection is kept for the next request. One that is kept belongs to the event
        loop that made it, and stays open until somebody closes the client.
    """

    def __init__(self, given: Any, *, named: str = "inner", keeps_connections: bool = True) -> None:
        check_transport(given, named)
        self._given = given
        self._named = named
        self._keeps_connections = keeps_connections
        self._lock = Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def sender(self, library: Library) -> Callable[[Request], Response]:
        """Return what sends a request of a sync client and returns the response, unread."""
        send: Callable[[Request], Response] = self._sender(library, "Client", "handle_request")
        return send

    def async_sender(self, library: Library) -> Callable[[Request], Awaitable[Response]]:
        """Return what sends a request of an async client and returns the response, unread."""
        import anyio.to_thread  # noqa: F401  # loaded here, while no time is taken yet

        send: Callable[[Request], Awaitable[Response]]
        send = self._sender(library, "AsyncClient", "handle_async_request")
        return send

    def close(self) -> None:
        """Close what was given or made; a client that is needed again is made anew."""
        for client in self._let_go("Client"):
            client.close()

    async def aclose(self) -> None:
        """Close what was given or made; a client that is needed again is made anew."""
        for client in self._let_go("AsyncClient"):
            await client.aclose()

    def _sender(self, library: Library, client: str, method: str) -> Any:
        if self._given is not None:
            return library.method_of(self._given, method, named=self._named)
        key = (library.name, client)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = getattr(library.module, client)(**self._options(library))
            send = self._clients[key].send
        return partial(send, stream=True, auth=None, follow_redirects=False)

    def _options(self, library: Library) -> dict[str, Any]:
        if self._keeps_connections:
            return {}
        return {"limits": library.module.Limits(max_keepalive_connections=0)}

    def _let_go(self, kind: str) -> list[Any]:
        """Return what there is to close in one colour, and forget the clients that were made."""
        if self._given is not None:
            return [self._given]
        with self._lock:
            keys = [key for key in self._clients if key[1] == kind]
            return [self._clients.pop(key) for key in keys]
