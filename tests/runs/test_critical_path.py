"""The critical path: when a call could have started, and what an early start would have saved."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from chatviz.chat.messages import ToolCall
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.critical_path import CallMoments, find_call_moments, find_critical_path
from tests.dialects.anthropic import building as anthropic
from tests.dialects.bedrock_converse import events_made as converse
from tests.dialects.gemini import chunks_made as gemini

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in "fgh"]
REQUEST = {"model": "m", "messages": [], "tools": TOOLS}


def event(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def piece(arguments: str, index: int = 0, name: str = "") -> bytes:
    function = {"arguments": arguments} | ({"name": name} if name else {})
    begun = {"id": f"c{index}", "type": "function"} if name else {}
    return event({"tool_calls": [{"index": index, **begun, "function": function}]})


DONE = b"data: [DONE]\n\n"
TWO_CALLS = [
    piece("", 0, "f"),
    piece('{"a"', 0),
    piece(":1}", 0),
    piece("", 1, "g"),
    piece('{"a":2}', 1),
    event({}, "tool_calls"),
    b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n',
]


def run_of(pieces: Iterable[bytes], times: Iterable[float] | None = None) -> StreamRun:
    reader = StreamReader(REQUEST)
    for number, data in enumerate(pieces):
        reader.feed(data, None if times is None else list(times)[number])
    reader.feed(DONE, None if times is None else list(times)[-1])
    return reader.close()


def moments_of(run: StreamRun) -> list[CallMoments]:
    return [find_call_moments(call) for call in run.message.tool_calls]


def test_a_call_could_start_when_it_is_whole_valid_and_closed_by_the_next_part_or_the_finish() -> (
    None
):
    assert moments_of(run_of(TWO_CALLS)) == [CallMoments(2, 2, 3), CallMoments(4, 4, 5)]


def test_a_part_of_another_kind_closes_a_call_as_well() -> None:
    pieces = [piece('{"a":1}', 0, "f"), event({"content": "so"}), event({}, "stop")]
    assert moments_of(run_of(pieces)) == [CallMoments(0, 0, 1)]


def test_what_was_not_closed_before_the_stream_broke_could_not_start() -> None:
    assert moments_of(run_of(TWO_CALLS[:5])) == [CallMoments(2, 2, 3), CallMoments(4, 4, None)]


def test_arguments_that_go_on_behind_the_next_part_could_start_when_they_were_whole() -> None:
    pieces = [piece('{"a"', 0, "f"), piece("", 1, "g"), piece(":1}", 0), event({}, "tool_calls")]
    assert moments_of(run_of(pieces))[0] == CallMoments(2, 2, 2)


@pytest.mark.parametrize("arguments", ['{"a":"one"}', '{"b":1}', ""])
def test_a_call_that_breaks_its_schema_is_complete_and_never_startable(arguments: str) -> None:
    (moments,) = moments_of(run_of([piece(arguments, 0, "f"), event({}, "tool_calls")]))
    assert moments == CallMoments(0, None, None)


def test_a_schema_that_cannot_be_used_makes_no_call_valid() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": 5}}}]
    body = piece('{"a":1}', 0, "f") + event({}, "tool_calls") + DONE
    (call,) = read_stream(body, {**REQUEST, "tools": tools}).message.tool_calls
    assert find_call_moments(call) == CallMoments(0, None, None)


def test_without_a_schema_nothing_is_known_to_be_valid_and_nothing_to_be_wrong() -> None:
    body = piece('{"a":1}', 0, "f") + event({}, "tool_calls") + DONE
    (call,) = read_stream(body).message.tool_calls
    assert find_call_moments(call) == CallMoments(0, None, 1)


@pytest.mark.parametrize("arguments", ['{"a":', "[1]", "a"])
def test_arguments_that_are_no_object_have_no_moment(arguments: str) -> None:
    pieces = [piece(arguments, 0, "f"), event({}, "tool_calls")]
    assert moments_of(run_of(pieces)) == [CallMoments()]


def test_a_call_that_was_not_streamed_has_no_moment() -> None:
    assert find_call_moments(ToolCall(0, None, "c", "f", '{"a":1}')) == CallMoments()


def test_a_block_that_is_closed_closes_its_call() -> None:
    """Anthropic says where a block ends; its text's end closes no call."""
    events = [
        anthropic.start(),
        anthropic.text(0, "I add."),
        anthropic.call(1, '{"a"', ":1}"),
        anthropic.close(7),
        anthropic.finish("tool_use"),
        anthropic.STOP,
    ]
    run = read_stream(anthropic.body(*events))
    (call,) = run.message.tool_calls
    assert run.chunks[call.closed_at or 0].json == {"type": "content_block_stop", "index": 1}
    assert find_call_moments(call).startable == call.closed_at


def test_a_block_of_converse_that_is_closed_closes_its_call() -> None:
    reader = StreamReader(converse.HEAD)
    reader.feed(converse.stream(converse.call('{"a"', ":1}"), stop="tool_use"))
    run = reader.close()
    (call,) = run.message.tool_calls
    assert call.closed_at == 4  # of: message, start, two pieces, stop, …
    reader = StreamReader(converse.HEAD)
    odd = converse.event("contentBlockStop", contentBlockIndex=0, more=1)  # read in full
    reader.feed(converse.call('{"a":1}')[: -len(converse.closed())] + odd)
    assert reader.close().message.tool_calls[0].closed_at == 2


def test_a_stop_without_an_answer_closes_nothing() -> None:
    assert read_stream(anthropic.body(anthropic.close(0))).message.tool_calls == ()
    closed = [anthropic.text(0, "a"), {"type": "content_block_stop"}]
    assert read_stream(anthropic.body(anthropic.start(), *closed)).message.text == "a"


def test_a_call_of_gemini_that_comes_whole_is_closed_at_once() -> None:
    run = read_stream(
        gemini.stream(gemini.chunk({"functionCall": {"name": "f", "args": {"a": 1}}}))
    )
    assert run.message.tool_calls[0].closed_at == 0


def test_a_call_of_gemini_that_goes_on_is_closed_by_its_last_piece() -> None:
    def grow(**call: Any) -> dict[str, Any]:
        return gemini.chunk({"functionCall": call})

    first = grow(name="f", willContinue=True)
    second = grow(partialArgs=[{"jsonPath": "$.a", "numberValue": 1}], willContinue=True)
    run = read_stream(gemini.stream(first, second, grow()))
    assert run.message.tool_calls[0].closed_at == 2


def test_a_call_of_ollama_comes_whole() -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    line = {"model": "m", "created_at": "2025-01-01T00:00:00Z", "done": False}
    lines = [line | {"message": {"role": "assistant", "content": "", "tool_calls": [call]}}]
    lines += [line | {"message": {"role": "assistant", "content": "a"}}]
    run = read_stream(b"".join(json.dumps(one).encode() + b"\n" for one in lines))
    assert [call.closed_at for call in run.message.tool_calls] == [0]


def test_a_call_of_responses_is_closed_when_its_arguments_are_done() -> None:
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item":
            {"type": "function_call", "id": "i", "call_id": "c", "name": "f", "arguments": ""}},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"a":1}'},
        {"type": "response.function_call_arguments.done", "output_index": 0,
            "arguments": '{"a":1}'},
    ]  # fmt: skip
    body = b"".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events)
    run = read_stream(body)
    assert [call.closed_at for call in run.message.tool_calls] == [2]


# ---- the path


@dataclass
class Worked:
    step: int
    position: int
    started_at_s: float | None
    duration_s: float | None
    ready_at_s: float | None = None


TIMES = [0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def talk_of(*runs: StreamRun) -> Conversation:
    return Conversation(tuple(Step(run) for run in runs))


def numbers(talk: Conversation, *tools: Worked, at: tuple[float, ...] = ()) -> list[Any]:
    return [
        (part.step, part.head_start_s, part.started_s, part.ended_s, part.saves_s, part.path_s,
         part.early_path_s)
        for part in find_critical_path(talk, tools, at)
    ]  # fmt: skip


def test_without_a_loop_only_the_head_start_is_known() -> None:
    assert numbers(talk_of(run_of(TWO_CALLS, TIMES))) == [
        (0, None, None, None, None, 6.0, 6.0),
        (0, 3.0, None, None, None, None, None),
        (0, 1.0, None, None, None, None, None),
    ]


def test_the_last_tool_to_end_is_what_a_step_waits_for_and_an_early_start_saves_no_more() -> None:
    """The first tool runs for 2 s from 0.5 s after the answer, the second for 4 s.

    Started 3 s and 1 s earlier, the first would have ended with the answer, the second 3.5 s
    after it.
    """
    tools = [Worked(0, 0, 20.5, 2.0), Worked(0, 1, 20.5, 4.0)]
    found = numbers(talk_of(run_of(TWO_CALLS, TIMES)), *tools, at=(20.0,))
    assert found[1:] == [
        (0, 3.0, 0.5, 2.5, 2.5, 0.0, 0.0),
        (0, 1.0, 0.5, 4.5, 1.0, 4.5, 3.5),
    ]


def test_with_early_starts_another_tool_may_be_the_last() -> None:
    tools = [Worked(0, 0, 20.0, 4.0), Worked(0, 1, 20.0, 3.0)]
    found = numbers(talk_of(run_of(TWO_CALLS, TIMES)), *tools, at=(20.0,))
    assert [row[-2:] for row in found[1:]] == [(4.0, 0.0), (0.0, 2.0)]


def test_a_call_that_was_never_run_adds_nothing() -> None:
    tools = [Worked(0, 0, None, None), Worked(0, 1, 20.0, 3.0)]
    found = numbers(talk_of(run_of(TWO_CALLS, TIMES)), *tools, at=(20.0,))
    assert found[1] == (0, 3.0, None, None, None, 0.0, 0.0)
    assert found[2][-2:] == (3.0, 2.0)


def test_without_times_what_tools_took_is_known_and_what_they_would_have_saved_is_not() -> None:
    tools = [Worked(0, 0, 20.0, 4.0), Worked(0, 1, 20.0, 3.0)]
    found = numbers(talk_of(run_of(TWO_CALLS)), *tools, at=(20.0,))
    assert found == [
        (0, None, None, None, None, None, None),
        (0, None, 0.0, 4.0, None, 4.0, None),
        (0, None, 0.0, 3.0, None, 0.0, None),
    ]


def test_a_loop_that_went_on_knows_only_the_tools_of_its_own_steps() -> None:
    run = run_of(TWO_CALLS, TIMES)
    tools = [Worked(1, 0, 20.0, 4.0), Worked(1, 1, 20.0, 3.0)]
    found = numbers(talk_of(run, run), *tools, at=(20.0,))
    assert [row[-2] for row in found] == [6.0, None, None, 6.0, 4.0, 0.0]


def in_choice_1(data: bytes) -> bytes:
    return data.replace(b'"index": 0, "delta"', b'"index": 1, "delta"')


def test_a_loop_waits_for_no_call_of_another_choice_than_the_first() -> None:
    """The second choice calls what the first does, and no loop runs it."""
    others = [in_choice_1(data) for data in TWO_CALLS[:6]]
    times = [float(n) for n in range(13)]
    tools = [Worked(0, 0, 20.0, 4.0), Worked(0, 1, 20.0, 3.0)]
    talk = talk_of(run_of([*TWO_CALLS[:6], *others], times))
    parts = list(find_critical_path(talk, tools, (20.0,)))
    assert [part.number for part in parts] == [None, 0, 1, 2, 3]
    assert [part.call.choice for part in parts if part.call] == [0, 0, 1, 1]
    assert [part.path_s for part in parts[1:]] == [4.0, 0.0, 0.0, 0.0]
    assert [part.took_s for part in parts[1:]] == [4.0, 3.0, None, None]
    assert [part.moments for part in parts[3:]] == [CallMoments(8, 8, 9), CallMoments(10, 10, 11)]
    assert [part.path_s for part in find_critical_path(talk)][1:] == [None] * 4
    lone = talk_of(run_of([event({"content": "a"}, "stop"), *others], times))
    assert [part.path_s for part in find_critical_path(lone, (), (20.0,))][1:] == [0.0, 0.0]


def test_an_attempt_that_failed_is_waited_for_as_well() -> None:
    failed = StreamReader(REQUEST)
    failed.feed(b'data: {"error":{"message":"busy"}}\n\n', 1.5)
    talk = Conversation((Step(run_of([event({}, "stop")], [2.0]), (failed.close(),)),))
    assert [row[-1] for row in numbers(talk)] == [1.5, 2.0]


def test_a_clock_that_counts_whole_seconds_tells_no_head_start() -> None:
    def stamped(data: bytes, second: int) -> bytes:
        sent = json.loads(data.removeprefix(b"data: ")) | {"created": 1_700_000_000 + second}
        return f"data: {json.dumps(sent)}\n\n".encode()

    run = run_of([stamped(data, second) for second, data in enumerate(TWO_CALLS)])
    assert run.timing == "provider_clock"
    assert [row[1] for row in numbers(talk_of(run))] == [None] * 3


def test_a_piece_whose_time_is_not_known_tells_no_head_start() -> None:
    reader = StreamReader(REQUEST)
    for number, data in enumerate(TWO_CALLS):
        reader.feed(data, None if number == 3 else float(number))
    assert [row[1] for row in numbers(talk_of(reader.close()))] == [None, None, 1.0]


def test_a_tool_that_was_started_early_is_placed_by_the_chunk_that_made_it_startable() -> None:
    """Ready 3 s before the answer's end, it waited 0.5 s for a yes and ran for 4 s.

    Whether the loop's clock ran at the pace of the recording does not matter.
    """
    tools = [Worked(0, 0, 10.5, 4.0, 10.0), Worked(0, 1, None, None)]
    found = numbers(talk_of(run_of(TWO_CALLS, TIMES)), *tools, at=(10.1,))
    assert found[1] == (0, 3.0, -2.5, 1.5, 3.0, 1.5, 1.5)
    short = [Worked(0, 0, 10.5, 1.0, 10.0), Worked(0, 1, None, None)]
    found = numbers(talk_of(run_of(TWO_CALLS, TIMES)), *short, at=(10.1,))
    assert found[1] == (0, 3.0, -2.5, -1.5, 1.5, 0.0, 0.0)


def test_without_a_clock_only_the_time_that_it_took_is_known_of_a_tool_started_early() -> None:
    tools = [Worked(0, 0, 10.5, 4.0, 10.0), Worked(0, 1, 11.0, 1.0)]
    parts = list(find_critical_path(talk_of(run_of(TWO_CALLS)), tools, (11.0,)))
    assert (parts[1].started_s, parts[1].took_s, parts[1].path_s) == (None, 4.0, None)
