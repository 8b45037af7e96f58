"""The parts of a test that plays recorded answers without chatviz, as they stand in its file."""

from __future__ import annotations

from typing import Final

__all__ = ["ASYNC_CLIENT", "CLIENT", "IN_TIME", "SERVER", "STRANGE", "TEMPLATE_IMPORTS"]

TEMPLATE_IMPORTS: Final = {
    "client": ("import time",),
    "async_client": ("import asyncio",),
    "server": (
        "import time",
        "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer",
        "from threading import Thread",
    ),
    "in_time": ("from queue import SimpleQueue", "from threading import Thread"),
}
"""What each part imports."""

CLIENT: Final = '''\
def call():
    """Call it with a client that is answered from what was recorded."""
    with LIBRARY.Client(transport=LIBRARY.MockTransport(answer)) as client:
        return FUNCTION(client)


def answer(request):
    asked.append((request.url, request.content))
    if len(asked) > len(ANSWERS):
        return LIBRARY.Response(404)
    status, headers, pieces, breaks = ANSWERS[len(asked) - 1]
    return LIBRARY.Response(status, headers=headers, content=stream(request, pieces, breaks))


def stream(request, pieces, breaks):
    patience_s = request.extensions["timeout"]["read"] or 3600
    for wait_s, data in pieces:
        time.sleep(min(wait_s, patience_s))
        if wait_s > patience_s:
            raise LIBRARY.ReadTimeout("nothing came")
        yield data
    if breaks:
        raise LIBRARY.RemoteProtocolError(breaks)
'''

ASYNC_CLIENT: Final = '''\
def call():
    """Call it with a client that is answered from what was recorded."""
    return asyncio.run(call_async())


async def call_async():
    async with LIBRARY.AsyncClient(transport=LIBRARY.MockTransport(answer)) as client:
        return await FUNCTION(client)


def answer(request):
    asked.append((request.url, request.content))
    if len(asked) > len(ANSWERS):
        return LIBRARY.Response(404)
    status, headers, pieces, breaks = ANSWERS[len(asked) - 1]
    return LIBRARY.Response(status, headers=headers, content=stream(request, pieces, breaks))


async def stream(request, pieces, breaks):
    patience_s = request.extensions["timeout"]["read"] or 3600
    for wait_s, data in pieces:
        await asyncio.sleep(min(wait_s, patience_s))
        if wait_s > patience_s:
            raise LIBRARY.ReadTimeout("nothing came")
        yield data
    if breaks:
        raise LIBRARY.RemoteProtocolError(breaks)
'''

SERVER: Final = '''\
def call():
    """Call it with the URL of a server that answers what was recorded."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        return RESULT
    finally:
        server.shutdown()
        server.server_close()


class Recorded(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked.append((self.path, body))
        missing = (404, {}, [], "")
        number = len(asked)
        status, headers, pieces, breaks = ANSWERS[number - 1] if number <= len(ANSWERS) else missing
        self.send_response(status)
        for name, value in {**headers, "transfer-encoding": "chunked"}.items():
            self.send_header(name, value)
        self.end_headers()
        for wait_s, data in pieces:
            time.sleep(wait_s)
            self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(data), data) if data else b"")
            self.wfile.flush()
        if not breaks:
            self.wfile.write(b"0\\r\\n\\r\\n")
        self.close_connection = True

    def log_message(self, *_):
        pass
'''

IN_TIME: Final = '''\
def in_time(function):
    """Return what a function returns; raise queue.Empty where it takes too long."""
    ended = SimpleQueue()
    Thread(target=lambda: ended.put(function()), daemon=True).start()
    return ended.get(timeout=LIMIT_S)
'''

STRANGE: Final = """\
    strange = [one for one in asked[len(ANSWERS) :] if one not in asked[: len(ANSWERS)]]
    assert not strange, "it went on, and asked for what was not recorded"
"""
