"""Tools that the provider ran itself: parts of their own, never calls of the client's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chatviz.chat.deltas import UnknownDelta
from chatviz.chat.messages import ServerToolResult
from chatviz.runs.run import StreamRun

Build = Callable[..., bytes]
Read = Callable[..., StreamRun]

ASKED = {"index": 0, "type": "python", "arguments": '{"code": "print(6*7)"}'}
GAVE = {"output": "42\n", "code_results": [{"text": "42"}]}
SEARCH = {"index": 1, "type": "search", "name": "web", "arguments": '{"query": "a"}'}
FOUND = {"search_results": {"results": [{"title": "A", "url": "https://a.example"}]}}


def delta(**fields: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": fields}]}


def end(**more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    return {**delta(), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]} | {
        "x_groq": {"id": "req_1", "usage": usage, **more}
    }


def unknown(run: StreamRun) -> list[str]:
    return [one.path for _, one in run.deltas if isinstance(one, UnknownDelta)]


def check(run: StreamRun) -> None:
    assert not run.message.tool_calls
    calls = [(one.name, one.type, one.arguments) for one in run.message.server_tool_calls]
    assert calls == [
        ("python", "python", ASKED["arguments"]),
        ("web", "search", SEARCH["arguments"]),
    ]
    results = [
        json.loads(part.json) for part in run.message.parts if isinstance(part, ServerToolResult)
    ]
    assert results == [GAVE, FOUND]
    assert run.message.text == "It is 42."
    assert not unknown(run)


def test_tools_that_ran_are_told_once_though_they_are_sent_twice(sse: Build, read: Read) -> None:
    breakdown = {"models": [{"model": "m", "usage": {"prompt_tokens": 1}}]}
    run = read(
        sse(
            delta(role="assistant", executed_tools=[ASKED]),
            delta(executed_tools=[SEARCH]),
            delta(executed_tools=[ASKED | GAVE]),
            delta(executed_tools=[SEARCH | FOUND]),
            delta(content="It is 42."),
            end(usage_breakdown=breakdown, seed=7),
        )
    )
    check(run)
    codes = {one.code for one in run.findings}
    assert codes == {"no_clock", "usage_elsewhere"}


def test_tools_that_ran_are_read_of_a_whole_answer(read: Read) -> None:
    message = {
        "role": "assistant",
        "content": "It is 42.",
        "executed_tools": [ASKED | GAVE, SEARCH | FOUND],
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "seed": 1}
    check(read(json.dumps({"id": "c", "model": "m", "choices": [choice], "prompt": []}).encode()))


def test_a_whole_message_behind_its_pieces_tells_no_tool_again(sse: Build, read: Read) -> None:
    whole = {"role": "assistant", "content": "", "executed_tools": [ASKED | GAVE, SEARCH | FOUND]}
    last = {"id": "c", "model": "m", "choices": [{"index": 0, "message": whole}]}
    run = read(
        sse(
            delta(executed_tools=[ASKED | GAVE, SEARCH | FOUND]),
            delta(content="It is 42."),
            last,
        )
    )
    check(run)


def test_what_is_not_modelled_of_a_tool_is_kept(sse: Build, read: Read) -> None:
    odd = {"type": "python", "arguments": {"code": "1"}, "odd": 1, "output": None}
    run = read(sse(delta(executed_tools=[odd, "what"]), delta(content="a")))
    assert unknown(run) == [
        "$.choices[0].delta.executed_tools[0].odd",
        "$.choices[0].delta.executed_tools[1]",
    ]
    assert [one.arguments for one in run.message.server_tool_calls] == ['{"code":"1"}']


def test_what_together_repeats_of_the_request_is_known(sse: Build, read: Read) -> None:
    first = delta(content="a") | {"prompt": []}
    first["choices"][0]["seed"] = 9
    assert not unknown(read(sse(first)))
