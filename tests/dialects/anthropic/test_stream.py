"""Anthropic's Messages: what real streams do, and what none of the recorded ones shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_conversations, read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.chat.messages import Media, Reasoning, ServerToolCall, ServerToolResult, Text
from chatviz.dialects import dialect_for, dialect_of_payload
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.dialects.anthropic.building import (
    HEAD,
    STOP,
    answer,
    block,
    body,
    call,
    close,
    finish,
    piece,
    start,
    text,
)

Read = Callable[..., StreamRun]
VERTEX = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers"
FILES = (
    *("go-vcr/anthropic_multi_tool.yaml", "go-vcr/anthropic_thinking.yaml"),
    "go-vcr/vertex_claude_stream_raw_predict_tool.yaml",
    "vcrpy/anthropic_thinking.yaml",
    "vcrpy/anthropic_advisor_usage_grows_and_iterations.yaml",
)


def codes(run: StreamRun) -> set[str]:
    return {found.code for found in run.findings} - {"no_clock"}


# ---- real recordings


def test_the_recorded_streams_say_what_they_are_known_for(shared_cassettes: Any) -> None:
    runs = {name: read_runs(shared_cassettes / name) for name in FILES}
    for found in (run for several in runs.values() for run in several):
        assert found.dialect == "anthropic-messages"
        assert codes(found) <= {"usage_leaves_out"}
    multi = runs[FILES[0]][0]
    assert [len(one.fragments) for one in multi.message.tool_calls] == [4, 4]
    assert all(one.fragments[0].text == "" for one in multi.message.tool_calls)
    assert multi.usage is not None
    assert (multi.usage.input_tokens, multi.usage.output_tokens) == (502, 137)
    vertex = runs[FILES[2]][0]
    assert vertex.usage is not None
    assert (vertex.usage.input_tokens, vertex.usage.output_tokens) == (394, 67)
    assert vertex.provider == "Google Vertex AI"
    assert vertex.chat_request.model == "claude-3-7-sonnet@20250219"


def test_the_advisors_stream_counts_what_it_sends(shared_cassettes: Any) -> None:
    """A signature without thoughts, a server's call whose only piece is "", growing input."""
    (run,) = read_runs(shared_cassettes / FILES[-1])
    thought, first, server, result, last = run.message.parts
    assert isinstance(thought, Reasoning)
    assert (thought.text, len(thought.details)) == ("", 1)
    assert isinstance(server, ServerToolCall)
    assert (server.name, server.arguments) == ("advisor", "")
    assert isinstance(result, ServerToolResult)
    assert result.call_id == server.id
    assert run.message.tool_calls == ()
    assert isinstance(first, Text) and isinstance(last, Text)
    assert run.message.text == first.text + last.text
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.reasoning_tokens) == (2411, 47)
    (finding,) = [one for one in run.findings if one.code == "usage_leaves_out"]
    assert "2561 tokens" in finding.message and "advisor_message" in finding.message


@pytest.mark.parametrize("name", FILES[:3])
def test_recorded_conversations_are_linked(shared_cassettes: Any, name: str) -> None:
    (talk,) = read_conversations(shared_cassettes / name)
    first, second = talk.steps
    calls = first.run.message.tool_calls
    assert [one.call_index for one in first.tool_results] == list(range(len(calls)))
    assert [one.tool_call_id for one in first.tool_results] == [one.id for one in calls]
    assert second.run.message.text
    assert talk.own_findings == ()


# ---- which requests and payloads are Anthropic's


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://api.anthropic.com/v1/messages", True),
        ("https://api.anthropic.com/v1/messages?beta=true", True),
        ("https://openrouter.ai/api/v1/messages", True),
        (f"{VERTEX}/anthropic/models/claude-3-7@20250219:streamRawPredict", True),
        (f"{VERTEX}/anthropic/models/claude-3-7@20250219:rawPredict", True),
        (f"{VERTEX}/mistralai/models/codestral:rawPredict", False),
        (f"{VERTEX}/anthropic/models/count-tokens:rawPredict", False),
        (f"{VERTEX}/anthropic/models/claude-3-7:rawPredictions", False),
        ("https://api.anthropic.com/v1/messages/count_tokens", False),
        ("https://api.anthropic.com/v1/messages/batches", False),
    ],
)
def test_the_path_tells(url: str, wanted: bool) -> None:
    dialect = dialect_for(RequestHead("POST", url))
    assert (dialect is not None and dialect.name == "anthropic-messages") == wanted
    assert dialect_for(RequestHead("GET", "https://api.anthropic.com/v1/messages")) is None


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        (start(), True),
        (piece(0, type="text_delta", text="a"), True),
        (finish(), True),
        ({"type": "ping"}, False),  # other servers send it, too
        ({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}, True),
        ({"type": "error", "error": {"type": "x", "message": "m"}, "sequence_number": 3}, False),
        ({"type": "message", "content": []}, True),
        ({"role": "assistant", "content": []}, True),
        ({"type": "message_start"}, False),
        ({"type": "response.created", "response": {}}, False),
        ({"type": ["message_start"], "message": {}}, False),
        ([], False),
    ],
)
def test_without_a_request_the_first_payload_tells(payload: Any, wanted: bool) -> None:
    dialect = dialect_of_payload(payload)
    assert (dialect is not None and dialect.name == "anthropic-messages") == wanted


# ---- parts


def test_parts_are_the_blocks_in_their_order(read: Read) -> None:
    """Thinking, text, a call, thinking again, text again: five parts, one text of two."""
    thoughts = [
        [
            block(n, type="thinking", thinking="", signature=""),
            piece(n, type="thinking_delta", thinking=said),
            piece(n, type="thinking_delta", thinking=""),
            piece(n, type="signature_delta", signature=f"sig{n}"),
            close(n),
        ]
        for n, said in ((0, "first"), (3, "second"))
    ]
    run = read(
        answer(
            thoughts[0],
            text(1, "Hel", "lo "),
            call(2, '{"a": 1', "}"),
            thoughts[1],
            text(4, "world"),
            reason="tool_use",
        ),
        HEAD,
    )
    kinds = [type(part).__name__ for part in run.message.parts]
    assert kinds == ["Reasoning", "Text", "ToolCall", "Reasoning", "Text"]
    assert (run.message.text, run.message.reasoning) == ("Hello world", "firstsecond")
    first = run.message.parts[0]
    assert isinstance(first, Reasoning)
    assert first.details == ('{"signature":"sig0"}',)
    assert [one.arguments for one in run.message.tool_calls] == ['{"a": 1}']
    assert (run.finish_reason_sent, run.finish_reason) == ("tool_use", "tool_calls")
    assert codes(run) == set()


def test_text_and_thoughts_that_begin_a_block_are_read(read: Read) -> None:
    run = read(
        answer(
            [block(0, type="thinking", thinking="Hm", signature="s"), close(0)],
            [
                block(1, type="text", text="He", citations=[{"title": "t"}]),
                piece(1, type="text_delta", text="llo"),
                close(1),
            ],
        ),
        HEAD,
    )
    assert (run.message.text, run.message.reasoning) == ("Hello", "Hm")
    assert codes(run) == set()


def test_a_citation_comes_before_the_text_of_its_block(read: Read) -> None:
    cited = {"type": "web_search_result_location", "url": "https://example.org"}
    run = read(
        answer(
            text(0, "So "),
            [
                block(1, type="text", text="", citations=[]),
                piece(1, type="citations_delta", citation=cited),
                piece(1, type="text_delta", text="it is."),
                close(1),
            ],
        ),
        HEAD,
    )
    plain, with_source = run.message.parts
    assert isinstance(plain, Text) and isinstance(with_source, Text)
    assert (plain.citations, with_source.text) == ((), "it is.")
    assert [json.loads(one) for one in with_source.citations] == [cited]


def test_redacted_thinking_is_kept_to_be_sent_back(read: Read) -> None:
    run = read(answer([block(0, type="redacted_thinking", data="x=="), close(0)]), HEAD)
    (part,) = run.message.parts
    assert part == Reasoning("", ('{"type":"redacted_thinking","data":"x=="}',))


def test_a_servers_tools_are_never_the_clients_calls(read: Read) -> None:
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_0", "content": None}
    listed = {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_2", "content": [{"a": 1}]}
    server = call(0, '{"query": ', '"x"}', name="web_search", type="server_tool_use")
    server[0]["content_block"].update(id="srvtoolu_0", caller={"type": "direct"})
    mcp = call(2, '{"p": 1}', name="look", type="mcp_tool_use", server_name="docs")
    mcp[0]["content_block"]["id"] = "mcptoolu_2"
    run = read(
        answer(
            server,
            [block(1, **found), close(1)],
            mcp,
            [block(3, **listed), close(3)],
            call(4, "{}"),
            reason="tool_use",
        ),
        HEAD,
    )
    search, result, look, other, _ = run.message.parts
    assert search == ServerToolCall("srvtoolu_0", "web_search", "server_tool_use", '{"query": "x"}')
    assert look == ServerToolCall(
        "mcptoolu_2", "look", "mcp_tool_use", '{"p": 1}', ('{"server_name":"docs"}',)
    )
    assert isinstance(result, ServerToolResult) and isinstance(other, ServerToolResult)
    assert (result.call_id, json.loads(result.json)) == ("srvtoolu_0", found)
    assert (other.type, json.loads(other.json)) == ("mcp_tool_result", listed)
    assert [one.id for one in run.message.tool_calls] == ["toolu_4"]
    assert codes(run) == set()


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        ("web_search", {"content": {"type": "web_search_tool_result_error",
                                    "error_code": "max_uses_exceeded"}}, {"web_search"}),
        ("bash_code_execution", {"content": {"type": "bash_code_execution_tool_result_error",
                                             "error_code": "unavailable"}},
         {"bash_code_execution"}),
        ("mcp", {"content": [], "is_error": True}, {"mcp"}),
        ("mcp", {"content": [], "is_error": False}, set()),
        ("web_search", {"content": []}, set()),
        ("bash_code_execution", {"content": {"type": "bash_code_execution_result",
                                             "return_code": 1, "stderr": "no"}}, set()),
    ],
)  # fmt: skip
def test_a_servers_tool_that_failed_is_found(
    read: Read, kind: str, given: dict[str, Any], found: set[str]
) -> None:
    """A program that fails has a result all the same: what it says of its failure."""
    result = {"type": f"{kind}_tool_result", "tool_use_id": "srvtoolu_0", **given}
    run = read(answer([block(0, **result), close(0)], text(1, "Hi")), HEAD)
    assert codes(run) == ({"server_tool_failed"} if found else set())
    assert {one.part for one in run.findings if one.code == "server_tool_failed"} == found


def test_a_compaction_is_kept_and_is_no_text(read: Read) -> None:
    run = read(
        answer(
            [
                block(0, type="compaction", content=None),
                piece(0, type="compaction_delta", content="All.", encrypted_content="e"),
                close(0),
            ],
            text(1, "Hi"),
        ),
        HEAD,
    )
    kept, _ = run.message.parts
    assert isinstance(kept, ServerToolResult)
    assert json.loads(kept.json) == {
        "type": "compaction",
        "content": "All.",
        "encrypted_content": "e",
    }
    assert run.message.text == "Hi"
    assert codes(run) == set()


def test_a_file_of_the_container_is_media(read: Read) -> None:
    run = read(answer([block(0, type="container_upload", file_id="f"), close(0)]), HEAD)
    assert run.message.parts == (
        Media("container_upload", '{"type":"container_upload","file_id":"f"}'),
    )


def test_a_fallback_names_the_model_that_goes_on(read: Read) -> None:
    hop = {"from": {"model": "claude"}, "to": {"model": "claude-2"}, "trigger": {}}
    run = read(answer(text(0, "No"), [block(1, type="fallback", **hop), close(1)]), HEAD)
    assert run.model == "claude-2"
    assert codes(run) == {"identity_changed"}


def test_the_origin_of_a_call_is_kept_unless_it_is_the_models_own(read: Read) -> None:
    code = {"type": "code_execution_20250825", "tool_id": "srvtoolu_9"}
    run = read(
        answer(
            call(0, "{}", caller={"type": "direct"}), call(1, "{}", caller=code), reason="tool_use"
        ),
        HEAD,
    )
    own, made = run.message.tool_calls
    assert own.details == ()
    assert [json.loads(one) for one in made.details] == [{"caller": code}]
    assert codes(run) == set()


# ---- calls


def test_a_call_without_any_input_is_read_as_an_empty_object(read: Read) -> None:
    run = read(answer(call(0), reason="tool_use"), HEAD)
    (made,) = run.message.tool_calls
    assert (made.arguments, made.parsed, len(made.fragments)) == ("", {}, 1)
    assert codes(run) == set()


def test_input_that_begins_the_block_is_read_in_the_wires_spelling(read: Read) -> None:
    sent = b'{"a": 7006652.0, "b":"\\u00e9"}'
    begun = block(0, type="tool_use", id="t", name="f", input={"here": 1})
    whole = answer([begun, close(0)], reason="tool_use").replace(b'{"here": 1}', sent)
    run = read(whole, HEAD)
    (made,) = run.message.tool_calls
    assert made.arguments == sent.decode()
    assert codes(run) == {"input_at_start"}
    pieces = piece(0, type="input_json_delta", partial_json='{"c": 1}')
    run = read(answer([begun, pieces, close(0)], reason="tool_use"), HEAD)
    assert run.message.tool_calls[0].arguments == '{"c": 1}'


@pytest.mark.parametrize(
    ("sent", "arguments"), [(None, ""), ("{}", "{}"), ([1], "[1]"), ({"a": 1}, '{"a": 1}')]
)
def test_input_of_any_type_is_text(read: Read, sent: Any, arguments: str) -> None:
    begun = block(0, type="tool_use", id="t", name="f", input=sent)
    run = read(answer([begun, close(0)], reason="tool_use"), HEAD)
    assert run.message.tool_calls[0].arguments == arguments


def test_max_tokens_inside_an_input_leaves_half_a_json(read: Read) -> None:
    run = read(answer(call(0, '{"a": [1, '), reason="max_tokens"), HEAD)
    (made,) = run.message.tool_calls
    assert (made.arguments, made.parsed) == ('{"a": [1, ', None)
    assert run.finish_reason == "length"
    assert codes(run) == {"arguments_not_json"}


def test_eager_input_that_is_no_json_is_found(read: Read) -> None:
    run = read(answer(call(0, "{'a': 1}"), reason="tool_use"), HEAD)
    assert run.message.tool_calls[0].arguments == "{'a': 1}"
    assert codes(run) == {"arguments_not_json"}


def test_pieces_of_two_blocks_may_be_mixed(read: Read) -> None:
    first, second = call(0, '{"a":', "1}"), call(1, '{"b":', "2}")
    mixed = [event for pair in zip(first, second, strict=True) for event in pair]
    run = read(answer(mixed, reason="tool_use"), HEAD)
    assert [one.arguments for one in run.message.tool_calls] == ['{"a":1}', '{"b":2}']
    assert codes(run) == set()


def test_blocks_without_an_index_are_told_apart_as_in_other_dialects(read: Read) -> None:
    events = [*text(0, "Hi"), *call(1, '{"a":1}'), *call(2, '{"b":2}')]
    run = read(answer([{k: v for k, v in one.items() if k != "index"} for one in events]), HEAD)
    assert run.message.text == "Hi"
    assert [one.arguments for one in run.message.tool_calls] == ['{"a":1}', '{"b":2}']


# ---- how it ends


@pytest.mark.parametrize(
    ("reason", "meant", "found"),
    [
        ("end_turn", "stop", set()),
        ("stop_sequence", "stop", set()),
        ("max_tokens", "length", set()),
        ("model_context_window_exceeded", "length", set()),
        ("compaction", "stop", set()),
        ("pause_turn", "stop", {"turn_paused"}),
        ("refusal", "content_filter", {"refused"}),
        ("something_new", "something_new", {"finish_unknown"}),
    ],
)
def test_stop_reasons_are_put_into_our_words(
    read: Read, reason: str, meant: str, found: set[str]
) -> None:
    run = read(answer(text(0, "Hi"), reason=reason), HEAD)
    assert (run.finish_reason_sent, run.finish_reason) == (reason, meant)
    assert codes(run) == found


def test_a_refusal_is_told_with_its_category(read: Read) -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    end = finish("refusal", stop_details=details)
    run = read(body(start(), text(0, "First, "), end, STOP), HEAD)
    assert (run.message.text, run.message.refusal) == ("First, ", "Not this.")
    (finding,) = [one for one in run.findings if one.code == "refused"]
    assert "'bio'" in finding.message


def test_a_stop_sequence_and_a_container_are_known(read: Read) -> None:
    end = finish("stop_sequence", stop_sequence="END", container={"id": "c", "expires_at": "t"})
    run = read(body(start(), text(0, "Hi"), {**end, "context_management": {}}, STOP), HEAD)
    assert codes(run) == set()


def test_several_message_deltas_are_read(read: Read) -> None:
    first = finish("tool_use", {"output_tokens": 3})
    run = read(body(start(), text(0, "Hi"), first, finish("end_turn"), STOP), HEAD)
    assert run.finish_reason_sent == "end_turn"
    assert run.usage is not None and run.usage.output_tokens == 5
    assert codes(run) == {"finish_changed"}


def test_without_message_stop_the_stream_may_be_cut_short(read: Read) -> None:
    run = read(body(start(), text(0, "Hi")), HEAD)
    assert codes(run) == {"end_missing", "finish_missing"}


def test_no_done_is_expected_and_one_that_comes_is_nothing(read: Read) -> None:
    assert codes(read(answer(text(0, "Hi")), HEAD)) == set()
    assert codes(read(answer(text(0, "Hi")) + b"data: [DONE]\n\n", HEAD)) == set()


# ---- usage


def counts(run: StreamRun) -> tuple[int | None, ...]:
    usage = run.usage
    assert usage is not None
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_creation_tokens,
        usage.reasoning_tokens,
        usage.total_tokens,
    )


def stream_with(first: dict[str, Any], *later: dict[str, Any]) -> bytes:
    ends = [finish("end_turn", one) for one in later]
    return body(start(usage=first), text(0, "Hi"), *ends, STOP)


def test_each_field_that_is_sent_overwrites_zeros_too(read: Read) -> None:
    first = {
        "input_tokens": 3,
        "cache_read_input_tokens": 55_096,
        "cache_creation_input_tokens": 100,
        "output_tokens": 1,
        "service_tier": "standard",
    }
    last = {"input_tokens": 181, "cache_read_input_tokens": 0, "output_tokens": 40}
    run = read(stream_with(first, last), HEAD)
    assert counts(run) == (281, 40, 0, 100, None, None)
    assert run.usage is not None and run.usage.raw["service_tier"] == "standard"
    assert codes(run) == set()


def test_the_input_of_the_start_stays_where_the_end_counts_output_only(read: Read) -> None:
    first = {"input_tokens": 3, "cache_read_input_tokens": None, "output_tokens": 1}
    last = {"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 30}}
    run = read(stream_with(first, last, {"output_tokens": 41, "input_tokens": None}), HEAD)
    assert counts(run) == (3, 41, None, None, 30, None)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"cost": 0.00123, "is_byok": False}, Decimal("0.00123")),
        ({"pydantic_ai_gateway": {"cost_estimate": 0.0002635}}, Decimal("0.0002635")),
        ({"cost": 0}, Decimal(0)),
        ({"cost": "free", "pydantic_ai_gateway": 1}, None),
        ({}, None),
    ],
)
def test_a_cost_is_what_a_gateway_sends(
    read: Read, usage: dict[str, Any], cost: Decimal | None
) -> None:
    run = read(stream_with({"input_tokens": 1}, {"output_tokens": 2.0, **usage}), HEAD)
    assert run.cost == cost
    assert counts(run)[:2] == (1, 2)


def test_passes_that_the_top_counts_are_no_finding(read: Read) -> None:
    entry = {"type": "message", "input_tokens": 1, "output_tokens": 2}
    usage = {"input_tokens": 1, "output_tokens": 2, "iterations": [entry, "?"]}
    assert codes(read(stream_with({"input_tokens": 1}, usage), HEAD)) == set()
    usage["iterations"] = [entry, {**entry, "type": "compaction", "cache_read_input_tokens": 3}]
    run = read(stream_with({"input_tokens": 1}, usage), HEAD)
    (finding,) = [one for one in run.findings if one.code == "usage_leaves_out"]
    assert "6 tokens" in finding.message


# ---- errors


def test_an_error_inside_the_stream_keeps_what_was_said(read: Read) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    run = read(body(start(), text(0, "Hel")[:2], error), HEAD)
    assert run.message.text == "Hel"
    assert run.error is not None
    assert (run.error.code, run.error.message) == ("overloaded_error", "Overloaded")
    assert run.finish_reason == "error"
    assert codes(run) == {"error_in_stream"}
    assert run.error.code in run.spoken.manners.passing_errors


def test_an_error_that_only_its_event_names_is_one(read: Read) -> None:
    run = read(body(start()) + b'event: error\ndata: {"message": "boom"}\n\n', HEAD)
    assert run.error is not None and run.error.message == "boom"


@pytest.mark.parametrize("status", [400, 529])
def test_an_http_error_is_the_error_of_the_run(read: Read, status: int) -> None:
    error = {"type": "invalid_request_error", "message": "max_tokens: required"}
    sent = json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()
    run = read(sent, HEAD, response=ResponseHead(status))
    assert run.error is not None
    assert (run.error.code, run.error.status) == ("invalid_request_error", status)
    assert codes(run) == {"http_error"}


def test_a_message_alone_is_all_that_aws_says_of_an_error(read: Read) -> None:
    run = read(b'{"message": "The model is not there."}', HEAD, response=ResponseHead(404))
    assert run.error is not None and run.error.message == "The model is not there."


# ---- what is not known


def test_what_is_unknown_is_kept_and_named(read: Read) -> None:
    run = read(
        body(
            start(news=1),
            [block(0, type="hologram", data=1), piece(0, type="hologram_delta", data=2), close(0)],
            [block(1, type="text", text="", mood="glad"), close(1)],
            {"type": "brand_new", "x": 1},
            {**finish(), "hint": True},
            STOP,
        ),
        HEAD,
    )
    unknown = {one.part for one in run.findings if one.code == "unknown_fields"}
    assert unknown == {
        "$.message.news",
        "$.content_block(hologram)",
        "$.delta(hologram_delta)",
        "$.content_block.mood",
        "$(brand_new)",
        "$.hint",
    }


@pytest.mark.parametrize("payload", [[], 5, None, "x"])
def test_a_chunk_that_is_no_object_is_found(read: Read, payload: Any) -> None:
    run = read(answer() + b"data: %s\n\n" % json.dumps(payload).encode(), HEAD)
    assert "not_an_object" in codes(run)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message_start", "message": 5},
        {"type": "message_start", "message": {"content": 5, "usage": 5}},
        {"type": "content_block_start", "index": 0, "content_block": None},
        {"type": "content_block_delta", "index": 0, "delta": "x"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": ["text_delta"]}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 5}},
        {"type": "message_delta", "delta": 5, "usage": 5},
        {"type": "message_delta"},
        {"type": ["x"]},
        {"type": 5, "message": {}},
        {},
    ],
)
def test_odd_values_raise_nothing(read: Read, event: dict[str, Any]) -> None:
    run = read(body(start()) + b"data: %s\n\n" % json.dumps(event).encode(), HEAD)
    assert len(run.chunks) == 2
    assert run.findings


# ---- the names and the order of events


def test_events_under_another_name_are_found(read: Read) -> None:
    """The SDKs go by the name on the event line; a stream without names says nothing to them."""
    whole = answer(text(0, "Hi"))
    nameless = b"".join(
        line + b"\n" for line in whole.split(b"\n") if not line.startswith(b"event:")
    )
    run = read(nameless, HEAD)
    assert run.message.text == "Hi"
    (finding,) = [one for one in run.findings if one.code == "event_name_differs"]
    assert finding.count == len(run.chunks)
    run = read(whole.replace(b"event: message_stop", b"event: end"), HEAD)
    assert codes(run) == {"event_name_differs"}


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([text(0, "Hi"), start(), finish(), STOP], "event_before_start"),
        ([start(), text(0, "Hi"), start(), finish(), STOP], "start_repeated"),
        ([start(), text(0, "Hi")[1:], finish(), STOP], "part_not_open"),
        ([start(), text(0, "Hi")[:2], finish(), STOP], "part_not_closed"),
        ([start(), text(0, "a")[:2], text(0, "b"), finish(), STOP], "part_opened_twice"),
        ([start(), text(0, "Hi"), finish(), STOP, STOP], "event_after_end"),
    ],
)
def test_a_breach_of_the_order_is_found(read: Read, events: Any, code: str) -> None:
    run = read(body(*events), HEAD)
    assert codes(run) - {"identity_late", "role_repeated"} == {code}


def test_pings_may_stand_anywhere_and_count_as_chunks(read: Read) -> None:
    ping = {"type": "ping"}
    run = read(answer([ping, *text(0, "Hi"), ping, ping]), HEAD)
    assert len(run.chunks) == 9
    assert codes(run) == set()
    assert codes(read(body(ping) + answer(text(0, "Hi")), HEAD)) == {"identity_late"}


# ---- whole answers


def whole(*content: Any, **fields: Any) -> bytes:
    message = {**start()["message"], "content": list(content), "stop_reason": "tool_use", **fields}
    return json.dumps(message).encode()


def test_a_whole_answer_is_read_by_the_same_rules(read: Read) -> None:
    sent = whole(
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "text", "text": "So ", "citations": [{"title": "t"}]},
        {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"q": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv", "content": []},
        {"type": "text", "text": "it is."},
        {"type": "tool_use", "id": "a", "name": "add", "input": {"n": "@"}},
        {"type": "tool_use", "id": "b", "name": "now", "input": {}},
        usage={"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 2},
    ).replace(b'"@"', b"7006652.0")
    run = read(sent, HEAD)
    assert len(run.chunks) == 1
    assert (run.message.text, run.message.reasoning) == ("So it is.", "Hm")
    assert [one.arguments for one in run.message.tool_calls] == ['{"n": 7006652.0}', "{}"]
    assert [one.arguments for one in run.message.server_tool_calls] == ['{"q": "x"}']
    assert counts(run)[:3] == (10, 2, 7)
    assert run.finish_reason == "tool_calls"
    assert codes(run) == set()


def test_a_whole_answer_that_cannot_be_sliced_is_read_all_the_same(read: Read) -> None:
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {"a": 1}}
    run = read(whole(call, "x", 5), HEAD)
    assert run.message.tool_calls[0].arguments == '{"a":1}'
    assert codes(run) == {"unknown_fields"}


# ---- damage


def recorded_bodies(folder: Any) -> list[bytes]:
    return [
        interaction.response.body
        for name in FILES
        for interaction in load_cassette(folder / name).interactions
    ]


@given(st.data())
def test_damage_raises_nothing(shared_cassettes: Any, data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(recorded_bodies(shared_cassettes))))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        if data.draw(st.booleans()):
            damaged[place] = data.draw(st.integers(0, 255))
        else:
            del damaged[place : place + data.draw(st.integers(1, 400))]
    reader = StreamReader(HEAD)
    reader.feed(bytes(damaged))
    run = reader.close()
    assert run.body == bytes(damaged)
    assert run.findings is not None and run.messages and run.chat_request is not None
