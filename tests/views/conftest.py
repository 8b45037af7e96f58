"""Streams made by hand for the pictures: small, but with a thing of every kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead

URL = "https://api.example.com/v1/chat/completions?key=secret"
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><!-- ]]>",
    '"onerror=alert(1) x="',
    "javascript:alert(1)",
    "&lt;&amp;<img src=x>",
    "a\x00b\x1b[31m\u202e\ud800\ufffe",
    "{0} %s {text}",
)


@pytest.fixture(autouse=True)
def still(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the pictures and tables alone; what is interactive has tests of its own."""
    is_interactive = request.path.parent.name in ("inspector", "compare")
    if not is_interactive and request.path.name != "test_saving.py":
        monkeypatch.setenv("CHATVIZ_RENDERER", "static")


class Streams:
    """What the tests build their streams from."""

    @staticmethod
    def chunk(delta: Mapping[str, Any] | None = None, **fields: Any) -> bytes:
        """Return one event of a stream."""
        reason = fields.pop("finish_reason", None)
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
        payload = {"id": "x", "model": "model-1", "choices": choices, **fields}
        return b"data: " + json.dumps(payload).encode() + b"\n\n"

    @staticmethod
    def call(index: int, arguments: str, **fields: Any) -> dict[str, Any]:
        """Return a delta with a fragment of a tool call."""
        named = {"name": fields.pop("name")} if "name" in fields else {}
        function = {**named, "arguments": arguments}
        return {"tool_calls": [{"index": index, "function": function, **fields}]}

    @staticmethod
    def every_kind(text: str = "Hello", arguments: str = '{"a": 2}') -> list[bytes]:
        """Return a stream with a keep-alive, a role, reasoning, text, a call, finish and usage."""
        return [
            b": keep-alive\n\n",
            Streams.chunk({"role": "assistant", "content": ""}),
            Streams.chunk({"reasoning": text}),
            Streams.chunk({"content": text}),
            Streams.chunk({"content": " world"}),
            Streams.chunk(Streams.call(0, "", id="call-1", name=text, type="function")),
            *(Streams.chunk(Streams.call(0, letter)) for letter in arguments),
            Streams.chunk({}, finish_reason="tool_calls"),
            Streams.chunk(
                None, usage={"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46}
            ),
            b"data: [DONE]\n\n",
        ]

    @staticmethod
    def read(
        pieces: Iterable[bytes],
        *,
        request: Mapping[str, Any] | None = None,
        times: Iterator[float] | None = None,
        head: ResponseHead | None = None,
    ) -> StreamRun:
        """Read a stream, with a time for each piece where there are times."""
        body = json.dumps(request or {"model": "model-1", "messages": []}).encode()
        reader = StreamReader(RequestHead("POST", URL, {}, body), response=head)
        for piece in pieces:
            reader.feed(piece, None if times is None else next(times))
        return reader.close()

    @staticmethod
    def long_text(count: int) -> StreamRun:
        """Return a run of many text chunks."""
        return Streams.read(
            [
                *(Streams.chunk({"content": f"word {n % 7} "}) for n in range(count)),
                b"data: [DONE]\n\n",
            ]
        )


@pytest.fixture(scope="session")
def streams() -> type[Streams]:
    return Streams


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> str:
    """Text that would break out of HTML, XML or a format string."""
    text: str = request.param
    return text
