"""Damaged streams raise nothing: cut short, with bytes changed, with events lost or repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.storage import load_cassette
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from tests.dialects.gemini.chunks_made import array, call, chunk, stream, text

PIECE = {"jsonPath": "$.a[0].b", "stringValue": "x", "willContinue": True}
CHUNKS = [
    chunk(text("hm", thought=True), usage={"promptTokenCount": 5}),
    chunk(text("a"), call("f", {"x": 1}, sign="F")),
    chunk({"functionCall": {"name": "g", "willContinue": True}}),
    chunk({"functionCall": {"partialArgs": [PIECE], "willContinue": True}}),
    chunk({"functionCall": {}}),
    chunk({"executableCode": {"code": "1"}}, {"codeExecutionResult": {"output": "1"}}),
    chunk(text("", thoughtSignature="A"), finish="STOP", usage={"promptTokenCount": 9},
          groundingMetadata={"groundingChunks": [{"web": {}}]}),
    {"promptFeedback": {"blockReason": "SAFETY"}},
]  # fmt: skip
BODIES = [stream(*CHUNKS), array(*CHUNKS), json.dumps(CHUNKS[1]).encode()]
EVENTS = [stream(one) for one in CHUNKS]


def touch(run: StreamRun) -> None:
    """Ask for all that is computed late."""
    for called in run.message.tool_calls:
        assert called.paths is not None
        assert called.parsed is None or isinstance(called.parsed, dict)
    assert isinstance(run.message.text + run.message.reasoning, str)
    assert isinstance(run.findings, tuple)
    assert run.usage is None or run.usage.raw is not None
    assert run.chat_request.body == {}
    assert run.finish_reason != ""


@given(st.sampled_from(BODIES), st.floats(0, 1))
def test_a_body_may_be_cut_anywhere(body: bytes, share: float) -> None:
    cut = body[: int(len(body) * share)]
    run = read_stream(cut)
    touch(run)
    assert run.body == cut


@given(
    st.sampled_from(BODIES), st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=3)
)
def test_bytes_may_be_changed(body: bytes, share: float, data: bytes) -> None:
    at = int(len(body) * share)
    touch(read_stream(body[:at] + data + body[at + len(data) :]))


@given(st.lists(st.integers(0, len(EVENTS) - 1), max_size=len(EVENTS)))
def test_events_may_be_lost_repeated_and_in_any_order(order: list[int]) -> None:
    touch(read_stream(b"".join(EVENTS[number] for number in order)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FIELDS = ["candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "error"]
CANDIDATE_FIELDS = ["content", "index", "finishReason", "groundingMetadata", "citationMetadata"]
PART_FIELDS = ["text", "thought", "thoughtSignature", "functionCall", "executableCode", "toolCall",
               "codeExecutionResult", "toolResponse", "inlineData", "fileData"]  # fmt: skip
CALL_FIELDS = ["name", "args", "id", "partialArgs", "willContinue", "toolType", "mimeType"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_may_stand_in_a_chunk(fields: dict[str, object]) -> None:
    touch(read_stream(stream({"candidates": [], **fields})))


@given(st.dictionaries(st.sampled_from(CANDIDATE_FIELDS), JSON))
def test_any_json_may_stand_in_a_candidate(fields: dict[str, object]) -> None:
    touch(read_stream(stream({"candidates": [fields]})))


@given(
    st.dictionaries(
        st.sampled_from(PART_FIELDS),
        JSON | st.dictionaries(st.sampled_from(CALL_FIELDS), JSON),
        min_size=1,
    )
)
def test_any_json_may_stand_in_a_part(fields: dict[str, object]) -> None:
    touch(read_stream(stream(chunk(fields), chunk(call("f", {})), chunk(fields))))


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85, 0.99])
def test_real_streams_may_be_cut(shared_cassettes: Path, share: float) -> None:
    for path in sorted(shared_cassettes.rglob("google_gemini*.yaml")):
        for interaction in load_cassette(path).interactions:
            body = interaction.response.body
            run = read_stream(body[: int(len(body) * share)])
            touch(run)
            if b'"finishReason"' not in run.body:
                assert run.finish_reason is None
