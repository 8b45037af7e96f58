"""What an endpoint carries is seen by its server alone, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import EndpointConnectionError, EndpointError
from chatviz.transports.endpoint.api_key import ApiKey
from chatviz.transports.endpoint.echoes import EchoMask
from chatviz.transports.endpoint.endpoint import Endpoint

SECRET = "sk-or-v1-" + "5ecret" * 8
HEADER = "opaque-5ecret-of-a-header"
BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
URL = "https://openrouter.ai/api/v1"
ANSWER = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'

Ask = Callable[[Endpoint], cv.StreamRun]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of whoever runs the tests is used."""
    for name in ("OPENROUTER_API_KEY", "OPENAI_API_KEY", "CHATVIZ_MODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["ask", "ask_async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each of both ways to ask."""

    def in_a_loop(endpoint: Endpoint) -> cv.StreamRun:
        return asyncio.run(endpoint.ask_async(BODY))

    return (lambda endpoint: endpoint.ask(BODY)) if request.param == "ask" else in_a_loop


def live(handle: Callable[[httpx.Request], httpx.Response], **options: Any) -> Endpoint:
    """Return an endpoint at OpenRouter's address that is answered by a function."""
    options = {"api_key": SECRET, "transport": httpx.MockTransport(handle)} | options
    return Endpoint(URL, **options)


# ---- what is sent


@pytest.mark.parametrize("around", ["{}\n", " {}\r\n", "\t{} "])
def test_white_space_around_a_key_is_no_part_of_it(
    around: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(200, content=ANSWER)

    key = around.format(SECRET)
    monkeypatch.setenv("OPENROUTER_API_KEY", key)
    for given in (key, lambda: key, None):
        ask(live(handle, api_key=given))
    typed = ApiKey(None, host="a.example", ask=lambda question: key)
    typed.find()
    assert {*sent, f"Bearer {typed.reveal()}"} == {f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    "inside", ["\n", "\r\nX-Other: 1", "\x00", "\x7f", "é", "\u2028", "\ud800"]
)
def test_a_key_that_cannot_be_sent_is_refused_and_not_quoted(
    inside: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"{SECRET}{inside}{SECRET}"

    def refuse(build: Callable[[], object]) -> None:
        with pytest.raises(EndpointError, match="cannot be sent as a header") as caught:
            build()
        assert "5ecret" not in f"{caught.value!r} {caught.value.__context__!r}"

    refuse(lambda: live(httpx.Response, api_key=key))
    refuse(lambda: ask(live(httpx.Response, api_key=lambda: key)))
    if inside not in ("\x00", "\ud800"):
        monkeypatch.setenv("OPENROUTER_API_KEY", key)
        refuse(lambda: ask(live(httpx.Response, api_key=None)))


@pytest.mark.parametrize("key", [SECRET.encode(), [SECRET], (SECRET,), {"key": SECRET}, 5])
def test_a_key_of_another_type_is_refused_and_not_quoted(key: Any, ask: Ask) -> None:
    for build in (
        lambda: live(httpx.Response, api_key=key),
        lambda: ask(live(httpx.Response, api_key=lambda: key)),
    ):
        with pytest.raises(TypeError, match="should be text") as caught:
            build()
        assert "5ecret" not in str(caught.value)


def test_a_server_that_fails_before_the_request_leaves_no_key_behind(ask: Ask) -> None:
    """h11 quotes the header value that it refuses; so may any lower layer."""

    def fail(request: httpx.Request) -> httpx.Response:
        value = request.headers["authorization"]
        raise httpx.LocalProtocolError(f"Illegal header value {value.encode()!r} ({HEADER})")

    endpoint = live(fail, headers={"x-api-key": HEADER})
    with pytest.raises(EndpointConnectionError, match='LocalProtocolError: "Illegal') as caught:
        ask(endpoint)
    assert "5ecret" not in str(caught.value)
    result = cv.run_agent("hi", endpoint=endpoint, retries=0)
    assert "Illegal header value" in result.error
    assert "5ecret" not in f"{result.error} {result!r}"


def test_what_a_lower_layer_says_is_bounded(ask: Ask) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("\x1b[31m" + "x" * 100_000)

    with pytest.raises(EndpointConnectionError) as caught:
        ask(live(fail))
    assert len(str(caught.value)) < 400
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"x-api-key": f"{HEADER}\n{HEADER}"}, EndpointError),
        ({"x-api-key": f"{HEADER}é"}, EndpointError),
        ({f"x:{HEADER}": "1"}, EndpointError),
        ({"x-api-key": HEADER.encode()}, TypeError),
        ({"x-api-key": [HEADER]}, TypeError),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_and_not_quoted(
    headers: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        live(httpx.Response, headers=headers)
    assert "5ecret" not in str(caught.value)


def test_a_base_url_with_a_fragment_is_refused() -> None:
    with pytest.raises(EndpointError, match="no fragment") as caught:
        Endpoint(f"{URL}#{SECRET}")
    assert "5ecret" not in str(caught.value)


# ---- what is kept


def test_no_value_of_a_header_is_shown_or_pickled() -> None:
    endpoint = live(httpx.Response, headers={"X-Api-Key": HEADER, "X-Title": "5ecret"})
    assert "5ecret" not in repr(vars(endpoint)) + repr(endpoint)
    assert "'X-Title'" in repr(vars(endpoint))
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(vars(endpoint)["_headers"])


def all_linked(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it is linked to."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadTimeout, RuntimeError])
def test_no_error_leads_to_a_request_that_carries_the_key(kind: Any, ask: Ask) -> None:
    seen: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        seen.append(request)
        raise kind("failed")

    with pytest.raises((EndpointError, RuntimeError)) as caught:
        ask(live(fail, headers={"x-api-key": HEADER}))
    linked = list(all_linked(caught.value))
    assert not any(isinstance(error, httpx.HTTPError) for error in linked)
    held = [each for each in gc.get_referents(*map(vars, linked)) if isinstance(each, str | bytes)]
    assert not any("5ecret" in str(each) for each in held)
    assert [name for name in seen[0].headers if name in ("authorization", "x-api-key")] == []


def test_the_requests_of_an_answer_carry_no_key_once_it_is_read(ask: Ask) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=ANSWER)

    ask(live(handle))
    assert "authorization" not in seen[0].headers


# ---- what comes back


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, and may break off."""

    def __init__(self, pieces: list[bytes], error: Exception | None = None) -> None:
        self.pieces, self.error = pieces, error

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


def echo(text: str) -> bytes:
    """Return the body of a refusal that quotes what it refuses."""
    return json.dumps({"error": {"message": f"no such key: {text}.", "code": 401}}).encode()


ECHOED = {
    "plain": SECRET,
    "with its scheme": f"Bearer {SECRET}",
    "another header": HEADER,
    "as JSON in JSON": json.dumps(json.dumps(SECRET)),
    "in a URL": f"https://a.example/?key={SECRET}",
}


@pytest.mark.parametrize("said", ECHOED.values(), ids=ECHOED)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_echoed_key_is_masked_in_run_file_and_transcript(
    said: str, size: int, ask: Ask, tmp_path: Path
) -> None:
    body = echo(said)
    pieces = [body[n : n + size] for n in range(0, len(body), size)]

    def refuse(request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "application/json", "x-request-id": said}
        return httpx.Response(401, headers=headers, stream=Pieces(pieces))

    path = tmp_path / "a.yaml"
    endpoint = live(refuse, headers={"x-api-key": HEADER}, cassette=path)
    run = ask(endpoint)
    endpoint.transport.close()
    assert run.error is not None
    assert run.error.message.startswith("no such key: ")
    assert len(run.wire.body) == len(body)
    shown = [
        run.error.message,
        run.wire.body.decode(),
        repr(run.response.headers),
        path.read_text(),
    ]
    shown.append(cv.transcript(run)._repr_mimebundle_()["text/html"])
    assert [text for text in shown if "5ecret" in text] == []


def test_an_echo_in_a_stream_is_masked_and_the_pieces_keep_their_times(ask: Ask) -> None:
    events = [ANSWER, b"data: " + echo(SECRET) + b"\n\n"]
    cut = [events[0], events[1][:40], events[1][40:]]
    run = ask(live(lambda request: httpx.Response(200, stream=Pieces(cut))))
    assert run.error is not None
    assert "5ecret" not in run.wire.body.decode()
    assert run.message.text == "hi"
    assert run.timing == "measured"


def test_what_a_broken_answer_held_back_is_read_all_the_same(ask: Ask) -> None:
    stream = Pieces([ANSWER + b"data: sk-or-v1"], httpx.ReadError("gone"))
    readers: list[cv.StreamReader] = []
    endpoint = live(lambda request: httpx.Response(200, stream=stream))
    with pytest.raises(EndpointConnectionError):
        endpoint.ask(BODY, watch=readers.append)
    assert readers[-1].close().wire.body.endswith(b"data: sk-or-v1")


def test_a_redirect_that_holds_the_key_shows_it_nowhere(ask: Ask) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "openrouter.ai":
            value = request.headers["authorization"].split()[1]
            return httpx.Response(307, headers={"location": f"https://b.example/{value}/chat"})
        return httpx.Response(200, content=ANSWER)

    run = ask(live(handle))
    assert "5ecret" not in f"{run!r} {run.source}"


# ---- secrets in URLs


QUERIES = {
    "by its name": {"key": "opaque-5ecret-of-a-query"},
    "spelled otherwise in a URL": {"api_key": "opaque/5ecret+of a=query&é"},
    "by its look": {"code": SECRET},
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_secret_in_the_query_is_sent_and_shown_nowhere(
    query: dict[str, str], ask: Ask, tmp_path: Path
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        assert dict(request.url.params) == {**query, "api-version": "2025-04-01-preview"}
        said = f"{request.url} of 2025-04-01-preview, {request.url.params}"
        return httpx.Response(403, json={"error": {"message": said}})

    options = {"query": {**query, "api-version": "2025-04-01-preview"}}
    endpoint = live(refuse, cassette=tmp_path / "a.yaml", **options)
    run = ask(endpoint)
    endpoint.transport.close()
    result = cv.run_agent("hi", endpoint=live(refuse, **options), retries=0)
    shown = [
        f"{run!r} {run.source} {run.head.url} {run.wire.body!r} {run.error}",
        f"{result!r} {result.error} {result.steps[-1].run.source}",
        cv.run_table(result).to_csv(),
        cv.inspect(result)._repr_mimebundle_()["text/html"],
        repr(vars(endpoint)) + repr(endpoint),
        (tmp_path / "a.yaml").read_text(),
    ]
    assert [text for text in shown if "5ecret" in text] == []
    assert "2025-04-01-preview" in run.source
    assert "2025-04-01-preview" in run.wire.body.decode()
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(vars(endpoint)["_query"])


def test_a_secret_in_the_query_is_in_no_error_of_the_network(ask: Ask) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way to {request.url}")

    with pytest.raises(EndpointConnectionError, match="no way to") as caught:
        ask(live(fail, query={"code": SECRET, "key": HEADER}))
    assert "5ecret" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "https://b.example/chat?access_token=opaque-5ecret",
        "https://user:opaque-5ecret@b.example/chat",
        f"https://b.example/{SECRET}",
    ],
)
def test_a_redirect_to_a_url_with_a_secret_shows_it_nowhere(place: str, ask: Ask) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "openrouter.ai":
            return httpx.Response(307, headers={"location": place})
        return httpx.Response(200, content=ANSWER)

    run = ask(live(handle))
    assert run.message.text == "hi"
    assert "5ecret" not in f"{run!r} {run.source} {run.head.url}"


def test_a_recording_with_a_secret_in_its_url_is_replayed_without_showing_it(ask: Ask) -> None:
    asked = RecordedRequest(
        "POST", f"{URL}/chat/completions?key=opaque-5ecret", body=json.dumps(BODY).encode()
    )
    recorded = Interaction(asked, RecordedResponse(200, body=ANSWER))
    run = ask(Endpoint.replay(Cassette((recorded,))))
    assert run.message.text == "hi"
    assert "5ecret" not in f"{run!r} {run.source} {run.head.url}"


@pytest.mark.parametrize("base_url", [f"{URL}?key=5ecret", "https://u:5ecret@openrouter.ai/v1"])
def test_a_base_url_with_a_secret_is_refused_and_not_quoted(base_url: str) -> None:
    with pytest.raises(EndpointError, match="no user, no query") as caught:
        Endpoint(base_url)
    assert "5ecret" not in str(caught.value)


def test_pieces_without_a_secret_pass_as_they_are() -> None:
    mask = EchoMask([SECRET])
    assert mask.feed(ANSWER) is ANSWER or mask.feed(ANSWER) == ANSWER
    assert EchoMask([]).feed(b"sk") == b"sk"
    assert "5ecret" not in repr(mask)


def test_only_what_may_be_a_secret_is_held_back() -> None:
    mask = EchoMask([SECRET])
    assert mask.feed(b"risk") == b"ri"  # "sk" may go on
    assert mask.feed(b"y") == b"sky"
    assert mask.feed(b"s") == b""
    assert mask.close() == b"s"


@pytest.mark.parametrize(
    "spelt",
    [
        "ab+c/d=<&'`é-5ecret",
        r"ab+c\/d=<&'`\u00e9-5ecret",  # PHP
        r"ab+c/d=\u003c\u0026'`é-5ecret",  # Go
        r"ab\u002Bc/d=\u003C\u0026\u0027\u0060\u00E9-5ecret",  # .NET
        r"ab\\u002Bc/d=\\u003C\\u0026\\u0027\\u0060\\u00E9-5ecret",  # and once more in JSON
        "ab%2Bc%2Fd%3D%3C%26%27%60%C3%A9-5ecret",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_quoted_secret_is_masked_in_the_escapes_of_every_language(spelt: str, size: int) -> None:
    mask = EchoMask(["ab+c/d=<&'`é-5ecret"])
    data = f'{{"error": "no such key: {spelt}"}}'.encode()
    pieces = [mask.feed(data[place : place + size]) for place in range(0, len(data), size)]
    left = b"".join([*pieces, mask.close()]).decode()
    assert left.startswith('{"error": "no such key: REDACTED___') and left.endswith('_"}')


@pytest.mark.parametrize("escape", ["\\u{:04x}", "\\u{:04X}", "\\\\u{:04x}", "%{:02X}"])
@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("every", [1, 3])
def test_a_secret_in_escapes_is_masked(escape: str, size: int, every: int) -> None:
    spelt = "".join(
        letter if n % every else escape.format(ord(letter)) for n, letter in enumerate(SECRET)
    )
    mask = EchoMask([SECRET])
    data = f'{{"error": "no such key: {spelt}", "said": "\\u00e9 100% \\u"}}'.encode()
    pieces = [mask.feed(data[place : place + size]) for place in range(0, len(data), size)]
    left = b"".join([*pieces, mask.close()]).decode()
    masked = "REDACTED".ljust(len(spelt), "_")
    assert left == f'{{"error": "no such key: {masked}", "said": "\\u00e9 100% \\u"}}'
