"""The page of a tap: who may see it, what it lists, and what it tells of an answer."""

from __future__ import annotations

import gzip
import json
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.doors.tap_page import tap_html, tap_module
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.transports.tap.tap import Tap

KIMI = "openrouter_kimi-k2_fireworks"
KEY = "planted-0123456789-key"
HOSTILE = b'{"choices":[{"message":{"role":"assistant","content":"<script>alert(1)</script>"}}]}'


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def tap(tmp_path: Path) -> Iterator[Tap]:
    """A tap that has passed both answers of a sample."""
    with cv.ReplayServer(cv.sample(KIMI)) as origin, Tap(origin.url, to=tmp_path / "kept") as tap:
        with httpx.Client(trust_env=False) as client:
            for each in cv.load_cassette(cv.sample(KIMI)).interactions:
                client.post(f"{tap.url}/chat/completions", content=each.request.body)
        assert len(tap.paths) == 1
        yield tap


def list_of(tap: Tap, client: httpx.Client) -> Any:
    return client.get(f"{tap.page_url}answers").json()


def entries_of(body: bytes) -> list[list[Any]]:
    """The entries of packed batches: kind, first buffer, values."""
    entries: list[list[Any]] = []
    while body:
        (count,) = struct.unpack_from("<I", body)
        sizes = struct.unpack_from(f"<{count}I", body, 4)
        at = 4 * (count + 1)
        entries += json.loads(body[at : at + sizes[0]])
        body = body[at + sum(sizes) :]
    return entries


def test_the_page_says_nothing_of_what_has_passed_and_asks_its_tap_alone(
    tap: Tap, client: httpx.Client
) -> None:
    page = client.get(tap.page_url)
    assert page.text == tap_html()
    assert "connect-src 'self'" in page.text and "default-src 'none'" in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "kimi" not in page.text


def test_only_who_knows_the_address_sees_anything(tap: Tap, client: httpx.Client) -> None:
    word = httpx.URL(tap.page_url).path
    assert len(word) > 20
    for path in ("/chatviz-x/", "/chatviz-/answers", word[:-2] + "/"):
        lost = client.get(tap.url + path)
        assert (lost.status_code, "not the address" in lost.text) == (404, True)
    assert len(tap.answers) == 2  # none of it was passed on
    assert client.get(tap.page_url, headers={"host": "evil.example"}).status_code == 421
    for path in ("x", "answers/99", "growth/x", "answers/-1", "answers/1/2"):
        assert client.get(tap.page_url + path).status_code == 404
    assert client.post(tap.page_url).status_code == 404


def test_the_list_has_what_was_read(tap: Tap, client: httpx.Client) -> None:
    told = list_of(tap, client)
    assert told["count"] == 2
    first = told["rows"][0]
    assert first["model"] == "moonshotai/kimi-k2-0905"
    assert (first["status"], first["state"], first["is_going_on"]) == (200, "ended", False)
    assert first["tokens"] == 265
    assert first["file"] == tap.paths[0].name
    body = cv.load_cassette(cv.sample(KIMI)).interactions[0].response.body
    assert first["size"] == len(body)


def test_the_list_waits_for_what_is_new(tap: Tap, client: httpx.Client) -> None:
    have = list_of(tap, client)["version"]
    refused = threading.Timer(0.3, tap.log.refuse, ("GET", 403, "from a browser"))
    refused.start()
    told = client.get(f"{tap.page_url}answers?have={have}").json()
    refused.join()
    assert told["version"] != have
    assert (told["refused"], told["refusal"]) == (1, "from a browser")


def test_an_answer_and_its_conversation_have_pages_of_their_own(
    tap: Tap, client: httpx.Client
) -> None:
    own = client.get(f"{tap.page_url}answers/1")
    whole = client.get(f"{tap.page_url}conversations/1")
    for page in (own, whole):
        assert page.status_code == 200
        assert "connect-src" not in page.text  # it asks nobody for anything
    assert "The results are" in own.text
    assert "multiply" in whole.text


def test_an_answer_that_has_ended_is_told_whole(tap: Tap, client: httpx.Client) -> None:
    entries = entries_of(client.get(f"{tap.page_url}growth/1").content)
    columns = {
        name: value
        for kind, _, *values in entries
        if kind == "run"
        for name, value in values[0].items()
    }
    assert columns["place"] == "answer 1"
    assert columns["asked"][0][0] == "system"
    (run,) = [run for run in cv.read_runs(tap.paths) if run.finish_reason == "stop"]
    texts = [part["text"] for part in columns["parts"] if part["kind"] == "text"]
    assert texts == [run.message.text]
    assert [values for kind, _, *values in entries if kind == "state"][-1] == ["idle", ""]
    run = cv.read_runs(cv.sample(KIMI))[1]
    count = [values for kind, _, *values in entries if kind == "count"][-1]
    assert count[0] == len(run.chunks)
    assert count[1] == len(run.body)


@pytest.mark.parametrize("coding", ["", "gzip", "unheard-of"])
def test_what_is_going_on_is_told_while_it_comes_without_secrets(
    coding: str, tmp_path: Path, client: httpx.Client
) -> None:
    """The stream waits for the page: it is really told before the answer has ended."""
    seen = threading.Event()
    first = (
        b'data: {"choices":[{"index":0,"delta":{"content":"the key is %s"}}]}\n\n' % KEY.encode()
    )
    last = b'data: {"choices":[{"index":0,"delta":{"content":" and on"}}]}\n\ndata: [DONE]\n\n'
    if coding == "gzip":
        first, last = gzip.compress(first), gzip.compress(last)

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            import anyio

            yield first
            while not seen.is_set():
                await anyio.sleep(0.01)
            yield last

    headers = {
        "content-type": "text/event-stream",
        **({"content-encoding": coding} if coding else {}),
    }
    upstream = httpx.MockTransport(
        lambda asked: httpx.Response(200, headers=headers, stream=Body())
    )
    with Tap("http://model.test", to=tmp_path / "kept", inner=upstream) as tap:
        asked = {"messages": [{"role": "user", "content": f"hi {KEY}"}], "stream": True}
        url, key = f"{tap.url}/v1/chat/completions", {"authorization": f"Bearer {KEY}"}
        asking = threading.Thread(target=lambda: client.post(url, json=asked, headers=key))
        asking.start()
        while not tap.answers or tap.answers[0].status is None:
            seen.wait(0.01)
        (row,) = list_of(tap, client)["rows"]
        assert row["is_going_on"] and row["size"] <= len(first)
        told = b""
        with client.stream("GET", f"{tap.page_url}growth/0") as growth:
            for piece in growth.iter_raw():
                told += piece
                if b"the key is" in told or coding == "unheard-of":
                    seen.set()
        asking.join()
    assert seen.is_set()
    assert KEY.encode() not in told
    assert b'"idle"' in told
    if coding != "unheard-of":
        assert b" and on" in told


def test_what_is_no_chat_is_listed_and_has_no_picture(tmp_path: Path, client: httpx.Client) -> None:
    upstream = httpx.MockTransport(lambda asked: httpx.Response(200, json={"data": []}))
    with Tap("http://model.test", to=tmp_path / "kept", inner=upstream) as tap:
        client.get(f"{tap.url}/v1/models?key={KEY}")
        assert tap.paths
        (row,) = list_of(tap, client)["rows"]
        assert (row["can_be_shown"], row["url"]) == (False, "http://model.test/v1/models")
        assert "is no chat" in client.get(f"{tap.page_url}answers/0").text
        assert client.get(f"{tap.page_url}growth/0").status_code == 200


def test_hostile_text_is_data(tmp_path: Path, client: httpx.Client) -> None:
    upstream = httpx.MockTransport(lambda asked: httpx.Response(200, content=HOSTILE))
    with Tap("http://model.test", to=tmp_path / "kept", inner=upstream) as tap:
        client.post(f"{tap.url}/v1/chat/completions", json={"model": "<b>", "messages": []})
        assert tap.paths
        for path in ("answers/0", "conversations/0"):
            assert "<script>alert" not in client.get(tap.page_url + path).text
        answer = client.get(f"{tap.page_url}answers")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_of_many_answers_only_the_last_are_held(
    tmp_path: Path, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.transports.tap.tapped_answers._MOST_HELD", 2)
    monkeypatch.setattr("chatviz.transports.tap.tapped_answers._MOST_LISTED", 3)
    monkeypatch.setattr("chatviz.transports.tap.answer_files._MOST_OPEN", 1)
    monkeypatch.setattr("chatviz.transports.tap.answer_files._MOST_GOING_ON", 2)
    upstream = httpx.MockTransport(lambda asked: httpx.Response(200, content=HOSTILE))
    with Tap("http://model.test", to=tmp_path / "kept", inner=upstream) as tap:
        for number in range(5):
            asked = {"messages": [{"role": "user", "content": str(number)}]}
            client.post(f"{tap.url}/v1/chat/completions", json=asked)
            assert tap.paths
        told = list_of(tap, client)
        assert [row["number"] for row in told["rows"]] == [2, 3, 4]
        assert [row["can_be_shown"] for row in told["rows"]] == [False, True, True]
        assert told["count"] == 5
        assert len(tap.paths) == 5
        assert len(cv.read_runs(tap.paths)) == 5


def test_a_recording_says_what_has_come_of_it() -> None:
    asked = cv.load_cassette(cv.sample(KIMI)).interactions[0]
    from chatviz.clock import SYSTEM_CLOCK

    recording = InteractionRecording(asked.request, SYSTEM_CLOCK, 0)
    assert (recording.head, recording.has_ended, recording.pieces_from(0)) == (None, False, [])
    recording.begin(asked.response)
    recording.add(b"a")
    recording.add(b"b")
    recording.end()
    assert (recording.head, recording.has_ended) == (asked.response, True)
    assert [data for data, _ in recording.pieces_from(1)] == [b"b"]


def test_the_module_has_the_inspector_s_panes() -> None:
    module = tap_module()
    assert "makeTapPage([" in module.body
    assert len(module.body) < 80_000
