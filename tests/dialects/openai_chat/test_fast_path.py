"""The glance at a usual chunk says what the full reading says, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import is_chat
from chatviz.cassettes.storage import load_cassette
from chatviz.chat.deltas import Delta, SignatureDelta
from chatviz.dialects.openai_chat.fast_path import read_usual_chunk
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.runs.reader import StreamReader
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent

DIALECT = OpenAIChat()


def event_of(data: bytes) -> WireEvent:
    return WireEvent("data", 0, len(data), data)


def read_in_full(data: bytes) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(data)
    except ValueError:
        return None
    return list(DIALECT.read_event(event_of(data), payload)) if isinstance(payload, dict) else None


def check(data: bytes) -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    glance = read_usual_chunk(event_of(data))
    assert glance is None or respelt(glance) == respelt(read_in_full(data) or [])
    return glance is not None


def respelt(deltas: list[Delta]) -> list[Any]:
    """Return deltas with JSON text as its value: the glance keeps the spelling of the wire."""
    return [
        ("signature", json.loads(delta.json)) if isinstance(delta, SignatureDelta) else delta
        for delta in deltas
    ]


ODD = st.sampled_from([None, "", "x", 0, -1, 1, 2**63, 2**64, 1.0, True, [], {}, ["x"], {"a": 1}])


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


def fields(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


FUNCTION = fields(name=usually("f", None), arguments=usually("", '{"a"', "{}"), extra=ODD)
CALL = st.fixed_dictionaries(
    {"index": usually(0, 1), "function": FUNCTION | ODD},
    optional={"id": usually("c", "", None), "type": usually("function", None)},
)
DETAIL = fields(text=usually("r", None), summary=usually("r", None), data=ODD) | ODD
DELTA = fields(
    role=usually("assistant", None),
    content=usually("hi", "", None),
    tool_calls=st.lists(CALL, max_size=2) | ODD,
    reasoning=usually(None, "r", ""),
    reasoning_content=usually(None, None, "r", "s"),
    reasoning_details=st.lists(DETAIL, max_size=2) | ODD,
    refusal=st.sampled_from([None, None, "no"]),
    annotations=usually(None, []),
    provider_metadata=ODD,
)
CHOICE = st.fixed_dictionaries(
    {"delta": DELTA | st.none()},
    optional={
        "index": usually(0, 1),
        "finish_reason": usually(None, "stop"),
        "native_finish_reason": usually(None, "STOP"),
        "logprobs": st.none() | ODD,
        "content_filter_results": ODD,
        "message": st.sampled_from([None, None, {"content": "whole"}]),
    },
)
CHUNK = st.fixed_dictionaries(
    {"choices": st.lists(CHOICE, max_size=2)},
    optional={
        "created": usually(1, 0),
        "service_tier": ODD,
        "obfuscation": ODD,
        "odd": ODD,
        "error": st.sampled_from([None, None, {"message": "no"}]),
        "id": usually("i"),
        "object": usually("chat.completion.chunk"),
        "model": usually("m"),
        "provider": usually("p"),
        "system_fingerprint": usually("s", None),
        "usage": usually(None, {"prompt_tokens": 1, "cost": 0.25}, {"cost_in_usd_ticks": 5}),
    },
)


@given(CHUNK)
def test_the_glance_says_what_the_full_reading_says(chunk: dict[str, Any]) -> None:
    check(json.dumps(chunk).encode())


@pytest.mark.parametrize(
    "delta",
    [
        {},
        {"role": "assistant", "content": ""},
        {"content": "hi", "refusal": None, "reasoning": None, "reasoning_content": None},
        {"tool_calls": None},
        {"reasoning": "r", "reasoning_details": [{"type": "reasoning.text", "text": "r"}]},
        {"reasoning_content": "r"},
        {"content": "", "provider_metadata": {"a": 1}},
        {"tool_calls": [{"index": 0, "id": None, "function": {"name": None, "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "id": "c", "type": "function", "function": {"name": "f"}}]},
    ],
)
def test_usual_chunks_are_read_at_a_glance(delta: dict[str, Any]) -> None:
    chunk = {"id": "i", "choices": [{"index": 0, "delta": delta}], "created": 1, "usage": None}
    assert check(json.dumps(chunk).encode())


@pytest.mark.parametrize(
    "number", ["1.0", "-0", "1e0", "01", "true", "9" * 30, str(2**64), "9" * 5000]
)
@pytest.mark.parametrize("place", ["index", "created", "call"])
def test_both_read_the_same_numbers(place: str, number: str) -> None:
    numbers = {"index": "0", "created": "1", "call": "0"} | {place: number}
    call = f'{{"index":{numbers["call"]},"function":{{}}}}'
    choice = f'{{"index":{numbers["index"]},"delta":{{"tool_calls":[{call}]}}}}'
    check(f'{{"choices":[{choice}],"created":{numbers["created"]}}}'.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\\ud83d\\ude00",
        b"\n",
        b"\0",
        b"\\x",
        b"\\u0000",
        b"\x7f",
    ],
)
def test_both_read_the_same_strings(content: bytes) -> None:
    check(b'{"choices":[{"index":0,"delta":{"content":"%s"}}],"created":1}' % content)
    check(b'{"%s":null,"choices":[{"index":0,"delta":{}}],"created":1}' % content)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"null", b"{}", b"{", b"[" * 9_999),
        b'{"choices":[],"obfuscation":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_what_is_no_usual_chunk_is_left_to_the_full_reading(data: bytes) -> None:
    assert read_usual_chunk(event_of(data)) is None


def test_the_glance_reads_most_chunks_of_the_packaged_recordings(seeds: tuple[Any, ...]) -> None:
    for path in seeds:
        for interaction in load_cassette(path).interactions:
            reader = StreamReader()
            for piece in interaction.response.pieces:
                reader.feed(piece.data)
            read = [check(chunk.data) for chunk in reader.close().chunks]
            assert sum(read) > len(read) - 4


def test_the_glance_agrees_on_other_peoples_recordings(shared_cassettes: Any) -> None:
    for path in sorted((shared_cassettes / "go-vcr").glob("*.yaml")):
        for interaction in filter(is_chat, load_cassette(path).interactions):
            reader = StreamReader(interaction.request.head)
            for piece in interaction.response.pieces:
                reader.feed(piece.data)
            run = reader.close()
            if run.dialect == "openai-chat":
                for chunk in run.chunks:
                    check(chunk.data)
