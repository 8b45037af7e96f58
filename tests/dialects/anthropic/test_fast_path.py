"""The glance at a usual event says what the full reading says, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.storage import load_cassette
from chatviz.chat.deltas import Delta
from chatviz.dialects.anthropic.event_order import ORDER
from chatviz.dialects.anthropic.fast_path import read_usual_event
from chatviz.dialects.anthropic.stream import AnthropicMessages
from chatviz.runs.reader import StreamReader
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.dialects.anthropic.building import STOP, answer, block, call, finish, piece, start, text
from tests.dialects.steps import without_step

DIALECT = AnthropicMessages()


def event_of(data: bytes, name: bytes | None = None) -> WireEvent:
    if name is None:
        try:
            name = json.loads(data)["type"].encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            name = b""
    return WireEvent("data", 0, len(data), data, name)


def read_in_full(event: WireEvent) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(event.data)
    except ValueError:
        return None
    return list(DIALECT.read_event(event, payload)) if isinstance(payload, dict) else None


def check(data: bytes, name: bytes | None = None) -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    event = event_of(data, name)
    glance = read_usual_event(event)
    assert glance is None or without_step(glance, ORDER, event) == read_in_full(event)
    return glance is not None


ODD = st.sampled_from([None, "", "x", 0, -1, 2**63, 2**64, 1.0, True, [], {}, ["x"], {"a": 1}])


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


def fields(wanted: dict[str, Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(wanted, optional={**more, "extra": ODD})


DELTAS = st.one_of(
    fields({"type": usually("text_delta"), "text": usually("hi", "")}),
    fields({"type": usually("input_json_delta"), "partial_json": usually("", '{"a"')}),
    fields({"type": usually("thinking_delta"), "thinking": usually("hm", "")}),
    fields({"type": usually("signature_delta"), "signature": usually("s", "")}),
    fields({"type": usually("citations_delta"), "citation": usually({"u": 1})}),
)
CALLER = usually({"type": "direct"}, {"type": "code", "tool_id": "t"})
BLOCKS = st.one_of(
    fields({"type": usually("text"), "text": usually("", "hi")}, citations=usually([], None)),
    fields(
        {"type": usually("thinking"), "thinking": usually("", "hm")}, signature=usually("", "s")
    ),
    fields(
        {
            "type": usually("tool_use", "server_tool_use"),
            "id": usually("t"),
            "name": usually("f"),
            "input": usually({}, {"a": 1}),
        },
        caller=CALLER,
    ),
)
USAGE = fields(
    {"output_tokens": usually(1, 5)},
    input_tokens=usually(3, None),
    cache_read_input_tokens=usually(0, 7),
    iterations=usually([], [{"type": "compaction", "input_tokens": 3}]),
)
MESSAGE = fields(
    {
        "id": usually("m"),
        "type": usually("message"),
        "role": usually("assistant"),
        "model": usually("claude"),
        "content": usually([]),
        "usage": USAGE,
    },
    stop_reason=usually(None, "end_turn"),
    stop_details=usually(None),
)
ENDING = fields(
    {"stop_reason": usually("end_turn", "tool_use", "pause_turn", "refusal", "new")},
    stop_sequence=usually(None, "END"),
    container=usually(None),
)
EVENTS = st.one_of(
    fields({"type": usually("content_block_delta"), "index": usually(0, 3), "delta": DELTAS}),
    fields({"type": usually("content_block_start"), "index": usually(0), "content_block": BLOCKS}),
    fields({"type": usually("message_start"), "message": MESSAGE}),
    fields({"type": usually("message_delta"), "delta": ENDING, "usage": USAGE}),
    fields({"type": usually("content_block_stop", "ping", "message_stop")}, index=usually(0)),
    fields({"type": usually("message_stop"), "amazon-bedrock-invocationMetrics": ODD}),
)


@given(EVENTS, st.sampled_from([None, None, None, b"", b"ping"]))
def test_the_glance_says_what_the_full_reading_says(
    event: dict[str, Any], name: bytes | None
) -> None:
    check(json.dumps(event).encode(), name)


def test_usual_events_are_read_at_a_glance() -> None:
    thinking = block(0, type="thinking", thinking="", signature="")
    events = [
        *(start(), *text(0, "hi"), *call(1, '{"a"', caller={"type": "direct"}), thinking),
        piece(0, type="thinking_delta", thinking="hm"),
        piece(0, type="thinking_delta", thinking=""),
        piece(0, type="signature_delta", signature="s"),
        piece(0, type="signature_delta", signature=""),
        *({"type": "ping"}, finish("tool_use"), finish("stop_sequence", stop_sequence="x"), STOP),
    ]
    for event in events:
        assert check(json.dumps(event).encode()), event


@pytest.mark.parametrize("number", ["1.0", "-0", "1e0", "01", "true", "9" * 30, str(2**64)])
def test_both_read_the_same_numbers(number: str) -> None:
    delta = b'"delta":{"type":"text_delta","text":"a"}'
    check(b'{"type":"content_block_delta","index":%s,%s}' % (number.encode(), delta))
    usage = b'{"output_tokens":%s}' % number.encode()
    ending = b'{"stop_reason":"end_turn","stop_sequence":null}'
    check(b'{"type":"message_delta","delta":%s,"usage":%s}' % (ending, usage))


@pytest.mark.parametrize(
    "said", [b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\ud83d\\ude00", b"\n", b"\0", b"\\u0000"]
)
def test_both_read_the_same_strings(said: bytes) -> None:
    delta = b'{"type":"text_delta","text":"%s"}' % said
    check(b'{"type":"content_block_delta","index":0,"delta":%s}' % delta)


@pytest.mark.parametrize("usage", [b"5", b"null", b"{}x", b'{"a":' * 500 + b"1" + b"}" * 500])
def test_an_odd_usage_is_left_to_the_full_reading(usage: bytes) -> None:
    ending = b'{"stop_reason":"end_turn","stop_sequence":null}'
    assert not check(b'{"type":"message_delta","delta":%s,"usage":%s}' % (ending, usage))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"{", b'{"type":5}', b"[" * 9_999])
def test_what_is_no_usual_event_is_left_to_the_full_reading(data: bytes) -> None:
    assert read_usual_event(event_of(data)) is None


def test_an_event_under_another_name_is_left_to_the_full_reading() -> None:
    assert not check(b'{"type":"ping"}', b"pong")
    assert check(b'{"type":"ping"}', b"ping")


def test_the_glance_reads_what_real_streams_hold(shared_cassettes: Any) -> None:
    read, count = 0, 0
    for path in sorted(shared_cassettes.glob("*/*.yaml")):
        if "anthropic" not in path.name and "vertex" not in path.name:
            continue
        for interaction in load_cassette(path).interactions:
            reader = StreamReader(interaction.request.head)
            reader.feed(interaction.response.body)
            for event in reader.close().events:
                if event.kind == "data":
                    count += 1
                    read += check(event.data)
    assert read > 0.97 * count > 0


def test_an_answer_by_the_glance_alone_is_whole() -> None:
    for line in answer(text(0, "a", "b"), call(1, "{}")).split(b"\n\n")[:-1]:
        assert check(line.split(b"data: ")[1])
