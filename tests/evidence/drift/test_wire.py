"""How two answers were sent: what is a change of the wire, and what is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.drift.wire.shape import MOST_FIELDS, UNREAD, FieldPlace, shape_of
from chatviz.evidence.drift.wire.wire import compare_wire

SSE = Callable[..., bytes]


def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}


def text(*words: str, **more: Any) -> list[dict[str, Any]]:
    return [chunk({"content": word}, **more) for word in words]


def call(arguments: str, **more: Any) -> dict[str, Any]:
    function = {"name": "add", "arguments": arguments}
    return chunk({"tool_calls": [{"index": 0, "id": "c", "function": function, **more}]})


FINISH = {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"id": "x", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}


def changes(old: bytes, new: bytes) -> list[tuple[str, str, str | None, str | None]]:
    found = compare_wire(cv.read_stream(old), cv.read_stream(new)).changes
    return [(one.place, one.what, one.old, one.new) for one in found]


def test_values_counts_and_keep_alives_are_no_change(sse: SSE) -> None:
    old = sse(*text("a", "b", "c", created=1), FINISH, USAGE)
    new = sse(b": still there\n\n", *text("abc", created=2), b": and now\n\n", FINISH, USAGE)
    assert changes(old, new) == []


def test_a_field_that_came_is_told_once_and_not_what_is_inside(sse: SSE) -> None:
    assert changes(
        sse(*text("a", "b"), FINISH), sse(*text("a", "b", extra={"deep": {"x": 1}}), FINISH)
    ) == [("extra", "came", None, "object")]


def test_another_type_is_told_and_null_is_one(sse: SSE) -> None:
    old, new = sse(*text("a", n=1)), sse(*text("a", n="1"))
    assert changes(old, new) == [("type of n", "changed", "number", "string")]
    assert changes(sse(*text("a", n=1)), sse(*text("a", n=None))) == [
        ("type of n", "changed", "number", "null")
    ]
    assert changes(sse(*text("a", n=True)), sse(*text("a", n=1.5))) == [
        ("type of n", "changed", "boolean", "number")
    ]


def test_a_field_that_came_with_every_chunk_and_now_with_some_is_told(sse: SSE) -> None:
    old = text(*"abcdefgh", n=1)
    new = [*old[:4], *text(*"efgh")]
    assert changes(sse(*old), sse(*new)) == [
        ("presence of n", "changed", "always", "in 4 of 8 chunks")
    ]
    assert changes(sse(*old[:4]), sse(*old[:2], *text("c", "d"))) == []  # too few to say


def test_fields_of_a_part_that_only_one_side_has_are_not_the_wires(sse: SSE) -> None:
    both = sse(*text("a"), call('{"a": 1}'), FINISH)
    assert changes(both, sse(*text("a"), FINISH)) == []
    assert changes(sse(*text("a"), FINISH), both) == []
    signed = sse(*text("a"), call('{"a": 1}', extra=1), FINISH)
    assert changes(both, signed) == [("choices[].delta.tool_calls[].extra", "came", None, "number")]


def test_what_a_tool_takes_is_not_the_wires() -> None:
    def lines(arguments: dict[str, int]) -> bytes:
        called = [{"function": {"name": "add", "arguments": arguments}}]
        message = {"role": "assistant", "content": "", "tool_calls": called}
        head = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
        whole = {**head, "message": message, "done": False}
        return b"".join(json.dumps(one).encode() + b"\n" for one in (whole, {**head, "done": True}))

    runs = [cv.read_stream(lines(one)) for one in ({"a": 1}, {"b": 2})]
    assert {run.dialect for run in runs} == {"ollama-chat"}
    assert compare_wire(*runs).changes == ()


def test_the_order_of_events_is_compared_where_it_tells_something(sse: SSE) -> None:
    old, new = sse(*text("a"), FINISH, USAGE), sse(*text("a"), USAGE, FINISH)
    assert changes(old, new) == [("order of events", "moved", "finish, usage", "usage, finish")]
    late = sse(FINISH, call("{}"))
    assert changes(sse(call("{}"), FINISH), late) == [
        ("order of events", "moved", "call, finish", "finish, call")
    ]
    both = sse(*text("a"), call("{}"), FINISH)
    assert changes(both, sse(call("{}"), *text("a"), FINISH)) == []  # the parts' own layer


def test_an_end_in_the_midst_of_calls_is_told(sse: SSE) -> None:
    whole, mixed = sse(call("{"), call("}"), FINISH), sse(call("{"), FINISH, call("}"), FINISH)
    place = "order of events"
    assert changes(whole, mixed) == [(place, "moved", "call, finish", "finish among call")]
    assert changes(mixed, whole) == [(place, "moved", "finish among call", "call, finish")]
    at_once = chunk({"content": "a"}, usage=USAGE["usage"])
    assert changes(sse(at_once), sse(at_once, at_once)) == []


def test_an_end_that_is_missing_is_told(sse: SSE) -> None:
    assert changes(sse(*text("a"), FINISH), sse(*text("a"), FINISH, done=False)) == [
        ("event", "went", "[DONE]", None)
    ]


def test_how_lines_are_spelled_is_told(sse: SSE) -> None:
    old = sse(*text("a"), FINISH)
    assert changes(old, old.replace(b"\n", b"\r\n")) == [
        ("framing", "went", "lines end with LF", None),
        ("framing", "came", None, "lines end with CR LF"),
    ]
    assert changes(old, old.replace(b"data: ", b"data:")) == [
        ("framing", "went", "'data:' with a space", None),
        ("framing", "came", None, "'data:' with no space"),
    ]
    assert changes(old, b"data\nretry: 5\nwhat\n" + old)[:3] == [
        ("framing", "came", None, "'data' alone"),
        ("framing", "came", None, "'retry:' with a space"),
        ("framing", "came", None, "lines that are no fields of an event"),
    ]


def test_another_dialect_or_an_answer_in_one_piece_is_all_that_is_told() -> None:
    chat = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    other = cv.read_runs(cv.sample("anthropic_claude-sonnet-4"))[0]
    found = compare_wire(chat, other).changes
    assert [(one.place, one.old, one.new) for one in found] == [
        ("dialect", "openai-chat", "anthropic-messages"),
    ]
    whole = cv.read_stream(b'{"choices":[{"message":{"role":"assistant","content":"a"}}]}')
    streamed = cv.read_stream(b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
    assert [one.place for one in compare_wire(streamed, whole).changes] == ["framing", "streamed"]


def test_an_event_that_belongs_to_a_part_is_missed() -> None:
    recorded = cv.read_runs(cv.sample("anthropic_claude-sonnet-4"))[0]
    events = [event.raw for event in recorded.events]
    stop = next(n for n, raw in enumerate(events) if b"content_block_stop" in raw and b":1" in raw)
    again = cv.read_stream(b"".join(events[:stop] + events[stop + 1 :]))
    same = cv.read_stream(recorded.body)
    assert [(one.place, one.what, one.old) for one in compare_wire(same, again).changes] == [
        ("event", "went", "content_block_stop (part 1)")
    ]


def test_data_that_is_no_json_is_a_type_of_its_own(sse: SSE) -> None:
    old, new = sse(*text("a", "b")), sse(*text("a", "b"), b"data: <html>\n\n")
    assert changes(old, new) == [
        ("type of chunk (whole)", "changed", "object", "no JSON or object")
    ]


def test_keys_without_end_are_not_all_kept(sse: SSE) -> None:
    many = {f"k{n}": n for n in range(MOST_FIELDS + 10)}
    run = cv.read_stream(sse(chunk({"content": "a"}, **many)))
    assert len(shape_of(run, {}, {})) == MOST_FIELDS
    assert shape_of(cv.read_stream(b"data: x\n\n"), {}, {})[FieldPlace("", "")].types == {
        UNREAD: {frozenset()}
    }


@pytest.mark.parametrize("value", ['"a,"', '"a:\\"b\\","', '"[1, 2]"', "-1.5e+3", '["x", "y"]'])
def test_one_shape_is_one_whatever_the_values_hold(sse: SSE, value: str) -> None:
    raw = b'data: {"id":"x","choices":[{"index":0,"delta":{"content":"a"}}],"v":%s}\n\n'
    old, new = sse(raw % value.encode()), sse(raw % value.encode(), raw % b"null")
    (found,) = changes(old, new)
    assert found[0] == "type of v"
