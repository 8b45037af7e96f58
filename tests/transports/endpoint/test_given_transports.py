"""An endpoint sends by the transport that it is given, sync or async, or says why it cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.chat.messages import Message

URL = "http://localhost:1/v1"
ANSWER = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'
BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


class SyncOnly:
    """As a transport of one's own may be: of one colour, and of no base class."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=ANSWER)


class AsyncOnly:
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=ANSWER)


def test_an_async_transport_is_asked_by_an_async_run() -> None:
    endpoint = cv.Endpoint(URL, transport=AsyncOnly())
    result = asyncio.run(cv.run_agent_async("hi", endpoint=endpoint))
    assert result.text == "hi"
    assert cv.run_agent("hi", endpoint=cv.Endpoint(URL, transport=SyncOnly())).text == "hi"


def test_an_async_transport_is_asked_by_a_live_run() -> None:
    endpoint = cv.Endpoint(URL, transport=AsyncOnly())

    async def cell() -> tuple[Message, ...]:
        result = await cv.live("hi", endpoint=endpoint)
        return result.conversation.messages

    assert [message.text for message in asyncio.run(cell())] == ["hi", "hi"]


def test_the_async_transport_of_httpx_reaches_for_the_network() -> None:
    endpoint = cv.Endpoint(URL, transport=httpx.AsyncHTTPTransport())
    result = asyncio.run(cv.run_agent_async("hi", endpoint=endpoint, retries=0))
    assert "the connection to localhost failed: ConnectError" in result.error


@pytest.mark.parametrize("is_recorded", [False, True])
def test_a_transport_of_the_other_colour_is_named(is_recorded: bool, tmp_path: Path) -> None:
    def at(transport: Any) -> cv.Endpoint:
        path = tmp_path / f"{type(transport).__name__}.yaml" if is_recorded else None
        return cv.Endpoint(URL, transport=transport, cassette=path)

    wanted = (
        r"a sync client asks, and transport=AsyncHTTPTransport has no handle_request: give a sync "
        r"transport of httpx\.$"
    )
    with pytest.raises(TypeError, match=wanted):
        cv.run_agent("hi", endpoint=at(httpx.AsyncHTTPTransport()))
    wanted = (
        r"an async client asks, and transport=SyncOnly has no handle_async_request: give an async "
        r"transport of httpx\.$"
    )
    with pytest.raises(TypeError, match=wanted):
        asyncio.run(cv.run_agent_async("hi", endpoint=at(SyncOnly())))
    with pytest.raises(TypeError, match=wanted):
        asyncio.run(at(SyncOnly()).ask_async(BODY))


def test_a_transport_of_the_other_library_is_named() -> None:
    httpx2 = pytest.importorskip("httpx2")
    endpoint = cv.Endpoint(URL, transport=httpx2.HTTPTransport())
    with pytest.raises(
        TypeError, match="asks with httpx, and transport=HTTPTransport is of httpx2"
    ):
        endpoint.ask(BODY)


@pytest.mark.parametrize(
    "given", [httpx.Client(), httpx.AsyncClient(), httpx.HTTPTransport, object(), "http://proxy:1"]
)
def test_what_is_no_transport_is_refused_when_it_is_given(given: Any, tmp_path: Path) -> None:
    told = r"as {}, found .*: {}=httpx\.HTTPTransport\(…\), or AsyncHTTPTransport"
    with pytest.raises(TypeError, match=told.format("transport", "transport")):
        cv.Endpoint(URL, transport=given)
    with pytest.raises(TypeError, match=told.format("transport", "transport")):
        cv.Endpoint(URL, transport=given, cassette=tmp_path / "a.yaml")
    with pytest.raises(TypeError, match=told.format("inner", "inner")):
        cv.RecordTransport(tmp_path / "b.yaml", inner=given)
    with pytest.raises(TypeError, match=told.format("inner", "inner")):
        cv.Tap("openai", to=tmp_path / "taps", inner=given)
    assert list(tmp_path.iterdir()) == []


def test_a_tap_sends_by_an_async_transport_alone(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"an async transport as inner, found .*'HTTPTransport'"):
        cv.Tap("openai", to=tmp_path / "taps", inner=httpx.HTTPTransport())
