"""An ASGI application on a socket, in a thread of its own."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from chatviz.transports.server.server_thread import TRANSPORT, ServerThread

Sender = Callable[[dict[str, Any]], Awaitable[None]]


async def tell_of_connection(scope: Any, receive: Any, send: Sender) -> None:
    """Answer with whether the connection sends small pieces at once."""
    connection = scope["state"][TRANSPORT].get_extra_info("socket")
    no_delay = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(no_delay != 0).encode()})


def test_an_application_reaches_its_connection_which_sends_small_pieces_at_once() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread = ServerThread(tell_of_connection, listener)
    try:
        with httpx.Client(trust_env=False) as client:
            assert client.get(url).text == "True"
    finally:
        thread.stop()
    assert listener.fileno() == -1
