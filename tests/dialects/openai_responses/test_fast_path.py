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
from chatviz.dialects.openai_responses.event_order import EVENT_ORDER
from chatviz.dialects.openai_responses.fast_path import read_usual_event
from chatviz.dialects.openai_responses.known_fields import ECHOED_FIELDS
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.runs.reader import read_stream
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.dialects.openai_responses.responses_made import URL, event, part, response
from tests.dialects.steps import without_step

DIALECT = OpenAIResponses()
_ITEM: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
_IN_SUMMARY = {"output_index": 0, "summary_index": 0, "item_id": "rs_1"}
MISNAMED = [
    event("created", response=response("in_progress")),
    event("output_item.added", output_index=0, item=_ITEM),
    *part("Hi"),
    event("reasoning_summary_part.added", **_IN_SUMMARY, part={"type": "summary_text", "text": ""}),
]


def event_of(data: bytes, name: bytes = b"") -> WireEvent:
    return WireEvent("data", 0, len(data), data, name)


def read_in_full(sent: WireEvent) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(sent.data)
    except ValueError:
        return None
    return list(DIALECT.read_event(sent, payload)) if isinstance(payload, dict) else None


def check(data: bytes, name: bytes = b"") -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    sent = event_of(data, name)
    glance = read_usual_event(sent)
    assert glance is None or without_step(glance, EVENT_ORDER, sent) == read_in_full(sent)
    return glance is not None


ODD = st.sampled_from([None, "", "x", 0, -1, 1, 2**63, 2**64, 1.0, True, [], {}, ["x"], {"a": 1}])


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


PIECES = {
    "type": st.sampled_from(
        [
            "response.output_text.delta",
            "response.output_text.done",
            "response.reasoning_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_text.done",
            "response.reasoning_summary_text.done",
            "response.function_call_arguments.delta",
            "response.refusal.delta",
            "response.odd",
        ]
    )
}
WHERE = {
    "output_index": usually(0, 1),
    "content_index": usually(0, 1),
    "summary_index": usually(0),
    "item_id": usually("msg_1"),
    "sequence_number": usually(3),
    "delta": usually("hi", ""),
    "text": usually("hi", ""),
    "logprobs": usually([], None),
    "obfuscation": usually("pad"),
    "extra": ODD,
}
PIECE = st.fixed_dictionaries(PIECES, optional=WHERE)
RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "id": usually("resp_1"),
        "model": usually("m"),
        "created_at": usually(1),
        "status": usually("in_progress"),
        "output": usually([]),
        "usage": usually(None),
        "error": usually(None),
        "incomplete_details": usually(None),
        "tools": usually([], [{"type": "function", "parameters": {"a": [1]}}]),
        "instructions": usually("be brief", None),
        "weather": st.sampled_from(["", "", "", "fine"]),
    },
)
GOING_ON = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["response.created", "response.in_progress", "response.queued", "response.completed"]
        ),
        "response": RESPONSE | ODD,
    },
    optional={"sequence_number": usually(0), "extra": ODD},
)


PART = st.fixed_dictionaries(
    {"type": usually("output_text", "reasoning_text", "summary_text")},
    optional={
        "text": usually("hi", ""),
        "annotations": usually([], None),
        "logprobs": usually([], None),
        "extra": ODD,
    },
)
MESSAGE = st.fixed_dictionaries(
    {"type": usually("message", "message", "reasoning")},
    optional={
        "id": usually("msg_1"),
        "status": usually("completed"),
        "role": usually("assistant"),
        "content": st.lists(PART, max_size=2) | ODD,
        "phase": usually("final_answer", None, ""),
        "extra": ODD,
    },
)
CALL = st.fixed_dictionaries(
    {"type": usually("function_call")},
    optional={
        "id": usually("fc_1"),
        "status": usually("completed"),
        "call_id": usually("call_1", ""),
        "name": usually("add", "search_web", ""),
        "arguments": usually("{}", ""),
        "namespace": ODD,
    },
)
SAID = st.lists(
    PART | st.fixed_dictionaries({"type": usually("summary_text"), "text": usually("hi")}),
    max_size=2,
)
REASONING = st.fixed_dictionaries(
    {"type": st.just("reasoning")},
    optional={
        "id": usually("rs_1", ""),
        "summary": SAID | ODD,
        "content": SAID | usually(None),
        "encrypted_content": usually("gAAA", "null", None, ""),
        "status": usually("completed", None),
        "extra": ODD,
    },
)
ITEM = MESSAGE | CALL | REASONING
COUNTED = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": usually(3, 3.0),
        "output_tokens": usually(2),
        "output_tokens_details": usually({"reasoning_tokens": 1}),
        "cost": usually(0.10, 1e-7),
    },
)
WHOLE = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                *("response.output_item.added", "response.output_item.done"),
                *("response.content_part.added", "response.content_part.done"),
                "response.reasoning_summary_part.added",
                "response.reasoning_summary_part.done",
                "response.function_call_arguments.done",
            ]
        )
    },
    optional={
        **{key: WHERE[key] for key in ("output_index", "content_index", "sequence_number")},
        "summary_index": usually(0),
        "status": ODD,
        "item_id": usually("msg_1"),
        "item": ITEM | ODD,
        "part": PART | ODD,
        "arguments": usually("{}", ""),
        "name": usually("add"),
    },
)
ENDED = st.fixed_dictionaries(
    {
        "type": st.just("response.completed"),
        "response": st.fixed_dictionaries(
            {"id": usually("resp_1"), "model": usually("m"), "created_at": usually(1)},
            optional={
                "status": usually("completed", ""),
                "output": st.lists(ITEM, max_size=2) | ODD,
                "usage": COUNTED | ODD,
                "error": usually(None),
                "tools": usually([]),
                "weather": st.sampled_from(["", "fine"]),
            },
        ),
    },
    optional={"sequence_number": usually(9)},
)


@given(PIECE | GOING_ON | WHOLE | ENDED, st.sampled_from(["", "same", "message"]))
def test_the_glance_says_what_the_full_reading_says(sent: dict[str, Any], name: str) -> None:
    check(json.dumps(sent).encode(), (sent["type"] if name == "same" else name).encode())
    turned = dict(reversed(sent.items()))
    check(json.dumps(turned, separators=(",", ":")).encode())
    check(json.dumps(sent, separators=(",", ":")).encode())


EMPTY = {"type": "output_text", "text": ""}


def message(**fields: Any) -> dict[str, Any]:
    text = {"type": "output_text", "text": "hi", "annotations": [], "logprobs": []}
    return {"type": "message", "id": "m", "role": "assistant", "content": [text]} | fields


CALLED = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":1}'}
WHERE_SUMMARY = {"output_index": 0, "summary_index": 0, "item_id": "rs_1"}


def said(kind: str, text: str) -> dict[str, str]:
    return {"type": f"{kind}_text", "text": text}


THOUGHT = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [said("summary", "hm"), said("summary", "")],
    "content": [said("reasoning", "null"), said("reasoning", "")],
    "encrypted_content": "gAAA",
}
WHERE_TEXT = {"output_index": 0, "content_index": 0, "item_id": "msg_1", "sequence_number": 4}
USUAL = [
    event("output_text.delta", **WHERE_TEXT, delta="hi", logprobs=[], obfuscation="x"),
    event("output_text.done", **WHERE_TEXT, text="hi", logprobs=[]),
    event("reasoning_text.delta", **WHERE_TEXT, delta="hm"),
    event("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="hm"),
    event("function_call_arguments.delta", output_index=0, item_id="fc_1", delta="{"),
    event("created", response=response("in_progress", usage=None, tools=[{"a": {"b": [1]}}])),
    event("queued", response=response("queued", error=None)),
    event("content_part.added", **WHERE_TEXT, part={"type": "output_text", "text": ""}),
    event("content_part.done", **WHERE_TEXT, part={"type": "output_text", "text": "hi"}),
    event("output_item.added", output_index=0, item=message(content=[])),
    event("output_item.done", output_index=0, item=message(phase="final_answer")),
    event("output_item.done", output_index=0, item=message(content=[EMPTY])),
    event("output_item.done", output_index=1, item=CALLED | {"arguments": ""}),
    event("function_call_arguments.done", output_index=1, arguments="{}", name="add"),
    event("function_call_arguments.done", output_index=1, arguments=""),
    event("completed", response=response("completed", message(), CALLED, usage={"cost": 0.1})),
    event("completed", response=response("", message(), usage=None)),
    event("reasoning_text.done", **WHERE_TEXT, text="hm"),
    event("reasoning_text.done", **WHERE_TEXT, text=""),
    event("reasoning_summary_text.done", output_index=0, summary_index=0, text="hm"),
    event("reasoning_summary_text.done", output_index=0, summary_index=0, text=""),
    event("content_part.added", **WHERE_TEXT, part={"type": "reasoning_text", "text": ""}),
    event("content_part.done", **WHERE_TEXT, part={"type": "reasoning_text", "text": "hm"}),
    event("reasoning_summary_part.added", **WHERE_SUMMARY, part=said("summary", "")),
    event("reasoning_summary_part.done", **WHERE_SUMMARY, part=said("summary", "hm"), status=None),
    event(
        "output_item.added", output_index=0, item={"type": "reasoning", "encrypted_content": "g"}
    ),
    event("output_item.done", output_index=0, item=THOUGHT),
    event("output_item.done", output_index=0, item={"type": "reasoning"}),
    event("output_item.done", output_index=0, item=THOUGHT | {"summary": []}),
    event("completed", response=response("completed", THOUGHT, message())),
]


@pytest.mark.parametrize("sent", USUAL, ids=lambda one: str(one["type"]))
def test_usual_events_are_read_at_a_glance(sent: dict[str, Any]) -> None:
    packed = json.dumps(sent, separators=(",", ":")).encode()
    assert check(packed)
    assert check(packed, sent["type"].encode())
    assert check(json.dumps(sent).encode(), sent["type"].encode())


@pytest.mark.parametrize("part", [said("output", "hm"), said("summary", "hm") | {"more": "x"}])
def test_parts_of_reasoning_that_are_odd_are_read_in_full(part: dict[str, str]) -> None:
    item = THOUGHT | {"summary": [part]}
    sent = json.dumps(event("output_item.done", output_index=0, item=item)).encode()
    assert not check(sent, b"response.output_item.done")


@pytest.mark.parametrize("field", sorted(ECHOED_FIELDS))
def test_what_a_response_repeats_is_passed_over(field: str) -> None:
    for value in (None, 1, "x", {"a": [None, {"b": 1.5}]}, []):
        sent = event("created", response=response("in_progress", **{field: value}))
        assert check(json.dumps(sent, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "tools",
    [
        b'["\xff"]',
        b'[{"\xff":1}]',
        b'["\xed\xa0\x80"]',
        b'["\\ud800"]',
        b'["\\x"]',
        b'["\n"]',
        b"[01]",
        b"[NaN]",
        b"[1,]",
        b"[" * 500 + b"]" * 500,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_passed_over_must_be_json_as_well(tools: bytes) -> None:
    head = b'{"type":"response.created","response":{"id":"r","model":"m","created_at":1,"tools":'
    assert not check(head + tools + b"}}")


def test_characters_of_all_languages_may_be_passed_over() -> None:
    sent = event("created", response=response("in_progress", instructions="Sé breve. 東京"))
    assert check(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize("number", ["1.0", "-0", "1e0", "01", "true", "9" * 30, str(2**64)])
@pytest.mark.parametrize("place", ["output_index", "content_index", "sequence_number"])
def test_both_read_the_same_numbers(place: str, number: str) -> None:
    numbers = {"output_index": "0", "content_index": "0", "sequence_number": "1"} | {place: number}
    where = ",".join(f'"{key}":{value}' for key, value in numbers.items())
    check(f'{{"type":"response.output_text.delta","delta":"a",{where}}}'.encode())


@pytest.mark.parametrize("text", [b"\xff", b"\\ud800", b"\\ud83d\\ude00", b"\n", b"\\u0000"])
def test_both_read_the_same_strings(text: bytes) -> None:
    where = b'"output_index":0,"content_index":0'
    check(b'{"type":"response.output_text.delta",%s,"delta":"%s"}' % (where, text))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"{", b'{"type":"', b'{"type":"a"}'])
def test_what_is_no_usual_event_is_left_to_the_full_reading(data: bytes) -> None:
    assert read_usual_event(event_of(data)) is None


def test_the_glance_agrees_on_real_recordings_and_reads_most(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.rglob("*responses*.yaml")):
        for run in read_runs(path):
            read = [check(data, name) for data, name in run.wire.chunk_data()]
            assert sum(read) > 0.3 * len(read)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("response.output_item.added", "response.output_item.done"),
        ("response.content_part.done", "response.content_part.added"),
        ("response.created", "response.in_progress"),
        ("response.reasoning_summary_part.added", "response.reasoning_summary_part.done"),
        ("response.output_text.delta", "response.output_text.done"),
    ],
)
def test_an_event_that_is_named_as_another_is_told(name: str, other: str) -> None:
    sent = [one for one in MISNAMED if one["type"] == name]
    assert len(sent) == 1
    (data,) = (json.dumps(one).encode() for one in sent)
    assert read_usual_event(event_of(data, name.encode())) is not None
    assert read_usual_event(event_of(data, other.encode())) is None
    body = b"event: %b\ndata: %b\n\n" % (other.encode(), data)
    run = read_stream(body, RequestHead("POST", URL))
    assert "event_name_differs" in {one.code for one in run.findings}
