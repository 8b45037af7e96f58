"""The same answers over a real socket, for any client."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import httpx2
import openai
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.errors import CassetteNotFoundError
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.playing.faults import Drop, Refuse, Stall
from chatviz.transports.server import server as server_room
from chatviz.transports.server.request_limits import RequestLimits
from chatviz.transports.server.server import ReplayServer

URL = "https://api.test/v1/chat/completions"
FOREVER = 3600.0


def interaction(
    body: bytes = b"hello", *, status: int = 200, asked: bytes = b'{"a": 1}', **more: Any
) -> Interaction:
    return Interaction(
        RecordedRequest("POST", URL, body=asked),
        RecordedResponse(status, body=body, **more),
    )


def cassette(*interactions: Interaction) -> Cassette:
    return Cassette(interactions or (interaction(),))


def post(server: ReplayServer, content: bytes = b'{"a":1}', path: str = "/chat/completions") -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.post(server.base_url + path, content=content)


def is_serving() -> bool:
    return any(thread.name == "chatviz-replay-server" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def no_server_is_left() -> Iterator[None]:
    yield
    assert not is_serving()


# ---- the recordings, through several clients


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_both_packaged_recordings_come_over_a_socket_to_the_byte(library: Any, seeds: Any) -> None:
    for path in seeds:
        with ReplayServer(path) as server, library.Client(trust_env=False) as client:
            for each in cv.load_cassette(path).interactions:
                response = client.post(
                    server.base_url + "/chat/completions", content=each.request.body
                )
                assert response.status_code == each.response.status
                assert response.headers["content-type"] == "text/event-stream"
                assert response.content == each.response.body
                recorded = cv.read_stream(each.response.body)
                assert cv.read_stream(response.content).message == recorded.message
            assert server.all_played
            assert server.unused == ()


def test_curl_gets_the_same_bytes(seeds: Any, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl here")
    for path in seeds:
        with ReplayServer(path) as server:
            for each in cv.load_cassette(path).interactions:
                asked = tmp_path / "asked.json"
                asked.write_bytes(each.request.body)
                options = ["--noproxy", "*", "-sSN", "-H", "content-type: application/json"]
                done = subprocess.run(
                    [
                        curl,
                        *options,
                        "--data-binary",
                        f"@{asked}",
                        f"{server.url}/chat/completions",
                    ],
                    capture_output=True,
                    check=True,
                )
                assert done.stdout == each.response.body
            assert server.all_played


def ask(each: Interaction) -> dict[str, Any]:
    """The arguments with which the openai client asks what was recorded."""
    asked = json.loads(each.request.body)
    ours = {name: asked.pop(name) for name in ("provider", "usage") if name in asked}
    return {**asked, "extra_body": ours}


def test_the_openai_client_gets_the_same_bytes_and_message(seeds: Any) -> None:
    for path in seeds:
        server = ReplayServer(path, repeat=True)
        with server, openai.OpenAI(base_url=server.base_url, api_key="none") as client:
            for each in server.cassette.interactions:
                recorded = cv.read_stream(each.response.body).message
                completions = client.chat.completions
                with completions.with_streaming_response.create(**ask(each)) as response:
                    assert b"".join(response.iter_bytes()) == each.response.body
                with completions.create(**ask(each)) as stream:
                    deltas = [chunk.choices[0].delta for chunk in stream if chunk.choices]
                assert "".join(delta.content or "" for delta in deltas) == recorded.text
                calls = [call for delta in deltas for call in delta.tool_calls or ()]
                for call in recorded.tool_calls:
                    fragments = [
                        each.function.arguments or ""
                        for each in calls
                        if each.index == call.index and each.function is not None
                    ]
                    assert "".join(fragments) == call.arguments


def test_the_async_openai_client_gets_the_same_message(seeds: Any) -> None:
    async def replay() -> None:
        async with ReplayServer(seeds.fireworks) as server:
            each = server.cassette.interactions[0]
            async with openai.AsyncOpenAI(base_url=server.base_url, api_key="none") as client:
                stream = await client.chat.completions.create(**ask(each))
                async with stream:
                    texts = [
                        chunk.choices[0].delta.content or ""
                        async for chunk in stream
                        if chunk.choices
                    ]
            assert "".join(texts) == cv.read_stream(each.response.body).message.text

    asyncio.run(replay())


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions"])
def test_the_beginning_of_the_recorded_path_may_be_left_out(path: str) -> None:
    with ReplayServer(cassette()) as server:
        assert post(server, path=path).content == b"hello"


def test_a_recorded_redirect_is_followed_on_this_machine() -> None:
    """A client that went to the recorded URL would ask the real host."""
    moved = "https://api.test/v2/chat/completions"
    redirect = Interaction(
        RecordedRequest("POST", URL, body=b'{"a": 1}'),
        RecordedResponse(307, headers={"Location": (moved,)}),
    )
    answer = Interaction(
        RecordedRequest("POST", moved, body=b'{"a": 1}'), RecordedResponse(200, body=b"moved")
    )
    with (
        ReplayServer(cassette(redirect, answer)) as server,
        httpx.Client(trust_env=False, follow_redirects=True) as client,
    ):
        got = client.post(f"{server.base_url}/v1/chat/completions", content=b'{"a":1}')
    assert (got.status_code, got.content) == (200, b"moved")
    assert got.url.host == "127.0.0.1"


def test_two_recorded_places_are_both_asked_at_their_common_end() -> None:
    other = Interaction(
        RecordedRequest("POST", "https://b.test/api/chat/completions", body=b'{"b": 1}'),
        RecordedResponse(200, body=b"other"),
    )
    with ReplayServer(cassette(interaction(), other)) as server:
        assert post(server, b'{"b": 1}').content == b"other"
        assert post(server).content == b"hello"
        assert server.misses == []


# ---- requests that are not looked at


def raw(server: ReplayServer, *sent: bytes, timeout_s: float = 5) -> bytes:
    """Send bytes as they are, and return all that comes back until the connection is closed."""
    address = (httpx.URL(server.url).host, httpx.URL(server.url).port)
    with socket.create_connection(address, timeout=timeout_s) as connection:
        for data in sent:
            connection.sendall(data)
        received = b""
        while data := connection.recv(65536):
            received += data
    return received


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:{port}",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
        ),
        *("192.168.0.1", "0.0.0.0", "[::2]", "", "127.0.0.1@evil.example", "xn--e1awd7f.com"),
        *("169.254.169.254", "127.0.0.1 evil.example", "not localhost"),
    ],
)
def test_a_request_for_another_host_is_refused_and_plays_nothing(host: str) -> None:
    with ReplayServer(cassette(), allow_origins=["*"]) as server:
        named = host.format(port=httpx.URL(server.url).port)
        for method in ("POST", "OPTIONS"):
            head = f"{method} /chat/completions HTTP/1.1\r\nHost: {named}\r\n"
            head += 'Content-Length: 7\r\n\r\n{"a":1}'
            answer = raw(server, head.encode())
            assert answer.startswith(b"HTTP/1.1 421 ")
            assert b"allow_hosts" in answer
            assert b"hello" not in answer
        assert not server.all_played
        assert server.misses == []


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.9:1", "[::1]:5", "a.localhost", "r.test"],
)
def test_a_request_for_this_machine_or_an_allowed_name_is_answered(host: str) -> None:
    with ReplayServer(cassette(), allow_hosts=["R.test"]) as server:
        with httpx.Client(trust_env=False) as client:
            response = client.post(
                f"{server.url}/chat/completions", content=b'{"a":1}', headers={"host": host}
            )
        assert response.content == b"hello"


def test_a_server_that_listens_everywhere_is_asked_for_by_any_address_and_by_no_name() -> None:
    limits = RequestLimits("0.0.0.0")
    assert limits.allows_host("192.168.0.7:8000")
    assert limits.allows_host("[fe80::1]")
    assert not limits.allows_host("evil.example")
    assert RequestLimits("replay.internal").allows_host("Replay.Internal:80")
    assert RequestLimits("192.168.0.7").allows_host("192.168.0.7")
    assert not RequestLimits("192.168.0.7").allows_host("192.168.0.8")


def test_a_body_that_is_too_long_is_refused_and_kept_nowhere() -> None:
    with ReplayServer(cassette(), max_body_bytes=1000) as server:
        for content in (b"x" * 1001, b"x" * 1_000_000, iter([b"x" * 600] * 2)):
            with httpx.Client(trust_env=False) as client:
                response = client.post(f"{server.url}/chat/completions", content=content)
            assert response.status_code == 413
            assert "1,000 bytes" in response.json()["error"]["message"]
            assert response.headers["x-should-retry"] == "false"
        assert server.misses == []
        assert post(server).content == b"hello"


def test_a_client_that_asks_before_it_sends_too_much_is_refused_at_once() -> None:
    head = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n"
    with ReplayServer(cassette()) as server:
        answer = raw(server, head + b"Expect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"POST / HT", b""),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n", b""),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n12", b"408"),
    ],
)
def test_a_request_that_does_not_come_in_time_is_given_up(sent: bytes, status: bytes) -> None:
    with ReplayServer(cassette(), request_timeout_s=0.05) as server:
        answer = raw(server, sent)
        assert answer[9:12] == status
        if sent:
            again = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
            assert raw(server, again + sent)[9:12] == b"200"  # after an answer, too
        assert post(server).content == b"hello"


@pytest.mark.parametrize("limit", [{"max_body_bytes": 0}, {"request_timeout_s": -1}])
def test_a_limit_that_lets_nothing_in_is_refused(limit: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        ReplayServer(cassette(), **limit)


def test_misses_keep_no_request() -> None:
    with ReplayServer(cassette()) as server:
        assert post(server, json.dumps({"a": "x" * 2_000_000}).encode()).status_code == 404
        (miss,) = server.misses
        assert sum(len(str(vars(miss))) for _ in (1,)) < 10_000
        assert "1 missed" in repr(server)


# ---- misses, and other answers that are not recorded ones


def test_a_miss_names_the_differences_and_is_kept() -> None:
    with ReplayServer(cassette()) as server:
        response = post(server, b'{"a": 2}')
        assert response.status_code == 404
        assert response.headers["x-should-retry"] == "false"
        assert "a: recorded 1, asked 2" in response.json()["error"]["message"]
        (miss,) = server.misses
        assert str(miss) == response.json()["error"]["message"]
        assert not server.all_played
        assert server.unused == server.cassette.interactions


def test_a_miss_elsewhere_names_the_path_and_no_host() -> None:
    with ReplayServer(cassette()) as server:
        message = post(server, path="/v1/embeddings").json()["error"]["message"]
    assert "url.path: recorded '/v1/chat/completions', asked '/v1/embeddings'" in message
    assert "url.host" not in message


def test_the_openai_client_is_told_of_a_miss_at_once() -> None:
    server = ReplayServer(cassette())
    with server, openai.OpenAI(base_url=server.base_url, api_key="none") as client:
        with pytest.raises(openai.NotFoundError, match="differs in"):
            client.chat.completions.create(model="m", messages=[])
        assert len(server.misses) == 1


def test_a_request_that_misses_leaks_no_key() -> None:
    key = "sk-or-v1-" + "0123456789abcdef" * 4
    with ReplayServer(cassette()) as server, httpx.Client(trust_env=False) as client:
        response = client.post(
            f"{server.url}/chat/completions?api_key={key}",
            json={"a": key},
            headers={"authorization": f"Bearer {key}"},
        )
        assert response.status_code == 404
        for text in (response.text, str(server.misses), repr(server), repr(vars(server))):
            assert key not in text


def test_paths_and_ids_may_be_left_out_of_the_comparison() -> None:
    with ReplayServer(cassette(), ignore=["b"]) as server:
        assert post(server, b'{"a": 1, "b": 2}').content == b"hello"


def test_a_matcher_of_ones_own_compares_what_was_recorded() -> None:
    def match(request: RecordedRequest, recorded: RecordedRequest) -> list[str]:
        return [] if request.url == recorded.url else ["the URL"]

    with ReplayServer(cassette(), match=match) as server:
        assert post(server, b"anything").content == b"hello"
        assert post(server, b"anything").status_code == 404


def test_a_captured_body_is_given_to_whoever_asks_where_all_matches() -> None:
    captured = Cassette((Interaction(RecordedRequest(), RecordedResponse(200, body=b"data: 1")),))
    with ReplayServer(captured, match=lambda request, recorded: [], repeat=True) as server:
        assert post(server).content == b"data: 1"
        assert post(server, path="/").content == b"data: 1"


def test_what_cannot_be_played_is_an_error_for_the_client_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The fault fits the second answer; what it is not for, the first, has one chunk."""
    short, long = interaction(b"data: 1\n\n"), interaction(b"data: 1\n\n" * 12)
    with ReplayServer(cassette(short, long), faults=[Drop(9)]) as server:
        response = post(server)
    assert response.status_code == 500
    assert (
        "names chunk 9, and the answer of interaction 0 has 1"
        in (response.json()["error"]["message"])
    )
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("chatviz", logging.ERROR)
    assert record.exc_info is None and "names chunk 9" in record.getMessage()


def test_a_matcher_that_fails_is_an_error_for_the_client_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ReplayServer(cassette(), match=lambda request, recorded: 1 / 0) as server:  # type: ignore[arg-type, return-value]
        response = post(server)
    assert response.status_code == 500
    (record,) = caplog.records
    assert record.exc_info is not None


@pytest.mark.parametrize("status", [0, 101, 999])
def test_a_status_that_is_no_answer_is_said_to_be(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with ReplayServer(cassette(interaction(status=status))) as server:
        response = post(server)
    assert response.status_code == 500
    assert f"the recorded status, {status}," in response.json()["error"]["message"]


def test_the_root_lists_what_can_be_asked_for_without_queries() -> None:
    secret = Interaction(RecordedRequest("GET", f"{URL}?key=secret"), RecordedResponse(204))
    with ReplayServer(cassette(interaction(), secret)) as server:
        post(server)
        with httpx.Client(trust_env=False) as client:
            assert client.head(server.url).status_code == 200
            listed = client.get(server.url).json()
        assert server.misses == []
    assert listed["interactions"] == [
        {"method": "POST", "path": "/v1/chat/completions", "played": True},
        {"method": "GET", "path": "/v1/chat/completions", "played": False},
    ]


def test_what_was_recorded_at_a_root_goes_before_the_list() -> None:
    root = Interaction(
        RecordedRequest("GET", "https://api.test/"), RecordedResponse(200, body=b"x")
    )
    with ReplayServer(cassette(root)) as server, httpx.Client(trust_env=False) as client:
        assert client.get(server.url).content == b"x"


# ---- what is sent


def test_identical_requests_get_the_recorded_answers_in_turn() -> None:
    recorded = cassette(interaction(b"slow down", status=429), interaction(b"fine"))
    with ReplayServer(recorded) as server:
        assert [post(server).status_code for _ in range(3)] == [429, 200, 404]


def test_a_refused_client_recovers_when_it_asks_again(seeds: Any) -> None:
    server = ReplayServer(seeds.fireworks, faults=[Refuse(retry_after_s=0.001)])
    with server, openai.OpenAI(base_url=server.base_url, api_key="none") as client:
        each = server.cassette.interactions[0]
        with client.chat.completions.with_streaming_response.create(**ask(each)) as response:
            assert response.retries_taken == 1
            assert response.read() == each.response.body


def test_headers_are_those_that_were_recorded_and_none_of_the_server() -> None:
    headers = {
        "Content-Type": ("text/plain",),
        "X-Twice": ("a", " b "),
        "Connection": ("close",),
        "Transfer-Encoding": ("chunked",),
        "Bad Name": ("1",),
        "X-Bad": ("a\r\nx-injected: 1",),
    }
    with ReplayServer(cassette(interaction(headers=headers))) as server:
        response = post(server)
    assert response.headers.multi_items() == [
        ("content-type", "text/plain"),
        ("x-twice", "a"),
        ("x-twice", "b"),
        ("transfer-encoding", "chunked"),
    ]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_by_its_status_is_sent_without(status: int, caplog: Any) -> None:
    headers = {"X-A": ("1",), "Content-Length": ("4",)}
    with ReplayServer(cassette(interaction(b"body", status=status, headers=headers))) as server:
        response = post(server)
    assert (response.status_code, response.content) == (status, b"")
    assert response.headers["x-a"] == "1"
    assert [record.getMessage() for record in caplog.records if record.name == "chatviz"] == [
        f"the recorded body is left out: HTTP {status} has none"
    ]


@pytest.mark.parametrize("way", ["server", "transport"])
def test_headers_beyond_latin_1_are_sent_in_utf_8(way: str) -> None:
    headers = {"X-Title": ("日本",), "X-Latin": ("ä",), "X-Lone": ("\ud800",), "X-日本": ("1",)}
    recorded = cassette(interaction(headers=headers))
    if way == "server":
        with ReplayServer(recorded) as server:
            response = post(server)
    else:
        with httpx.Client(transport=cv.ReplayTransport(recorded)) as client:
            asked = recorded.interactions[0].request
            response = client.request(asked.method, asked.url, content=asked.body)
    raw = dict(response.headers.raw)
    sent = {name.lower(): value for name, value in raw.items() if name.lower().startswith(b"x-")}
    assert sent == {b"x-title": "日本".encode(), b"x-latin": b"\xe4", b"x-lone": b"?"}


def test_a_paced_answer_waits_and_is_marked(clock: Any) -> None:
    body = b"data: 1\n\ndata: 2\n\n"
    metadata = RecordingMetadata(clock="measured", pieces=((9, 2_000_000_000), (9, 5_000_000_000)))
    response = RecordedResponse(200, body=body, metadata=metadata, duration_ns=1_000_000_000)
    recorded = cassette(Interaction(interaction().request, response))
    with ReplayServer(recorded, speed=1.0, clock=clock) as server:
        answer = post(server)
    assert answer.content == body
    assert answer.headers["x-chatviz-pace"] == "simulated"
    assert clock.waits == [1.0, 1.0, 3.0]


def test_a_recording_of_a_paced_server_is_never_called_measured(
    clock: Any, seeds: Any, tmp_path: Path
) -> None:
    path = tmp_path / "again.yaml"
    each = cv.load_cassette(seeds.fireworks).interactions[0]
    with (
        ReplayServer(seeds.fireworks, chunks_per_second=10, clock=clock) as server,
        httpx.Client(
            transport=RecordTransport(path, inner=httpx.HTTPTransport(trust_env=False))
        ) as client,
    ):
        client.post(server.base_url + "/chat/completions", content=each.request.body)
    (kept,) = cv.load_cassette(path).interactions
    assert kept.response.body == each.response.body
    assert kept.response.headers["x-chatviz-pace"] == ("simulated",)
    assert kept.response.metadata is not None
    assert kept.response.metadata.clock == "simulated"
    (run,) = cv.read_runs(path)
    assert run.timing == "provider_clock" or run.timing == "none"
    with ReplayServer(path) as server:
        assert post(server, each.request.body).headers["x-chatviz-pace"] == "simulated"


# ---- several clients, and those that go


def test_two_clients_are_served_at_once(seeds: Any) -> None:
    with (
        ReplayServer(seeds.fireworks, faults=[Stall(1, seconds=FOREVER, interaction=0)]) as server,
        httpx.Client(trust_env=False) as client,
    ):
        first, second = server.cassette.interactions
        url = server.base_url + "/chat/completions"
        with client.stream("POST", url, content=first.request.body) as stalled:
            pieces = stalled.iter_raw()
            assert next(pieces)
            assert post(server, second.request.body).content == second.response.body


class WaitingClock:
    """Waits until it is told not to; knows when it is being waited on, and when that ended."""

    def __init__(self) -> None:
        self.is_waited_on, self.was_left = threading.Event(), threading.Event()

    def now_ns(self) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("the server waits in a task")

    async def sleep_async(self, seconds: float) -> None:
        self.is_waited_on.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.was_left.set()


def test_a_client_that_goes_ends_its_stream_quietly(
    seeds: Any, caplog: pytest.LogCaptureFixture
) -> None:
    clock = WaitingClock()
    with ReplayServer(seeds.fireworks, faults=[Stall(1, seconds=FOREVER)], clock=clock) as server:
        content = server.cassette.interactions[0].request.body
        url = server.base_url + "/chat/completions"
        with (
            httpx.Client(trust_env=False) as client,
            client.stream("POST", url, content=content) as response,
        ):
            pieces = response.iter_raw()  # kept: an iterator that is dropped closes the stream
            assert next(pieces)
            assert clock.is_waited_on.wait(10)
            assert not clock.was_left.is_set()
        assert clock.was_left.wait(10)
    assert caplog.records == []


def test_a_client_that_goes_while_it_asks_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with ReplayServer(cassette()) as server:
        address = httpx.URL(server.url)
        with socket.create_connection((address.host, address.port)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert post(server).content == b"hello"
    assert caplog.records == []


def test_the_server_stops_while_a_stream_is_stalled(
    seeds: Any, caplog: pytest.LogCaptureFixture
) -> None:
    clock = WaitingClock()
    server = ReplayServer(seeds.fireworks, faults=[Stall(1, seconds=FOREVER)], clock=clock)
    content = server.cassette.interactions[0].request.body
    with (
        server,
        httpx.Client(trust_env=False) as client,
        client.stream("POST", f"{server.url}/chat/completions", content=content) as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces)
        assert clock.is_waited_on.wait(10)
        server.close()
        assert clock.was_left.is_set()
        assert not is_serving()
        with pytest.raises(httpx.RemoteProtocolError):
            next(pieces)
    assert caplog.records == []


def test_the_server_stops_while_a_client_does_not_read(caplog: pytest.LogCaptureFixture) -> None:
    body = bytes(50_000_000)
    with ReplayServer(cassette(interaction(body, asked=b""))) as server:
        address = httpx.URL(server.url)
        connection = socket.create_connection((address.host, address.port))
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
    connection.close()
    assert caplog.records == []


# ---- its life


def test_it_works_inside_a_running_loop_as_in_a_notebook() -> None:
    async def use() -> bytes:
        with ReplayServer(cassette()) as server:
            async with httpx.AsyncClient(trust_env=False) as client:
                response = await client.post(
                    server.base_url + "/chat/completions", content=b'{"a": 1}'
                )
            return response.content

    assert asyncio.run(use()) == b"hello"


def test_started_by_hand_it_runs_until_it_is_closed_and_may_be_started_again() -> None:
    server = ReplayServer(cassette(interaction(b"1"), interaction(b"2")))
    assert post(server.start()).content == b"1"
    with pytest.raises(RuntimeError, match=f"running already, at {server.url}"):
        server.start()
    server.close()
    server.close()
    with server:
        assert post(server).content == b"2"


def test_its_repr_shows_the_address_and_how_far_it_is() -> None:
    server = ReplayServer(cassette(interaction(), interaction(asked=b"{}")))
    assert repr(server) == "<ReplayServer: not running, 0 of 2 played, 0 missed>"
    with server:
        post(server)
        post(server, b"[]")
        assert repr(server) == f"<ReplayServer: {server.url}, 1 of 2 played, 1 missed>"


def test_it_has_no_address_where_it_does_not_run() -> None:
    with pytest.raises(RuntimeError, match=r"not running.*start\(\)"):
        _ = ReplayServer(cassette()).base_url


def test_it_listens_on_this_machine_alone_and_says_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ReplayServer(cassette()) as server:
            assert server.url.startswith("http://127.0.0.1:")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_it_listens_at_the_address_of_the_next_protocol_too() -> None:
    try:
        server = ReplayServer(cassette(), host="::1").start()
    except OSError:
        pytest.skip("no loopback of IPv6 here")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert server.url.startswith("http://[::1]:")
        assert post(server).content == b"hello"
        assert post(server, path="/else").status_code == 404
    server.close()


def test_beyond_this_machine_it_says_who_may_read() -> None:
    with (
        pytest.warns(UserWarning, match=r"host='0\.0\.0\.0', beyond this machine: everyone"),
        ReplayServer(cassette(), host="0.0.0.0") as server,
    ):
        assert server.url.startswith("http://127.0.0.1:")
        assert post(server).content == b"hello"


@pytest.mark.parametrize("host", ["", "example.test", "::", "192.0.2.1"])
def test_what_is_not_surely_this_machine_is_said_to_be_open(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise OSError("not in this test")

    monkeypatch.setattr(server_room.socket, "create_server", refuse)
    with pytest.warns(UserWarning, match="beyond this machine"), pytest.raises(OSError):
        ReplayServer(cassette(), host=host).start()


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_behind() -> None:
    with ReplayServer(cassette()) as server:
        port = httpx.URL(server.url).port
        assert port is not None
        second = ReplayServer(cassette(), port=port)
        with pytest.raises(OSError):
            second.start()
        assert repr(second).startswith("<ReplayServer: not running")


def test_a_script_of_a_page_may_read_only_where_its_origin_is_allowed() -> None:
    origin = {"origin": "http://localhost:3000"}
    preflight = {**origin, "access-control-request-method": "POST"}
    with httpx.Client(trust_env=False) as client:
        with ReplayServer(cassette()) as server:
            assert (
                "access-control-allow-origin" not in client.get(server.url, headers=origin).headers
            )
        with ReplayServer(cassette(), allow_origins=[origin["origin"]]) as server:
            url = server.base_url + "/chat/completions"
            asked = client.options(url, headers=preflight)
            answer = client.post(url, json={"a": 1}, headers=origin)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == origin["origin"]
    assert answer.headers["access-control-allow-origin"] == origin["origin"]
    assert answer.content == b"hello"


def test_a_missing_file_is_an_error_at_once() -> None:
    with pytest.raises(CassetteNotFoundError):
        ReplayServer("there-is-none.yaml")


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: dict[str, ModuleType | None] = {name: None}
    for module, value in missing.items():
        monkeypatch.setitem(sys.modules, module, value)  # type: ignore[arg-type]
    with pytest.raises(ImportError, match=rf"{name}.*pip install 'chatviz-inspector\[server\]'"):
        ReplayServer(cassette())


def test_a_server_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from chatviz.transports.server import server_thread

    async def fail(*args: Any) -> None:
        raise OSError("no more files")

    monkeypatch.setattr(server_thread.uvicorn.Server, "startup", fail)
    server = ReplayServer(cassette())
    with pytest.raises(OSError, match="no more files"):
        server.start()
    assert repr(server).startswith("<ReplayServer: not running")
