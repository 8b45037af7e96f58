"""The clients that people use, over a recording: OpenAI, Anthropic and Groq."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anthropic
import groq
import httpx
import openai
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.clients.replay import ReplayTransport

MESSAGES: Any = [{"role": "user", "content": "hi"}]


def asked_of(interaction: Interaction) -> dict[str, Any]:
    """Return the call that asks for exactly what was recorded."""
    body = json.loads(interaction.request.body)
    extra = {name: body.pop(name) for name in ("usage", "provider") if name in body}
    return {**body, "extra_body": extra}


def base_url(interaction: Interaction) -> str:
    return interaction.request.url.removesuffix("/chat/completions")


class Put:
    """The message that a client puts together from a stream, by the plainest rules."""

    def __init__(self) -> None:
        self.text = ""
        self.calls: dict[int, list[str]] = {}

    def add(self, chunk: Any) -> None:
        for choice in chunk.choices:
            self.text += choice.delta.content or ""
            for call in choice.delta.tool_calls or ():
                known = self.calls.setdefault(call.index, ["", ""])
                known[0] = known[0] or call.function.name or ""
                known[1] += call.function.arguments or ""


def check(put: Put, run: cv.StreamRun) -> None:
    assert put.text == run.message.text
    calls = [[call.name, call.arguments] for call in run.message.tool_calls]
    assert [call for _, call in sorted(put.calls.items())] == calls


def test_the_openai_client_streams_both_recordings(seeds: Any) -> None:
    for path in seeds:
        cassette, runs = cv.load_cassette(path), cv.read_runs(path)
        transport = ReplayTransport(cassette)
        with openai.OpenAI(
            api_key="none",
            base_url=base_url(cassette.interactions[0]),
            http_client=openai.DefaultHttpxClient(transport=transport),
        ) as client:
            for interaction, run in zip(cassette.interactions, runs, strict=True):
                put = Put()
                for chunk in client.chat.completions.create(**asked_of(interaction)):
                    put.add(chunk)
                check(put, run)
        assert transport.all_played


def test_the_async_openai_client_streams_both_recordings(seeds: Any) -> None:
    async def stream() -> None:
        for path in seeds:
            cassette, runs = cv.load_cassette(path), cv.read_runs(path)
            async with openai.AsyncOpenAI(
                api_key="none",
                base_url=base_url(cassette.interactions[0]),
                http_client=openai.DefaultAsyncHttpxClient(transport=ReplayTransport(cassette)),
            ) as client:
                for interaction, run in zip(cassette.interactions, runs, strict=True):
                    put = Put()
                    async for chunk in await client.chat.completions.create(
                        **asked_of(interaction)
                    ):
                        put.add(chunk)
                    check(put, run)

    asyncio.run(stream())


# ---- a miss


def transport_for(url: str, **more: Any) -> ReplayTransport:
    request = RecordedRequest("POST", url, body=b'{"model":"other"}')
    return ReplayTransport(Cassette((Interaction(request, RecordedResponse(200)),)), **more)


def ask_openai(transport: Any, retries: int) -> object:
    with openai.OpenAI(
        api_key="none",
        max_retries=retries,
        http_client=openai.DefaultHttpxClient(transport=transport),
    ) as client:
        return client.chat.completions.create(model="m", messages=MESSAGES)


def ask_anthropic(transport: Any, retries: int) -> object:
    with anthropic.Anthropic(
        api_key="none",
        max_retries=retries,
        http_client=anthropic.DefaultHttpxClient(transport=transport),
    ) as client:
        return client.messages.create(model="m", messages=MESSAGES, max_tokens=9)


def ask_groq(transport: Any, retries: int) -> object:
    with groq.Groq(
        api_key="none", max_retries=retries, http_client=httpx.Client(transport=transport)
    ) as client:
        return client.chat.completions.create(model="m", messages=MESSAGES)


def ask_openai_async(transport: Any, retries: int) -> object:
    async def ask() -> object:
        async with openai.AsyncOpenAI(
            api_key="none",
            max_retries=retries,
            http_client=openai.DefaultAsyncHttpxClient(transport=transport),
        ) as client:
            return await client.chat.completions.create(model="m", messages=MESSAGES)

    return asyncio.run(ask())


def ask_groq_async(transport: Any, retries: int) -> object:
    async def ask() -> object:
        async with groq.AsyncGroq(
            api_key="none", max_retries=retries, http_client=httpx.AsyncClient(transport=transport)
        ) as client:
            return await client.chat.completions.create(model="m", messages=MESSAGES)

    return asyncio.run(ask())


CLIENTS = pytest.mark.parametrize(
    "ask", [ask_openai, ask_openai_async, ask_anthropic, ask_groq, ask_groq_async]
)


@CLIENTS
def test_a_miss_is_kept_whatever_a_client_makes_of_it(ask: Any) -> None:
    transport = transport_for("https://api.test/v1/chat/completions")
    with pytest.raises((NoMatchingInteraction, groq.APIError, anthropic.APIError, openai.APIError)):
        ask(transport, 0)
    (miss,) = transport.misses
    assert "recorded 'other', asked 'm'" in str(miss)


@CLIENTS
def test_an_answered_miss_is_shown_by_a_client_and_not_asked_again(ask: Any) -> None:
    transport = transport_for("https://api.test/v1/chat/completions", on_miss="respond")
    with pytest.raises(
        (groq.NotFoundError, anthropic.NotFoundError, openai.NotFoundError)
    ) as caught:
        ask(transport, 2)
    (miss,) = transport.misses
    assert str(miss).splitlines()[0] in str(caught.value).replace("\\\\n", "\n").replace("\\'", "'")


def test_no_client_shows_a_key_with_a_miss() -> None:
    key = "sk-proj-" + "Ab1" * 16
    transport = transport_for("https://api.test/v1/chat/completions")
    with (
        openai.OpenAI(
            api_key=key,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(transport=transport),
        ) as client,
        pytest.raises(NoMatchingInteraction) as caught,
    ):
        client.chat.completions.create(model=key, messages=MESSAGES)
    assert key not in str(caught.value) + repr(transport) + repr(transport.misses)
