"""Items other than messages: the client's calls, and what the server's own tools did."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.messages import ChatRequest, Media, Message, ServerToolResult, ToolCall
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.runs.run import StreamRun
from tests.dialects.openai_responses.responses_made import (
    codes,
    event,
    item,
    message,
    part,
    response,
    stream,
    unknown,
)

Read = Callable[..., StreamRun]
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_a1", "name": "add",
        "arguments": '{"a": 2}', "status": "completed"}  # fmt: skip


def calling(*pieces: str, sent: dict[str, Any] = CALL, place: int = 0) -> list[dict[str, Any]]:
    field = "input" if "input" in sent else "arguments"
    kind = "custom_tool_call_input" if field == "input" else "function_call_arguments"
    where = {"item_id": sent["id"], "output_index": place}
    events = [event(f"{kind}.delta", **where, delta=piece) for piece in pieces]
    whole = event(f"{kind}.done", **where, **{field: sent[field]})
    return item(sent, *events, whole, place=place, added={**sent, field: ""})


def read_call(run: StreamRun) -> ToolCall:
    (call,) = run.message.tool_calls
    return call


# ---- the client's calls


def test_a_call_is_named_by_its_call_id_and_grows_by_its_pieces(read: Read) -> None:
    run = read(stream(*calling('{"a"', ": 2}"), output=[CALL]))
    call = read_call(run)
    assert (call.id, call.name, call.arguments, call.index) == ("call_a1", "add", '{"a": 2}', 0)
    assert [fragment.text for fragment in call.fragments] == ['{"a"', ": 2}"]
    assert run.finish_reason == "tool_calls"
    assert codes(run) == {"usage_missing"}


def test_arguments_that_come_only_with_done_are_one_fragment(read: Read) -> None:
    call = read_call(read(stream(*calling())))
    assert [fragment.text for fragment in call.fragments] == ['{"a": 2}']
    assert call.parsed == {"a": 2}


def test_a_call_that_stands_in_the_last_event_only_is_read(read: Read) -> None:
    call = read_call(read(stream(output=[CALL])))
    assert (call.id, call.arguments, len(call.fragments)) == ("call_a1", '{"a": 2}', 1)


def test_pieces_before_their_item_are_a_call_that_is_named_later(read: Read) -> None:
    pieces = event("function_call_arguments.delta", output_index=0, delta='{"a": 2}')
    run = read(stream(pieces, event("output_item.done", output_index=0, item=CALL)))
    call = read_call(run)
    assert (call.id, call.name, call.arguments) == ("call_a1", "add", '{"a": 2}')
    assert "part_not_open" in codes(run)


def test_a_call_whose_whole_differs_from_its_pieces_is_noted(read: Read) -> None:
    run = read(stream(*calling('{"a": 3}')))
    assert read_call(run).arguments == '{"a": 3}'
    assert "repetition_differs" in codes(run)


def test_calls_keep_the_order_in_which_they_began(read: Read) -> None:
    second = {**CALL, "id": "fc_2", "call_id": "call_b2", "name": "mul"}
    first = calling('{"a": 2}')
    run = read(stream(first[0], *calling('{"a": 2}', sent=second, place=1), *first[1:]))
    assert [call.name for call in run.message.tool_calls] == ["add", "mul"]


def test_a_comment_and_a_call_stand_in_one_answer(read: Read) -> None:
    run = read(stream(*message(*part("First."), phase="commentary"), *calling("{}", place=1)))
    assert [type(part).__name__ for part in run.message.parts] == ["Text", "ToolCall"]
    assert run.finish_reason == "tool_calls"


def test_the_name_space_of_a_call_goes_back_with_it(read: Read) -> None:
    run = read(stream(*calling("{}", sent={**CALL, "arguments": "{}", "namespace": "crm"})))
    assert read_call(run).details == ('{"namespace":"crm"}',)


def test_the_input_of_a_custom_tool_is_any_text(read: Read) -> None:
    sent = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "call_a1", "name": "run_sql",
            "input": "SELECT 1;"}  # fmt: skip
    run = read(stream(*calling("SELECT", " 1;", sent=sent), output=[sent]))
    call = read_call(run)
    assert (call.type, call.arguments, call.parsed) == ("custom", "SELECT 1;", None)
    assert codes(run) == {"usage_missing"}


@pytest.mark.parametrize(
    ("kind", "field", "asked"),
    [
        ("local_shell_call", "action", '{"type": "exec", "command": ["ls", "-l"]}'),
        ("shell_call", "action", '{"commands": ["ls"], "timeout_ms": 1e3}'),
        ("apply_patch_call", "operation", '{"type": "delete_file", "path": "a"}'),
        ("computer_call", "action", '{"type": "click", "x": 1.50, "y": 2}'),
        ("computer_call", "actions", '[{"type": "wait"}]'),
    ],
)
def test_the_tools_that_openai_describes_are_the_clients(
    read: Read, kind: str, field: str, asked: str
) -> None:
    """What they ask is an object, and is kept as the wire spells it."""
    place = '"output_index":0'
    begun = f'{{"type":"{kind}","call_id":"call_a1","{field}":{{}}}}'
    done = f'{{"type":"{kind}","call_id":"call_a1","{field}":{asked}}}'
    body = (
        f'data: {{"type":"response.output_item.added",{place},"item":{begun}}}\n\n'
        f'data: {{"type":"response.output_item.done",{place},"item":{done}}}\n\n'
        f'data: {{"type":"response.completed","response":{{"status":"completed",'
        f'"output":[{done.replace(": ", ":")}]}}}}\n\n'
    )
    run = read(body.encode())
    call = read_call(run)
    assert (call.id, call.name, call.type, call.arguments) == ("call_a1", kind, kind, asked)
    assert [json.loads(one) for one in call.details] == [json.loads(done)]
    assert "repetition_differs" not in codes(run)
    whole = read(json.dumps(response("completed", json.loads(done))).encode())
    assert (read_call(whole).type, codes(whole)) == (kind, {"usage_missing"})


def test_arguments_of_a_function_that_come_as_an_object_are_found(read: Read) -> None:
    sent = {"type": "function_call", "call_id": "call_a1", "name": "f", "arguments": {"a": 1}}
    run = read(json.dumps(response("completed", sent)).encode())
    assert read_call(run).parsed == {"a": 1}
    assert codes(run) == {"usage_missing", "arguments_object"}


def test_a_patch_comes_whole_behind_its_pieces(read: Read) -> None:
    """OpenAI sends the diff in events of its own, and the whole operation with the item."""
    sent = {"id": "apc_1", "type": "apply_patch_call", "call_id": "call_a1", "status": "completed",
            "operation": {"type": "create_file", "diff": "+hi\n", "path": "a"}}  # fmt: skip
    where = {"item_id": "apc_1", "output_index": 0}
    events = [
        event("apply_patch_call_operation_diff.delta", **where, delta="+h", obfuscation="x"),
        event("apply_patch_call_operation_diff.delta", **where, delta="i\n"),
        event("apply_patch_call_operation_diff.done", **where, diff="+hi\n"),
    ]
    begun = {**sent, "operation": {"type": "create_file", "diff": "", "path": "a"}}
    run = read(stream(*item(sent, *events, added=begun), output=[sent]))
    assert read_call(run).parsed == sent["operation"]
    assert (unknown(run), codes(run)) == ({}, {"usage_missing"})


@pytest.mark.parametrize("execution", ["client", "server"])
def test_a_search_for_tools_is_the_clients_where_it_says_so(read: Read, execution: str) -> None:
    id = "call_a1" if execution == "client" else None
    sent = {"id": "ts_1", "type": "tool_search_call", "call_id": id, "execution": execution,
            "arguments": {"goal": "crm"}}  # fmt: skip
    run = read(stream(*item(sent, added={**sent, "arguments": {}}), output=[sent]))
    if execution == "client":
        call = read_call(run)
        assert (call.id, call.parsed) == ("call_a1", {"goal": "crm"})
        assert run.message.server_tool_calls == ()
    else:
        assert run.message.tool_calls == ()
        assert json.loads(run.message.server_tool_calls[0].arguments) == {"goal": "crm"}


def test_a_shell_that_the_server_runs_is_the_servers(read: Read) -> None:
    sent = {"id": "sh_1", "type": "shell_call", "call_id": "call_a1", "status": "completed",
            "action": {"commands": ["ls"]},
            "environment": {"type": "container_reference", "container_id": "c"}}  # fmt: skip
    gave = {"id": "so_1", "type": "shell_call_output", "call_id": "call_a1", "output": []}
    said = event("shell_call_command.delta", output_index=0, command_index=0, delta="ls")
    run = read(stream(*item(sent, said), *item(gave, place=1)))
    assert run.message.tool_calls == ()
    assert run.message.parts[1] == ServerToolResult("call_a1", "shell_call_output", json.dumps(
        gave, separators=(",", ":")))  # fmt: skip
    assert unknown(run) == {}


# ---- the server's


SERVERS: list[tuple[dict[str, Any], str, Any, Any]] = [
    (
        {"type": "web_search_call", "action": {"type": "search", "query": "q"}},
        "web_search", {"type": "search", "query": "q"}, None,
    ),
    (
        {"type": "file_search_call", "queries": ["q"], "results": [{"file_id": "f"}]},
        "file_search", ["q"], [{"file_id": "f"}],
    ),
    (
        {"type": "mcp_call", "name": "read", "server_label": "s", "arguments": "{}",
         "output": "text", "error": None},
        "read", {}, "text",
    ),
    ({"type": "program", "call_id": "p", "code": "1", "fingerprint": "f"}, "program", 1, None),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "name", "asked", "given"), SERVERS)
def test_what_the_servers_tools_do_is_never_the_clients(
    read: Read, sent: dict[str, Any], name: str, asked: Any, given: Any
) -> None:
    sent = {"id": "it_1", "status": "completed", **sent}
    begun = {"id": "it_1", "type": sent["type"], "status": "in_progress"}
    run = read(stream(*item(sent, added=begun), output=[sent]))
    assert run.message.tool_calls == ()
    assert run.finish_reason == "stop"
    (call,) = run.message.server_tool_calls
    assert (call.id, call.name, call.type) == ("it_1", name, sent["type"])
    assert json.loads(call.arguments) == asked
    assert [json.loads(one) for one in call.details] == [sent]
    results = [part for part in run.message.parts if isinstance(part, ServerToolResult)]
    assert [json.loads(one.json) for one in results] == ([] if given is None else [given])
    assert codes(run) == {"usage_missing"}


def test_the_code_of_an_interpreter_grows_by_its_pieces(read: Read) -> None:
    sent = {"id": "ci_1", "type": "code_interpreter_call", "code": "print(1)", "outputs": None,
            "container_id": "c", "status": "completed"}  # fmt: skip
    where = {"item_id": "ci_1", "output_index": 0}
    events = [
        event("code_interpreter_call.in_progress", **where),
        event("code_interpreter_call_code.delta", **where, delta="print"),
        event("code_interpreter_call_code.delta", **where, delta="(1)", obfuscation="x"),
        event("code_interpreter_call_code.done", **where, code="print(1)"),
        event("code_interpreter_call.interpreting", **where),
    ]
    outputs = [{"type": "logs", "logs": "1"}]
    last = {**sent, "outputs": outputs}
    run = read(stream(*item(sent, *events, added={**sent, "code": ""}), output=[last]))
    call, result = run.message.parts
    assert run.message.server_tool_calls == (call,)
    assert run.message.server_tool_calls[0].arguments == "print(1)"
    assert isinstance(result, ServerToolResult)
    assert json.loads(result.json) == outputs
    assert codes(run) == {"usage_missing"}


def test_the_arguments_of_a_servers_call_are_no_clients_call(read: Read) -> None:
    sent = {"id": "mcp_1", "type": "mcp_call", "name": "read", "server_label": "s",
            "arguments": '{"a":1}'}  # fmt: skip
    where = {"item_id": "mcp_1", "output_index": 0}
    events = [
        event("mcp_call_arguments.delta", **where, delta='{"a"'),
        event("mcp_call_arguments.delta", **where, delta=":1}"),
        event("mcp_call_arguments.done", **where, arguments='{"a":1}'),
    ]
    run = read(stream(*item(sent, *events, added={**sent, "arguments": ""})))
    assert run.message.tool_calls == ()
    assert run.message.server_tool_calls[0].arguments == '{"a":1}'


@pytest.mark.parametrize(
    "error", [{"error": {"type": "mcp_tool_execution_error"}}, {"status": "failed"}]
)
def test_a_servers_tool_that_failed_is_said_once(read: Read, error: dict[str, Any]) -> None:
    sent = {"id": "mcp_1", "type": "mcp_call", "name": "read", "arguments": "{}", **error}
    run = read(stream(*item(sent), output=[sent]))
    (found,) = [one for one in run.findings if one.code == "server_tool_failed"]
    assert (found.part, found.count) == ("'read'", 1)


def test_a_call_that_waits_for_approval_is_no_tool_call(read: Read) -> None:
    sent = {"id": "mcpr_1", "type": "mcp_approval_request", "name": "delete",
            "server_label": "s", "arguments": "{}"}  # fmt: skip
    whole = read(json.dumps(response("completed", sent)).encode())
    streamed = read(stream(*item(sent), output=[sent]))
    for run in (whole, streamed):
        assert run.message.tool_calls == ()
        assert run.message.server_tool_calls[0].type == "mcp_approval_request"
        (found,) = [one for one in run.findings if one.code == "approval_wanted"]
        assert (found.part, found.severity) == ("'delete'", "info")


@pytest.mark.parametrize("kind", ["mcp_list_tools", "tool_search_output", "program_output"])
def test_what_a_servers_tool_gave_is_kept_whole(read: Read, kind: str) -> None:
    sent = {"id": "it_1", "type": kind, "call_id": None, "tools": [{"name": "f"}]}
    run = read(stream(*item(sent, added={"id": "it_1", "type": kind, "tools": []}), output=[sent]))
    (result,) = run.message.parts
    assert isinstance(result, ServerToolResult)
    assert (result.call_id, result.type, json.loads(result.json)) == ("it_1", kind, sent)


def test_an_item_that_is_never_done_is_read_at_the_end_and_said(read: Read) -> None:
    sent = {"id": "it_1", "type": "mcp_list_tools", "server_label": "s", "tools": [{"name": "f"}]}
    added = event("output_item.added", output_index=0, item={**sent, "tools": []})
    run = read(stream(added, output=[sent]))
    (result,) = run.message.parts
    assert isinstance(result, ServerToolResult)
    assert json.loads(result.json) == sent
    assert codes(run) == {"part_not_closed", "usage_missing"}


# ---- audio

AUDIO = {"type": "output_audio", "data": "aGk=", "transcript": "Hi"}


def test_audio_is_a_part_with_what_is_said_in_it(read: Read) -> None:
    where = {"output_index": 0, "content_index": 0}
    empty = {**AUDIO, "data": "", "transcript": ""}
    sent = {"id": "msg_0", "type": "message", "role": "assistant", "content": [AUDIO]}
    spoken = [
        event("output_item.added", output_index=0, item={**sent, "content": []}),
        event("content_part.added", **where, part=empty),
        event("audio.transcript.delta", delta="Hi"),
        event("audio.delta", delta="aGk="),
        event("audio.transcript.done"),
        event("audio.done"),
        event("content_part.done", **where, part=AUDIO),
        event("output_item.done", output_index=0, item=sent),
    ]
    run = read(stream(*spoken, output=[sent]))
    assert codes(run) == {"usage_missing"}
    whole = cv.read_stream(json.dumps(response("completed", sent)).encode())
    for one in (run, whole):
        (part,) = one.message.parts
        assert isinstance(part, Media)
        assert (part.type, json.loads(part.json), part.text) == ("output_audio", AUDIO, "Hi")


def test_audio_goes_back_as_what_was_said() -> None:
    media = Message("assistant", (Media("output_audio", json.dumps(AUDIO), "Hi"),))
    (item,) = OpenAIResponses().write_request(ChatRequest("m", (media,)))["input"]
    assert item["content"] == [{"type": "output_text", "text": "Hi"}]


def test_a_content_that_is_a_text_is_read() -> None:
    thought = {"id": "rs", "type": "reasoning", "summary": "So", "content": "Hm"}
    said = {"id": "m", "type": "message", "role": "assistant", "content": "Hi"}
    silent = {"id": "n", "type": "message", "role": "assistant", "content": ""}
    body = json.dumps(response("completed", thought, said, silent)).encode()
    run = cv.read_stream(body)
    assert (run.message.reasoning, run.message.text) == ("SoHm", "Hi")
    assert unknown(run) == {}


@pytest.mark.parametrize("odd", [5, {"type": "x"}])
def test_a_content_of_another_kind_is_kept_unknown(odd: Any) -> None:
    said = {"id": "m", "type": "message", "role": "assistant", "content": odd}
    run = cv.read_stream(json.dumps(response("completed", said)).encode())
    assert unknown(run) == {"$.output[0].content": odd}


@pytest.mark.parametrize(
    ("why", "meant", "told"),
    [
        ("max_output_tokens", "length", set()),
        ("content_filter", "content_filter", {"finish_filtered"}),
        ("server_timeout", "server_timeout", {"finish_unknown"}),
        ("", "length", set()),
    ],
)
def test_why_an_answer_is_incomplete(why: str, meant: str, told: set[str]) -> None:
    said = {"id": "m", "type": "message", "role": "assistant", "content": "Hi"}
    sent = response("incomplete", said, incomplete_details={"reason": why})
    run = cv.read_stream(json.dumps(sent).encode())
    assert (run.finish_reason, run.finish_reason_sent) == (meant, "incomplete")
    assert codes(run) & {"finish_unknown", "finish_filtered"} == told
    assert all(f"'{why}'" in str(found) for found in run.findings if found.code == "finish_unknown")
