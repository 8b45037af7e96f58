"""Converse: its recorded answers, its habits, and the cases that no recording shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.chat.messages import Media, ServerToolCall, ServerToolResult, Text
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request
from chatviz.dialects.bedrock_converse.stream import BedrockConverse
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.dialects.bedrock_converse.events_made import (
    HEAD,
    HOST,
    USAGE,
    WHOLE,
    answer,
    block,
    call,
    closed,
    codes,
    event,
    opened,
    piece,
    stream,
    text,
    thought,
    unknown,
)
from tests.wire.aws_building import error_frame, exception_frame, frame

Read = Callable[..., StreamRun]

# ---- which requests, payloads and bodies


@pytest.mark.parametrize(
    ("method", "path", "is_spoken"),
    [
        ("POST", "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream", True),
        ("POST", "/model/m/converse", True),
        ("post", "/model/arn:aws:bedrock:eu-west-1:1:inference-profile/m/converse/", True),
        ("", "/model/m/converse", True),
        ("GET", "/model/m/converse", False),
        ("POST", "/model/m/count-tokens", False),
        ("POST", "/model/m/invoke", False),
        ("POST", "/converse", False),
        ("POST", "/model/converse-stream", False),
    ],
)
def test_the_path_tells_the_dialect(method: str, path: str, is_spoken: bool) -> None:
    dialect = dialect_for(RequestHead(method, HOST + path))
    assert (dialect is not None and dialect.name == "bedrock-converse") == is_spoken


@pytest.mark.parametrize(
    ("payload", "is_ours"),
    [
        ({"role": "assistant", "p": "abc"}, True),
        ({"role": "assistant"}, True),
        ({"contentBlockIndex": 0, "delta": {"text": "a"}}, True),
        ({"contentBlockDelta": {}}, True),
        ({"output": {"message": {}}, "stopReason": "end_turn"}, True),
        ({"output": None, "stopReason": "end_turn"}, True),
        ({"output": [], "stopReason": "end_turn"}, False),
        ({"role": "assistant", "content": "x"}, False),
        ({"p": "abc"}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_a_payload_tells_the_dialect(payload: Any, is_ours: bool) -> None:
    dialect = dialect_of_payload(payload)
    assert (dialect is not None and dialect.name == "bedrock-converse") == is_ours


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        ({"messages": [], "inferenceConfig": {}}, True),
        ({"messages": [], "toolConfig": {}}, True),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, True),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}], "system": []}, True),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, False),
        ({"messages": [{"role": "user", "content": "x"}]}, False),
        ({"messages": [{"role": "user", "content": [{"odd": 1}]}, "x"]}, False),
        ({"messages": []}, False),
        ({"inferenceConfig": {}}, False),
    ],
)
def test_a_request_tells_the_dialect(body: Any, is_ours: bool) -> None:
    dialect = dialect_of_request(body)
    assert (dialect is not None and dialect.name == "bedrock-converse") == is_ours


def test_a_captured_body_is_read_without_its_request(read: Read) -> None:
    run = read(stream(text("Hi")))
    assert (run.dialect, run.message.text, run.wire.framing) == (
        "bedrock-converse", "Hi", "aws_frames",
    )  # fmt: skip


# ---- the recorded answers


def test_the_recorded_text_has_no_block_start(shared_cassettes: Path) -> None:
    (run,) = read_runs(shared_cassettes / "vcrpy" / "bedrock_converse.yaml")
    assert (run.dialect, run.provider) == ("bedrock-converse", "Amazon Bedrock")
    assert run.model == "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert json.loads(run.message.text) == {
        "city": "Paris", "country": "France", "population": 2161000,
    }  # fmt: skip
    assert (run.finish_reason_sent, run.finish_reason) == ("end_turn", "stop")
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens, run.usage.total_tokens) == (
        210, 18, 228,
    )  # fmt: skip
    assert run.usage.raw["serverToolUsage"] == {}
    assert len(run.chunks) == 9
    assert codes(run) == set()


def test_the_recorded_servers_tool_is_not_the_clients(shared_cassettes: Path) -> None:
    path = shared_cassettes / "vcrpy" / "bedrock_converse_server_tool_and_call.yaml"
    (run,) = read_runs(path)
    server, result, _ = run.message.parts
    assert isinstance(server, ServerToolCall) and isinstance(result, ServerToolResult)
    assert (server.name, server.type) == ("nova_code_interpreter", "server_tool_use")
    assert server.arguments == '{"snippet":"1234 * 5678"}'
    assert (result.call_id, result.type) == (server.id, "nova_code_interpreter_result")
    start, given = json.loads(result.json)
    assert start["status"] == "success"
    assert given[0]["json"]["stdOut"] == "7006652"
    (mine,) = run.message.tool_calls
    assert (mine.name, mine.arguments) == ("final_result", '{"result":7006652.0}')
    assert mine.schema is not None
    assert run.finish_reason == "tool_calls"
    assert codes(run) == set()


def test_the_recorded_input_is_without_the_cached_tokens(shared_cassettes: Path) -> None:
    path = shared_cassettes / "vcrpy" / "bedrock_converse_not_streamed_cache_tokens.yaml"
    (run,) = read_runs(path)
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.cache_read_tokens) == (1517, 1504)
    assert (run.usage.cache_creation_tokens, run.usage.total_tokens) == (0, 1522)
    assert (run.message.text, len(run.chunks)) == ("5", 1)
    assert run.findings == ()


# ---- habits, by hand


def test_reasoning_comes_first_and_an_empty_text_is_none(read: Read) -> None:
    """As gpt-oss does."""
    said = thought({"text": "Hm"}, {"text": "…"}), text("", "Hi", place=1)
    run = read(stream(*said), HEAD)
    assert (run.message.reasoning, run.message.text) == ("Hm…", "Hi")
    assert len(run.message.parts) == 2
    assert codes(run) == set()


def test_a_signature_and_encrypted_reasoning_are_kept(read: Read) -> None:
    said = (
        thought({"text": "Hm"}, {"signature": "c2ln"}),
        thought({"redactedContent": "ZW5j"}, place=1),
        text("Hi", place=2),
    )
    run = read(stream(*said), HEAD)
    details = [part.details for part in run.message.parts if hasattr(part, "details")]
    assert details == [('{"signature":"c2ln"}',), ('{"redactedContent":"ZW5j"}',), ()]
    assert run.message.reasoning == "Hm"


def test_input_comes_in_pieces_the_first_of_them_empty(read: Read) -> None:
    body = stream(call("", '{"a"', ": 1}"), call(place=1, id="tooluse_b2"), stop="tool_use")
    run = read(body, HEAD)
    first, second = run.message.tool_calls
    assert (first.id, first.name, first.arguments) == ("tooluse_a1", "f", '{"a": 1}')
    assert [one.text for one in first.fragments] == ["", '{"a"', ": 1}"]
    assert (second.arguments, second.parsed) == ("", {})
    assert run.finish_reason == "tool_calls"
    assert codes(run) == set()


def test_two_calls_may_come_mixed(read: Read) -> None:
    use = [{"toolUse": {"toolUseId": f"tooluse_{n}x", "name": "f"}} for n in (0, 1)]
    body = stream(
        opened(use[0], 0), opened(use[1], 1),
        piece({"toolUse": {"input": "{"}}, 0), piece({"toolUse": {"input": "{}"}}, 1),
        piece({"toolUse": {"input": "}"}}, 0), closed(0), closed(1),
        stop="tool_use",
    )  # fmt: skip
    run = read(body, HEAD)
    assert [one.arguments for one in run.message.tool_calls] == ["{}", "{}"]
    assert codes(run) == set()


@pytest.mark.parametrize("kind", [None, "tool_use"])
def test_the_clients_calls_have_a_type_or_none(read: Read, kind: str | None) -> None:
    more = {} if kind is None else {"type": kind}
    run = read(stream(call("{}", **more), stop="tool_use"), HEAD)
    assert [one.type for one in run.message.tool_calls] == ["function"]
    assert codes(run) == set()


def test_another_type_of_call_is_the_clients_and_kept(read: Read) -> None:
    run = read(stream(call("{}", type="odd"), stop="tool_use"), HEAD)
    assert len(run.message.tool_calls) == 1
    assert unknown(run) == {"$.start.toolUse.type": "odd"}


@pytest.mark.parametrize(
    ("sent", "means", "found"),
    [
        ("end_turn", "stop", set()),
        ("stop_sequence", "stop", set()),
        ("max_tokens", "length", set()),
        ("model_context_window_exceeded", "length", set()),
        ("content_filtered", "content_filter", {"finish_filtered"}),
        ("guardrail_intervened", "content_filter", {"guardrail_intervened"}),
        ("malformed_model_output", "error", {"finish_failed"}),
        ("malformed_tool_use", "error", {"finish_failed"}),
    ],
)
def test_why_an_answer_stopped(read: Read, sent: str, means: str, found: set[str]) -> None:
    for body, head in ((stream(text("Hi"), stop=sent), HEAD), (answer({"text": "Hi"}, stop=sent),
                                                               WHOLE)):  # fmt: skip
        run = read(body, head)
        assert (run.finish_reason_sent, run.finish_reason) == (sent, means)
        assert codes(run) == found


CACHED = {
    **USAGE,
    "cacheReadInputTokens": 100, "cacheReadInputTokenCount": 100,
    "cacheWriteInputTokens": 7, "cacheWriteInputTokenCount": 7,
    "totalTokens": 122,
}  # fmt: skip


def test_tokens_of_the_cache_are_added_once(read: Read) -> None:
    for body, head in ((stream(text("Hi"), usage=CACHED), HEAD),
                       (answer({"text": "Hi"}, usage=CACHED), WHOLE)):  # fmt: skip
        run = read(body, head)
        assert run.usage is not None
        assert (run.usage.input_tokens, run.usage.total_tokens) == (117, 122)
        assert (run.usage.cache_read_tokens, run.usage.cache_creation_tokens) == (100, 7)
        assert codes(run) == set()


def test_the_older_names_count_where_they_stand_alone(read: Read) -> None:
    usage = {**USAGE, "cacheReadInputTokenCount": 3, "cacheWriteInputTokenCount": 2.0}
    run = read(stream(text("Hi"), usage={**usage, "totalTokens": 20}), HEAD)
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.cache_read_tokens) == (15, 3)
    assert run.usage.cache_creation_tokens == 2


def test_counts_that_differ_are_found(read: Read) -> None:
    usage = {**CACHED, "cacheReadInputTokenCount": 99}
    run = read(stream(text("Hi"), usage=usage), HEAD)
    assert codes(run) == {"cache_counts_differ"}
    assert run.usage is not None and run.usage.cache_read_tokens == 100


def test_a_gateway_may_say_what_it_costs(read: Read) -> None:
    usage = {**USAGE, "pydantic_ai_gateway": {"cost_estimate": 0.00012}}
    run = read(answer({"text": "Hi"}, usage=usage), WHOLE)
    assert str(run.cost) == "0.00012"


@pytest.mark.parametrize("gateway", [None, {}, {"cost_estimate": "x"}, 5])
def test_a_gateway_may_say_nothing(read: Read, gateway: Any) -> None:
    run = read(answer({"text": "Hi"}, usage={**USAGE, "pydantic_ai_gateway": gateway}), WHOLE)
    assert run.cost is None


def test_counts_of_other_types_are_none(read: Read) -> None:
    run = read(stream(text("Hi"), usage={"inputTokens": "5", "outputTokens": 2**70}), HEAD)
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (None, None)
    assert unknown(read(stream(text("Hi"), usage=5), HEAD)) == {"$.usage": 5}


def test_who_stops_at_message_stop_loses_the_usage(read: Read) -> None:
    """messageStop, then metadata: without it, the end is missing."""
    whole = stream(text("Hi"))
    cut = whole[: whole.rindex(event("messageStop", stopReason="end_turn")) + len(
        event("messageStop", stopReason="end_turn"))]  # fmt: skip
    run = read(cut, HEAD)
    assert run.usage is None
    assert {"end_missing", "usage_missing"} <= codes(run)


def test_what_describes_the_servers_work_is_known(read: Read) -> None:
    work: dict[str, Any] = {
        "trace": {"guardrail": {}},
        "performanceConfig": {"latency": "standard"},
        "serviceTier": {"type": "default"},
    }
    assert codes(read(stream(text("Hi"), **work), HEAD)) == set()
    more = {**work, "additionalModelResponseFields": {"stop_sequence": "x"}}
    assert codes(read(answer({"text": "Hi"}, **more), WHOLE)) == set()


# ---- whole answers


def test_an_answer_that_was_not_streamed_says_the_same(read: Read) -> None:
    use = {"toolUseId": "tooluse_a1", "name": "f", "input": {"b": 1.50, "a": []}}
    body = answer(
        {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "c2ln"}}},
        {"reasoningContent": {"redactedContent": "ZW5j"}},
        {"text": "Hi"},
        {"toolUse": {**use, "type": "tool_use"}},
        {"toolUse": {"toolUseId": "tooluse_b2", "name": "g", "input": {}}},
        stop="tool_use",
    ).replace(b"1.5,", b"1.50,")
    run = read(body, WHOLE)
    assert (run.message.reasoning, run.message.text) == ("Hm", "Hi")
    assert [one.arguments for one in run.message.tool_calls] == ['{"b": 1.50, "a": []}', "{}"]
    assert (run.finish_reason, len(run.chunks)) == ("tool_calls", 1)
    assert run.answer.streamed is False
    assert codes(run) == set()


def test_a_whole_servers_tool_is_not_the_clients(read: Read) -> None:
    use = {"toolUseId": "t1", "name": "nova_code_interpreter", "type": "server_tool_use",
           "input": {"snippet": "1"}}  # fmt: skip
    result = {"toolUseId": "t1", "status": "error", "type": "nova_code_interpreter_result",
              "content": [{"text": "boom"}]}  # fmt: skip
    run = read(answer({"toolUse": use}, {"toolResult": result}, {"text": "Hi"}), WHOLE)
    called, given, said = run.message.parts
    assert called == ServerToolCall(
        "t1", "nova_code_interpreter", "server_tool_use", '{"snippet": "1"}'
    )
    assert isinstance(given, ServerToolResult) and json.loads(given.json) == result
    assert said == Text("Hi")
    assert run.message.tool_calls == ()
    assert codes(run) == {"server_tool_failed"}


def test_citations_belong_to_the_text_of_their_block(read: Read) -> None:
    cited = {"title": "a.pdf", "location": {"documentPage": {"start": 1}}}
    run = read(stream(block({"text": "Hi"}, {"citation": cited})), HEAD)
    (said,) = run.message.parts
    assert isinstance(said, Text) and [json.loads(one) for one in said.citations] == [cited]
    content = {"content": [{"text": "H"}, {"text": "i"}, {"odd": 1}], "citations": [cited]}
    whole = read(answer({"citationsContent": content}), WHOLE)
    assert whole.message.parts == run.message.parts
    where = "$.output.message.content[0].citationsContent.content[2]"
    assert unknown(whole) == {where: {"odd": 1}}


def test_an_image_comes_in_pieces(read: Read) -> None:
    deltas = {"image": {"source": {"bytes": "aGk="}}}
    run = read(stream(block(deltas, start={"image": {"format": "png"}})), HEAD)
    (image,) = run.message.parts
    assert isinstance(image, Media) and image.type == "image"
    assert json.loads(image.json) == [{"format": "png"}, deltas["image"]]
    assert codes(run) == set()
    whole = {"format": "png", "source": {"bytes": "aGk="}}
    (image,) = read(answer({"image": whole}), WHOLE).message.parts
    assert isinstance(image, Media) and json.loads(image.json) == whole


@pytest.mark.parametrize("error", [{"message": "too dark"}, "too dark"])
def test_an_image_that_could_not_be_made_is_found(read: Read, error: Any) -> None:
    failed = {"image": {"error": error}}
    run = read(stream(block(failed, start={"image": {"format": "png"}})), HEAD)
    (found,) = [one for one in run.findings if one.code == "media_failed"]
    assert "too dark" in found.message


def test_the_result_of_a_servers_tool_may_come_in_pieces(read: Read) -> None:
    start = {"toolResult": {"toolUseId": "t1", "type": "x_result", "status": "success"}}
    pieces = [{"toolResult": [{"text": one}]} for one in ("a", "b")]
    (given,) = read(stream(block(*pieces, start=start)), HEAD).message.parts
    assert isinstance(given, ServerToolResult)
    assert (given.call_id, given.type) == ("t1", "x_result")
    assert json.loads(given.json) == [start["toolResult"], [{"text": "a"}], [{"text": "b"}]]


# ---- what goes wrong


@pytest.mark.parametrize(
    "kind",
    ["modelStreamErrorException", "throttlingException", "validationException",
     "internalServerException", "serviceUnavailableException"],
)  # fmt: skip
def test_an_exception_keeps_what_was_said(read: Read, kind: str) -> None:
    run = read(stream(text("Hi"), stop="") + exception_frame(kind, "no more"), HEAD)
    assert run.error is not None
    assert (run.error.code, run.error.message) == (kind, "no more")
    assert (run.message.text, run.finish_reason) == ("Hi", "error")
    assert codes(run) == {"error_in_stream", "usage_missing"}
    assert (kind in run.spoken.manners.passing_errors) == (kind != "validationException")


def test_an_error_frame_is_an_error(read: Read) -> None:
    run = read(stream(text("Hi"), stop="") + error_frame("InternalError", "gone"), HEAD)
    assert run.error is not None and run.error.code == "InternalError"


def test_the_first_frame_of_a_stream_may_hold_nothing(read: Read) -> None:
    run = read(frame({}, event_type="initial-response") + stream(text("Hi")), HEAD)
    assert (run.message.text, codes(run)) == ("Hi", set())


def test_a_frame_that_is_damaged_is_read_and_found(read: Read) -> None:
    body = stream(text("Hi", " there"))
    at = body.index(b" there")
    run = read(body[:at] + b" where" + body[at + 6 :], HEAD)
    assert run.message.text == "Hi where"
    assert codes(run) == {"frame_damaged"}


def test_a_frame_that_is_cut_off_ends_the_answer(read: Read) -> None:
    run = read(stream(text("Hi"))[:-5], HEAD)
    assert run.message.text == "Hi"
    assert {"end_missing", "unfinished_event", "usage_missing"} <= codes(run)


@pytest.mark.parametrize("key", ["message", "Message"])
def test_a_bad_request_has_its_message_alone(read: Read, key: str) -> None:
    body = json.dumps({key: "1 validation error detected"}).encode()
    run = read(body, WHOLE, response=ResponseHead(400))
    assert run.error is not None
    assert (run.error.message, run.error.status) == ("1 validation error detected", 400)
    assert codes(run) == {"http_error"}


@pytest.mark.parametrize("sent", [{"message": "no"}, {"error": {"message": "no"}}])
def test_an_error_may_come_with_status_200(read: Read, sent: Any) -> None:
    run = read(json.dumps(sent).encode(), WHOLE)
    assert run.error is not None and run.error.message == "no"


# ---- what is not known is kept


def test_unknown_events_blocks_and_fields_are_kept(read: Read) -> None:
    body = stream(
        frame({"a": 1}, event_type="contentBlockOdd"),
        block({"odd": 1}, {"text": "Hi"}),
        event("contentBlockDelta", contentBlockIndex=0, delta={"text": "!"}, mood="fine"),
        closed(),
        block({"reasoningContent": {"odd": 2, "text": None}}, place=1),
        block({"reasoningContent": {"text": 3}}, place=2),
        call("{}", place=3, hint="x"),
    )
    run = read(body, HEAD)
    assert run.message.text == "Hi!"
    assert unknown(run) == {
        "$.contentBlockOdd": {"a": 1},
        "$.delta.odd": {"odd": 1},
        "$.mood": "fine",
        "$.delta.reasoningContent.odd": 2,
        "$.delta.reasoningContent.text": 3,
        "$.start.toolUse.hint": "x",
    }


def test_odd_values_in_whole_answers_are_kept(read: Read) -> None:
    run = read(answer({"text": 5}, {"toolUse": None}, {"guardContent": {}}, weather="fine"), WHOLE)
    where = "$.output.message.content"
    assert unknown(run) == {
        f"{where}[0].text": {"text": 5},
        f"{where}[2].guardContent": {"guardContent": {}},
        "$.weather": "fine",
    }
    odd = answer().replace(b'"content": []', b'"content": ["x", null], "mood": 1')
    assert unknown(read(odd, WHOLE)) == {f"{where}[0]": "x", "$.output.message.mood": 1}
    odd = json.dumps({"output": {"odd": 1}, "stopReason": None}).encode()
    assert unknown(read(odd, WHOLE)) == {"$.output": {"odd": 1}}
    assert read(b'{"output": null, "stopReason": "end_turn"}', WHOLE).message.parts == ()


@pytest.mark.parametrize("input", [None, [1], 5])
def test_input_of_other_types_is_kept_as_it_came(read: Read, input: Any) -> None:
    use = {"toolUseId": "tooluse_a1", "name": "f", "input": input}
    (made,) = read(answer({"toolUse": use}, stop="tool_use"), WHOLE).message.tool_calls
    assert made.arguments == ("" if input is None else json.dumps(input))


def test_a_payload_that_is_no_object_is_found(read: Read) -> None:
    body = stream(text("Hi"), frame(b"[1]", event_type="contentBlockDelta"))
    assert codes(read(body, HEAD)) == {"not_an_object"}
    assert codes(read(b"[1]", WHOLE)) >= {"not_an_object"}


def test_events_under_their_names_are_read(read: Read) -> None:
    """As AWS's SDKs hand them out, and people save them."""
    events = [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hi"}}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": USAGE, "metrics": {"latencyMs": 1}}},
    ]
    run = read("".join(json.dumps(one) + "\n" for one in events).encode())
    assert (run.dialect, run.message.text) == ("bedrock-converse", "Hi")
    assert run.usage is not None and run.usage.total_tokens == 15
    assert unknown(read(b'{"a": 1}\n{"messageStart": {}, "b": 2}\n', WHOLE)) != {}


def test_the_defaults_of_its_endpoints() -> None:
    dialect = BedrockConverse()
    path = "/model/us.amazon.nova-2-lite-v1%3A0/converse"
    assert dialect.endpoint_path("us.amazon.nova-2-lite-v1:0") == f"{path}-stream"
    assert dialect.endpoint_path("us.amazon.nova-2-lite-v1:0", streamed=False) == path
    assert dialect.auth_headers("k") == {"Authorization": "Bearer k"}
    assert (dialect.history_keys, dialect.only_hosts) == (("messages", "system"), ())
