"""A recorder lets bytes pass the moment they come, and keeps them with their times."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import httpx2
import pytest

import chatviz as cv
from chatviz.cassettes.redaction.redaction import RedactionRules
from chatviz.errors import (
    CassetteError,
    CassetteNotFoundError,
    CassetteUnsupportedError,
    NoMatchingInteraction,
)
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.playing.faults import Cut

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2])
ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture(autouse=True)
def no_mode_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recorded.yaml"


def post(transport: Any, url: str, library: Any = httpx, asked: Any = ASKED, **more: Any) -> Any:
    with library.Client(transport=transport) as client:
        return client.post(url, json=asked, **more)


async def post_async(transport: Any, url: str, library: Any = httpx, **more: Any) -> Any:
    async with library.AsyncClient(transport=transport) as client:
        return await client.post(url, json=ASKED, **more)


def responses(path: Path) -> list[Any]:
    return [each.response for each in cv.load_cassette(path).interactions]


def metadata(path: Path) -> Any:
    (response,) = responses(path)
    return response.metadata


# ---- what is kept


@LIBRARIES
def test_what_a_client_received_is_read_back_with_its_times(
    library: Any, server: Any, path: Path
) -> None:
    response = post(RecordTransport(path), server.url + CHAT, library)
    assert isinstance(response, library.Response)
    assert response.content == b"".join(server.events)
    (run,) = cv.read_runs(path)
    assert run.timing == "measured"
    times = [chunk.at for chunk in run.chunks]
    assert len(times) == 10
    assert times == sorted(times)  # type: ignore[type-var]
    (kept,) = responses(path)
    assert kept.body == response.content
    assert (kept.status_line, kept.proto) == ("200 OK", "HTTP/1.1")
    assert 0 < kept.duration_ns <= kept.metadata.pieces[0][1]
    assert kept.metadata.pieces[-1][1] <= kept.metadata.total_ns
    assert kept.metadata.cut_short == ""


@LIBRARIES
def test_an_async_client_is_recorded_the_same(library: Any, server: Any, path: Path) -> None:
    response = asyncio.run(post_async(RecordTransport(path), server.url + CHAT, library))
    assert isinstance(response, library.Response)
    assert responses(path)[0].body == response.content == b"".join(server.events)
    assert metadata(path).clock == "measured"


def answer_in_turns(handler: Any) -> None:
    """Send each event only when the last one has arrived."""
    handler.begin()
    for event in handler.server.events:
        handler.send(event)
        if not handler.server.turn.acquire(timeout=20):
            return
    handler.end()


@LIBRARIES
def test_every_piece_is_passed_on_before_the_next_one_is_sent(
    library: Any, server: Any, path: Path
) -> None:
    server.answer = answer_in_turns
    got = []
    with (
        library.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        for piece in response.iter_raw():
            got.append(piece)
            server.turn.release()
    assert got == server.events
    assert [size for size, _ in metadata(path).pieces] == [len(event) for event in got]


def test_every_piece_is_passed_on_to_an_async_client_too(server: Any, path: Path) -> None:
    server.answer = answer_in_turns
    got = []

    async def read() -> None:
        async with (
            httpx.AsyncClient(transport=RecordTransport(path)) as client,
            client.stream("POST", server.url + CHAT, json=ASKED) as response,
        ):
            async for piece in response.aiter_raw():
                got.append(piece)
                server.turn.release()

    asyncio.run(read())
    assert got == server.events


def test_the_request_reaches_the_server_untouched(server: Any, path: Path) -> None:
    post(RecordTransport(path), server.url + CHAT + "?a=1", headers={"x-mine": "yes"})
    ((asked_path, headers, body),) = server.seen
    assert asked_path == CHAT + "?a=1"
    assert headers["x-mine"] == "yes"
    (kept,) = cv.load_cassette(path).interactions
    assert kept.request.body == body
    assert kept.request.url == server.url + CHAT + "?a=1"


def test_secrets_are_nowhere_in_the_file(server: Any, path: Path) -> None:
    key = "sk-proj-" + "Ab1" * 16

    def answer(handler: Any) -> None:
        handler.begin(set_cookie="session=verysecretcookie", x_request_id="r1")
        handler.send(f"data: your key is {key}\n\n".encode())
        handler.end()

    server.answer = answer
    response = post(
        RecordTransport(path),
        server.url + CHAT + "?key=" + key,
        headers={"authorization": f"Bearer {key}", "x-mine": "privately"},
        asked={"say": key},
    )
    assert key in response.text
    assert response.headers["set-cookie"] == "session=verysecretcookie"
    written = path.read_text()
    for secret in (key, "verysecretcookie", "privately"):
        assert secret not in written
    assert "request.headers.authorization" in metadata(path).removed
    replayed = post(
        RecordTransport(path, mode="none"),
        server.url + CHAT + "?key=" + key,
        asked={"say": key},
    )
    assert replayed.headers["x-request-id"] == "r1"


def test_rules_of_ones_own_remove_more(server: Any, path: Path) -> None:
    post(RecordTransport(path, redact=RedactionRules(secrets=("w3",))), server.url + CHAT)
    (kept,) = responses(path)
    assert b"w3" not in kept.body
    assert len(kept.body) == sum(map(len, server.events))


# ---- codings


def answer_zipped(handler: Any) -> None:
    """Flush the coder after each event, as servers of streams do."""
    coder = zlib.compressobj(wbits=31)
    handler.begin(content_encoding="gzip")
    for event in handler.server.events:
        handler.send(coder.compress(event) + coder.flush(zlib.Z_SYNC_FLUSH))
    handler.send(coder.flush())
    handler.end()


@LIBRARIES
def test_a_coded_body_is_kept_decoded_and_passed_on_as_it_came(
    library: Any, server: Any, path: Path
) -> None:
    server.answer = answer_zipped
    with (
        library.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        raw = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == b"".join(server.events)
    (kept,) = responses(path)
    assert kept.body == b"".join(server.events)
    assert kept.metadata.content_encoding == "gzip"
    assert kept.metadata.encoded_size == len(raw)
    times = [at for _, at in kept.metadata.pieces]
    assert 0 < kept.duration_ns <= times[0] <= times[-1] <= kept.metadata.total_ns
    assert "content-encoding" not in kept.headers
    assert post(RecordTransport(path, mode="none"), server.url + CHAT, library).content == kept.body


def test_of_a_coded_body_that_is_cut_short_what_came_is_kept_decoded(
    server: Any, path: Path
) -> None:
    def answer(handler: Any) -> None:
        coder = zlib.compressobj(wbits=31)
        handler.begin(content_encoding="gzip")
        event = handler.server.events[0]
        handler.send(coder.compress(event) + coder.flush(zlib.Z_SYNC_FLUSH))
        handler.close_connection = True

    server.answer = answer
    with pytest.raises(httpx.RemoteProtocolError):
        post(RecordTransport(path), server.url + CHAT)
    (kept,) = responses(path)
    assert kept.body == server.events[0]
    assert not kept.metadata.undecoded


def test_a_body_that_is_coded_otherwise_than_said_is_kept_as_it_came(
    server: Any, path: Path
) -> None:
    def answer(handler: Any) -> None:
        handler.begin(content_encoding="gzip")
        handler.send(b"\xff this is no gzip")
        handler.end()

    server.answer = answer
    with (
        httpx.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        assert b"".join(response.iter_raw()) == b"\xff this is no gzip"
    (kept,) = responses(path)
    assert kept.body == b"\xff this is no gzip"
    assert kept.metadata.undecoded
    assert "!!binary" in path.read_text()
    with pytest.raises(httpx.DecodingError):
        post(RecordTransport(path, mode="none"), server.url + CHAT)


# ---- cut short


@LIBRARIES
def test_closing_early_closes_the_connection_and_keeps_what_came(
    library: Any, server: Any, path: Path
) -> None:
    def answer(handler: Any) -> None:
        handler.begin()
        handler.send(handler.server.events[0])
        while True:  # until the connection is closed
            handler.send(b": " + b"x" * 65_536 + b"\n")

    server.answer = answer
    with (
        library.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        pieces = response.iter_raw()  # held: were it dropped, it would close all by itself
        next(pieces)
        response.close()
        assert server.left.wait(timeout=20)
        assert metadata(path).cut_short == "closed by the caller"
    assert responses(path)[0].body.startswith(server.events[0])


@LIBRARIES
def test_an_answer_that_is_closed_behind_its_end_is_whole(
    server: Any, library: Any, path: Path
) -> None:
    """SDKs close the connection when ``[DONE]`` has come, whatever the server still sends."""

    def answer(handler: Any) -> None:
        handler.begin()
        for event in (*handler.server.events, b"data: [DONE]\n\n"):
            handler.send(event)
        while True:  # until the connection is closed
            handler.send(b": " + b"x" * 65_536 + b"\n")

    server.answer = answer
    with (
        library.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        lines = response.iter_lines()
        while next(lines) != "data: [DONE]":
            pass
        response.close()
    assert metadata(path).cut_short == ""
    (run,) = cv.read_runs(path)
    assert run.has_ended
    assert "recording_cut_short" not in {finding.code for finding in run.findings}


def test_a_response_that_nobody_reads_is_kept_as_cut_short(server: Any, path: Path) -> None:
    with (
        httpx.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED),
    ):
        pass
    assert metadata(path).cut_short == "closed by the caller"
    assert responses(path)[0].body == b""


def break_off(handler: Any) -> None:
    handler.begin()
    for event in handler.server.events[:3]:
        handler.send(event)
    handler.close_connection = True  # without the chunk that ends the body


@LIBRARIES
def test_a_connection_that_breaks_is_kept_with_the_error(
    library: Any, server: Any, path: Path
) -> None:
    server.answer = break_off
    with pytest.raises(library.RemoteProtocolError):
        post(RecordTransport(path), server.url + CHAT, library)
    assert metadata(path).cut_short == "broken by the server: RemoteProtocolError"
    assert responses(path)[0].body == b"".join(server.events[:3])
    with pytest.raises(library.RemoteProtocolError, match="the recording ends here: broken"):
        post(RecordTransport(path, mode="none"), server.url + CHAT, library)


def test_a_connection_that_breaks_is_kept_for_an_async_client(server: Any, path: Path) -> None:
    server.answer = break_off
    with pytest.raises(httpx.RemoteProtocolError):
        asyncio.run(post_async(RecordTransport(path), server.url + CHAT))
    assert metadata(path).cut_short == "broken by the server: RemoteProtocolError"


def test_an_interrupted_kernel_keeps_what_came(server: Any, path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        httpx.Client(transport=RecordTransport(path)) as client,
        client.stream("POST", server.url + CHAT, json=ASKED) as response,
    ):
        pieces = response.iter_raw()
        next(pieces)
        raise KeyboardInterrupt
    assert metadata(path).cut_short == "interrupted"
    assert responses(path)[0].body.startswith(server.events[0])


class Interrupted(httpx.SyncByteStream):
    """A connection that is being waited for when the interruption comes."""

    def __iter__(self) -> Any:
        yield b"data: 1\n\n"
        raise KeyboardInterrupt


def test_an_interruption_while_waiting_for_a_piece_keeps_what_came(path: Path) -> None:
    inner = httpx.MockTransport(lambda request: httpx.Response(200, stream=Interrupted()))
    with pytest.raises(KeyboardInterrupt):
        post(RecordTransport(path, inner=inner), "http://a.test")
    assert metadata(path).cut_short == "interrupted"
    assert responses(path)[0].body == b"data: 1\n\n"


@pytest.mark.parametrize("backend", ["asyncio", "anyio"])
def test_a_cancelled_task_keeps_what_came(backend: str, server: Any, path: Path) -> None:
    def answer(handler: Any) -> None:
        handler.begin()
        handler.send(handler.server.events[0])
        handler.server.turn.acquire(timeout=20)

    server.answer = answer

    async def read(came: Any) -> None:
        async with (
            httpx.AsyncClient(transport=RecordTransport(path)) as client,
            client.stream("POST", server.url + CHAT, json=ASKED) as response,
        ):
            async for _ in response.aiter_raw():
                came.set()

    async def cancel_task() -> None:
        came = asyncio.Event()
        task = asyncio.create_task(read(came))
        await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def cancel_scope() -> None:
        came = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(read, came)
            await came.wait()
            group.cancel_scope.cancel()

    asyncio.run(cancel_task() if backend == "asyncio" else cancel_scope())
    server.turn.release()
    assert metadata(path).cut_short == "interrupted"
    assert responses(path)[0].body == server.events[0]


def test_an_abandoned_stream_is_kept_when_the_client_closes(server: Any, path: Path) -> None:
    transport = RecordTransport(path)
    client = httpx.Client(transport=transport)
    request = client.build_request("POST", server.url + CHAT, json=ASKED)
    response = client.send(request, stream=True)
    client.close()
    assert metadata(path).cut_short == "closed by the caller"
    response.close()
    assert len(responses(path)) == 1


def test_a_request_without_any_answer_is_not_recorded(path: Path) -> None:
    with pytest.raises(httpx.ConnectError):
        post(RecordTransport(path), "http://127.0.0.1:9")
    assert not path.exists()


# ---- modes


def test_once_records_where_there_is_no_file_and_then_only_plays(server: Any, path: Path) -> None:
    first = RecordTransport(path)
    assert first.is_recording
    post(first, server.url + CHAT)
    post(first, server.url + CHAT)
    assert len(server.seen) == 2
    second = RecordTransport(path)
    assert not second.is_recording
    assert post(second, server.url + CHAT).content == b"".join(server.events)
    with pytest.raises(NoMatchingInteraction):
        post(second, server.url + CHAT, asked={"other": 1})
    assert len(server.seen) == 2
    assert len(second.misses) == 1
    assert len(second.unused) == 1
    assert not second.all_played


def test_an_async_client_is_played_to_as_well(server: Any, path: Path, clock: Any) -> None:
    post(RecordTransport(path), server.url + CHAT)
    transport = RecordTransport(path, mode="none", speed=1.0, clock=clock)
    response = asyncio.run(post_async(transport, server.url + CHAT))
    assert response.content == b"".join(server.events)
    assert sum(clock.waits) == pytest.approx(metadata(path).pieces[-1][1] / 1e9, abs=1e-6)


def test_none_never_reaches_the_network(server: Any, path: Path) -> None:
    post(RecordTransport(path), server.url + CHAT)
    before = path.read_bytes()
    inner = httpx.MockTransport(lambda request: pytest.fail("asked the network"))
    transport = RecordTransport(path, mode="none", inner=inner, on_miss="respond")
    assert post(transport, server.url + CHAT).status_code == 200
    assert post(transport, server.url + CHAT).status_code == 404
    assert path.read_bytes() == before


def test_none_without_a_file_says_so_at_once(path: Path) -> None:
    with pytest.raises(CassetteNotFoundError, match="mode 'none'"):
        RecordTransport(path, mode="none")


def test_the_environment_forbids_the_network_whatever_the_code_says(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    with pytest.raises(CassetteNotFoundError, match="CHATVIZ_MODE"):
        RecordTransport(path, mode="all")


def test_new_episodes_plays_what_is_there_and_adds_the_rest(server: Any, path: Path) -> None:
    post(RecordTransport(path), server.url + CHAT)
    transport = RecordTransport(path, mode="new_episodes")
    post(transport, server.url + CHAT)
    assert len(server.seen) == 1
    post(transport, server.url + CHAT, asked={"other": 1})
    post(transport, server.url + CHAT)
    assert len(server.seen) == 3
    assert transport.misses == []
    assert [each.id for each in cv.load_cassette(path).interactions] == [0, 1, 2]


def test_all_records_anew_and_replaces_what_it_matches(server: Any, path: Path) -> None:
    post(RecordTransport(path), server.url + CHAT, asked={"other": 1})
    post(RecordTransport(path, mode="new_episodes"), server.url + CHAT)
    server.events = [b"data: new\n\n"]
    post(RecordTransport(path, mode="all"), server.url + CHAT)
    kept = cv.load_cassette(path).interactions
    assert [each.request.body for each in kept] == [b'{"other":1}', kept[1].request.body]
    assert kept[1].response.body == b"data: new\n\n"
    assert len(server.seen) == 3


def test_a_retry_reaches_the_server_and_replays_in_turn(server: Any, path: Path) -> None:
    def answer(handler: Any) -> None:
        handler.begin(429 if len(handler.server.seen) == 1 else 200)
        handler.end()

    server.answer = answer
    transport = RecordTransport(path, mode="new_episodes")
    assert [post(transport, server.url + CHAT).status_code for _ in range(2)] == [429, 200]
    again = RecordTransport(path)
    assert [post(again, server.url + CHAT).status_code for _ in range(2)] == [429, 200]
    assert again.all_played


def test_another_recorders_file_is_not_written_over(shared_cassettes: Path, tmp_path: Path) -> None:
    original = next((shared_cassettes / "vcrpy").glob("*.yaml"))
    copy = tmp_path / original.name
    copy.write_bytes(original.read_bytes())
    RecordTransport(copy, mode="once")
    with pytest.raises(CassetteUnsupportedError, match="vcrpy"):
        RecordTransport(copy, mode="new_episodes")


def test_a_folder_that_is_missing_is_an_error_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="no such folder"):
        RecordTransport(tmp_path / "missing" / "a.yaml")


# ---- marks


def test_a_recording_of_a_paced_replay_is_never_called_measured(
    server: Any, path: Path, tmp_path: Path, clock: Any
) -> None:
    post(RecordTransport(path), server.url + CHAT)
    copy = tmp_path / "copy.yaml"
    paced = ReplayTransport(path, chunks_per_second=50, clock=clock)
    post(RecordTransport(copy, inner=paced), server.url + CHAT)
    assert metadata(copy).clock == "simulated"
    (run,) = cv.read_runs(copy)
    assert run.timing == "none"
    third = tmp_path / "third.yaml"
    post(RecordTransport(third, inner=ReplayTransport(copy)), server.url + CHAT)
    assert metadata(third).clock == "simulated"


def test_a_fault_on_the_way_is_recorded_as_the_client_saw_it(
    server: Any, path: Path, tmp_path: Path
) -> None:
    post(RecordTransport(path), server.url + CHAT)
    copy = tmp_path / "copy.yaml"
    inner = ReplayTransport(path, faults=[Cut(4)])
    with pytest.raises(httpx.RemoteProtocolError):
        post(RecordTransport(copy, inner=inner), server.url + CHAT)
    half = len(server.events[4]) // 2
    assert responses(copy)[0].body == b"".join(server.events[:4]) + server.events[4][:half]


# ---- what sends


@LIBRARIES
def test_the_default_inner_honours_proxy_variables(
    library: Any, server: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    post(RecordTransport(path), "http://somewhere.test" + CHAT, library)
    assert server.seen[0][0] == "http://somewhere.test" + CHAT
    assert cv.load_cassette(path).interactions[0].request.url == "http://somewhere.test" + CHAT


def test_the_default_inner_follows_no_redirect(server: Any, path: Path) -> None:
    def answer(handler: Any) -> None:
        handler.begin(302, location="/elsewhere")
        handler.end()

    server.answer = answer
    assert post(RecordTransport(path), server.url + CHAT).status_code == 302
    assert len(server.seen) == 1


def test_both_colours_and_both_libraries_share_one_recorder(server: Any, path: Path) -> None:
    transport = RecordTransport(path)
    for library in (httpx, httpx2):
        post(transport, server.url + CHAT, library)
        asyncio.run(post_async(transport, server.url + CHAT, library))
    assert len(responses(path)) == 4


def test_an_inner_transport_of_the_other_library_is_refused_by_name(path: Path) -> None:
    with (
        httpx.HTTPTransport() as inner,
        pytest.raises(TypeError, match="asks with httpx2, and inner=HTTPTransport is of httpx:"),
    ):
        post(RecordTransport(path, inner=inner), "http://a.test", httpx2)


def test_an_inner_transport_of_the_other_colour_is_refused_by_name(path: Path) -> None:
    transport = RecordTransport(path, inner=httpx.HTTPTransport())
    with pytest.raises(TypeError, match="an async client asks"):
        asyncio.run(post_async(SimpleNamespaceTransport(transport), "http://a.test"))
    transport.close()


class SimpleNamespaceTransport(SimpleNamespace):
    """A transport that does not close what it stands for."""

    def __init__(self, transport: RecordTransport) -> None:
        super().__init__(handle_async_request=transport.handle_async_request)

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *error: object) -> None: ...


def test_a_ready_answer_of_a_mock_is_recorded_too(path: Path) -> None:
    inner = httpx.MockTransport(lambda request: httpx.Response(200, json={"a": 1}))
    assert post(RecordTransport(path, inner=inner), "http://a.test").json() == {"a": 1}
    assert responses(path)[0].body == b'{"a":1}'


# ---- together


def test_threads_share_a_recorder_and_nothing_is_lost(server: Any, path: Path) -> None:
    transport = RecordTransport(path)

    def ask(name: int) -> None:
        for number in range(5):
            with httpx.Client(transport=Kept(transport)) as client:
                client.post(server.url + CHAT, json={"thread": name, "number": number})

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()
    asked = [each.request.body for each in cv.load_cassette(path).interactions]
    assert len(set(asked)) == 20


class Kept(httpx.BaseTransport):
    """A transport that outlives its clients."""

    def __init__(self, transport: RecordTransport) -> None:
        self.handle_request = transport.handle_request  # type: ignore[method-assign]


def test_two_recorders_of_one_file_keep_both_results(server: Any, path: Path) -> None:
    first, second = RecordTransport(path), RecordTransport(path)
    post(first, server.url + CHAT, asked={"n": 1})
    post(second, server.url + CHAT, asked={"n": 2})
    post(first, server.url + CHAT, asked={"n": 3})
    asked = {each.request.body for each in cv.load_cassette(path).interactions}
    assert asked == {b'{"n":1}', b'{"n":2}', b'{"n":3}'}
    assert len(responses(path)) == 3


def test_two_processes_record_to_one_file_and_both_results_are_kept(
    server: Any, path: Path
) -> None:
    script = (
        "import sys, httpx; from chatviz.transports.clients.record import RecordTransport\n"
        "client = httpx.Client(transport=RecordTransport(sys.argv[1]), trust_env=False)\n"
        "print('open', flush=True)\n"
        "sys.stdin.readline()\n"
        "for n in range(8): client.post(sys.argv[2], json={'n': n, 'who': sys.argv[3]})\n"
        "client.close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, path, server.url + CHAT, who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for who in "ab"
    ]
    for process in processes:  # both have opened the file before either writes it
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"open\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    asked = {each.request.body for each in cv.load_cassette(path).interactions}
    assert len(asked) == 16


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_process_leaves_a_readable_file_without_the_answer_in_flight(
    server: Any, path: Path
) -> None:
    def answer(handler: Any) -> None:
        handler.begin()
        handler.send(handler.server.events[0])
        if b"second" in handler.body:
            handler.server.turn.release()  # the killing may begin
            handler.server.left.wait(timeout=20)
        handler.end()

    server.answer = answer
    script = (
        "import sys, chatviz, httpx\n"
        "transport = chatviz.RecordTransport(sys.argv[1])\n"
        "client = httpx.Client(transport=transport, trust_env=False)\n"
        "client.post(sys.argv[2], json='first')\n"
        "chatviz.load_cassette(sys.argv[1])\n"  # waits for what has ended
        "client.post(sys.argv[2], json='second')"
    )
    command = [sys.executable, "-c", script, str(path), server.url + CHAT]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3]) as process:
        assert server.turn.acquire(timeout=60)
        process.kill()
    server.left.set()
    (kept,) = cv.load_cassette(path).interactions
    assert kept.request.body == b'"first"'
    assert kept.response.metadata is not None
    assert kept.response.metadata.cut_short == ""


def test_what_is_in_the_file_is_told(server: Any, path: Path) -> None:
    transport = RecordTransport(path)
    assert transport.cassette.interactions == ()
    post(transport, server.url + CHAT)
    assert transport.cassette == cv.load_cassette(path)
    assert repr(transport) == "<RecordTransport: mode 'once', 1 interactions in 'recorded.yaml'>"
