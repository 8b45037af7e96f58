"""Damaged streams raise nothing: cut short, with bytes changed, with events lost or repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.storage import load_cassette
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from tests.dialects.openai_responses.responses_made import event, item, message, part, stream

Read = Callable[..., StreamRun]
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_a1", "name": "f", "arguments": "{}"}
SEARCH = {"id": "ws_1", "type": "web_search_call", "action": {"query": "q"}}
MADE = stream(
    *message(*part("Hello, ", "world")),
    *item(CALL, event("function_call_arguments.delta", output_index=1, delta="{}"), place=1),
    *item(SEARCH, place=2),
    output=[CALL],
    usage={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
)
EVENTS = MADE.split(b"\n\n")[:-1]


def touch(run: StreamRun) -> None:
    """Ask for all that is computed late."""
    for call in run.message.tool_calls:
        assert call.paths is not None
    assert isinstance(run.message.text + run.message.reasoning, str)
    assert isinstance(run.findings, tuple)
    assert run.usage is None or run.usage.raw is not None
    assert run.chat_request.body == {}
    assert run.finish_reason != ""


@given(st.integers(0, len(MADE)))
def test_a_stream_may_be_cut_anywhere(end: int) -> None:
    touch(read_stream(MADE[:end]))


@given(st.integers(0, len(MADE) - 1), st.binary(min_size=1, max_size=3))
def test_bytes_may_be_changed(at: int, data: bytes) -> None:
    touch(read_stream(MADE[:at] + data + MADE[at + len(data) :]))


@given(st.lists(st.integers(0, len(EVENTS) - 1), max_size=len(EVENTS)))
def test_events_may_be_lost_repeated_and_in_any_order(order: list[int]) -> None:
    touch(read_stream(b"".join(EVENTS[number] + b"\n\n" for number in order)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FIELDS = ["response", "item", "part", "delta", "text", "output_index", "content_index", "error",
          "annotation", "logprobs", "arguments", "sequence_number"]  # fmt: skip
KINDS = sorted({json.loads(one.split(b"data: ")[1])["type"] for one in EVENTS})


@given(st.sampled_from([*KINDS, "error", "response.odd"]),
       st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))  # fmt: skip
def test_any_json_may_stand_in_any_field(kind: str, fields: dict[str, object]) -> None:
    touch(read_stream(b"data: %s\n\n" % json.dumps({**fields, "type": kind}).encode()))


ITEM_FIELDS = ["type", "role", "content", "summary", "arguments", "call_id", "name", "action",
               "environment", "phase", "outputs", "error", "result", "id"]  # fmt: skip
ITEMS = ["message", "reasoning", "function_call", "web_search_call", "shell_call",
         "image_generation_call", "mcp_list_tools", "compaction"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(ITEM_FIELDS), JSON), st.sampled_from(ITEMS))
def test_any_json_may_stand_in_an_item(fields: dict[str, object], kind: str) -> None:
    sent = {"type": kind, **fields}
    touch(read_stream(json.dumps({"object": "response", "output": [sent]}).encode()))


@cache
def recorded(path: Path) -> list[bytes]:
    return [one.response.body for one in load_cassette(path).interactions]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85, 0.99])
def test_real_streams_may_be_cut(shared_cassettes: Path, read: Read, share: float) -> None:
    for path in sorted(shared_cassettes.rglob("*responses*.yaml")):
        for body in recorded(path):
            run = read(body[: int(len(body) * share)])
            touch(run)
            if b'"response.completed"' not in run.body:
                assert run.finish_reason is None
