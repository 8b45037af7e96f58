"""Where a request to a server on this machine would have gone."""

from __future__ import annotations

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.transports.server.recorded_urls import keep_here, restore_place

HERE = "http://127.0.0.1:49152"
RECORDED = "https://openrouter.ai/api/v1/chat/completions"


def restored(asked: str, *urls: str) -> list[str]:
    interactions = [
        Interaction(RecordedRequest("POST", url), RecordedResponse(200)) for url in urls
    ]
    return [request.url for request in restore_place(RecordedRequest("POST", asked), interactions)]


@pytest.mark.parametrize(
    "path", ["/api/v1/chat/completions", "/v1/chat/completions", "/chat/completions"]
)
def test_the_beginning_of_the_path_may_be_missing(path: str) -> None:
    assert restored(HERE + path, RECORDED) == [RECORDED]


@pytest.mark.parametrize(
    "path", ["/", "", "/pletions", "/v2/chat/completions", "/x/api/v1/chat/completions", "*"]
)
def test_another_path_is_no_recorded_place(path: str) -> None:
    assert restored(HERE + path, RECORDED) == []


def test_the_query_stays_that_of_the_request() -> None:
    assert restored(f"{HERE}/chat/completions?b=2&a=1", f"{RECORDED}?a=1") == [
        f"{RECORDED}?b=2&a=1"
    ]


def test_the_same_path_goes_before_longer_ones_and_each_place_stands_once() -> None:
    short = "https://b.test/chat/completions"
    assert restored(f"{HERE}/chat/completions", RECORDED, RECORDED, short) == [short, RECORDED]


def test_a_path_is_the_same_however_it_is_escaped() -> None:
    recorded = "https://api.test/v1beta/models/gemini:streamGenerateContent"
    asked = f"{HERE}/models/gemini%3AstreamGenerateContent"
    assert restored(asked, recorded) == [recorded]


def test_a_recorded_root_is_asked_for_at_the_root() -> None:
    assert restored(f"{HERE}/", "https://api.test") == ["https://api.test"]


def test_a_body_without_a_url_and_a_url_that_is_none_are_no_places() -> None:
    assert restored(f"{HERE}/", "", "http://[broken/") == []


@pytest.mark.parametrize(
    ("location", "wanted"),
    [
        ("https://api.test/v2/chat?a=1#b", "/v2/chat?a=1#b"),
        ("https://api.test", "/"),
        ("https://other.test/v2/chat", "https://other.test/v2/chat"),
        ("http://api.test/v2/chat", "http://api.test/v2/chat"),
        ("/v2/chat", "/v2/chat"),
        ("http://[broken/", "http://[broken/"),
    ],
)
def test_a_redirect_to_a_recorded_host_stays_here(location: str, wanted: str) -> None:
    recorded = RecordedRequest("POST", "https://api.test/v1/chat")
    assert keep_here(location, [Interaction(recorded, RecordedResponse(200))]) == wanted
