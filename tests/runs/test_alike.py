"""Chunks that are alike are read as each of them is read by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatviz as cv
from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, TextDelta
from chatviz.dialects import DIALECTS
from chatviz.runs.alike import AlikeChunks
from chatviz.runs.delta_sequence import Deltas
from chatviz.runs.reader import StreamReader
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

URLS = {
    "openai-chat": "https://openrouter.ai/api/v1/chat/completions",
    "anthropic-messages": "https://api.anthropic.com/v1/messages",
    "gemini": "https://generativelanguage.googleapis.com/v1/models/m:streamGenerateContent",
}


@contextmanager
def each_by_itself() -> Iterator[None]:
    """Have nothing learned, so that every chunk is decoded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AlikeChunks, "learn", lambda *_: None)
        yield


def read(body: bytes, dialect: str, size: int) -> cv.StreamRun:
    reader = StreamReader(RequestHead("POST", URLS[dialect]))
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    return reader.close()


def told(run: cv.StreamRun) -> tuple[Any, ...]:
    """Return all that a run says."""
    findings = [(one.code, one.part, one.chunk, one.last_chunk, one.count) for one in run.findings]
    states = [
        (state.role, state.roles, state.first_role_chunk, state.last_role_chunk, state.said_at)
        for state in run.answer.choices
    ]
    said = (run.answer.messages, run.usage, run.error, run.finish_reason, run.model)
    return *said, findings, states, list(run.deltas), run.wire


def is_read_alike(body: bytes, dialect: str = "openai-chat") -> None:
    """Check that a body is read as it is where every chunk is decoded, whole and in pieces."""
    with each_by_itself():
        wanted = told(read(body, dialect, len(body)))
    assert told(read(body, dialect, len(body))) == wanted
    assert told(read(body, dialect, 997)) == wanted


def event(payload: object, *, ascii: bool = False) -> bytes:
    return b"data: %b\n\n" % json.dumps(payload, ensure_ascii=ascii).encode("utf-8", "replace")


def chunk(delta: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "a", "model": "m", "choices": [{"index": 0, "delta": delta}], **fields}


texts = st.one_of(
    st.sampled_from(
        ["a", " b", "id", "role", "stop", "", "\n", '"', "\\", "é", "\u2028", "😀", "m"]
    ),
    st.sampled_from(["a text in place of the text", "assistant", "<think>", "{[{", "\x7f", "\x00"]),
    st.text(max_size=6),
)


@st.composite
def chat_events(draw: st.DrawFn) -> bytes:
    """Draw an event; its kind and its text vary, and little else."""
    text = draw(texts)
    kind = draw(st.sampled_from(["content"] * 4 + ["reasoning"] * 3 + ["other"]))
    delta: dict[str, Any] = {"role": "assistant"} if draw(st.booleans()) else {}
    created = {"created": draw(st.sampled_from([1, 1, 1, 2]))}
    if kind == "content":
        return event(chunk({**delta, "content": text}, **created))
    if kind == "reasoning":
        detail = {"type": "reasoning.text", "text": text, "index": 0}
        details = {"reasoning_details": [detail]} if draw(st.booleans()) else {}
        return event(chunk({**delta, "reasoning": text, **details}, **created))
    return draw(
        st.sampled_from(
            [
                b": hi\n\n",
                b"data: [DONE]\n\n",
                event(chunk({"role": "user", "content": text})),
                event(chunk({"reasoning_content": text})),
                event(chunk({"content": text}, odd=text)),
                event(chunk({"content": text}, usage={"prompt_tokens": 1})),
                event({**chunk({"content": text}), "id": "other"}),
                event({"choices": [{"index": 1, "delta": {"content": text}}]}),
                event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
                event({"error": {"message": text}}),
                event(chunk({"content": text, "reasoning": "r"})),
                b"event: error\n" + event(chunk({"content": text})),
                b"event: message\n" + event(chunk({"content": text})),
                event(chunk({"content": "here"})).replace(b"here", b'a", "odd": "b'),
                event(chunk({"content": "here"})).replace(b"here", b'a", "refusal": "b'),
                b'data: {"choices": [{"index": 0, "delta": {"content": "\xff"}}]}\n\n',
            ]
        )
    )


@given(st.lists(st.tuples(chat_events(), st.integers(1, 6)), min_size=1, max_size=12))
def test_chats_are_read_as_chunk_by_chunk(pieces: list[tuple[bytes, int]]) -> None:
    is_read_alike(b"".join(one * count for one, count in pieces))


@given(st.lists(texts, min_size=3, max_size=12), st.sampled_from(["text", "thinking"]))
def test_blocks_are_read_as_chunk_by_chunk(said: list[str], kind: str) -> None:
    begin = {"type": "content_block_start", "index": 0, "content_block": {"type": kind, kind: ""}}
    pieces = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": f"{kind}_delta", kind: text}}
        for text in said
    ]
    body = b"".join(
        b"event: %b\n%b" % (str(one["type"]).encode(), event(one)) for one in [begin, *pieces]
    )
    is_read_alike(body, "anthropic-messages")


@given(st.lists(texts, min_size=3, max_size=12), st.booleans(), st.booleans(), st.booleans())
def test_parts_that_are_signed_are_read_as_chunk_by_chunk(
    said: list[str], is_thought: bool, is_signed: bool, is_followed: bool
) -> None:
    signature = {"thoughtSignature": "abc"} if is_signed else {}
    mine = {"thought": is_thought, **signature}
    other = [{"text": "t", "thought": not is_thought}] if is_followed else []
    body = b"".join(
        event({"candidates": [{"content": {"parts": [{"text": one, **mine}, *other]}}]})
        for one in said
    )
    is_read_alike(body, "gemini")


WORDS = [event(chunk({"content": text})) for text in ("one", "two", "three")]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([b"event: error\n" + one for one in WORDS], id="another name"),
        pytest.param([WORDS[0].replace(b"one", b'a", "odd": "b')], id="another field"),
        pytest.param([WORDS[0].replace(b"one", b"a\\nb")], id="written otherwise"),
        pytest.param([WORDS[0].replace(b"one", b"\xff")], id="no text"),
        pytest.param([WORDS[0].replace(b"one", b"")], id="nothing"),
        pytest.param(
            [event(chunk({"role": "user", "content": text})) for text in "abcdef"], id="other role"
        ),
        pytest.param(
            [event(chunk({"reasoning": text})) for text in ("k", "l", "n")]
            + [
                event(chunk({"reasoning_content": text})) for text in ("p", "q", "x", "klnpqx", "y")
            ],
            id="all the reasoning again, in another field",
        ),
    ],
)
def test_what_differs_in_more_than_a_text_is_read_by_itself(others: list[bytes]) -> None:
    first = event(chunk({"role": "assistant", "content": "zero"}))
    is_read_alike(b"".join([first, *WORDS, *others, *WORDS]))


@pytest.mark.parametrize("text", ["id", ": ", ", ", "choices"])
def test_nothing_is_learned_of_a_text_that_stands_elsewhere_too(text: str) -> None:
    odd = event(chunk({"content": text})) * 3
    is_read_alike(odd + b"".join(WORDS))
    reader = StreamReader(RequestHead("POST", URLS["openai-chat"]))
    reader.feed(odd)
    assert not reader._alike.is_learned


def test_recordings_are_read_as_chunk_by_chunk(shared_cassettes: Path) -> None:
    heads = [(run.body, run.head) for run in cv.read_runs(sorted(shared_cassettes.rglob("*.yaml")))]
    with each_by_itself():
        wanted = [told(cv.read_stream(body, head)) for body, head in heads]
    assert [told(cv.read_stream(body, head)) for body, head in heads] == wanted
    assert len(heads) > 70


def test_chunks_that_are_alike_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = next(one for one in DIALECTS if one.name == "openai-chat")
    glance, seen = dialect.read_glance, list[bytes]()

    def count(event: WireEvent) -> Any:
        seen.append(event.data)
        return glance(event)

    monkeypatch.setattr(dialect, "read_glance", count, raising=False)
    body = b"".join(event(chunk({"content": f"word {n}"})) for n in range(1_000))
    run = read(body, "openai-chat", len(body))
    assert run.message.text == "".join(f"word {n}" for n in range(1_000))
    assert len(run.deltas) == 1_001
    assert len(seen) == 3  # the first two, and one of our own that stands for all the others


def test_what_depends_on_its_place_is_not_alike() -> None:
    alike = AlikeChunks(MessageAssembler(), Deltas())

    def glance(event: WireEvent) -> list[Delta]:
        return [TextDelta(0, "word", event.start)]

    for place in (0, 90):
        one = WireEvent("data", place, place + 90, b'{"text": "word"}')
        alike.learn(one, glance(one), glance)
    assert not alike.is_learned


def test_a_stream_whose_chunks_differ_is_left_alone() -> None:
    reader = StreamReader(RequestHead("POST", URLS["openai-chat"]))
    reader.feed(b"".join(event(chunk({"content": "a"}, created=n)) for n in range(20)))
    assert not reader._alike.may_learn


def test_what_was_learned_is_forgotten_where_it_never_fits() -> None:
    reader = StreamReader(RequestHead("POST", URLS["openai-chat"]))
    reader.feed(event(chunk({"content": "word"})) * 2)
    assert reader._alike.is_learned
    reader.feed(event(chunk({"role": "assistant"})) * 20)
    assert not reader._alike.is_learned
