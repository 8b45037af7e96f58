"""What JSON cannot carry is refused before anything is sent, with its place and its type alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import inf, nan
from types import MappingProxyType
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.agent.tools.tool import Tool, tool
from chatviz.chat.messages import ChatRequest, Message, ToolCall
from chatviz.dialects import DIALECTS, find_writable_dialect, is_writable

KEY = "sk-or-v1-" + "5ecret" * 8


class Held:
    def __repr__(self) -> str:
        return f"Held({KEY})"


def circle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"a": Held()}, TypeError, r"found a value of type 'Held' at {}\.a: give texts"),
    ({"a": {"b": [1, Held()]}}, TypeError, r"a value of type 'Held' at {}\.a\.b\[1\]: "),
    ({"a": ({"b-c": Held()},)}, TypeError, r"at {}\.a\[0\]\['b-c'\]: "),
    ({"a": {KEY: Held()}}, TypeError, r"at {}\.a\['…'\]: "),
    ({"a": nan}, ValueError, r"found a number that is not finite at {}\.a: "),
    ({"a": [-inf]}, ValueError, r"found a number that is not finite at {}\.a\[0\]: "),
    ({"a": {1: KEY}}, TypeError, r"found a key of type 'int' at {}\.a: "),
    ({"a": KEY.encode()}, TypeError, r"'bytes' at {}\.a: "),
    ({"a": {KEY}}, TypeError, r"'set' at {}\.a: "),
    ({"a": date(2020, 1, 1)}, TypeError, r"'date' at {}\.a: "),
    ({"a": Decimal(1)}, TypeError, r"'Decimal' at {}\.a: "),
    ({"a": MappingProxyType({})}, TypeError, r"'mappingproxy' at {}\.a: "),
    ({"a": circle()}, ValueError, r"found what nests too deep at {}\.a\[0\]\[0\]: "),
]


class Server:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.content)
        return httpx.Response(200, json={"choices": [{"message": {"content": "hi"}}]})

    def endpoint(self, **options: Any) -> cv.Endpoint:
        return cv.Endpoint("http://localhost:1/v1", transport=self.transport, **options)


def refuse(build: Callable[[], object], kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told) as caught:
        build()
    assert "5ecret" not in str(caught.value)


@pytest.mark.parametrize(("given", "kind", "told"), REFUSED)
def test_a_value_that_json_cannot_carry_is_refused_wherever_it_is_given(
    given: dict[str, Any], kind: type[Exception], told: str, MemoryEndpoint: Any
) -> None:
    server, memory = Server(), MemoryEndpoint()
    endpoint, told_of = server.endpoint(), told.format
    refuse(
        lambda: cv.run_agent("?", endpoint=endpoint, extra_body=given), kind, told_of("extra_body")
    )
    refuse(lambda: server.endpoint(extra_body=given), kind, told_of("extra_body"))
    refuse(lambda: endpoint.ask(given), kind, told_of("body"))
    refuse(lambda: asyncio.run(endpoint.ask_async(given)), kind, told_of("body"))
    refuse(lambda: Tool("f", print, given), kind, told_of("schema"))
    memory.extra_body = given
    refuse(lambda: cv.run_agent("?", endpoint=memory), kind, told_of("endpoint.extra_body"))
    assert (server.sent, memory.bodies) == ([], [])


def test_what_json_can_carry_is_sent_as_it_is() -> None:
    given = {"a": [1, 2.5, True, None, "é", {"b": ()}], "c": 10**30, "d": "half \ud83d"}
    server = Server()
    cv.run_agent("?", endpoint=server.endpoint(), extra_body=given)
    sent = json.loads(server.sent[0])
    assert {key: sent[key] for key in given} == {**given, "a": [1, 2.5, True, None, "é", {"b": []}]}


def test_a_default_that_json_cannot_carry_is_the_functions_own() -> None:
    @tool
    def wait(at_most: float = inf, least: float = 0.5) -> None: ...

    assert wait.schema["properties"] == {
        "at_most": {"type": "number"},
        "least": {"type": "number", "default": 0.5},
    }
    assert "required" not in wait.schema or wait.schema["required"] == []


@pytest.mark.parametrize("name", sorted({one.name for one in DIALECTS if is_writable(one)}))
def test_arguments_that_no_json_parser_takes_go_back_as_json(name: str) -> None:
    """A model may send NaN; what is sent back must be JSON all the same."""
    called = Message("assistant", (ToolCall(0, None, "a", "f", '{"x": NaN}'),))
    body = find_writable_dialect(name, "").write_request(ChatRequest("m", (called,)))
    json.dumps(body, allow_nan=False)
