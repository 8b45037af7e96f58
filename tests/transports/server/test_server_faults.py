"""Each fault, as a client sees it over a socket."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.transports.playing.faults import (
    Corrupt,
    Cut,
    Drop,
    Duplicate,
    End,
    Fault,
    Refuse,
    SendError,
    SplitCharacter,
    Stall,
)
from chatviz.transports.server.server import ReplayServer

EVENTS = [
    b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % word.encode()
    for word in ("one", "zwei", "être", "four")
]
ONE, TWO, THREE, FOUR = EVENTS
DONE = b"data: [DONE]\n\n"
BODY = b"".join(EVENTS) + DONE
RECORDED = Cassette(
    (
        Interaction(
            RecordedRequest("POST", "https://api.test/v1/chat/completions", body=b"{}"),
            RecordedResponse(
                200,
                headers={
                    "Content-Type": ("text/event-stream",),
                    "Content-Length": (str(len(BODY)),),
                },
                body=BODY,
            ),
        ),
    )
)


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What goes wrong on purpose is no error of the server."""
    yield
    assert caplog.records == []


def stream(*faults: Fault, timeout_s: float = 30.0) -> Iterator[bytes]:
    """Yield what a client reads, piece by piece, and raise what it raises."""
    with (
        ReplayServer(RECORDED, faults=faults) as server,
        httpx.Client(trust_env=False, timeout=timeout_s) as client,
        client.stream("POST", server.base_url + "/chat/completions", content=b"{}") as response,
    ):
        assert response.status_code == 200
        yield from response.iter_raw()


def read(*faults: Fault) -> bytes:
    return b"".join(stream(*faults))


def read_until(error: type[Exception], pieces: Iterator[bytes]) -> bytes:
    """Return what came before the error."""
    seen = []
    with pytest.raises(error):
        for piece in pieces:
            seen.append(piece)
    return b"".join(seen)


def test_without_faults_all_comes() -> None:
    assert read() == BODY


def test_an_early_end_is_an_end_like_any_other() -> None:
    assert b"".join(stream(End(2))) == ONE + TWO


def test_a_cut_is_an_incomplete_read() -> None:
    seen = read_until(httpx.RemoteProtocolError, stream(Cut(2)))
    assert seen == ONE + TWO + THREE[: len(THREE) // 2]


def test_curl_sees_that_a_cut_answer_is_not_whole(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl here")
    with ReplayServer(RECORDED, faults=[Cut(2)]) as server:
        done = subprocess.run(
            [curl, "--noproxy", "*", "-sSN", "-d", "{}", f"{server.url}/chat/completions"],
            capture_output=True,
            check=False,
        )
    assert done.returncode == 18, done.stderr  # CURLE_PARTIAL_FILE
    assert done.stdout == ONE + TWO + THREE[: len(THREE) // 2]


def test_a_stall_lasts_until_the_client_gives_up() -> None:
    seen = read_until(httpx.ReadTimeout, stream(Stall(1, seconds=3600), timeout_s=0.2))
    assert seen == ONE


def test_a_stall_that_ends_is_followed_by_the_rest(clock: Any) -> None:
    with (
        ReplayServer(RECORDED, faults=[Stall(1, seconds=20)], clock=clock) as server,
        httpx.Client(trust_env=False) as client,
    ):
        response = client.post(server.base_url + "/chat/completions", content=b"{}")
    assert response.content == BODY
    assert clock.waits == [20.0]


def test_what_follows_a_stall_keeps_its_distance(clock: Any) -> None:
    with (
        ReplayServer(
            RECORDED, faults=[Stall(1, seconds=20)], chunks_per_second=2, clock=clock
        ) as server,
        httpx.Client(trust_env=False) as client,
    ):
        client.post(server.base_url + "/chat/completions", content=b"{}")
    assert clock.waits == [0.5, 20.0, 0.5, 0.5, 0.5]


def test_a_chunk_comes_twice() -> None:
    assert read(Duplicate(1)) == ONE + TWO + TWO + THREE + FOUR + DONE


def test_a_chunk_does_not_come() -> None:
    assert read(Drop(1)) == ONE + THREE + FOUR + DONE


def test_a_byte_comes_as_another_one_and_is_found() -> None:
    seen = read(Corrupt(1))
    assert len(seen) == len(BODY)
    assert seen.count(b"\xff") == 1
    assert cv.read_stream(seen).findings


def test_a_character_comes_in_two_pieces() -> None:
    pieces = list(stream(SplitCharacter(2)))
    assert b"".join(pieces) == BODY
    place = THREE.index("ê".encode()) + 1
    assert pieces == [ONE + TWO, THREE[:place], THREE[place:], FOUR + DONE]


def test_an_error_event_comes_and_the_answer_ends_in_order() -> None:
    seen = read(SendError(2, message="gone"))
    assert seen.startswith(ONE + TWO)
    error = json.loads(seen.removeprefix(ONE + TWO).removeprefix(b"data: "))
    assert error["error"]["message"] == "gone"
    run = cv.read_stream(seen)
    assert run.error is not None
    assert run.finish_reason == "error"


def test_a_client_is_refused_and_then_answered() -> None:
    with (
        ReplayServer(RECORDED, faults=[Refuse(times=2, retry_after_s=3)]) as server,
        httpx.Client(trust_env=False) as client,
    ):
        url = server.base_url + "/chat/completions"
        answers = [client.post(url, content=b"{}") for _ in range(3)]
        assert server.misses == []
        assert server.all_played
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert answers[2].content == BODY


def test_faults_add_up() -> None:
    seen = read_until(httpx.RemoteProtocolError, stream(Drop(0), Duplicate(1), Cut(3)))
    assert seen == TWO + TWO + THREE + FOUR[: len(FOUR) // 2]
