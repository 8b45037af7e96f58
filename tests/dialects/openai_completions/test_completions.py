"""Completions of a prompt, made by hand: no recording shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.messages import Text, UnknownPart
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request, is_writable
from chatviz.dialects.openai_completions.fast_path import read_usual_chunk
from chatviz.dialects.openai_completions.stream import OpenAICompletions
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.independent import READERS

DIALECT = OpenAICompletions()
URL = "https://api.openai.com/v1/completions"
Build = Callable[..., bytes]
Read = Callable[..., StreamRun]
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def chunk(text: str, finish: str | None = None, *, index: int = 0, **rest: Any) -> dict[str, Any]:
    """Return a chunk as OpenAI documents it; ``rest`` is beside its choices."""
    choice = {"text": text, "index": index, "logprobs": None, "finish_reason": finish}
    return {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1589478378,
        "model": "gpt-3.5-turbo-instruct",
        "choices": [choice],
        **rest,
    }


def odd(run: StreamRun) -> list[str]:
    return sorted(finding.code for finding in run.findings if finding.code != "no_clock")


def test_a_stream_of_text_is_read(sse: Build, read: Read) -> None:
    last = chunk("", choices=[], usage=USAGE)
    body = sse(chunk("This is"), chunk(" a test", usage=None), chunk("", "length"), last)
    run = read(body, RequestHead("POST", URL))
    assert (run.dialect, run.provider) == ("openai-completions", "OpenAI")
    assert (run.message.text, run.message.role) == ("This is a test", "assistant")
    assert (run.finish_reason_sent, run.finish_reason) == ("length", "length")
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens, run.usage.total_tokens) == (5, 2, 7)
    assert odd(run) == []
    told = READERS["openai-completions"](body)
    assert (told["text"], told["finish"], told["chunks"]) == ("This is a test", "length", 4)


def test_a_whole_answer_says_the_same(read: Read) -> None:
    body = json.dumps(chunk("This is a test", "stop", usage=USAGE), indent=1).encode()
    run = read(body, RequestHead("POST", URL))
    assert run.answer.streamed is False
    assert (run.message.text, run.finish_reason, len(run.chunks)) == ("This is a test", "stop", 1)
    assert run.findings == ()


def test_several_choices_are_messages_of_their_own(sse: Build, read: Read) -> None:
    """As ``n`` of 2, or two prompts, are answered."""
    body = sse(chunk("a"), chunk("b", index=1), chunk("", "stop"), chunk("", "stop", index=1))
    run = read(body)
    assert [message.text for message in run.messages] == ["a", "b"]


def test_the_reasoning_beside_a_text_is_read(sse: Build, read: Read) -> None:
    """OpenRouter's choices hold it so."""
    thought = chunk("")
    thought["choices"][0]["reasoning"] = "hm"
    run = read(sse(thought, chunk("So"), chunk("", "stop", usage=USAGE)))
    assert (run.message.reasoning, run.message.text, odd(run)) == ("hm", "So", [])


def test_an_error_inside_the_stream_keeps_what_was_said(sse: Build, read: Read) -> None:
    run = read(sse(chunk("So"), {"error": {"message": "overloaded", "code": 502}}, done=False))
    assert run.error is not None
    assert (run.message.text, run.error.message, run.error.code) == ("So", "overloaded", "502")


def test_a_failed_request_is_an_error(read: Read) -> None:
    body = b'{"error":{"message":"no such model","type":"invalid_request_error"}}'
    run = read(body, RequestHead("POST", URL), response=ResponseHead(404))
    assert run.error is not None
    assert (run.error.message, run.error.status) == ("no such model", 404)


def test_an_error_event_is_read_by_its_name(read: Read) -> None:
    run = read(b'event: error\ndata: {"message":"boom","choices":[]}\n\n', RequestHead("POST", URL))
    assert run.error is not None
    assert run.error.message == "boom"


def test_what_is_odd_is_kept(sse: Build, read: Read) -> None:
    parts = chunk("a")
    parts["choices"] += ["no choice"]
    asked = chunk("b")
    asked["choices"][0]["logprobs"] = {"tokens": ["b"]}
    listed = {**chunk(""), "choices": "none"}
    body = sse(parts, asked, listed, b"data: [1]\n\n", chunk("", "stop", usage=USAGE, mood="fine"))
    run = read(body)
    assert run.message.text == "ab"
    assert {one.part for one in run.findings if one.code == "unknown_fields"} == {
        "$.choices[1]", "$.choices[0].logprobs", "$.choices", "$.mood",
    }  # fmt: skip
    assert "not_an_object" in odd(run)


def test_an_answer_with_a_message_is_read_as_that(read: Read) -> None:
    """Mistral's ``/fim/completions`` is asked with a prompt, and answers as a chat."""
    message = {"role": "assistant", "content": "x = 1"}
    payload = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    head = RequestHead("POST", "https://api.mistral.ai/v1/fim/completions")
    run = read(json.dumps({**payload, "usage": USAGE}).encode(), head)
    assert (run.message.text, run.answer.streamed, odd(run)) == ("x = 1", False, [])


# ---- whose requests


@pytest.mark.parametrize(
    ("method", "url", "is_ours"),
    [
        ("POST", URL, True),
        ("", "http://localhost:8000/v1/completions/", True),
        ("POST", "https://openrouter.ai/api/v1/chat/completions", False),
        ("GET", URL, False),
    ],
)
def test_the_path_tells_it(method: str, url: str, is_ours: bool) -> None:
    assert isinstance(dialect_for(RequestHead(method, url)), OpenAICompletions) == is_ours


def test_a_payload_or_a_prompt_tells_it_without_a_url() -> None:
    assert dialect_of_payload({"object": "text_completion", "choices": []}).name == DIALECT.name  # type: ignore[union-attr]
    assert dialect_of_request({"prompt": "hi"}).name == DIALECT.name  # type: ignore[union-attr]
    assert not DIALECT.recognises_request({"prompt": "hi", "messages": []})
    assert not DIALECT.recognises(["choices"])
    assert not DIALECT.is_response(5)


def test_nothing_is_asked_in_it() -> None:
    assert not is_writable(DIALECT)


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("hi", [Text("hi")]),
        (["hi", "ho"], [Text("hi"), Text("ho")]),
        ([1, 2], [UnknownPart("tokens", "[1,2]")]),
        ([[1], [2]], [UnknownPart("tokens", "[1]"), UnknownPart("tokens", "[2]")]),
        ("", []),
        (None, []),
        ([], []),
    ],
)
def test_each_prompt_is_a_message(prompt: Any, wanted: list[Any]) -> None:
    asked = DIALECT.read_request({"model": "m", "prompt": prompt}, RequestHead())
    assert asked.model == "m"
    assert [message.parts for message in asked.messages] == [(part,) for part in wanted]


# ---- the glance, and damage


ODD = st.sampled_from([None, "", "x", 0, -1, 2**63, 2**64, 1.0, True, [], {}, ["x"]])


def usually(*values: Any) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


CHOICE = st.fixed_dictionaries(
    {"text": usually("", "hi"), "index": usually(0, 1)},
    optional={
        "finish_reason": usually("stop", None),
        "logprobs": ODD,
        "native_finish_reason": usually("eos"),
        "stop_reason": ODD,
        "token_ids": ODD,
        "delta": ODD,
        "reasoning": usually("hm"),
    },
)
CHUNK = st.fixed_dictionaries(
    {"choices": st.one_of(st.lists(CHOICE, max_size=2), ODD)},
    optional={
        "id": usually("cmpl-1"),
        "object": usually("text_completion"),
        "created": usually(5),
        "model": usually("m"),
        "provider": usually("p"),
        "system_fingerprint": usually("fp", None),
        "usage": st.one_of(ODD, st.just(USAGE)),
        "extra": ODD,
    },
)


@given(CHUNK, st.sampled_from([b"", b"", b"", b"error"]))
def test_the_glance_is_the_full_reading(payload: dict[str, Any], name: bytes) -> None:
    data = json.dumps(payload).encode()
    sent = WireEvent("data", 0, len(data), data, name)
    glance = read_usual_chunk(sent)
    try:
        decoded = load_json(data)
    except ValueError:  # a number that is too large
        assert glance is None
        return
    full = list(DIALECT.read_event(sent, decoded))
    assert glance is None or glance == full
    read_stream(b"data: " + data + b"\n\n", {"prompt": "hi"})


def test_usual_chunks_are_read_at_a_glance() -> None:
    for one in (chunk("a"), chunk("", "stop"), chunk("a", usage=None)):
        data = json.dumps(one).encode()
        assert read_usual_chunk(WireEvent("data", 0, len(data), data)) is not None


MADE = b"".join(
    b"data: %s\n\n" % json.dumps(one).encode()
    for one in (chunk("a"), chunk("b"), chunk("", "stop"))
)


@given(st.integers(0, len(MADE) - 1), st.binary(max_size=3), st.booleans())
def test_damage_raises_nothing(at: int, put: bytes, is_cut: bool) -> None:
    run = read_stream(MADE[:at] + put + (b"" if is_cut else MADE[at + len(put) :]))
    assert isinstance(run.message.text, str)
    assert isinstance(run.findings, tuple)
