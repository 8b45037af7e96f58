"""OpenAI-style answers: text, reasoning, refusals, choices, errors, and what is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.deltas import SignatureDelta, UnknownDelta
from chatviz.dialects import dialect_for, dialect_of_payload
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead

URL = "https://host/v1/chat/completions"
Build = Callable[..., bytes]
Read = Callable[..., StreamRun]


def says(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, **more}]}


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings}


def unknown(run: StreamRun) -> dict[str, Any]:
    deltas = [delta for _, delta in run.deltas if isinstance(delta, UnknownDelta)]
    return {delta.path: json.loads(delta.json) for delta in deltas}


# ---- text


@pytest.mark.parametrize("nothing", [{"content": ""}, {"content": None}, {}, None])
def test_content_may_be_empty_null_or_absent(
    sse: Build, read: Read, nothing: dict[str, Any] | None
) -> None:
    run = read(
        sse(says({"content": "a"}), {"choices": [{"delta": nothing}]}, says({"content": "b"}))
    )
    assert run.message.text == "ab"


def test_content_may_be_a_list_of_parts(sse: Build, read: Read) -> None:
    """Mistral."""
    parts = [
        "a",
        "",
        {"type": "text", "text": "b"},
        {"type": "text", "text": ""},
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}, "?", {"type": "x"}]},
        {"type": "thinking", "thinking": []},
        {"type": "thinking", "thinking": [{"type": "reference", "reference_ids": [2]}]},
        {"type": "reference", "reference_ids": [1]},
    ]
    run = read(sse(says({"content": parts}), says({"content": {"type": "text", "text": "c"}})))
    assert run.message.text == "abc"
    assert run.message.reasoning == "hm?"
    assert "content_as_list" in codes(run)
    cited = [json.loads(one)["reference_ids"] for one in run.message.parts[0].citations]
    assert cited == [[2], [1]]
    assert unknown(run) == {}


def test_a_think_tag_in_the_text_is_said(sse: Build, read: Read) -> None:
    run = read(sse(says({"content": "<thi"}), says({"content": "nk>a</think>b"})))
    assert run.message.text == "<think>a</think>b"
    assert "think_tags" in codes(run)


# ---- reasoning


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_stands_in_one_field(sse: Build, read: Read, field: str) -> None:
    run = read(sse(says({field: "a"}), says({field: "b", "content": ""}), says({"content": "c"})))
    assert (run.message.reasoning, run.message.text) == ("ab", "c")
    assert run.answer.said_at == 0


def test_the_same_reasoning_in_three_fields_is_counted_once(sse: Build, read: Read) -> None:
    """OpenRouter and z.ai."""
    delta = {
        "reasoning": "a",
        "reasoning_content": "a",
        "reasoning_details": [{"type": "reasoning.text", "text": "a", "signature": "s"}],
    }
    run = read(sse(says(delta), says(delta)))
    assert run.message.reasoning == "aa"
    (part,) = run.message.parts
    assert [json.loads(entry) for entry in part.details] == delta["reasoning_details"] * 2
    (finding,) = [found for found in run.findings if found.code == "reasoning_in_two_fields"]
    assert (finding.count, finding.chunk, finding.last_chunk) == (2, 0, 1)


def test_other_reasoning_in_another_field_is_said(sse: Build, read: Read) -> None:
    run = read(sse(says({"reasoning": "a", "reasoning_content": "b"})))
    assert run.message.reasoning == "a"
    assert "reasoning_fields_differ" in codes(run)


def test_all_the_reasoning_again_in_another_field_is_not_counted(sse: Build, read: Read) -> None:
    whole = {"reasoning_details": [{"type": "reasoning.text", "text": "ab"}]}
    run = read(sse(says({"reasoning": "a"}), says({"reasoning": "b"}), says(whole)))
    assert run.message.reasoning == "ab"
    assert "reasoning_repeated" in codes(run)


def test_encrypted_reasoning_is_kept_whole_and_its_text_counted_once(
    sse: Build, read: Read
) -> None:
    """The text comes after the entry that is encrypted: both are one part."""
    secret = {"type": "reasoning.encrypted", "data": "xyz=", "index": 0}
    run = read(
        sse(
            says({"reasoning_details": [secret]}),
            says({"reasoning": "a"}),
            says({"reasoning": "b"}),
        )
    )
    assert run.message.reasoning == "ab"
    (part,) = run.message.parts
    assert json.loads(part.details[0]) == secret
    assert part.sent_as == "reasoning"


def test_reasoning_that_is_only_encrypted_has_no_text(sse: Build, read: Read) -> None:
    run = read(sse(says({"reasoning_details": {"type": "reasoning.encrypted", "data": "x"}})))
    assert run.message.reasoning == ""
    assert [type(delta) for _, delta in run.deltas] == [SignatureDelta]


@pytest.mark.parametrize("summary", [{"summary": "a"}, {"text": "a"}])
def test_a_summary_is_reasoning_text(sse: Build, read: Read, summary: dict[str, str]) -> None:
    run = read(sse(says({"reasoning_details": [summary]})))
    assert run.message.reasoning == "a"


@pytest.mark.parametrize("empty", [[""], [], "", None])
def test_empty_reasoning_says_nothing(sse: Build, read: Read, empty: Any) -> None:
    run = read(sse(says({"reasoning": empty, "reasoning_details": empty and None})))
    assert run.answer.said_at is None


# ---- refusals, choices, roles, who answers


def test_a_refusal_is_a_part_of_its_own(sse: Build, read: Read) -> None:
    run = read(sse(says({"refusal": "I "}), says({"refusal": "won't"}, finish_reason="stop")))
    assert (run.message.refusal, run.message.text) == ("I won't", "")
    assert run.finish_reason == "stop"


def test_several_choices_are_several_messages(sse: Build, read: Read) -> None:
    """n > 1: interleaved, and with a tool call of the same index in each."""
    call = {"index": 0, "id": "x", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    run = read(
        sse(
            {"choices": [{"index": 1, "delta": {"role": "assistant", "content": "b"}}]},
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "a"}}]},
            {
                "choices": [
                    {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"},
                    {"index": 1, "delta": {"content": "c"}, "finish_reason": "length"},
                ]
            },
        )
    )
    assert [message.text for message in run.messages] == ["a", "bc"]
    assert [message.choice for message in run.messages] == [0, 1]
    assert [len(message.tool_calls) for message in run.messages] == [1, 0]
    assert run.finish_reason == "tool_calls"
    assert run.answer.finish(1).reason == "length"
    assert run.answer.finish(2) is None


def test_a_choice_without_a_number_has_that_of_its_place(sse: Build, read: Read) -> None:
    run = read(
        sse({"choices": [{"delta": {"content": "a"}}, {"index": True, "delta": {"content": "b"}}]})
    )
    assert [message.text for message in run.messages] == ["a", "b"]


def test_one_message_whose_role_is_sent_with_every_chunk(sse: Build, read: Read) -> None:
    run = read(sse(*[says({"role": "assistant", "content": "a"})] * 3))
    assert run.message.role == "assistant"
    (finding,) = [found for found in run.findings if found.code == "role_repeated"]
    assert (finding.count, finding.chunk, finding.last_chunk) == (3, 0, 2)


def test_of_two_roles_the_first_is_kept_and_none_is_assistant(sse: Build, read: Read) -> None:
    run = read(sse(says({"role": "assistant", "content": "a"}), says({"role": "user"})))
    assert run.message.role == "assistant"
    assert "role_changed" in codes(run)
    run = read(sse(says({"content": "a"})))
    assert run.message.role == "assistant"
    assert "role_missing" in codes(run)


def test_who_answers_may_come_late_and_change(sse: Build, read: Read) -> None:
    """Azure's first chunk has an empty model and id."""
    run = read(
        sse(
            {"id": "", "model": "", "object": "", "created": 0, "choices": []},
            {"id": "a", "model": "m", "created": 5, "provider": "p", **says({"content": "a"})},
            {"id": "b", "model": "", "system_fingerprint": "s", **says({"content": "b"})},
            {"id": "b", "created": "soon", **says({"content": "c"})},
        )
    )
    assert (run.model, run.provider, run.answer.identity.id) == ("m", "p", "b")
    late = {found.part for found in run.findings if found.code == "identity_late"}
    assert late == {"id", "model", "provider"}
    (changed,) = [found for found in run.findings if found.code == "identity_changed"]
    assert changed.part == "id"
    assert "empty_first_chunk" in codes(run)


# ---- finish reasons


@pytest.mark.parametrize(
    ("reasons", "sent", "effective", "code"),
    [
        (["stop"], "stop", "stop", None),
        (["stop", None], "stop", "stop", None),
        (["stop", "stop"], "stop", "stop", "finish_repeated"),
        (["tool_calls", "stop"], "stop", "stop", "finish_changed"),
        (["STOP"], "STOP", "stop", None),
        (["end_turn"], "end_turn", "stop", None),
        (["max_tokens"], "max_tokens", "length", None),
        (["function_call"], "function_call", "tool_calls", None),
        (["content_filter"], "content_filter", "content_filter", "finish_filtered"),
        (["error"], "error", "error", "finish_failed"),
        (["odd"], "odd", "odd", "finish_unknown"),
        ([5], "5", "5", "finish_unknown"),
        ([], None, None, "finish_missing"),
        (["", None], None, None, "finish_missing"),
    ],
)
def test_the_last_finish_reason_that_is_not_null_counts(
    sse: Build, read: Read, reasons: list[Any], sent: str | None, effective: str, code: str | None
) -> None:
    run = read(sse(says({"content": "a"}), *[says({}, finish_reason=reason) for reason in reasons]))
    assert (run.finish_reason_sent, run.finish_reason) == (sent, effective)
    odd = {found for found in codes(run) if found.startswith("finish_")}
    assert odd == ({code} if code else set())


def test_stop_with_tool_calls_is_tool_calls(sse: Build, read: Read) -> None:
    call = {"index": 0, "id": "x", "function": {"name": "f", "arguments": "{}"}}
    run = read(sse(says({"tool_calls": [call]}, finish_reason="stop")))
    assert (run.finish_reason_sent, run.finish_reason) == ("stop", "tool_calls")
    assert "finish_stop_with_tools" in codes(run)


# ---- errors


def test_an_error_event_inside_a_stream_keeps_what_was_said(sse: Build, read: Read) -> None:
    """Groq: HTTP 200, then ``event: error``."""
    error = b'event: error\ndata: {"error": {"message": "boom", "code": "x"}}\n\n'
    run = read(sse(says({"content": "partial"}), error, done=False))
    assert run.error is not None
    assert (run.error.message, run.error.code, run.error.status) == ("boom", "x", None)
    assert run.message.text == "partial"
    assert run.finish_reason == "error"
    assert "error_in_stream" in codes(run)
    assert "finish_missing" not in codes(run)


def test_an_error_event_is_an_error_whatever_its_data(sse: Build, read: Read) -> None:
    usual = says({"content": "a"}) | {"created": 1}
    for data in ({"message": "boom"}, {**usual, "message": "boom"}, usual):
        body = sse(usual, b"event: error\ndata: %s\n\n" % json.dumps(data).encode())
        run = read(body)
        assert run.error is not None
        assert run.message.text == "a"


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        ({"code": 502, "message": "boom"}, "boom", "502"),
        ({"type": "overloaded", "message": {"a": 1}}, '{"a":1}', "overloaded"),
        ({"detail": "boom"}, "boom", ""),
        ("boom", "boom", ""),
        (["boom"], '["boom"]', ""),
    ],
)
@pytest.mark.parametrize("place", ["chunk", "choice", "x_groq"])
def test_an_error_beside_the_choices_ends_the_answer(
    sse: Build, read: Read, place: str, error: Any, message: str, code: str
) -> None:
    """OpenRouter's is beside ``choices``, or in the choice."""
    last = {
        "chunk": {"error": error, **says({"content": ""}, finish_reason="error")},
        "choice": says({"content": ""}, finish_reason="error", error=error),
        "x_groq": {"x_groq": {"error": error}, **says({}, finish_reason="error")},
    }[place]
    run = read(sse(says({"content": "partial"}), last, {"error": None, "choices": []}))
    assert run.error is not None
    assert (run.error.message, run.error.code) == (message, code)
    assert (run.message.text, run.finish_reason) == ("partial", "error")


def test_of_several_errors_the_first_is_kept(sse: Build, read: Read) -> None:
    run = read(sse({"error": "first"}, {"error": "second"}))
    assert run.error is not None
    assert run.error.message == "first"


# ---- unknown things


@pytest.mark.parametrize(
    ("chunk", "path", "value"),
    [
        ({"surprise": "x", "choices": []}, "$.surprise", "x"),
        ({"choices": 5}, "$.choices", 5),
        ({"choices": ["x"]}, "$.choices[0]", "x"),
        (says({"songs": [1]}), "$.choices[0].delta.songs", [1]),
        (says({}, logprobs={"content": []}), "$.choices[0].logprobs", {"content": []}),
        (
            says({}, filter_results={"a": 1}),
            "$.choices[0].filter_results",
            {"a": 1},
        ),
        ({"choices": [{"delta": "x"}]}, "$.choices[0].delta", "x"),
        (says({"tool_calls": ["x"]}), "$.choices[0].delta.tool_calls[0]", "x"),
        (says({"tool_calls": 5}), "$.choices[0].delta.tool_calls", 5),
        (
            says({"tool_calls": [{"index": 0, "id": "c", "extra": 1}]}),
            "$.choices[0].delta.tool_calls[0].extra",
            1,
        ),
        (
            says({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "extra": 1}}]}),
            "$.choices[0].delta.tool_calls[0].function.extra",
            1,
        ),
        (
            says({"tool_calls": [{"index": 0, "id": "c", "function": "f"}]}),
            "$.choices[0].delta.tool_calls[0].function",
            "f",
        ),
        (says({"function_call": {"x": 1}}), "$.choices[0].delta.function_call.x", 1),
        ({"choices": [], "x_groq": {"ids": "r"}}, "$.x_groq.ids", "r"),
        ({"choices": [], "x_groq": "r"}, "$.x_groq", "r"),
    ],
)
def test_what_is_not_modelled_is_kept_and_said(
    sse: Build, read: Read, chunk: dict[str, Any], path: str, value: Any
) -> None:
    run = read(sse(says({"content": "a"}), chunk))
    assert unknown(run) == {path: value}
    assert path in {found.part for found in run.findings if found.code == "unknown_fields"}


def test_unknown_fields_that_are_null_say_nothing(sse: Build, read: Read) -> None:
    run = read(sse({"obfuscation": None, **says({"content": "a", "audio": None}, logprobs=None)}))
    assert unknown(run) == {}


def test_ever_new_unknown_fields_do_not_make_ever_new_findings(sse: Build, read: Read) -> None:
    run = read(sse(*({"choices": [], f"field{number}": 1} for number in range(100))))
    found = [finding for finding in run.findings if finding.code == "unknown_fields"]
    assert len(found) == 41
    assert sum(finding.count for finding in found) == 100


def test_a_hostile_field_name_is_cut_and_quoted(sse: Build, read: Read) -> None:
    run = read(sse({"choices": [], "a\n{0}" + "x" * 10_000: 1}))
    (finding,) = [found for found in run.findings if found.code == "unknown_fields"]
    assert len(finding.message) < 200
    assert "\n" not in finding.message


# ---- which dialect


@pytest.mark.parametrize(
    ("method", "url", "wanted"),
    [
        ("POST", URL, "openai-chat"),
        ("post", URL + "/?api-version=1", "openai-chat"),
        ("", URL, "openai-chat"),
        ("GET", URL, None),
        ("POST", "https://host/v1/embeddings", None),
        ("POST", "https://host/v1/messages", "anthropic-messages"),
        ("POST", "https://host/v1/responses", "openai-responses"),
        ("POST", "https://host/v1beta/models/g:streamGenerateContent?alt=sse", "gemini"),
        ("POST", "https://host/model/m/converse-stream", "bedrock-converse"),
        ("POST", "http://localhost:11434/api/chat", "ollama-chat"),
    ],
)
def test_the_path_of_the_request_tells_the_dialect(
    method: str, url: str, wanted: str | None
) -> None:
    dialect = dialect_for(RequestHead(method, url))
    assert (dialect and dialect.name) == wanted


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"object": "chat.completion.chunk"}, "openai-chat"),
        ({"choices": []}, "openai-chat"),
        ({"choices": [{"message": {}}]}, "openai-chat"),
        ({"choices": [{"text": "a"}]}, "openai-completions"),
        ({"choices": 5, "object": 5}, None),
        ({"type": "message_start", "message": {}}, "anthropic-messages"),
        ({"type": "response.created", "response": {}}, "openai-responses"),
        ({"candidates": []}, "gemini"),
        ({"created_at": "x", "done": False}, "ollama-chat"),
        ({}, None),
    ],
)
def test_without_a_request_the_first_payload_tells(
    payload: dict[str, Any], wanted: str | None
) -> None:
    dialect = dialect_of_payload(payload)
    assert (dialect and dialect.name) == wanted


# ---- answers that were not streamed


def test_an_unstreamed_answer_is_read_by_the_same_rules(read: Read) -> None:
    """With kilobytes of white space before it, as OpenRouter sends them."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    message = {"role": "assistant", "content": "a", "reasoning": "r", "tool_calls": [call]}
    payload = {
        "id": "i",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": 0.5},
    }
    for body in (
        json.dumps(payload).encode(),
        b"\n         " * 300 + json.dumps(payload, indent=1).encode(),
    ):
        run = read(body, RequestHead("POST", URL))
        assert (run.message.text, run.message.reasoning) == ("a", "r")
        (found,) = run.message.tool_calls
        assert (found.id, found.index, found.parsed) == ("c", None, {"a": 1})
        assert run.finish_reason == "tool_calls"
        assert len(run.chunks) == 1
        assert codes(run) <= {"keep_alive_white_space", "no_clock"}


@pytest.mark.parametrize(
    ("status", "body", "message", "chunks"),
    [
        (429, b'{"error": {"message": "slow down", "code": 429}}', "slow down", 1),
        (400, b'{"message": "no such model"}', "no such model", 1),
        (400, b'{"error": "no"}', "no", 1),
        (502, b"<html><h1>502</h1></html>", "<html><h1>502</h1></html>", 1),
        (500, b"upstream failed", "upstream failed", 0),
        (500, b"[1]", "[1]", 1),
        (503, b"", "the answer has no body", 0),
    ],
)
def test_an_answer_that_failed_is_a_run_with_an_error(
    read: Read, status: int, body: bytes, message: str, chunks: int
) -> None:
    run = read(body, RequestHead("POST", URL), response=ResponseHead(status))
    assert run.error is not None
    assert (run.error.message, run.error.status) == (message, status)
    assert run.finish_reason == "error"
    assert len(run.chunks) == chunks
    (finding,) = [found for found in run.findings if found.severity == "error"]
    assert finding.code == "http_error"
    assert str(status) in finding.message
    assert finding.chunk == (0 if chunks else None)
    assert not codes(run) & {"usage_missing", "finish_missing", "empty_body"}


# ---- what single providers do


def test_a_text_that_is_sent_once_more_beside_the_delta_is_a_chats(sse: Build, read: Read) -> None:
    """Together's chunks are those of both APIs at once."""
    delta = {"role": "assistant", "content": "Hi", "tool_calls": None, "token_id": 9906}
    choice = {"index": 0, "text": "Hi", "delta": delta, "finish_reason": "stop", "seed": None}
    sent = {"object": "chat.completion.chunk", "id": "a", "model": "m", "choices": [choice]}
    run = read(sse(sent))
    assert (run.dialect, run.message.text) == ("openai-chat", "Hi")
    assert "unknown_fields" not in codes(run)
    run = read(sse({**sent, "choices": [{**choice, "text": "Ho"}]}))
    assert {one.part for one in run.findings if one.code == "unknown_fields"} == {
        "$.choices[0].text"
    }


def test_the_reasoning_of_copilot_is_read(sse: Build, read: Read) -> None:
    run = read(sse(says({"role": "assistant", "reasoning_text": "Hm"}), says({"content": "Hi"})))
    assert (run.message.reasoning, run.message.text) == ("Hm", "Hi")
    assert "unknown_fields" not in codes(run)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("insufficient_system_resource", "error"),
        ("sensitive", "content_filter"),
        ("network_error", "error"),
        ("model_context_window_exceeded", "length"),
        ("abort", "error"),
        ("eos_token", "stop"),
        ("refusal", "content_filter"),
    ],
)
def test_words_of_other_servers_are_known(sse: Build, read: Read, sent: str, meant: str) -> None:
    run = read(sse(says({"content": "a"}, finish_reason=sent)))
    assert (run.finish_reason_sent, run.finish_reason) == (sent, meant)
    assert "finish_unknown" not in codes(run)


def test_reasoning_among_the_parts_of_the_content(sse: Build, read: Read) -> None:
    """Databricks."""
    summary = [{"type": "summary_text", "text": "hm", "signature": ""}]
    run = read(
        sse(
            says({"content": [{"type": "reasoning", "summary": summary}]}),
            says({"content": [{"type": "reasoning", "summary": []}]}),
            says({"content": [{"type": "text", "text": "a"}]}),
        )
    )
    assert (run.message.reasoning, run.message.text, unknown(run)) == ("hm", "a", {})


PING = b'event: ping\ndata: {"type": "ping"}\n\n'


@pytest.mark.parametrize("asked", [None, {"model": "m", "messages": []}])
def test_a_keep_alive_tells_no_dialect(sse: Build, asked: Any) -> None:
    run = cv.read_stream(PING + sse(says({"content": "a"}), says({"content": "b"})) + PING, asked)
    assert (run.dialect, run.message.text) == ("openai-chat", "ab")
    assert unknown(run) == {}


def test_copilot_and_perplexity_show_reasoning_in_fields_of_their_own(sse: Build) -> None:
    run = cv.read_stream(sse(says({"cot_summary": "a", "cot_id": "1"}), says({"content": "b"})))
    assert (run.message.reasoning, run.message.text, unknown(run)) == ("a", "b", {})
    steps = [{"type": "web_search", "thought": "a", "web_search": {"search_keywords": []}}, "x"]
    run = cv.read_stream(sse(says({"reasoning_steps": steps}), says({"content": "b"})))
    assert (run.message.reasoning, run.message.text, unknown(run)) == ("a", "b", {})


def test_copilots_annotations_of_code_are_no_sources(sse: Build) -> None:
    found = {"CodeVulnerability": [{"id": 1, "start_offset": 0}]}
    run = cv.read_stream(sse(says({"content": "a", "annotations": found})))
    (text,) = run.message.parts
    assert text.citations == () and unknown(run) == {}


def test_a_finish_reason_is_quoted_as_it_was_sent(sse: Build) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    chunk = says({"tool_calls": [call]})
    chunk["choices"][0]["finish_reason"] = "eos_token"
    (found,) = [
        one for one in cv.read_stream(sse(chunk)).findings if one.code == "finish_stop_with_tools"
    ]
    assert "'eos_token'" in str(found)


@pytest.mark.parametrize(("asked", "spelt"), [('{"a":1}', '{"a":1}'), ({"a": 1}, '{"a": 1}')])
def test_a_delta_may_itself_be_a_piece_of_a_call(sse: Build, asked: Any, spelt: str) -> None:
    """Snowflake's are."""
    named = {"tool_use_id": "t1", "name": "f"}
    run = cv.read_stream(
        sse(
            says({"type": "text", "content": "a", "content_list": [{"type": "text"}], "text": "a"}),
            says({"type": "tool_use", **named, "content_list": [named], "text": ""}),
            says({"type": "tool_use", "input": asked, "content_list": [], "text": ""}),
            says({"type": "tool_use", "tool_use_id": "t2", "name": "g"}),
        )
    )
    calls = [(one.id, one.name, one.arguments) for one in run.message.tool_calls]
    assert calls == [("t1", "f", spelt), ("t2", "g", "")]
    assert (run.message.text, unknown(run)) == ("a", {})


def test_a_type_that_is_not_known_hides_nothing(sse: Build) -> None:
    run = cv.read_stream(sse(says({"type": ["text"], "content": "a", "text": "b"})))
    assert run.message.text == "a"
    assert unknown(run) == {"$.choices[0].delta.type": ["text"], "$.choices[0].delta.text": "b"}
