"""The glance at a usual chunk says what the full reading says, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.chat.deltas import Delta
from chatviz.dialects.gemini.fast_path import read_usual_chunk
from chatviz.dialects.gemini.stream import Gemini
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.dialects.gemini.chunks_made import call, candidate, chunk, text

DIALECT = Gemini()


def event_of(data: bytes) -> WireEvent:
    return WireEvent("data", 7, len(data), data)


def read_in_full(sent: WireEvent) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(sent.data)
    except ValueError:
        return None
    return list(DIALECT.read_event(sent, payload)) if isinstance(payload, dict) else None


def check(data: bytes) -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    glance = read_usual_chunk(event_of(data))
    assert glance is None or glance == read_in_full(event_of(data))
    return glance is not None


ODD = st.sampled_from([None, "", "x", 0, -1, 1, 2**63, 2**64, 1.0, True, [], {}, ["x"], {"a": 1}])


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


def fields(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


CALL = fields(name=usually("f"), args=usually({}, {"a": [1.50, None]}), id=usually("abcd1234"),
              willContinue=ODD)  # fmt: skip
PART = fields(text=usually("hi", "é"), thought=usually(True, False), extra=ODD,
              thoughtSignature=usually("c2ln"), functionCall=CALL | ODD,
              executableCode=usually({"code": "1"}))  # fmt: skip
TEXT = fields(text=usually("hi"), thoughtSignature=usually("c2ln"), thought=usually(True))
CONTENT = fields(parts=st.lists(TEXT | PART, max_size=3) | ODD, role=usually("model"))
CANDIDATE = fields(content=CONTENT | ODD, index=usually(0, 1), avgLogprobs=usually(-0.5, 0),
                   finishReason=usually("STOP", "MAX_TOKENS", "MALFORMED_FUNCTION_CALL"),
                   finishMessage=usually("done"), safetyRatings=usually([], [{"blocked": 1}]),
                   groundingMetadata=usually({}))  # fmt: skip
COUNTS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "thoughtsTokenCount",
          "toolUsePromptTokenCount", "cachedContentTokenCount")  # fmt: skip
USAGE = fields(**{name: usually(5, 0) for name in COUNTS}, trafficType=usually("ON_DEMAND"),
               promptTokensDetails=usually([{"modality": "TEXT", "tokenCount": 5}]))  # fmt: skip
CHUNK = fields(candidates=st.lists(CANDIDATE, max_size=2) | ODD, usageMetadata=USAGE | ODD,
               modelVersion=usually("gemini-2.5-flash"), responseId=usually("r1"),
               createTime=usually("2026-01-01T00:00:00Z"), promptFeedback=ODD, error=ODD,
)  # fmt: skip


@given(CHUNK)
def test_the_glance_says_what_the_full_reading_says(sent: dict[str, Any]) -> None:
    check(json.dumps(sent).encode())
    check(json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode())
    check(json.dumps(dict(reversed(sent.items())), indent=1).encode())


USUAL = {
    "text": chunk(text("hi"), usage={"promptTokenCount": 1, "totalTokenCount": 1}),
    "thought": chunk(text("hm", thought=True)),
    "signed": chunk(text("", thoughtSignature="c2ln"), finish="STOP"),
    "call": chunk(call("f", {"a": 1}), finish="STOP", finishMessage="Model generated calls."),
    "signed call": chunk(call("f", {}, sign="c2ln", id="abcd1234"), call("g", {"é": "東京"})),
    "Vertex": {"candidates": [{"content": {"role": "model", "parts": [text("hi")]}}],
               "usageMetadata": {"trafficType": "ON_DEMAND"}, "createTime": "2026-01-01T00:00:00Z"},
    "no parts": {"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]},
    "no candidates": {"usageMetadata": {"promptTokenCount": 1}},
    "two": {"candidates": [candidate(text("a")), candidate(text("b"), index=1)]},
}  # fmt: skip


@pytest.mark.parametrize("sent", USUAL.values(), ids=USUAL)
def test_usual_chunks_are_read_at_a_glance(sent: dict[str, Any]) -> None:
    assert check(json.dumps(sent).encode())
    assert check(json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{", b'{"candidates":1}', b'{"x":1}', b"[" * 100_000,
        b'{"candidates":[{"content":{"parts":[{"text":"a","functionCall":{"name":"f","args":{}}}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":1}}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":01}}}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":""}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":1}]}}]}',
        b'{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}',
        b'{"usageMetadata":{"promptTokenCount":%s}}' % (b"9" * 30),
        b'{"usageMetadata":{"promptTokenCount":1.5}}',
        b'{"usageMetadata":[]}',
        b'{"responseId":"\xff"}',
        b'{"usageMetadata":{"a":"\xff"}}',
        b'{"usageMetadata":{"a":%s1%s}}' % (b"[" * 500, b"]" * 500),
    ],
)  # fmt: skip
def test_what_is_not_usual_is_left_to_the_full_reading(data: bytes) -> None:
    assert not check(data)


PARTS = b'{"candidates":[{"content":{"parts":[%s]}}]}'


@pytest.mark.parametrize("passed", [b'"\\ud800"', b'"\\x"', b'"\n"', b"[01]", b"[NaN]", b"[1,]"])
def test_what_is_passed_over_must_be_json_as_well(passed: bytes) -> None:
    """The glance may not read what the full way cannot."""
    for place in (b'{"usageMetadata":{"a":%s}}', b'{"usageMetadata":{"promptTokenCount":1,"a":%s}}',
                  b'{"candidates":[{"safetyRatings":%s}]}', b'{"createTime":%s}',
                  PARTS % b'{"functionCall":{"name":"f","args":{"a":%s}}}',
                  PARTS % b'{"text":"a","thoughtSignature":%s}'):  # fmt: skip
        check(place % passed)


@pytest.mark.parametrize("number", ["1.0", "-0", "1e0", "01", "true", str(2**61 + 1), str(2**64)])
@pytest.mark.parametrize("name", COUNTS)
def test_both_read_the_same_counts(name: str, number: str) -> None:
    check(b'{"usageMetadata":{"%s":%s}}' % (name.encode(), number.encode()))
    check(b'{"candidates":[{"index":%s}]}' % number.encode())


def test_the_glance_agrees_on_real_recordings_and_reads_most(shared_cassettes: Path) -> None:
    read = []
    for path in sorted(shared_cassettes.rglob("google_gemini*.yaml")):
        for run in read_runs(path):
            read += [check(data) for data, _ in run.wire.chunk_data()]
    assert sum(read) > 0.8 * len(read) > 10
