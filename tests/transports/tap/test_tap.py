"""A tap between a client and its server: what passes is unchanged, and kept with its times."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, NoReturn

import httpx
import pytest

import chatviz as cv
from chatviz.cassettes.metadata import CLOSED_BY_CALLER
from chatviz.errors import CassetteError
from chatviz.transports.tap.tap import Tap
from tests.transports.conftest import Handler, Server

KEY = "sk-proj-" + "Ab3dE6gH" * 6
CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
STREAMS = 50
Eventually = Callable[[Callable[[], Any]], Any]


def kept(tap: Tap) -> list[cv.Interaction]:
    """What is in the files by now."""
    return [each for path in tap.paths for each in cv.load_cassette(path).interactions]


# ---- unchanged, and at once


def test_every_sample_passes_to_the_byte_and_is_kept_so(
    client: httpx.Client, tmp_path: Path
) -> None:
    for name in cv.samples():
        path, recorded = cv.sample(name), cv.load_cassette(cv.sample(name)).interactions
        with (
            cv.ReplayServer(path) as direct,
            cv.ReplayServer(path) as origin,
            Tap(origin.url, to=tmp_path / f"{name}.yaml") as tap,
        ):
            for each in recorded:
                target, body = httpx.URL(each.request.url).raw_path.decode(), each.request.body
                answers = [
                    client.request(each.request.method, server.url + target, content=body)
                    for server in (direct, tap)
                ]
                assert answers[0].content == answers[1].content == each.response.body
                assert answers[0].headers.raw == answers[1].headers.raw
                assert answers[0].status_code == answers[1].status_code == each.response.status
            assert [one.response.body for one in kept(tap)] == [
                one.response.body for one in recorded
            ]


def test_each_piece_passes_before_the_next_is_sent(
    tap: Tap, server: Server, client: httpx.Client
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin()
        for event in server.events:
            handler.send(event)
            assert server.turn.acquire(timeout=20), "the piece did not come"
        handler.end()

    server.answer = answer
    with client.stream("POST", tap.url + CHAT, json=ASKED) as response:
        for expected, piece in zip(server.events, response.iter_raw(), strict=True):
            assert piece == expected
            server.turn.release()
    (one,) = kept(tap)
    metadata = one.response.metadata
    assert metadata is not None
    assert [size for size, _ in metadata.pieces] == [len(event) for event in server.events]
    assert metadata.clock == "measured"
    (run,) = cv.read_runs(tap.paths)
    assert run.timing == "measured"
    assert run.message.text == "w0w1w2w3w4w5w6w7w8w9"


def test_the_request_arrives_as_it_was_sent(tap: Tap, server: Server, client: httpx.Client) -> None:
    target = "/v1/a%2Fb/%E2%9C%93;x/~?q=a+b%20c&empty=&r=%7B"
    headers = {"X-Own": "1", "Connection": "close, X-Hop", "X-Hop": "2", "TE": "trailers"}
    client.post(
        httpx.URL(tap.url).copy_with(raw_path=target.encode()), content=b"\x00\xff", headers=headers
    )
    ((path, seen, body),) = server.seen
    assert (path, body) == (target, b"\x00\xff")
    names = {name.lower() for name in seen}
    assert seen["Host"] == server.url.removeprefix("http://")
    assert seen["x-own"] == "1"
    assert not names & {"x-hop", "te"}
    (one,) = kept(tap)
    assert one.request.url == server.url + target


@pytest.mark.parametrize("coding", [None, "identity", "gzip, br"])
def test_what_codings_are_accepted_passes_through(
    tap: Tap, server: Server, coding: str | None
) -> None:
    request = httpx.Request("POST", tap.url + CHAT, json=ASKED)
    if coding is not None:
        request.headers["accept-encoding"] = coding
    with httpx.HTTPTransport() as transport:
        transport.handle_request(request).read()
    ((_, seen, _),) = server.seen
    assert seen.get("accept-encoding") == coding


def test_an_encoded_body_passes_encoded_and_is_kept_decoded_with_a_note(
    tap: Tap, server: Server, client: httpx.Client
) -> None:
    plain = b"".join(server.events)
    packed = gzip.compress(plain)

    def answer(handler: Handler) -> None:
        handler.begin(content_encoding="gzip")
        handler.send(packed[:20])
        handler.send(packed[20:])
        handler.end()

    server.answer = answer
    with client.stream("POST", tap.url + CHAT, json=ASKED) as response:
        assert b"".join(response.iter_raw()) == packed
        assert response.headers["content-encoding"] == "gzip"
    (one,) = kept(tap)
    assert one.response.body == plain
    assert one.response.metadata is not None
    assert one.response.metadata.content_encoding == "gzip"
    assert one.response.metadata.encoded_size == len(packed)


def test_uploads_pass_whole_with_a_length_and_without(
    tap: Tap, server: Server, client: httpx.Client
) -> None:
    data = bytes(range(256)) * 4_000
    client.post(tap.url + "/v1/files", files={"file": ("a.bin", data)})
    client.post(tap.url + "/v1/files", content=iter([data[:1000], data[1000:]]))
    assert data in server.seen[0][2]
    assert server.seen[1][2] == data
    assert [one.request.method for one in kept(tap)] == ["POST", "POST"]
    assert len(tap.paths) == 1  # what is no chat is kept together


@pytest.mark.parametrize("status", [307, 400, 401, 429, 500, 529])
def test_errors_and_redirects_are_passed_on_and_kept_as_what_they_are(
    tap: Tap, server: Server, client: httpx.Client, status: int
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin(status, content_type="application/json", retry_after="7", location="/b")
        handler.send(b'{"error": {"message": "no"}}')
        handler.end()

    server.answer = answer
    response = client.post(tap.url + CHAT, json=ASKED)
    assert (response.status_code, response.content) == (status, b'{"error": {"message": "no"}}')
    assert response.headers["retry-after"] == "7"
    (one,) = kept(tap)
    assert one.response.status == status
    assert [answer.state for answer in tap.answers] == ["ended"]


def test_a_head_has_no_body(tap: Tap, server: Server) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "12")
        handler.end_headers()

    server.answer = answer
    Handler.do_HEAD = Handler.do_POST  # type: ignore[attr-defined]
    try:
        response = httpx.head(tap.url + "/v1/models", trust_env=False)
    finally:
        del Handler.do_HEAD  # type: ignore[attr-defined]
    assert (response.status_code, response.headers["content-length"]) == (200, "12")


def test_fifty_streams_at_once_are_kept_apart(
    tap: Tap, server: Server, eventually: Eventually
) -> None:
    """None ends before all have begun: they really are at once."""
    all_there = threading.Barrier(STREAMS)

    def answer(handler: Handler) -> None:
        number = json.loads(handler.body)["messages"][0]["content"]
        handler.begin()
        for n in range(20):
            handler.send(
                b'data: {"choices":[{"index":0,"delta":{"content":"%s.%d "}}]}\n\n'
                % (number.encode(), n)
            )
            if n == 10:
                all_there.wait(20)
        handler.end()

    async def ask_all() -> list[bytes]:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            client._transport._pool._max_connections = STREAMS + 1  # type: ignore[attr-defined]
            asked = [
                client.post(
                    tap.url + CHAT,
                    json={**ASKED, "messages": [{"role": "user", "content": str(n)}]},
                )
                for n in range(STREAMS)
            ]
            return [response.content for response in await asyncio.gather(*asked)]

    server.answer = answer
    bodies = asyncio.run(ask_all())
    assert len(set(bodies)) == STREAMS
    eventually(lambda: len(kept(tap)) == STREAMS)
    runs = cv.read_runs(tap.paths)
    texts = {run.chat_request.messages[0].text: run.message.text for run in runs}
    assert texts == {str(n): "".join(f"{n}.{k} " for k in range(20)) for n in range(STREAMS)}
    assert len(tap.paths) == STREAMS


# ---- ends of all kinds


def test_a_client_that_goes_early_leaves_upstream_and_what_came_is_kept(
    tap: Tap, server: Server, client: httpx.Client, eventually: Eventually
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin()
        while not server.left.is_set():
            handler.send(server.events[0])
            server.turn.acquire(timeout=0.01)

    server.answer = answer
    with client.stream("POST", tap.url + CHAT, json=ASKED) as response:
        assert next(response.iter_raw())
    assert server.left.wait(20)
    (one,) = eventually(lambda: kept(tap))
    assert one.response.metadata is not None
    assert one.response.metadata.cut_short == CLOSED_BY_CALLER
    assert [answer.state for answer in tap.answers] == [CLOSED_BY_CALLER]
    (run,) = cv.read_runs(tap.paths)
    assert "recording_cut_short" in {finding.code for finding in run.findings}


def test_a_client_that_goes_before_the_answer_is_told_of_and_not_kept(
    tap: Tap, server: Server, eventually: Eventually
) -> None:
    def answer(handler: Handler) -> None:
        server.turn.acquire(timeout=20)

    server.answer = answer
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(tap.url + CHAT, json=ASKED, trust_env=False, timeout=0.2)
    eventually(lambda: [one.state for one in tap.answers] == [CLOSED_BY_CALLER])
    server.turn.release()
    assert kept(tap) == []


def test_an_upstream_that_breaks_breaks_the_answer_and_what_came_is_kept(
    tap: Tap, server: Server, client: httpx.Client, eventually: Eventually
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin()
        handler.send(server.events[0])
        handler.close_connection = True

    server.answer = answer
    got = b""
    with (
        pytest.raises(httpx.RemoteProtocolError),
        client.stream("POST", tap.url + CHAT, json=ASKED) as response,
    ):
        for piece in response.iter_raw():
            got += piece
    assert got == server.events[0]
    (one,) = eventually(lambda: kept(tap))
    assert one.response.body == got
    assert one.response.metadata is not None
    assert one.response.metadata.cut_short == "broken by the server: RemoteProtocolError"


def test_an_upstream_that_is_not_there_is_answered_for_and_that_is_kept(
    client: httpx.Client, tmp_path: Path, unused_port: int
) -> None:
    with Tap(f"http://127.0.0.1:{unused_port}", to=tmp_path / "kept") as tap:
        response = client.post(
            tap.url + CHAT, json=ASKED, headers={"authorization": f"Bearer {KEY}"}
        )
        assert response.status_code == 502
        told = response.json()
        assert "Connection refused" in told["error"]["message"]
        assert told["message"] == told["error"]["message"]
        (one,) = kept(tap)
        assert (one.response.status, one.response.body) == (502, response.content)
        assert "x-chatviz-tap" in one.response.headers
        assert KEY not in str(tap.answers)


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_closing_breaks_what_streams_and_keeps_what_came(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin()
        handler.send(server.events[0])
        server.turn.acquire(timeout=20)

    server.answer = answer
    tap = Tap(server.url, to=tmp_path / "kept.yaml").start()
    with client.stream("POST", tap.url + CHAT, json=ASKED) as response:
        pieces = response.iter_raw()
        assert next(pieces) == server.events[0]
        tap.close()
        with pytest.raises(httpx.HTTPError):
            next(pieces)
    server.turn.release()
    (one,) = cv.load_cassette(tmp_path / "kept.yaml").interactions
    assert one.response.body == server.events[0]
    tap.close()
    with pytest.raises(RuntimeError, match="not running"):
        _ = tap.url


# ---- what is written


def test_a_conversation_has_a_file_and_another_has_its_own(
    tap: Tap, server: Server, client: httpx.Client
) -> None:
    first = [{"role": "user", "content": "hi"}]
    later = [*first, {"role": "assistant", "content": "w0w1w2w3w4w5w6w7w8w9"},
             {"role": "user", "content": "go on"}]  # fmt: skip
    other = [{"role": "user", "content": "something else"}]
    for messages in (first, other, later):
        client.post(tap.url + CHAT, json={**ASKED, "messages": messages})
    assert len(tap.paths) == 2
    steps = [len(cv.read_conversation(path).steps) for path in tap.paths]
    assert steps == [2, 1]
    assert {answer.path for answer in tap.answers} == set(tap.paths)
    assert all(path.name.endswith(".yaml") and path.parent.name == "kept" for path in tap.paths)


def test_a_file_that_was_closed_is_opened_again_where_its_conversation_goes_on(
    tap: Tap, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.transports.tap.answer_files._MOST_OPEN", 1)
    for path in ("/v1/models", CHAT, "/v1/models"):
        client.request("POST", tap.url + path, json=ASKED if path == CHAT else {})
        assert tap.paths  # waits for the writer
    assert [len(cv.load_cassette(path).interactions) for path in tap.paths] == [2, 1]


def test_one_file_grows_by_every_answer_and_by_the_next_tap_s(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    path = tmp_path / "all.yaml"
    for number in (1, 2):
        with Tap(server.url, to=path) as tap:
            client.post(tap.url + CHAT, json=ASKED)
            client.get(tap.url + "/v1/models")
            assert tap.paths == [path]
        assert len(cv.load_cassette(path).interactions) == 2 * number
    assert list(tmp_path.iterdir()) == [path]


def test_keys_pass_through_and_are_nowhere_written(
    server: Server, client: httpx.Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin(401, set_cookie=f"session={KEY}")
        handler.send(b'data: {"error": {"message": "wrong key %s"}}\n\n' % KEY.encode())
        handler.end()

    server.answer = answer
    caplog.set_level("DEBUG")
    with Tap(server.url, to=tmp_path / "kept") as tap:
        response = client.post(
            f"{tap.url}{CHAT}?key={KEY}",
            json={**ASKED, "api_key": KEY},
            headers={"authorization": f"Bearer {KEY}", "x-api-key": KEY, "cookie": f"a={KEY}"},
        )
        assert KEY in response.text
        assert KEY in response.headers["set-cookie"]
        path, seen, body = server.seen[0]
        assert KEY in path and KEY in seen["authorization"] and KEY in seen["x-api-key"]
        assert KEY.encode() in body
        assert len(tap.paths) == 1
        shown = f"{tap.answers} {tap!r} {tap.log}"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert KEY not in files[0].read_text()
    assert KEY not in shown
    own = [record.getMessage() for record in caplog.records if record.name.startswith("chatviz")]
    assert KEY not in " ".join(own)


def test_a_header_that_cannot_be_sent_shows_no_key(tap: Tap, client: httpx.Client) -> None:
    """An error of the connection names the header's value; the answer and the log do not."""
    import socket

    host, port = tap.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer "
            + KEY.encode() + b"\x01\r\n\r\n"
        )  # fmt: skip
        told = connection.recv(65_536)
    assert KEY.encode() not in told
    assert KEY not in str(tap.answers)


def test_what_cannot_be_written_still_passes_and_closing_says_so(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    tap = Tap(server.url, to=folder).start()
    folder.rmdir()
    response = client.post(tap.url + CHAT, json=ASKED)
    assert response.content == b"".join(server.events)
    with pytest.raises(CassetteError, match="no such folder"):
        tap.close()
    folder.mkdir()
    tap.close()
    assert len(tap.paths) == 1
    assert len(kept(tap)) == 1


def test_a_folder_that_cannot_be_made_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="cannot be made"):
        Tap("openai", to=tmp_path / "a" / "b")
    (tmp_path / "har.yaml").write_text("interactions: []\nversion: 1\n")
    with pytest.raises(CassetteError, match="vcrpy"):
        Tap("openai", to=tmp_path / "har.yaml")


def test_a_folder_that_was_made_in_vain_is_taken_away(
    tmp_path: Path, server: Server, client: httpx.Client
) -> None:
    made, found = tmp_path / "made", tmp_path / "found"
    found.mkdir()
    for folder in (made, found):
        with Tap(server.url, to=folder):
            assert folder.is_dir()
    assert not made.exists() and found.is_dir()
    tap = Tap(server.url, to=made).start()
    tap.close()
    with tap:
        client.post(tap.url + CHAT, json=ASKED)
    assert len(kept(tap)) == 1


KILLED = """
import sys, threading, chatviz as cv
with cv.Tap(sys.argv[1], to=sys.argv[2]) as tap:
    print(tap.url, flush=True)
    threading.Event().wait()
"""


@pytest.mark.parametrize("to", ["kept", "kept.yaml"])
def test_kill_9_leaves_every_answer_that_had_ended(
    server: Server, client: httpx.Client, tmp_path: Path, eventually: Eventually, to: str
) -> None:
    def answer(handler: Handler) -> None:
        handler.begin()
        for event in server.events:
            handler.send(event)
        if json.loads(handler.body)["messages"][0]["content"] == "endless":
            server.turn.acquire(timeout=20)
        handler.end()

    def read() -> list[cv.StreamRun]:
        files = sorted(tmp_path.glob("kept*/*.yaml")) if to == "kept" else [tmp_path / to]
        return [run for path in files if path.exists() for run in cv.read_runs(path)]

    server.answer = answer
    command = [sys.executable, "-c", KILLED, server.url, str(tmp_path / to)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            for number in range(8):
                messages = [{"role": "user", "content": f"number {number}"}]
                client.post(url + CHAT, json={**ASKED, "messages": messages})
            messages = [{"role": "user", "content": "endless"}]
            with client.stream("POST", url + CHAT, json={**ASKED, "messages": messages}) as late:
                pieces = late.iter_raw()
                assert next(pieces)
                eventually(lambda: len(read()) == 8)  # within a moment of their last byte
                process.kill()
                process.wait()
                with suppress(httpx.HTTPError):
                    list(pieces)
        finally:
            process.kill()
            server.turn.release()
    runs = read()
    assert {run.chat_request.messages[0].text for run in runs} == {f"number {n}" for n in range(8)}
    assert {run.message.text for run in runs} == {"w0w1w2w3w4w5w6w7w8w9"}


# ---- the way upstream


@pytest.fixture
def certificate(tmp_path: Path, without_program: Callable[[str], NoReturn]) -> Path:
    """A certificate for this machine that nobody knows, and its key."""
    import shutil

    openssl = shutil.which("openssl") or without_program("openssl is not installed")
    path = tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, tmp_path / "key.pem")
    return path


def test_certificates_are_verified(
    server: Server,
    client: httpx.Client,
    tmp_path: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = server.url.replace("http:", "https:")
    with Tap(url, to=tmp_path / "kept") as tap:
        response = client.post(tap.url + CHAT, json=ASKED)
        assert response.status_code == 502
        assert "certificate is not accepted (self-signed certificate)" in response.text
    assert server.seen == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Tap(url, to=tmp_path / "kept") as tap:
        assert client.post(tap.url + CHAT, json=ASKED).content == b"".join(server.events)


def test_the_proxy_of_the_environment_is_used(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[bytes] = []

    class Proxy(StreamRequestHandler):
        def handle(self) -> None:
            lines.append(self.rfile.readline())
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")

    with ThreadingTCPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
        with Tap("http://model.invalid:8000", to=tmp_path / "kept") as tap:
            assert client.get(tap.url + "/v1/models").text == "hi"
        proxy.shutdown()
        thread.join()
    assert lines == [b"GET http://model.invalid:8000/v1/models HTTP/1.1\r\n"]


def test_several_upstreams_have_prefixes(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    routes = {"mine": server.url, "deep": f"{server.url}/api/v1/", "openai": "openai"}
    with Tap(routes, to=tmp_path / "kept") as tap:
        assert tap.base_urls == {
            "mine": f"{tap.url}/mine",
            "deep": f"{tap.url}/deep",
            "openai": f"{tap.url}/openai/v1",
        }
        with pytest.raises(ValueError, match="3 upstreams"):
            _ = tap.base_url
        client.post(f"{tap.url}/mine{CHAT}", json=ASKED)
        client.post(f"{tap.url}/deep/chat/completions?a=1", json=ASKED)
        assert [path for path, _, _ in server.seen] == [CHAT, "/api/v1/chat/completions?a=1"]
        assert kept(tap)[0].request.url == server.url + CHAT
        lost = client.post(f"{tap.url}/minesweeper", json=ASKED)
        assert lost.status_code == 404
        assert "/mine/, /deep/, /openai/" in lost.text
        assert [refusal.status for refusal in tap.refusals] == [404]


def test_in_an_async_program_it_starts_and_stops_as_well(server: Server, tmp_path: Path) -> None:
    async def ask() -> bytes:
        async with (
            Tap(server.url, to=tmp_path / "kept") as tap,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            with pytest.raises(RuntimeError, match="running already"):
                tap.start()
            return (await client.post(tap.base_url + CHAT, json=ASKED)).content

    assert asyncio.run(ask()) == b"".join(server.events)


def test_the_port_is_the_one_that_was_asked_for(
    server: Server, tmp_path: Path, unused_port: int
) -> None:
    with Tap(server.url, to=tmp_path / "kept", port=unused_port) as tap:
        assert tap.url == f"http://127.0.0.1:{unused_port}"
        other = Tap(server.url, to=tmp_path / "kept", port=unused_port)
        with pytest.raises(OSError, match="in use"):
            other.start()
        other.close()
        assert repr(tap).startswith(f"<Tap: {tap.url}, 0 answers of 127.0.0.1:")
