"""An endpoint asks one host with one key, live or recorded, and shows the key to nobody."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.agent.results import AgentResult
from chatviz.errors import EndpointConnectionError, EndpointError, EndpointTimeoutError
from chatviz.transports.endpoint.api_key import ApiKey
from chatviz.transports.endpoint.endpoint import Endpoint
from tests.seed_talk import ASKED, SYSTEM, add, multiply

SECRET = "sk-or-v1-" + "5ecret" * 8
BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
ANSWER = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of whoever runs the tests is used."""
    for name in ("OPENROUTER_API_KEY", "OPENAI_API_KEY", "CHATVIZ_MODE"):
        monkeypatch.delenv(name, raising=False)


def converse(endpoint: Endpoint, provider: str, prompt: str = ASKED) -> AgentResult:
    """Have the conversation of a seed."""
    options: dict[str, Any] = {"extra_body": {"usage": {"include": True}}}
    if provider == "fireworks":
        options["extra_body"]["provider"] = {"only": ["fireworks"]}
    else:
        options["tool_call_ids"] = iter(["test-3", "test-4"]).__next__
    return cv.run_agent(
        prompt,
        endpoint=endpoint,
        system=SYSTEM,
        tools=[add, multiply],
        max_tokens=4000,
        **options,
    )


@pytest.mark.parametrize("provider", ["fireworks", "novita"])
def test_a_seed_is_had_again_strictly(provider: str) -> None:
    path = cv.sample(f"openrouter_kimi-k2_{provider}")
    endpoint = Endpoint.replay(path, model="moonshotai/kimi-k2-0905")
    result = converse(endpoint, provider)
    recorded = cv.read_conversation(path)
    assert result.conversation.messages == recorded.messages
    assert result.conversation.cost == recorded.cost
    assert [run.wire for run in result.conversation.runs] == [run.wire for run in recorded.runs]
    assert [run.timing for run in result.conversation.runs] == ["none", "none"]
    assert [run.time_to_headers_s for run in result.conversation.runs] == [
        run.time_to_headers_s for run in recorded.runs
    ]
    assert endpoint.transport.all_played


def test_another_word_in_the_prompt_is_a_miss_that_shows_the_difference() -> None:
    endpoint = Endpoint.replay(cv.sample("openrouter_kimi-k2_novita"))
    with pytest.raises(cv.NoMatchingInteraction, match="numbers 2 and 3"):
        converse(endpoint, "novita", "Add and multiply the numbers 2 and 3")


def test_a_replay_takes_the_model_that_was_asked_for() -> None:
    endpoint = Endpoint.replay(cv.load_cassette(cv.sample("openrouter_kimi-k2_novita")))
    assert endpoint.model == "moonshotai/kimi-k2-0905"
    assert endpoint.base_url == "https://openrouter.ai/api/v1"
    assert not endpoint.is_live


def test_a_replay_of_a_recording_without_a_chat_is_refused() -> None:
    with pytest.raises(EndpointError, match="chat interaction"):
        Endpoint.replay(cv.Cassette())


def test_a_simulated_pace_is_nobodys_time() -> None:
    path = cv.sample("synthetic_timed")
    (question, *_) = (run.request for run in cv.read_runs(path))
    assert question is not None
    as_recorded = Endpoint.replay(path).ask(question)
    assert as_recorded.timing == "measured"
    assert as_recorded.wire == cv.read_runs(path)[0].wire
    paced = Endpoint.replay(path, chunks_per_second=100_000).ask(question)
    assert (paced.timing, paced.response.time_source) == ("none", "simulated")


# ---- the key


def live(handle: Callable[[httpx.Request], httpx.Response], **options: Any) -> Endpoint:
    """Return an endpoint at OpenRouter's address that is answered by a function."""
    transport = httpx.MockTransport(handle)
    return Endpoint("https://openrouter.ai/api/v1", transport=transport, **options)


def answer(request: httpx.Request) -> httpx.Response:
    """Answer any request."""
    return httpx.Response(200, content=ANSWER)


def test_the_key_goes_to_its_own_host_and_to_no_other() -> None:
    seen: list[tuple[str, str | None, str | None]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        headers = request.headers
        seen.append((request.url.host, headers.get("authorization"), headers.get("x-own")))
        if request.url.host == "openrouter.ai":
            return httpx.Response(307, headers={"location": "https://elsewhere.example/x"})
        return answer(request)

    run = live(handle, api_key=SECRET, headers={"x-own": "mine"}).ask(BODY)
    assert run.message.text == "hi"
    assert seen == [
        ("openrouter.ai", f"Bearer {SECRET}", "mine"),
        ("elsewhere.example", None, None),
    ]


def test_the_key_is_found_in_the_environment_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return answer(request)

    endpoint = live(handle)
    monkeypatch.setenv("OPENROUTER_API_KEY", SECRET)
    endpoint.ask(BODY)
    assert sent == [f"Bearer {SECRET}"]


def test_a_key_that_nobody_gives_is_asked_for_once() -> None:
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return SECRET

    key = ApiKey(None, host="openrouter.ai", ask=ask)
    key.find()
    key.find()
    assert (key.reveal(), len(questions)) == (SECRET, 1)


def test_without_a_key_and_without_anybody_to_ask_the_error_names_the_variable() -> None:
    def nobody(question: str) -> str:
        raise EOFError

    with pytest.raises(EndpointError, match="OPENROUTER_API_KEY"):
        ApiKey(None, host="openrouter.ai", ask=nobody).find()


def test_a_server_on_this_machine_needs_no_key() -> None:
    key = ApiKey(None, host="localhost")
    key.find()
    assert not key.is_wanted


def test_a_key_may_be_a_function() -> None:
    assert ApiKey(lambda: SECRET, host="openrouter.ai").reveal() == SECRET


def test_the_key_is_nowhere_to_be_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"refused, said {request.headers['authorization'][:3]}")

    path = tmp_path / "a.yaml"
    good = Endpoint(
        "https://openrouter.ai/api/v1",
        api_key=SECRET,
        cassette=path,
        transport=httpx.MockTransport(answer),
    )
    good.ask(BODY)
    good.transport.close()
    bad = live(fail, api_key=SECRET)
    with pytest.raises(EndpointConnectionError) as caught:
        bad.ask(BODY)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    told = [
        path.read_text(encoding="utf-8"),
        "".join(frames.format()),
        repr(bad) + repr(vars(bad)) + repr(good),
        caplog.text,
    ]
    assert [text for text in told if "5ecret" in text] == []
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="environment"):
            write(bad._key)


# ---- recorded and live


def test_one_notebook_records_the_first_time_and_plays_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    calls: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return answer(request)

    for _ in range(2):
        endpoint = live(handle, api_key=SECRET, cassette=path)
        assert endpoint.ask(BODY).message.text == "hi"
        endpoint.transport.close()
    assert len(calls) == 1
    assert cv.read_runs(path)[0].timing == "measured"


def test_the_environment_forbids_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    with pytest.raises(EndpointError, match="CHATVIZ_MODE=none forbids the network"):
        Endpoint("https://openrouter.ai/api/v1", api_key=SECRET).ask(BODY)


def test_a_live_answer_is_measured_and_watched() -> None:
    lengths: list[int] = []
    run = live(answer, api_key=SECRET).ask(
        BODY, watch=lambda reader: lengths.append(len(reader.run.chunks))
    )
    assert run.timing == "measured"
    assert run.response.time_source == "measured"
    assert lengths == [0, 1]


def test_an_async_answer_is_the_same() -> None:
    run = asyncio.run(live(answer, api_key=SECRET).ask_async(BODY))
    assert (run.message.text, run.timing) == ("hi", "measured")


def test_an_http_error_is_a_run_with_an_error() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": {"message": "no such key", "code": 401}})

    run = live(refuse, api_key=SECRET).ask(BODY)
    assert run.error is not None
    assert (run.error.status, run.error.message) == (401, "no such key")


def test_silence_is_a_timeout_error() -> None:
    def sleep(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("nothing came")

    with pytest.raises(EndpointTimeoutError, match=r"openrouter\.ai was silent for 120 s"):
        live(sleep, api_key=SECRET).ask(BODY)


def test_what_came_before_the_connection_broke_is_in_the_reader() -> None:
    class Broken(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield ANSWER
            raise httpx.RemoteProtocolError("closed in the middle")

    readers: list[cv.StreamReader] = []
    endpoint = live(lambda request: httpx.Response(200, stream=Broken()), api_key=SECRET)
    with pytest.raises(EndpointConnectionError, match="closed in the middle"):
        endpoint.ask(BODY, watch=readers.append)
    assert readers[-1].close().message.text == "hi"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("openrouter.ai/api", "without http"),
        ("https://", "without a host"),
        ("https://me:pw@openrouter.ai", "no user"),
        ("https://openrouter.ai/?key=x", "no query"),
        ("https://[broken", "that is none"),
    ],
)
def test_a_url_that_is_none_is_refused_without_being_shown(url: str, reason: str) -> None:
    with pytest.raises(EndpointError, match=reason) as caught:
        Endpoint(url)
    assert "pw" not in str(caught.value)


def test_ready_endpoints_know_their_address() -> None:
    assert Endpoint.openrouter("m").base_url == "https://openrouter.ai/api/v1"
    assert Endpoint.openrouter("m").extra_body == {"usage": {"include": True}}
    assert Endpoint.openai("m").base_url == "https://api.openai.com/v1"
    assert "model 'm'" in repr(Endpoint.openai("m"))


@pytest.mark.parametrize(
    ("endpoint", "url", "header"),
    [
        (cv.Endpoint.openai("m"), "https://api.openai.com/v1/chat/completions", "Authorization"),
        (cv.Endpoint.openai_responses("m"), "https://api.openai.com/v1/responses", "Authorization"),
        (
            cv.Endpoint.openai_responses(
                "m", base_url="https://n.openai.azure.com/openai", query={"api-version": "2025"}
            ),
            "https://n.openai.azure.com/openai/responses?api-version=2025",
            "api-key",
        ),
    ],
    ids=["openai", "responses", "azure"],
)
def test_a_named_endpoint_asks_its_own_way(
    endpoint: cv.Endpoint, url: str, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(httpx.Request(request.method, request.url, headers=dict(request.headers)))
        return httpx.Response(200, json={"object": "chat.completion", "choices": []})

    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "sk-planted")
    endpoint.transport = httpx.MockTransport(answer)
    endpoint.ask({})
    assert str(asked[0].url) == url
    assert asked[0].headers[header].endswith("sk-planted")


def test_an_unknown_option_or_dialect_is_named_with_those_that_there_are() -> None:
    with pytest.raises(TypeError, match=r"wanted options of an endpoint .*timeout_s.*found speed"):
        cv.Endpoint.openai("m", speed=2)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"openai-chat.*found 'morse'"):
        cv.Endpoint("https://a.b", dialect="morse")


def test_a_signer_signs_what_goes_to_its_own_server_and_nothing_is_left() -> None:
    import httpx

    kept: list[httpx.Request] = []
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        kept.append(request)
        seen.append(request.headers["X-Signature"])
        return httpx.Response(200, json={"object": "chat.completion", "choices": []})

    def sign(request: httpx.Request) -> None:
        request.headers["X-Signature"] = f"signed {len(request.content)}"

    endpoint = cv.Endpoint("https://a.b", signer=sign, transport=httpx.MockTransport(answer))
    endpoint.ask({"model": "m"})
    assert seen == ["signed 13"]
    assert "X-Signature" not in kept[0].headers


def test_another_model_of_an_endpoint_is_asked_the_same_way() -> None:
    endpoint = cv.Endpoint.openai("a")
    assert endpoint.with_model("b").model == "b"
    assert endpoint.model == "a"


def asked_at_another_address(answer: Callable[[httpx.Request], httpx.Response]) -> cv.AgentResult:
    there = Endpoint(
        "https://a.test/v1", api_key="k", model="m", transport=httpx.MockTransport(answer)
    )
    return cv.run_agent("hi", endpoint=there)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_drops_the_body_names_the_new_address(status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.url.path.startswith("/v2"):
            return httpx.Response(405)
        where = "https://a.test/v2/chat/completions?key=5ecret"
        return httpx.Response(status, headers={"location": where})

    with pytest.raises(
        cv.EndpointError, match=rf"\(HTTP {status}\) to 'https://a.test/v2/"
    ) as caught:
        asked_at_another_address(answer)
    assert asked == ["POST", "GET"] and "5ecret" not in str(caught.value)


def test_a_redirect_that_keeps_the_body_is_followed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/v2"):
            return httpx.Response(308, headers={"location": "/v2/chat/completions"})
        said = {"choices": [{"message": {"content": request.method}, "finish_reason": "stop"}]}
        return httpx.Response(200, json=said)

    assert asked_at_another_address(answer).text == "POST"


def test_redirects_in_a_circle_are_not_tried_again() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(308, headers={"location": str(request.url)})

    with pytest.raises(cv.EndpointError, match="cannot be asked: TooManyRedirects"):
        asked_at_another_address(answer)
    assert len(asked) == 21


def test_a_web_page_is_no_answer() -> None:
    page = b"<!doctype html>\n<html><body>Sign in</body></html>"
    kind = {"content-type": "text/html; charset=utf-8"}
    result = asked_at_another_address(lambda _: httpx.Response(200, content=page, headers=kind))
    assert result.error == (
        "this is no chat answer: 49 bytes of 'text/html', no JSON. "
        "Check the endpoint's address (base_url)."
    )
