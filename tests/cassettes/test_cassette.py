"""The values of a recording: what they say, and what they keep to themselves."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.reading import read_runs
from chatviz.wire.events import TimedBytes

REQUEST = RecordedRequest(
    method="POST",
    url="https://user:pass@api.example/v1/chat?key=sesame#top",
    headers={"Authorization": ("Bearer sesame",)},
    body=b'{"sesame": 1}',
)
RESPONSE = RecordedResponse(
    200, "200 OK", headers={"Set-Cookie": ("sesame",)}, body=b"sesame", duration_ns=1_500_000_000
)


def test_a_repr_is_short_and_tells_no_secret() -> None:
    cassette = Cassette((Interaction(REQUEST, RESPONSE, id=3),), path="a.yaml")
    assert repr(cassette) == (
        "<Cassette: 1 interaction (1 of them not a chat), go-vcr version 2 from 'a.yaml'>"
    )
    assert repr(Cassette()) == "<Cassette: 0 interactions, go-vcr version 2>"
    captured = Cassette((Interaction(RecordedRequest(), RESPONSE),), version=0, format="plain")
    assert repr(captured) == "<Cassette: 1 interaction, plain>"
    assert repr(cassette.interactions[0]) == (
        "<Interaction 3: <RecordedRequest: 'POST https://api.example/v1/chat?…', 13 bytes> "
        "<RecordedResponse: '200 OK', 6 bytes>>"
    )
    assert repr(Interaction(REQUEST, RESPONSE)).startswith("<Interaction: <")
    assert repr(RecordedResponse(404)) == "<RecordedResponse: 404, 0 bytes>"


def test_a_url_that_is_long_or_none_stays_short_in_a_repr() -> None:
    assert len(repr(RecordedRequest("GET", "https://a.example/" + "b" * 5000))) < 180
    assert "(no URL)" in repr(RecordedRequest("GET", "https://[sesame"))


def test_cassettes_are_equal_by_what_they_hold() -> None:
    one = Cassette((Interaction(REQUEST, RESPONSE),), path="a.yaml")
    assert one == replace(one, path="b.yaml")
    assert one != replace(one, extra={"a": 1})
    assert one != Cassette((Interaction(REQUEST, replace(RESPONSE, body=b"x")),))


def test_a_recording_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        REQUEST.url = ""  # type: ignore[misc]


def test_heads_carry_what_readers_need() -> None:
    assert REQUEST.head.host == "api.example"
    assert REQUEST.head.body == REQUEST.body
    assert RESPONSE.head.status == 200
    assert RESPONSE.head.headers == RESPONSE.headers


def test_a_duration_is_the_recorders_time_to_the_headers() -> None:
    assert RESPONSE.time_to_headers_s == RESPONSE.head.time_to_headers_s == 1.5
    assert RESPONSE.head.time_source == "recorder"


@pytest.mark.parametrize("nanoseconds", [None, -1])
def test_without_a_usable_duration_there_is_no_time(nanoseconds: int | None) -> None:
    response = replace(RESPONSE, duration_ns=nanoseconds)
    assert response.time_to_headers_s is None
    assert response.head.time_source == "none"


def test_a_body_is_one_piece_without_a_time() -> None:
    assert RESPONSE.pieces == (TimedBytes(b"sesame"),)
    assert RESPONSE.pieces[0].at is None
    assert RecordedResponse(204).pieces == ()


def test_the_reason_is_the_status_line_without_its_number() -> None:
    assert RESPONSE.reason == "OK"
    assert RecordedResponse(429, "429 Too Many Requests").reason == "Too Many Requests"
    assert RecordedResponse(200, "OK").reason == "OK"
    assert RecordedResponse(200).reason == ""


def test_an_interaction_is_a_chat_by_its_request() -> None:
    chat = RecordedRequest("POST", "https://a.example/v1/chat/completions")
    assert Interaction(chat, RecordedResponse(500)).is_chat
    assert not Interaction(REQUEST, RESPONSE).is_chat


def test_a_body_without_its_request_is_taken_for_a_chat() -> None:
    assert Interaction(RecordedRequest(), RESPONSE).is_chat
    assert not Interaction(RecordedRequest(), RecordedResponse(0)).is_chat


SAID = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
STREAMED = b": hi\n\ndata: x\n\ndata: %s\n\n" % json.dumps(SAID).encode()
ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
GZIP = {"content-encoding": ("gzip",)}


@pytest.mark.parametrize(
    ("asked", "response", "is_one"),
    [
        (ASKED, RecordedResponse(200, body=STREAMED), True),
        (ASKED, RecordedResponse(200, body=b'{"input_tokens": 5}'), False),  # only counted
        (ASKED, RecordedResponse(200), False),
        ({"query": "{me}"}, RecordedResponse(200, body=STREAMED), False),
        (ASKED, RecordedResponse(429, body=b"{}"), False),
        ({**ASKED, "stream": True}, RecordedResponse(429, body=b"{}"), True),
        ({**ASKED, "stream": True}, RecordedResponse(200, headers=GZIP, body=b"?"), True),
        (ASKED, RecordedResponse(200, headers=GZIP, body=b"?"), False),
    ],
)
def test_at_a_path_of_its_own_question_and_answer_tell_a_chat(
    asked: dict[str, Any], response: RecordedResponse, is_one: bool
) -> None:
    body = json.dumps(asked).encode()
    request = RecordedRequest("POST", "https://gateway.test/v9/ask", body=body)
    assert Interaction(request, response).is_chat is is_one
    assert not Interaction(replace(request, method="PUT"), response).is_chat
    assert not Interaction(replace(request, body=b"{"), response).is_chat
    runs = read_runs(Cassette((Interaction(request, response),)))
    assert len(runs) == is_one
    if response.body == STREAMED and is_one:
        assert (runs[0].dialect, runs[0].message.text) == ("openai-chat", "Hi")
