"""Custom tools, which are asked with a text of any kind: whole, in pieces, sent back, in tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import chatviz as cv
from chatviz.agent.loop import AskModel, CallTools, ModelAnswer, ToolAnswers, agent_loop
from chatviz.agent.results import ToolRun
from chatviz.agent.stopping import no_tool_calls
from chatviz.agent.tools.plan import plan_call
from chatviz.chat.deltas import UnknownDelta
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.openai_chat.request import read_chat_request
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.calls import call_facts
from chatviz.wire.exchange import RequestHead

Build = Callable[..., bytes]
Read = Callable[..., StreamRun]

SQL = "SELECT '}' FROM t;"
CALL = {"id": "call_a1", "type": "custom", "custom": {"name": "run_sql", "input": SQL}}
FORMAT = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /.+/"}}
TOOL = {
    "type": "custom",
    "custom": {"name": "run_sql", "description": "asks the database", "format": FORMAT},
}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "?"}], "tools": [TOOL]}


def says(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, **more}]}


def piece(index: int = 0, **call: Any) -> dict[str, Any]:
    return says({"tool_calls": [{"index": index, **call}]})


def end(reason: str = "tool_calls") -> dict[str, Any]:
    return {**says({}, finish_reason=reason), "usage": USAGE}


def whole(*calls: Any) -> bytes:
    message = {"role": "assistant", "content": None, "tool_calls": [*calls]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    answer = {"id": "c", "model": "m", "object": "chat.completion", "choices": [choice]}
    return json.dumps({**answer, "usage": USAGE}).encode()


def odd(run: StreamRun) -> list[str]:
    return sorted({one.code for one in run.findings} - {"no_clock", "empty_first_chunk"})


def told(run: StreamRun) -> list[tuple[str, str, str, str]]:
    return [(one.id, one.type, one.name, one.arguments) for one in run.message.tool_calls]


def unknown(run: StreamRun) -> dict[str, Any]:
    deltas = [delta for _, delta in run.deltas if isinstance(delta, UnknownDelta)]
    return {delta.path: json.loads(delta.json) for delta in deltas}


STREAMED = (
    says({"role": "assistant", "content": None}),
    piece(id="call_a1", type="custom", custom={"name": "run_sql", "input": ""}),
    piece(custom={"input": SQL[:9]}),
    piece(custom={"input": SQL[9:]}),
    end(),
)


def test_the_input_of_a_custom_tool_is_any_text(sse: Build, read: Read) -> None:
    for run in (read(sse(*STREAMED), REQUEST), cv.read_stream(whole(CALL), REQUEST)):
        assert told(run) == [("call_a1", "custom", "run_sql", SQL)]
        assert (run.message.tool_calls[0].parsed, run.finish_reason) == (None, "tool_calls")
        assert odd(run) == []


def test_its_pieces_are_fragments(sse: Build, read: Read) -> None:
    run = read(sse(*STREAMED))
    assert [one.text for one in run.message.tool_calls[0].fragments] == ["", SQL[:9], SQL[9:]]
    table = cv.tool_call_table(run)
    assert [*table["name"], *table["arguments"]] == ["run_sql", SQL]
    assert SQL in cv.transcript(run).html


def test_both_kinds_of_calls_come_together(sse: Build, read: Read) -> None:
    add = {"name": "add", "arguments": '{"a":1}'}
    plain = {"id": "call_b2", "type": "function", "function": add}
    wanted = [("call_a1", "custom", "run_sql", SQL), ("call_b2", "function", "add", '{"a":1}')]
    assert told(cv.read_stream(whole(CALL, plain))) == wanted
    run = read(sse(*STREAMED[:-1], piece(1, **plain), end()))
    assert (told(run), odd(run)) == (wanted, [])


def test_a_call_without_a_type_is_told_by_its_field() -> None:
    untyped = {"id": "call_a1", "custom": CALL["custom"], "function": None}
    run = cv.read_stream(whole(untyped))
    assert (told(run), odd(run)) == ([("call_a1", "custom", "run_sql", SQL)], [])


@pytest.mark.parametrize("text", ["", "5", '{"a":1}', "null"])
def test_no_text_is_taken_for_json(sse: Build, read: Read, text: str) -> None:
    """It need not be an object, and a name that comes again begins no other call."""
    named = [piece(custom={"name": "run_sql", "input": text}) for _ in range(3)]
    run = read(sse(*STREAMED[:2], *named, end()))
    assert told(run) == [("call_a1", "custom", "run_sql", text * 3)]
    assert odd(run) == ["call_name_repeated"]


def test_what_is_not_known_of_it_is_kept() -> None:
    calls = (
        {**CALL, "custom": {**CALL["custom"], "mood": "glad"}},
        {**CALL, "id": "call_b2", "custom": 5},
        {**CALL, "id": "call_c3", "function": {"name": "f", "arguments": "{}"}},
    )
    run = cv.read_stream(whole(*calls))
    assert unknown(run) == {
        "$.choices[0].message.tool_calls[0].custom.mood": "glad",
        "$.choices[0].message.tool_calls[1].custom": 5,
        "$.choices[0].message.tool_calls[2].custom.name": "run_sql",
        "$.choices[0].message.tool_calls[2].custom.input": SQL,
    }


# ---- requests

HISTORY = [
    {"role": "user", "content": "?"},
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_a1", "content": "3 rows"},
]


def test_a_request_offers_such_tools_and_repeats_such_calls() -> None:
    asked = read_chat_request({**REQUEST, "messages": HISTORY})
    (tool,) = asked.tools
    assert (tool.name, tool.description, tool.schema) == ("run_sql", "asks the database", {})
    (call,) = asked.messages[1].tool_calls
    assert (call.id, call.type, call.name, call.arguments) == ("call_a1", "custom", "run_sql", SQL)


def test_what_was_read_is_written_as_it_was() -> None:
    read = OpenAIChat().read_request({**REQUEST, "messages": HISTORY}, RequestHead())
    written = OpenAIChat().write_request(ChatRequest("m", read.messages))
    assert written["messages"] == HISTORY


def test_a_type_of_a_function_that_a_provider_has_goes_back() -> None:
    """Moonshot's own tools are functions of another type."""
    called = {"name": "$web_search", "arguments": "{}"}
    builtin = {"id": "a", "type": "builtin_function", "function": called}
    sent = [{"role": "assistant", "tool_calls": [builtin]}]
    read = read_chat_request({"messages": sent})
    assert OpenAIChat().write_request(ChatRequest("m", read.messages))["messages"] == sent


def test_the_loop_sends_the_call_back_with_its_result(sse: Build) -> None:
    asked = read_chat_request(REQUEST)
    asked = replace(asked, written=len(asked.messages))
    loop = agent_loop(asked, write=OpenAIChat().write_request, stop=[no_tool_calls])
    question = next(loop)
    assert isinstance(question, AskModel)
    run = cv.read_stream(sse(*STREAMED), question.body)
    question = loop.send(ModelAnswer((run,), 1.0))
    assert isinstance(question, CallTools)
    done = ToolRun("run_sql", "call_a1", "call_a1", 0, "returned", "3 rows")
    question = loop.send(ToolAnswers((done,)))
    assert isinstance(question, AskModel)
    assert question.body["messages"] == HISTORY
    assert question.body["tools"] == [TOOL]


def test_the_next_request_continues_the_answer(sse: Build) -> None:
    first = cv.read_stream(sse(*STREAMED), REQUEST)
    body = sse(says({"role": "assistant", "content": "3"}), end("stop"))
    last = cv.read_stream(body, {**REQUEST, "messages": HISTORY})
    (talk,) = link_runs([first, last])
    assert [one.text for one in talk.steps[0].tool_results] == ["3 rows"]


# ---- the older form, which has neither type nor id

OLDER = {"name": "add", "description": "adds", "parameters": {"type": "object"}}


def test_functions_in_the_older_form_are_read() -> None:
    called = {"name": "add", "arguments": '{"a":1}'}
    asked = read_chat_request(
        {
            "functions": [OLDER, "odd"],
            "messages": [
                {"role": "assistant", "content": None, "function_call": called},
                {"role": "function", "name": "add", "content": "3"},
            ],
        }
    )
    assert [(tool.name, tool.schema) for tool in asked.tools] == [("add", {"type": "object"})]
    (call,), (result,) = asked.messages[0].tool_calls, asked.messages[1].tool_results
    assert (call.id, call.name, call.arguments, call.type) == ("", "add", '{"a":1}', "function")
    assert (result.tool_call_id, result.name, result.text) == ("", "add", "3")


def test_a_free_text_is_no_broken_json_anywhere() -> None:
    call = {"id": "call_x9", "type": "custom", "custom": {"name": "code_exec", "input": "print(1)"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
    body = json.dumps({"object": "chat.completion", "model": "m", "choices": [choice]}).encode()
    run = read_stream(body)
    (read,) = run.message.tool_calls
    assert (read.is_free_text, read.arguments) == (True, "print(1)")
    table = cv.tool_call_table(run)
    assert table[["is_valid", "error"]].isna().all(axis=None)
    assert "free text" in cv.tool_calls(run).html
    assert "no JSON object" not in cv.tool_calls(run).html
    assert call_facts(read, 0)["fault"] is None

    def run_code(code: str) -> str:
        return code

    plan = plan_call(read, {"code_exec": cv.tool(run_code)})
    assert "are a free text" in plan.text


SPELLED = ['{"a": 1.10, "b":20000000000000000001}', '{"é":"\\u00e9"}', "{ }", "[1,  2]"]


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("field", ["delta", "message", "function_call"])
def test_arguments_that_are_an_object_keep_their_spelling(spelled: str, field: str) -> None:
    function = b'{"name":"f","arguments":%b}' % spelled.encode()
    calls = b'"tool_calls":[{"index":0,"id":"call_x9","function":%b}]' % function
    said = b'"function_call":%b' % function if field == "function_call" else calls
    place = b"delta" if field == "delta" else b"message"
    body = b'{"choices":[{"index":0,"%b":{"role":"assistant",%b}}]}' % (place, said)
    run = read_stream(b"data: %b\n\n" % body if place == b"delta" else body)
    assert [call.arguments for call in run.message.tool_calls] == [spelled]
