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
from chatviz.dialects import DIALECTS
from chatviz.runs.alike import AlikeChunks
from chatviz.runs.reader import StreamReader
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

URLS = {
    "openai-chat": "https://openrouter.ai/api/v1/chat/completions",
    "ollama-chat": "http://localhost:11434/api/chat",
}


@contextmanager
def each_by_itself() -> Iterator[None]:
    """Have no chunk taken with the one that it is like."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AlikeChunks, "follow", lambda *_: 0)
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


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}


@st.composite
def call_events(draw: st.DrawFn) -> bytes:
    """Draw an event that goes on with a call, as it may come padded, or says something else."""
    text = draw(texts)
    call: dict[str, Any] = {"index": 0, "function": {"arguments": text}}
    padded = {"obfuscation": draw(texts)} if draw(st.booleans()) else {}
    odd = [
        chunk({"tool_calls": [{**call, "index": 1}]}),
        chunk({"tool_calls": [{**call, "id": "c"}]}),
        chunk({"tool_calls": [{**call, "id": "other"}]}),
        chunk({"tool_calls": [{**call, "type": "function"}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": text}}]}),
        chunk({"tool_calls": [call, call]}),
        chunk({"tool_calls": [call], "content": text}),
        chunk({"tool_calls": [{"index": 0, "function": {"name": text}}]}),
        chunk({"tool_calls": [CALL]}),
        chunk({}),
        {"id": "a", "model": "m"},
        {"choices": [{"index": 0, "finish_reason": "tool_calls"}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    usual = chunk({"tool_calls": [call]}, **padded)
    return event(draw(st.sampled_from([usual] * 20 + odd)))


@given(
    st.lists(st.tuples(call_events(), st.integers(1, 9)), min_size=1, max_size=12),
    st.booleans(),
)
def test_calls_are_read_as_chunk_by_chunk(pieces: list[tuple[bytes, int]], is_begun: bool) -> None:
    begin = event(chunk({"tool_calls": [CALL]})) if is_begun else b""
    is_read_alike(begin + b"".join(one * count for one, count in pieces))


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Draw a line; the clock moves, stands still, or goes back."""
    said = {draw(st.sampled_from(["content"] * 4 + ["thinking"] * 3)): draw(texts)}
    if draw(st.integers(0, 9)) == 9:
        said = {"content": draw(texts), "thinking": draw(texts)}
    second = draw(st.sampled_from([0, 1, 2, 3, 3, 3, 59]))
    line = {
        "model": draw(st.sampled_from(["m"] * 9 + ["other"])),
        "created_at": f"2026-01-05T11:28:{second:02}Z",
        "message": {"role": "assistant", "content": "", **said},
        "done": draw(st.integers(0, 19)) == 19,
    }
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


@given(st.lists(st.tuples(lines(), st.integers(1, 6)), min_size=1, max_size=12))
def test_lines_are_read_as_chunk_by_chunk(pieces: list[tuple[bytes, int]]) -> None:
    is_read_alike(b"".join(one * count for one, count in pieces), "ollama-chat")


NUMBERS = ["one", "two", "three", "four", "five", "six", "seven"]
WORDS = [event(chunk({"content": text})) for text in NUMBERS]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([b"event: error\n" + one for one in WORDS], id="another name"),
        pytest.param([WORDS[0].replace(b"one", b'a", "odd": "b')], id="another field"),
        pytest.param([WORDS[0].replace(b"one", b"a\\nb")], id="written otherwise"),
        pytest.param(
            [WORDS[0].replace(b"one", one) for one in (b"a\\\\", b"b\\\\", b"c", b'd\\"', b"e\\")],
            id="backslashes at the end",
        ),
        pytest.param([WORDS[0].replace(b"one", b"\xff")], id="no text"),
        pytest.param([WORDS[0].replace(b"one", b"")], id="nothing"),
        pytest.param(
            [event(chunk({"role": "user", "content": text})) for text in "abcdefghi"],
            id="other role",
        ),
        pytest.param(
            [event(chunk({"reasoning": text})) for text in "klmnopqrs"]
            + [
                event(chunk({"reasoning_content": text}))
                for text in (*"tuvwxyz", "klmnopqrstuvwxyz", *"abc")
            ],
            id="all the reasoning again, in another field",
        ),
        pytest.param(
            [
                event(chunk({"content": text, "reasoning": "r", "reasoning_details": [{}]}))
                for text in "abcdefghi"
            ],
            id="a thought beside each",
        ),
        pytest.param(
            [
                event(chunk({"reasoning": "a", "reasoning_details": [{"text": text}]}))
                for text in "aaaaaabcd"
            ],
            id="a detail that says something else",
        ),
        pytest.param(
            [
                event({**chunk({"content": "x"}), "model": "x"}).replace(b'"content": "x"', odd)
                for odd in [b'"content": "\\u0078"'] * 3 + [b'"content": "y"'] * 9
            ],
            id="a text that is spelled otherwise, and stands elsewhere",
        ),
        pytest.param(
            [
                event({**chunk({"content": "x"}), "model": m}).replace(
                    b'"content": "x"', b'"content": "\\u0078"'
                )
                for m in "xyzabcdef"
            ],
            id="a model that is as long as the text",
        ),
        pytest.param(
            [event({**chunk({"content": text}), "model": text}) for text in "abcdefghi"],
            id="a model that is the text",
        ),
        pytest.param(
            [
                event(
                    chunk(
                        {
                            "reasoning": "r",
                            "reasoning_content": text,
                            "reasoning_details": [{"text": text}],
                        }
                    )
                )
                for text in "abcdefghi"
            ],
            id="a thought in three fields, of which one differs",
        ),
        pytest.param(
            [event(chunk({"tool_calls": [CALL]}))]
            + [
                event(
                    chunk(
                        {
                            "content": text,
                            "tool_calls": [{"index": 0, "function": {"arguments": ""}}],
                        }
                    )
                )
                for text in "abcdefghi"
            ],
            id="a call beside each",
        ),
        pytest.param(
            [
                event(
                    {
                        "choices": [
                            {"index": 0, "delta": {}, "finish_reason": "stop"},
                            {"index": 1, "delta": {"content": text}},
                        ]
                    }
                )
                for text in "abcdefghi"
            ],
            id="an end beside each",
        ),
        pytest.param(
            [event(chunk({"content": text}, obfuscation=text * 3)) for text in "abcdefghi"],
            id="padding",
        ),
    ],
)
def test_what_differs_in_more_than_a_text_is_read_by_itself(others: list[bytes]) -> None:
    first = event(chunk({"role": "assistant", "content": "zero"}))
    is_read_alike(b"".join([first, *WORDS, *others, *WORDS]))


@pytest.mark.parametrize("start, step", [(0, 1), (5, -1), (-20, 1), (10**11, 1), (7, 0), (7, 1)])
@pytest.mark.parametrize("others", [[], WORDS])
def test_a_clock_is_read_as_chunk_by_chunk(start: int, step: int, others: list[bytes]) -> None:
    each = [chunk({"content": text}, created=start + n * step) for n, text in enumerate(NUMBERS)]
    is_read_alike(b"".join([*map(event, each), *others]))


@pytest.mark.parametrize("text", ["id", ": ", ", ", "choices", "a", "m", "content"])
def test_a_text_that_stands_elsewhere_too_changes_that_nowhere(text: str) -> None:
    is_read_alike(event(chunk({"content": text})) * 9 + b"".join(WORDS))


def test_recordings_are_read_as_chunk_by_chunk(shared_cassettes: Path) -> None:
    heads = [(run.body, run.head) for run in cv.read_runs(sorted(shared_cassettes.rglob("*.yaml")))]
    with each_by_itself():
        wanted = [told(cv.read_stream(body, head)) for body, head in heads]
    assert [told(cv.read_stream(body, head)) for body, head in heads] == wanted
    assert len(heads) > 70


@pytest.fixture
def glanced_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What a chat's chunks are read by one by one: those that are not taken with another."""
    dialect = next(one for one in DIALECTS if one.name == "openai-chat")
    glance, seen = dialect.read_glance, list[bytes]()

    def count(event: WireEvent) -> Any:
        seen.append(event.data)
        return glance(event)

    monkeypatch.setattr(dialect, "read_glance", count, raising=False)
    return seen


@pytest.mark.parametrize("field", ["content", "reasoning", "reasoning_content"])
@pytest.mark.parametrize("other", ["nothing", "created", "obfuscation", "escaped"])
def test_chunks_that_are_alike_are_taken_at_once(
    glanced_at: list[bytes], field: str, other: str
) -> None:
    said = [f"word {n}" for n in range(1_000)]
    if other == "escaped":
        said[::4] = [f"{text}\n" for text in said[::4]]
    own: list[dict[str, Any]] = [{} for _ in said]
    if other in ("created", "obfuscation"):
        own = [{other: n if other == "created" else str(n)} for n in range(1_000)]
    body = b"".join(event(chunk({field: one}, **each)) for one, each in zip(said, own, strict=True))
    run = read(body, "openai-chat", len(body))
    assert run.message.text + run.message.reasoning == "".join(said)
    assert len(run.deltas) == 1_001
    assert len(glanced_at) == 1  # the first


def test_a_stream_whose_chunks_differ_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    dialect = next(one for one in DIALECTS if one.name == "openai-chat")
    read_alike = getattr(dialect, "read_alike")  # noqa: B009

    def count(events: Any, place: int, text: str) -> Any:
        tried.append(place)
        return read_alike(events, place, text)

    monkeypatch.setattr(dialect, "read_alike", count, raising=False)
    each = [event({**chunk({"content": "a"}), "id": f"{n:03}"}) for n in range(100)]
    run = read(b"".join(each), "openai-chat", 100_000)
    assert run.message.text == "a" * 100
    assert tried == [0, 1, 2, 3]
