"""A replay asks each model where the recording asks it, and another one where it would be."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.chat.messages import ChatRequest, Message, Text
from chatviz.dialects import find_writable_dialect
from chatviz.dialects.base import WritableDialect


class Host(NamedTuple):
    """An API, and whether its URLs name the model."""

    base_url: str
    dialect: str
    names_model: bool


_BEDROCK: Final = "https://bedrock-runtime.us-east-1.amazonaws.com"
_VERTEX: Final = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
HOSTS: Final = {
    "gemini": Host("https://generativelanguage.googleapis.com/v1beta", "gemini", True),
    "converse": Host(_BEDROCK, "bedrock-converse", True),
    "invoke": Host(_BEDROCK, "anthropic-messages", True),
    "vertex": Host(_VERTEX, "anthropic-messages", True),
    "anthropic": Host("https://api.anthropic.com", "anthropic-messages", False),
    "openai": Host("https://api.openai.com/v1", "openai-chat", False),
    "responses": Host("https://api.openai.com/v1", "openai-responses", False),
    "ollama": Host("http://localhost:11434", "ollama-chat", False),
}
ASKED: Final = (Message("user", (Text("Which are you?"),)),)


@pytest.fixture(params=HOSTS.values(), ids=HOSTS)
def host(request: pytest.FixtureRequest) -> Host:
    return request.param  # type: ignore[no-any-return]


def dialect_of(host: Host) -> WritableDialect:
    return find_writable_dialect(host.dialect, host.base_url.split("/")[2])


def body_for(host: Host, model: str) -> dict[str, Any]:
    return dialect_of(host).write_request(ChatRequest(model, ASKED))


def recorded(host: Host, model: str, *, streamed: bool = True) -> Interaction:
    """One question to a model; the answer is an error that names it, which any dialect reads."""
    url = host.base_url + dialect_of(host).endpoint_path(model, streamed=streamed)
    body = json.dumps({"error": {"message": f"I am {model}."}}).encode()
    asked = RecordedRequest("POST", url, body=json.dumps(body_for(host, model)).encode())
    return Interaction(asked, RecordedResponse(404, body=body))


def answer_of(endpoint: cv.Endpoint, host: Host, model: str) -> str:
    run = endpoint.ask(body_for(host, model))
    assert run.error is not None
    return run.error.message


@pytest.mark.parametrize("streamed", [True, False])
def test_each_model_of_a_recording_can_be_asked(host: Host, streamed: bool) -> None:
    models = ["model-a", "vendor.model-b-v1:0"]
    cassette = Cassette(tuple(recorded(host, model, streamed=streamed) for model in models))
    first = cv.Endpoint.replay(cassette)
    assert (first.model, first.base_url) == (models[0], host.base_url)
    assert answer_of(first, host, models[0]) == f"I am {models[0]}."
    other = first.with_model(models[1])
    assert answer_of(other, host, models[1]) == f"I am {models[1]}."
    chosen = cv.Endpoint.replay(cassette, model=models[1])
    assert chosen.base_url == host.base_url
    assert answer_of(chosen, host, models[1]) == f"I am {models[1]}."


def test_a_model_that_was_not_recorded_is_a_miss_that_says_so(host: Host) -> None:
    cassette = Cassette((recorded(host, "model-a"),))
    by_model = cv.Endpoint.replay(cassette).with_model("model-c")
    for endpoint in (cv.Endpoint.replay(cassette, model="model-c"), by_model):
        with pytest.raises(cv.NoMatchingInteraction, match="model-c"):
            endpoint.ask(body_for(host, "model-c"))


def test_a_run_says_the_model_that_it_asked(host: Host) -> None:
    """Where the URL alone names it, nothing else could tell."""
    cassette = Cassette((recorded(host, "model-a"), recorded(host, "model-b")))
    run = cv.Endpoint.replay(cassette, model="model-b").ask(body_for(host, "model-b"))
    assert run.chat_request.model == "model-b"


def test_a_model_is_asked_in_the_dialect_that_the_recording_asks_it_in() -> None:
    gemini, openai = HOSTS["gemini"], HOSTS["openai"]
    cassette = Cassette((recorded(gemini, "model-a"), recorded(openai, "model-b")))
    endpoint = cv.Endpoint.replay(cassette, model="model-b")
    assert (endpoint.dialect.name, endpoint.base_url) == ("openai-chat", openai.base_url)
    assert answer_of(endpoint, openai, "model-b") == "I am model-b."


def test_a_model_behind_a_dialect_that_is_not_written_can_be_asked() -> None:
    asked = RecordedRequest("POST", "https://api.openai.com/v1/completions", body=b'{"prompt":"x"}')
    unwritten = Interaction(asked, RecordedResponse(200, body=b"{}"))
    openai = HOSTS["openai"]
    endpoint = cv.Endpoint.replay(
        Cassette((unwritten, recorded(openai, "model-b"))), model="model-b"
    )
    assert answer_of(endpoint, openai, "model-b") == "I am model-b."
