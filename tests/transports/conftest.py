"""What the tests of the transports share: a clock that waits for nobody, and a server next door."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fake_clock import FakeClock

Answering = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; `begin`, `send` and `end` stream an answer, piece by piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.seen.append((self.path, dict(self.headers.items()), self.body))
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.left.set()
            self.close_connection = True

    do_GET = do_POST

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_type": "text/event-stream", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server on loopback that answers as it is told."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.left = threading.Event()  # set once a client has gone while we were sending
        self.answer: Answering = answer_with_ten_events
        self.events = events()
        self.turn = threading.Semaphore(0)  # to be waited for by an answer, given by a test

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go early."""

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # without the look-up of this machine's name
        self.server_name, self.server_port = self.server_address[:2]


def events() -> list[bytes]:
    event = b'data: {"choices":[{"index":0,"delta":{"content":"w%d"}}]}\n\n'
    return [event % number for number in range(10)]


def answer_with_ten_events(handler: Handler) -> None:
    handler.begin()
    for event in handler.server.events:
        handler.send(event)
    handler.end()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
