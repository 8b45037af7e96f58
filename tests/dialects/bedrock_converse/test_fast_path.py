"""The glance at a usual event says what the full reading says, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.chat.deltas import Delta
from chatviz.dialects.bedrock_converse.event_order import EVENT_ORDER
from chatviz.dialects.bedrock_converse.fast_path import read_usual_event
from chatviz.dialects.bedrock_converse.stream import BedrockConverse
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.dialects.steps import without_step

DIALECT = BedrockConverse()


def read_in_full(sent: WireEvent) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(sent.data)
    except ValueError:
        return None
    return list(DIALECT.read_event(sent, payload)) if isinstance(payload, dict) else None


def check(data: bytes, name: str) -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    sent = WireEvent("data", 0, len(data), data, name.encode())
    glance = read_usual_event(sent)
    assert glance is None or without_step(glance, EVENT_ORDER, sent) == read_in_full(sent)
    return glance is not None


ODD = st.sampled_from([None, "", "x", 0, -1, 2**63, 2**64, 1.0, 1e300, True, [], {}, ["x"],
                       {"a": 1}, "guardrail_intervened"])  # fmt: skip


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


def of(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


USE = of(toolUseId=usually("t1"), name=usually("f"), input=usually("{}", ""),
         type=usually("tool_use", "server_tool_use"), hint=ODD)  # fmt: skip
BLOCK = of(
    text=usually("hi", ""),
    toolUse=USE | ODD,
    reasoningContent=of(text=usually("hm", ""), signature=usually("s")) | ODD,
    image=ODD,
)
COUNTS = of(
    inputTokens=usually(5),
    outputTokens=usually(6),
    totalTokens=usually(11),
    cacheReadInputTokens=usually(1, 0),
    cacheWriteInputTokens=usually(2),
    cacheReadInputTokenCount=usually(1),
    serverToolUsage=usually({}, {"n": 1}),
)
PAYLOADS = {
    "messageStart": of(role=usually("assistant"), p=usually("ab"), extra=ODD),
    "contentBlockStart": of(start=BLOCK | ODD, contentBlockIndex=usually(0, 1), p=usually("ab")),
    "contentBlockDelta": of(delta=BLOCK | ODD, contentBlockIndex=usually(0, 1), p=usually("ab")),
    "contentBlockStop": of(contentBlockIndex=usually(0, 1), p=usually("ab"), extra=ODD),
    "messageStop": of(stopReason=usually("end_turn"), p=usually("ab"), extra=ODD),
    "metadata": of(usage=COUNTS | ODD, metrics=usually({"latencyMs": 9}), p=usually("ab")),
}
EVENT = st.sampled_from(sorted(PAYLOADS)).flatmap(
    lambda name: st.tuples(st.just(name), PAYLOADS[name])
)


@given(EVENT)
def test_the_glance_says_what_the_full_reading_says(sent: tuple[str, dict[str, Any]]) -> None:
    name, payload = sent
    check(json.dumps(payload).encode(), name)
    turned = dict(reversed(payload.items()))
    check(json.dumps(turned, separators=(",", ":")).encode(), name)
    check(json.dumps(payload).encode(), "")


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("messageStart", {"p": "ab", "role": "assistant"}),
        ("messageStart", {"role": ""}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "hi"}, "p": "ab"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": ""}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0,
                               "delta": {"reasoningContent": {"text": "hm"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0,
                               "delta": {"reasoningContent": {"text": ""}}}),
        ("contentBlockStart", {"contentBlockIndex": 1,
                               "start": {"toolUse": {"toolUseId": "t1", "name": "f"}}}),
        ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": {
            "toolUseId": "t1", "name": "f", "type": "server_tool_use"}}}),
        ("contentBlockStop", {"contentBlockIndex": 1, "p": "ab"}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("messageStop", {"stopReason": ""}),
        ("metadata", {"metrics": {"latencyMs": 5}, "usage": {
            "inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "serverToolUsage": {}}}),
    ],
)  # fmt: skip
def test_usual_events_are_read_at_a_glance(name: str, payload: dict[str, Any]) -> None:
    assert check(json.dumps(payload).encode(), name)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("contentBlockDelta", {"contentBlockIndex": 0,
                               "delta": {"text": "hi", "toolUse": {"input": ""}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {
            "toolUse": {"input": ""}, "reasoningContent": {"text": "hm"}}}),
        ("messageStop", {"stopReason": "guardrail_intervened"}),
        ("odd", {}),
        ("exception/throttlingException", {"message": "x"}),
    ],
)  # fmt: skip
def test_what_is_odd_is_left_to_the_full_reading(name: str, payload: dict[str, Any]) -> None:
    assert not check(json.dumps(payload).encode(), name)


@pytest.mark.parametrize("text", [b"\xff", b"\\ud800", b"\\ud83d\\ude00", b"\n", b"\\u0000"])
def test_both_read_the_same_strings(text: bytes) -> None:
    check(b'{"contentBlockIndex":0,"delta":{"text":"%s"}}' % text, "contentBlockDelta")
    check(b'{"contentBlockIndex":0,"delta":{"text":"a"},"p":"%s"}' % text, "contentBlockDelta")
    counted = b'{"inputTokens":1,"outputTokens":1,"totalTokens":2,"%s":1}' % text
    check(b'{"metrics":{"latencyMs":1},"usage":%s}' % counted, "metadata")


@pytest.mark.parametrize("number", ["1.0", "-0", "1e0", "01", "true", "9" * 30, str(2**64)])
def test_both_read_the_same_numbers(number: str) -> None:
    place = f'{{"contentBlockIndex":{number},"delta":{{"text":"a"}}}}'.encode()
    check(place, "contentBlockDelta")
    usage = f'{{"inputTokens":{number},"outputTokens":1,"totalTokens":2}}'
    check(f'{{"metrics":{{"latencyMs":{number}}},"usage":{usage}}}'.encode(), "metadata")


def test_the_glance_agrees_on_real_recordings_and_reads_most(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.rglob("*converse*.yaml")):
        for run in read_runs(path):
            read = [check(data, name.decode()) for data, name in run.wire.chunk_data()]
            assert not run.answer.streamed or sum(read) > 0.8 * len(read)
