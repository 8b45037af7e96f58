"""httpx or httpx2: each is answered as itself, and neither is needed for the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from chatviz.transports.clients.library import Library, library_name, read_head, read_request

ROOT = Path(__file__).parents[3]
LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2])


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_importing_chatviz_and_its_transports_imports_no_http_library() -> None:
    code = (
        "import sys, chatviz\n"
        "import chatviz.transports.clients.replay, chatviz.transports.clients.record\n"
        "print([name for name in sys.modules if name.startswith(('httpx', 'httpcore', 'anyio'))])"
    )
    assert run("-W", "error", "-c", code).stdout.strip() == "[]"


def test_without_httpx2_everything_works_with_httpx(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
sys.modules["httpx2"] = None  # importing it fails from now on
import httpx
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
path, url = {str(tmp_path / "a.yaml")!r}, "http://a.test"
inner = httpx.MockTransport(lambda request: httpx.Response(200, text="hello"))
with httpx.Client(transport=RecordTransport(path, inner=inner)) as client:
    assert client.get(url).text == "hello"
with httpx.Client(transport=ReplayTransport(path)) as client:
    assert client.get(url).text == "hello"
async def ask():
    async with httpx.AsyncClient(transport=ReplayTransport(path)) as client:
        assert (await client.get(url)).text == "hello"
asyncio.run(ask())
print("fine")
"""
    done = run("-W", "error", "-c", code)
    assert (done.stdout.strip(), done.stderr) == ("fine", "")


def test_code_of_users_type_checks_with_both_libraries(tmp_path: Path) -> None:
    script = tmp_path / "user.py"
    script.write_text(
        "import httpx, httpx2\n"
        "from chatviz.transports.clients.record import RecordTransport\n"
        "from chatviz.transports.clients.replay import ReplayTransport\n"
        "httpx.Client(transport=ReplayTransport('a.yaml'))\n"
        "httpx.AsyncClient(transport=ReplayTransport('a.yaml', speed=1.0))\n"
        "httpx2.Client(transport=RecordTransport('a.yaml', inner=httpx2.HTTPTransport()))\n"
        "httpx2.AsyncClient(transport=RecordTransport('a.yaml', mode='all'))\n"
        "with ReplayTransport('a.yaml') as transport: transport.misses[0].differences\n"
        "ReplayTransport('a.yaml', speed='fast')\n"
    )
    done = run("-m", "mypy", "--no-error-summary", str(script))
    (line,) = done.stdout.splitlines()
    assert 'user.py:9: error: Argument "speed" to "ReplayTransport"' in line


@LIBRARIES
def test_a_library_is_known_by_the_classes_above_a_values_own(library: Any) -> None:
    class Mine(library.Request):  # type: ignore[misc]
        pass

    assert Library(Mine("GET", "http://a.test")).module is library
    assert library_name(object()) == ""


@LIBRARIES
def test_the_streams_of_an_answer_are_of_both_colours(library: Any) -> None:
    request = library.Request("GET", "http://a.test")
    response = Library(request).respond(200, [], Nothing(), {})
    assert isinstance(response.stream, library.SyncByteStream)
    assert isinstance(response.stream, library.AsyncByteStream)


class Nothing:
    """A body without anything in it."""

    def __iter__(self) -> Any:
        return iter(())

    def __aiter__(self) -> Any:
        raise NotImplementedError

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


@LIBRARIES
def test_a_request_is_read_as_a_recording_keeps_it(library: Any) -> None:
    url = "https://a.test:8443/b?c=d"
    request = library.Request("POST", url, headers=[("X-A", "1"), ("x-a", "2")], content=b"body")
    recorded = read_request(request)
    assert (recorded.method, recorded.url) == ("POST", url)
    assert recorded.headers["X-A"] == ("1", "2")
    assert (recorded.body, recorded.content_length) == (b"body", 4)
    assert recorded.host == "a.test:8443"


@pytest.mark.parametrize(
    ("version", "status", "proto", "numbers", "line"),
    [
        (b"HTTP/1.1", 200, "HTTP/1.1", (1, 1), "200 OK"),
        (b"HTTP/2", 404, "HTTP/2.0", (2, 0), "404 Not Found"),
        (b"HTTP/2", 599, "HTTP/2.0", (2, 0), "599"),
    ],
)
def test_a_head_is_read_as_go_would_write_it(
    version: bytes, status: int, proto: str, numbers: tuple[int, int], line: str
) -> None:
    extensions = {"http_version": version, "reason_phrase": b"OK" if status == 200 else b""}
    head = read_head(httpx.Response(status, headers={"content-length": "7"}, extensions=extensions))
    assert (head.proto, (head.proto_major, head.proto_minor)) == (proto, numbers)
    assert (head.status_line, head.content_length) == (line, 7)
