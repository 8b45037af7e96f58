"""Gemini inside of another object, as Gemini CLI and Code Assist ask and are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.dialects.gemini.stream import Gemini
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.dialects.gemini.chunks_made import array, call, chunk, codes, stream, text, unknown

URL = "https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse"
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}
TOOLS = [{"functionDeclarations": [{"name": "add", "parameters": {"type": "OBJECT"}}]}]
CONTENTS = [{"role": "user", "parts": [{"text": "2 + 3?"}]}]
BODY = {
    "model": "gemini-2.5-pro",
    "project": "p",
    "request": {"contents": CONTENTS, "tools": TOOLS},
}
CHUNKS = (
    chunk(text("He")),
    chunk(text("y", thoughtSignature="c2ln")),
    chunk(call("add", {"a": 2.50}), finish="STOP", usage=USAGE),
)


def wrapped(*chunks: Any, **beside: Any) -> list[dict[str, Any]]:
    return [{"response": one, "traceId": "t", **beside} for one in chunks]


def read(body: bytes, *, url: str = URL) -> StreamRun:
    return cv.read_stream(body, RequestHead("POST", url, {}, json.dumps(BODY).encode()))


@pytest.mark.parametrize("write", [stream, array])
@pytest.mark.parametrize("url", [URL, ""])
def test_it_says_what_is_said_without(write: Any, url: str) -> None:
    plain = cv.read_stream(write(*CHUNKS))
    run = read(write(*wrapped(*CHUNKS)), url=url)
    assert run.dialect == "gemini"
    assert run.message.parts[0] == plain.message.parts[0]
    assert run.model == plain.model
    assert run.usage is not None and plain.usage is not None
    assert run.usage.raw == plain.usage.raw == USAGE
    (ours,), (theirs,) = run.message.tool_calls, plain.message.tool_calls
    assert ours.parsed == theirs.parsed == {"a": 2.5}
    assert write is array or ours.arguments == '{"a": 2.5}'
    assert (codes(run), run.finish_reason) == ([], "tool_calls")


def test_a_whole_answer_and_unknown_fields() -> None:
    odd = {**CHUNKS[0], "mood": "fine"}
    (sent,) = wrapped(odd, weather="fair")
    run = read(json.dumps(sent).encode())
    assert run.message.text == "He"
    assert unknown(run) == {"$.response.mood": "fine", "$.weather": "fair"}


def test_the_request_is_read() -> None:
    dialect, head = Gemini(), RequestHead("POST", URL)
    asked = dialect.read_request(BODY, head)
    assert (asked.model, asked.messages[0].text) == ("gemini-2.5-pro", "2 + 3?")
    assert [tool.name for tool in asked.tools] == ["add"]
    assert dialect.recognises_request(BODY) and not dialect.recognises_request({"request": 5})
    assert asked.body == BODY


@pytest.mark.parametrize("odd", [5, [1], "x"])
def test_what_is_no_answer_in_it_is_kept(odd: Any) -> None:
    run = read(stream({"response": odd, "traceId": "t"}))
    assert unknown(run) == {"$.response": odd, "$.traceId": "t"}
    assert run.message.parts == () and "answer_empty" in codes(run)
