"""Damaged streams raise nothing: cut short, with bytes changed, with lines lost or repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.storage import load_cassette
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from tests.dialects.ollama.lines_made import call, end, line, stream

MADE = stream(
    line(thinking="We think"),
    line("Hello, "),
    line("world"),
    line(tool_calls=[call("f", {"a": 1}, id="call_a1", index=0)]),
    end(),
)
LINES = MADE.splitlines(keepends=True)


def touch(run: StreamRun) -> None:
    """Ask for all that is computed late."""
    for called in run.message.tool_calls:
        assert called.paths is not None
    assert isinstance(run.message.text + run.message.reasoning, str)
    assert isinstance(run.findings, tuple)
    assert run.usage is None or run.usage.raw is not None
    assert run.chat_request.body == {}
    assert run.finish_reason != ""


@given(st.integers(0, len(MADE)))
def test_a_stream_may_be_cut_anywhere(size: int) -> None:
    run = read_stream(MADE[:size])
    touch(run)
    assert run.body == MADE[:size]


@given(st.integers(0, len(MADE) - 1), st.binary(min_size=1, max_size=3))
def test_bytes_may_be_changed(at: int, data: bytes) -> None:
    touch(read_stream(MADE[:at] + data + MADE[at + len(data) :]))


@given(st.lists(st.integers(0, len(LINES) - 1), max_size=len(LINES)))
def test_lines_may_be_lost_repeated_and_in_any_order(order: list[int]) -> None:
    touch(read_stream(b"".join(LINES[number] for number in order)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
ANY = st.dictionaries
FIELDS = ["model", "created_at", "done", "done_reason", "error", "eval_count", "response",
          "thinking", "tool_calls", "image", "context"]  # fmt: skip
INNER = ["role", "content", "thinking", "tool_calls", "images"]


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON), st.dictionaries(st.sampled_from(INNER), JSON)
)
def test_any_json_may_stand_in_any_field(
    fields: dict[str, object], inner: dict[str, object]
) -> None:
    odd = {"created_at": "x", "done": False, **fields, "message": inner}
    touch(read_stream(stream(line("a"), odd, end())))
    touch(read_stream(json.dumps(odd).encode()))


@given(st.dictionaries(st.sampled_from(["id", "type", "function"]), JSON),
       st.dictionaries(st.sampled_from(["index", "name", "arguments"]), JSON))  # fmt: skip
def test_any_json_may_stand_in_a_call(outer: dict[str, object], inner: dict[str, object]) -> None:
    touch(read_stream(stream(line(tool_calls=[{"function": inner, **outer}, outer]), end())))


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85, 0.99])
def test_real_streams_may_be_cut(shared_cassettes: Path, share: float) -> None:
    for path in sorted((shared_cassettes / "go-vcr").glob("ollama_*.yaml")):
        for interaction in load_cassette(path).interactions:
            body = interaction.response.body
            run = read_stream(body[: int(len(body) * share)])
            touch(run)
            assert run.finish_reason is None
