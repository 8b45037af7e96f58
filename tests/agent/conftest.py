"""What the tests of the loop share: an endpoint in memory, a clock that waits for nobody, tools."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent, run_agent_async
from chatviz.agent.results import AgentResult
from chatviz.agent.tools.tool import Tool
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.fake_clock import FakeClock
from tests.seed_talk import add, multiply

URL = "https://openrouter.ai/api/v1/chat/completions"
JSON = {"content-type": ["application/json"]}


@dataclass
class Reply:
    """One prepared answer: its pieces; then it ends, raises, or (asked so) never goes on."""

    data: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: BaseException | None = None
    never_ends: bool = False
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def read(self, body: str, watch: Callable[[StreamReader], None]) -> StreamReader:
        head = RequestHead("POST", URL, JSON, body.encode())
        headers = {name: [value] for name, value in self.headers.items()}
        reader = StreamReader(head, response=ResponseHead(self.status, headers))
        watch(reader)
        reader.feed(self.data)
        watch(reader)
        self.begun.set()
        if self.error is not None:
            raise self.error
        return reader


class MemoryEndpoint:
    """Gives prepared answers in their order (the last one for ever), and keeps what was asked.

    An exception in place of an answer is raised before any headers come.
    """

    def __init__(self, *replies: bytes | Reply | BaseException, model: str = "m") -> None:
        self.model = model
        self.extra_body: Mapping[str, Any] = {}
        self.bodies: list[dict[str, Any]] = []
        self._replies = list(replies)

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        reply, sent = self._take(body)
        return reply.read(sent, watch).close()

    async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        reply, sent = self._take(body)
        reader = reply.read(sent, watch)
        if reply.never_ends:
            await asyncio.Event().wait()
        return reader.close()

    def _take(self, body: Mapping[str, Any]) -> tuple[Reply, str]:
        sent = json.dumps(body)
        self.bodies.append(json.loads(sent))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, BaseException):
            raise reply
        return (reply if isinstance(reply, Reply) else Reply(reply)), sent


def stream(*payloads: Mapping[str, Any], done: bool = True) -> bytes:
    """Server-sent events with these payloads."""
    events = [b"data: %s\n\n" % json.dumps(one).encode() for one in payloads]
    return b"".join(events) + (b"data: [DONE]\n\n" if done else b"")


def say(
    text: str = "",
    *calls: tuple[str, str, str],
    usage: Mapping[str, Any] | None = None,
    reason: str | None = "",
    done: bool = True,
    **more: Any,
) -> bytes:
    """A stream that says something and calls tools: (id, name, arguments) each."""
    delta: dict[str, Any] = {"role": "assistant", "content": text, **more}
    if calls:
        delta["tool_calls"] = [
            {"index": n, "id": id, "type": "function", "function": {"name": name, "arguments": a}}
            for n, (id, name, a) in enumerate(calls)
        ]
    if reason == "":
        reason = "tool_calls" if calls else "stop"
    payloads = [{"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}]
    if usage:
        payloads.append({"choices": [], "usage": usage})
    return stream(*payloads, done=done)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="MemoryEndpoint")
def memory_endpoint() -> type[MemoryEndpoint]:
    return MemoryEndpoint


@pytest.fixture(name="Reply")
def reply() -> type[Reply]:
    return Reply


@pytest.fixture(name="say")
def say_fixture() -> Callable[..., bytes]:
    return say


@pytest.fixture(name="stream")
def stream_fixture() -> Callable[..., bytes]:
    return stream


@pytest.fixture(params=["run_agent", "run_agent_async"])
def run(request: pytest.FixtureRequest) -> Callable[..., AgentResult]:
    """Each of both drivers, called alike."""

    def in_a_loop(prompt: str, **options: Any) -> AgentResult:
        return asyncio.run(run_agent_async(prompt, **options))

    return run_agent if request.param == "run_agent" else in_a_loop


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told to end is abandoned soon."""
    monkeypatch.setattr("chatviz.agent.setup.GRACE_S", 0.02)


@pytest.fixture
def sums() -> list[Tool]:
    return [add, multiply]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a tool that hangs waits for; it opens with the end of the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind; what it abandoned has ended by now."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("chatviz tool"):
            thread.join(5)
            assert not thread.is_alive(), thread.name
