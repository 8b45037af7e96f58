"""Ollama's answers: what the recordings show, and what has to be made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_conversation, read_conversations, read_runs
from chatviz.chat.messages import Media, Reasoning, Text, ToolCall
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request
from chatviz.dialects.ollama.stream import Ollama
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.dialects.ollama.lines_made import COUNTS, call, end, line, stream

URL = "http://localhost:11434/api/chat"
Read = Callable[..., StreamRun]


def codes(run: StreamRun) -> list[str]:
    return sorted(finding.code for finding in run.findings)


def odd(run: StreamRun) -> list[str]:
    """Return the findings but for the missing clock of streams that were made."""
    return [code for code in codes(run) if code != "no_clock"]


# ---- the recordings


def test_a_recorded_stream_has_its_thinking_its_clock_and_no_finding(
    shared_cassettes: Path,
) -> None:
    """Its content type says application/json; all its tokens but some are of its thinking."""
    (run,) = read_runs(shared_cassettes / "go-vcr" / "ollama_gpt-oss-20b_true_clock.yaml")
    assert (run.dialect, run.provider, run.model) == ("ollama-chat", "Ollama", "gpt-oss:20b")
    assert run.response.content_type == "application/json"
    assert len(run.chunks) == 2148
    assert run.message.text == (
        "The sum of\u202f2\u202fand\u202f3\u202fis\u202f5, and their product is\u202f6."
    )
    assert len(run.message.reasoning) == 9906
    assert run.message.tool_calls == ()
    assert (run.finish_reason_sent, run.finish_reason) == ("stop", "stop")
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (197, 2156)
    assert run.usage.raw["total_duration"] == 18_536_400_412
    assert (run.usage.total_tokens, run.usage.cache_read_tokens, run.cost) == (None, None, None)
    assert run.timing == "provider_clock"
    assert run.clock_resolution_s == 1e-6
    assert run.findings == ()


def test_a_recorded_call_comes_whole_and_stop_with_it_is_as_usual(shared_cassettes: Path) -> None:
    talk = read_conversation(shared_cassettes / "go-vcr" / "ollama_tool_call_with_id.yaml")
    first, second = talk.runs
    (called,) = first.message.tool_calls
    assert (called.id, called.name, called.index) == ("call_wi63dj03", "weather", 0)
    assert called.arguments == '{"location":"Florence, Italy"}'
    assert [fragment.chunk for fragment in called.fragments] == [12]
    assert (first.finish_reason_sent, first.finish_reason) == ("stop", "tool_calls")
    assert second.message.text.startswith("The current temperature in Florence")
    assert talk.findings == ()


def test_a_recorded_result_is_linked_though_its_id_is_the_clients_own(
    shared_cassettes: Path,
) -> None:
    talk = read_conversation(shared_cassettes / "go-vcr" / "ollama_tool_call_with_id.yaml")
    assert len(talk.steps) == 2
    (result,) = talk.steps[0].tool_results
    assert (result.tool_call_id, result.call_index, result.name) == ("0", 0, "weather")
    assert result.text == "40 C"


# ---- whose requests and payloads


@pytest.mark.parametrize(
    ("method", "url", "body", "is_ours"),
    [
        ("POST", URL, b'{"model":"m"}', True),
        ("", "https://ollama.com/api/chat/", b"", True),
        ("POST", "http://localhost:11434/api/generate", b'{"model":"m","prompt":""}', True),
        ("GET", URL, b"", False),
        ("POST", "http://localhost:11434/api/embed", b'{"model":"m"}', False),
        # A chat application's own route: it names no model, and answers in a way of its own.
        ("POST", "https://app.example/api/chat", b'{"id":"1","messages":[]}', False),
    ],
)
def test_the_path_and_a_model_tell_it(method: str, url: str, body: bytes, is_ours: bool) -> None:
    dialect = dialect_for(RequestHead(method, url, {}, body))
    assert isinstance(dialect, Ollama) == is_ours


def test_a_line_tells_it_without_a_request() -> None:
    assert isinstance(dialect_of_payload(line("hi")), Ollama)
    assert not isinstance(dialect_of_payload(["created_at", "done"]), Ollama)


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        ({"model": "m", "messages": [], "options": {}}, True),
        ({"model": "m", "prompt": "hi", "keep_alive": 0}, True),
        ({"model": "m", "messages": []}, False),
        ({"options": {}}, False),
    ],
)
def test_a_request_is_known_by_the_options_that_only_it_has(
    body: dict[str, Any], is_ours: bool
) -> None:
    assert isinstance(dialect_of_request(body), Ollama) == is_ours


# ---- streams and whole answers


def test_thinking_and_text_are_parts_in_their_order(read: Read) -> None:
    lines = [line(thinking="We "), line(thinking="think"), line("So"), line("."), line(), end()]
    run = read(stream(*lines))
    assert run.message.parts == (Reasoning("We think"), Text("So."))
    assert run.wire.framing == "json_lines"
    assert len(run.chunks) == 6
    assert odd(run) == []


def test_a_part_goes_on_while_its_kind_stays(read: Read) -> None:
    lines = [line(thinking="a"), line("b"), line(thinking="c"), line("d"), end()]
    run = read(stream(*lines))
    assert run.message.parts == (Reasoning("a"), Text("b"), Reasoning("c"), Text("d"))
    assert (run.message.text, run.message.reasoning) == ("bd", "ac")


def test_an_answer_that_was_not_streamed_says_the_same(read: Read) -> None:
    whole = line("So.", thinking="We think", done=True, done_reason="stop", **COUNTS)
    run = read(json.dumps(whole, indent=1).encode(), {"stream": False})
    assert run.message.parts == (Reasoning("We think"), Text("So."))
    assert run.answer.streamed is False
    assert (len(run.chunks), run.finish_reason, run.findings) == (1, "stop", ())
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (9, 3)


@pytest.mark.parametrize("label", ["application/x-ndjson", "application/json", "text/plain"])
def test_the_label_of_the_content_is_not_asked(read: Read, label: str) -> None:
    response = ResponseHead(headers={"Content-Type": (label,)})
    run = read(stream(line("a"), line("b"), end()), response=response)
    assert run.message.text == "ab"
    assert odd(run) == []


def test_a_stream_of_a_call_and_an_end_is_whole(read: Read) -> None:
    run = read(stream(line(tool_calls=[call("f", {"a": 1}, id="call_a1", index=0)]), end()))
    (called,) = run.message.tool_calls
    assert (called.id, called.arguments, called.chunk) == ("call_a1", '{"a": 1}', 0)
    assert run.finish_reason == "tool_calls"
    assert odd(run) == []


def test_arguments_keep_the_spelling_of_the_wire(read: Read) -> None:
    spelled = '{ "a":1.50, "b" : "\\u00e9", "c":12345678901234567890123}'
    text = (
        '{"model":"m","created_at":"2026-01-05T11:27:44Z","message":{"role":"assistant","content":'
        f'"","tool_calls":[{{"function":{{"name":"f","arguments":{spelled}}}}}]}},"done":false}}'
    )
    run = read(stream(text, end()))
    assert run.message.tool_calls[0].arguments == spelled


def several() -> list[dict[str, Any]]:
    return [call("add", {"a": 2}), call("add", {"a": 3}), call("mul", {})]


@pytest.mark.parametrize(
    "lines",
    [
        [line(tool_calls=several())],
        [line(tool_calls=[one]) for one in several()],
        [line(tool_calls=[{**one, "id": "call_0"}]) for one in several()],
        [line(tool_calls=[call(one["function"]["name"], one["function"]["arguments"], index=0)])
         for one in several()],
    ],
    ids=["in one line", "in several", "with one id for all", "with one index for all"],
)  # fmt: skip
def test_each_entry_is_a_call_of_its_own(read: Read, lines: list[dict[str, Any]]) -> None:
    run = read(stream(*lines, end()))
    called = [(one.name, one.parsed) for one in run.message.tool_calls]
    assert called == [("add", {"a": 2}), ("add", {"a": 3}), ("mul", {})]
    assert not {"call_index_missing", "call_id_missing", "arguments_object"} & set(codes(run))


def test_a_call_without_arguments_does_not_swallow_the_next(read: Read) -> None:
    first, second = {"function": {"name": "now"}}, {"function": {"name": "f", "arguments": None}}
    run = read(stream(line(tool_calls=[first, second]), end()))
    assert [(one.name, one.parsed) for one in run.message.tool_calls] == [("now", {}), ("f", {})]
    assert odd(run) == ["arguments_empty", "arguments_empty", "arguments_null"]


def test_text_a_call_and_thinking_in_one_line_are_all_read(read: Read) -> None:
    run = read(stream(line("So", thinking="hm", tool_calls=[call("f", {})]), end()))
    kinds = [type(part) for part in run.message.parts]
    assert kinds == [Reasoning, Text, ToolCall]


def test_images_are_media(read: Read) -> None:
    run = read(stream(line(images=["aGk=", "aG8="]), end()))
    assert run.message.parts == (Media("image", '"aGk="'), Media("image", '"aG8="'))


def test_another_role_is_kept(read: Read) -> None:
    run = read(stream(line("a"), line("b", role="model"), end()))
    assert run.message.role == "model"


# ---- one prompt


def generated(text: str, **rest: Any) -> dict[str, Any]:
    sent = line(**rest)
    del sent["message"]
    return {**sent, "response": text}


def test_the_completion_of_one_prompt_is_read_alike(read: Read) -> None:
    last = {**generated("", done=True, done_reason="length", context=[1, 2], **COUNTS)}
    lines = [{**generated(""), "thinking": "hm"}, generated("So"), generated("."), last]
    request = {"model": "m", "prompt": "hi", "system": "be brief", "images": ["aGk="]}
    run = read(stream(*lines), request)
    assert (run.message.text, run.message.reasoning) == ("So.", "hm")
    assert (run.finish_reason, odd(run)) == ("length", [])
    system, user = run.chat_request.messages
    assert (system.role, system.text, user.role, user.text) == ("system", "be brief", "user", "hi")
    assert len(user.parts) == 2


def test_a_prompt_may_be_answered_by_calls_or_an_image(read: Read) -> None:
    first = {**generated(""), "tool_calls": [call("f", {"a": 1})]}
    run = read(stream(first, {**generated(""), "image": "aGk=", "completed": 3, "total": 9}, end()))
    assert run.message.tool_calls[0].arguments == '{"a": 1}'
    assert run.message.parts[1] == Media("image", '"aGk="')
    assert odd(run) == []


# ---- endings


@pytest.mark.parametrize(
    ("reason", "wanted"), [("stop", "stop"), ("length", "length"), ("LENGTH", "length")]
)
def test_a_reason_is_put_into_our_words(read: Read, reason: str, wanted: str) -> None:
    run = read(stream(line("a"), end(reason)))
    assert (run.finish_reason_sent, run.finish_reason) == (reason, wanted)


@pytest.mark.parametrize("reason", ["load", "unload"])
def test_a_model_that_is_only_loaded_is_noted(read: Read, reason: str) -> None:
    run = read(stream(line(done=True, done_reason=reason)), {"model": "m", "messages": []})
    assert (run.message.text, run.finish_reason_sent, run.usage) == ("", reason, None)
    assert codes(run) == ["only_loaded"]


@pytest.mark.parametrize("reason", ["load", "unload"])
def test_a_prompt_that_is_only_loaded_is_noted(read: Read, reason: str) -> None:
    """Of /api/generate; whole, too."""
    assert codes(read(stream({**generated(""), "done": True, "done_reason": reason}))) == [
        "only_loaded"
    ]


def test_an_answer_that_was_to_say_something_is_empty(read: Read) -> None:
    assert odd(read(stream(end("stop")))) == ["answer_empty"]


def test_an_end_without_a_reason_is_read_as_stop(read: Read) -> None:
    run = read(stream(line("a"), line(done=True, **COUNTS)))
    assert (run.finish_reason, odd(run)) == ("stop", ["reason_not_named"])


def test_a_reason_of_another_kind_is_kept(read: Read) -> None:
    run = read(stream(line("a"), end("bored")))
    assert (run.finish_reason, odd(run)) == ("bored", ["finish_unknown"])


def test_a_prompt_that_was_not_counted_is_not_known(read: Read) -> None:
    run = read(stream(line("a"), end(eval_count=3)))
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (None, 3)
    assert odd(run) == ["prompt_not_counted"]


@pytest.mark.parametrize("count", [True, 1.5, "3", 2**63])
def test_a_count_that_is_none_is_not_known(read: Read, count: Any) -> None:
    run = read(stream(line("a"), end(prompt_eval_count=count, eval_count=3)))
    assert run.usage is not None
    assert run.usage.input_tokens is None
    assert run.usage.raw["prompt_eval_count"] == count


def test_durations_are_kept_beside_the_counts(read: Read) -> None:
    durations = {"load_duration": 1, "prompt_eval_duration": 2, "eval_duration": 3}
    run = read(stream(line("a"), end(**COUNTS, **durations)))
    assert run.usage is not None
    assert run.usage.raw == {**COUNTS, **durations}
    assert odd(run) == []


def test_a_stream_that_stops_before_its_end_is_noted(read: Read) -> None:
    run = read(stream(line("a"), line("b")))
    assert run.message.text == "ab"
    assert run.finish_reason is None
    assert odd(run) == ["end_missing", "finish_missing", "usage_missing"]


def test_a_line_that_is_cut_off_is_kept_and_not_read(read: Read) -> None:
    body = stream(line("a"), line("b"))[:-5]
    run = read(body)
    assert run.message.text == "a"
    assert "unfinished_event" in codes(run)
    assert run.body == body


def test_what_comes_after_the_end_is_read_and_noted(read: Read) -> None:
    run = read(stream(line("a"), end(), line("b")))
    assert run.message.text == "ab"
    assert odd(run) == ["event_after_end"]
    spaced = json.dumps(end(), separators=(" , ", ": ")).replace('"done": true', '"done" : true')
    assert odd(read(stream(line("a"), spaced, end()))).count("event_after_end") == 1


def test_a_line_that_is_no_object_is_noted_and_has_no_order(read: Read) -> None:
    run = read(stream(line("a"), "5", '["b"]', end()))
    assert (run.message.text, odd(run)) == ("a", ["not_an_object"])


# ---- errors


def test_an_error_as_a_line_ends_the_answer_and_keeps_what_was_said(read: Read) -> None:
    run = read(stream(line("So"), {"error": "an error was encountered while running the model"}))
    assert run.message.text == "So"
    assert run.error is not None
    assert run.error.message == "an error was encountered while running the model"
    assert (run.error.status, run.finish_reason) == (None, "error")
    assert odd(run) == ["error_in_stream", "usage_missing"]


def test_an_error_instead_of_an_answer_is_told_by_its_request(read: Read) -> None:
    head = RequestHead("POST", URL, {}, b'{"model":"m"}')
    run = read(b'{"error":"model \'m\' not found"}', head, response=ResponseHead(404))
    assert run.error is not None
    assert (run.error.message, run.error.status) == ("model 'm' not found", 404)
    assert codes(run) == ["http_error"]


# ---- what is not as it should be


def test_what_is_not_modelled_is_kept_with_its_place(read: Read) -> None:
    odd_call = {**call("f", {}), "extra": 1, "function": {"name": "f", "arguments": {}, "x": 2}}
    lines = [
        {**line("a", mood="fine"), "logprobs": [{"token": "a", "logprob": -0.1}]},
        {**line(tool_calls=[odd_call, 5, {"id": "x"}])},
        {**line(), "message": {"role": "assistant", "content": ["b"], "new": True}},
        {**line(), "message": 5},
        {**line(), "nothing": None},
        end(),
    ]
    run = read(stream(*lines))
    parts = sorted(one.part for one in run.findings if one.code == "unknown_fields")
    assert parts == [
        "$.logprobs", "$.message", "$.message.content", "$.message.new",
        "$.message.tool_calls[0].extra", "$.message.tool_calls[0].function.x",
        "$.message.tool_calls[1]", "$.message.tool_calls[2]", "$.mood",
    ]  # fmt: skip
    assert (run.message.text, [one.name for one in run.message.tool_calls]) == ("a", ["f"])


def test_arguments_that_come_as_text_are_noted_and_read(read: Read) -> None:
    calls = [call("f", '{"a": 1}', id="call_a1"), call("", '{"a": 2}')]
    run = read(stream(line(tool_calls=calls), end()))
    assert [one.parsed for one in run.message.tool_calls] == [{"a": 1}, {"a": 2}]
    noted = {one.part for one in run.findings if one.code == "arguments_as_text"}
    assert noted == {"'call_a1'", "'#1'"}


def test_ids_names_and_types_of_other_kinds_become_text(read: Read) -> None:
    sent = {"id": 7, "type": 8, "function": {"name": 9, "index": "x", "arguments": {}}}
    run = read(stream(line(tool_calls=[sent]), end()))
    (called,) = run.message.tool_calls
    assert (called.id, called.type, called.name, called.index) == ("7", "8", "9", None)


@pytest.mark.parametrize("stamp", [None, 5, "soon", "2026-01-05T11:27:44", "2026-02-31T00:00:00Z"])
def test_a_stamp_that_is_no_time_is_no_clock(read: Read, stamp: Any) -> None:
    lines = [{**line("a"), "created_at": stamp}, {**line("b"), "created_at": stamp}, end()]
    run = read(stream(*lines))
    assert (run.timing, run.message.text) == ("none", "ab")


def test_a_conversation_without_ids_is_linked_by_the_names_of_tools(
    tmp_path: Path, read: Read
) -> None:
    first = {"model": "m", "messages": [{"role": "user", "content": "?"}], "options": {}}
    calls = [call("add", {"a": 2}), call("mul", {"a": 3})]
    answered = [
        {"role": "tool", "content": "6", "tool_name": "mul"},
        {"role": "tool", "content": "5", "tool_name": "add"},
    ]
    said = {"role": "assistant", "content": "", "tool_calls": calls}
    second = {**first, "messages": [*first["messages"], said, *answered]}
    recorded = [
        (first, stream(line(tool_calls=calls), end())),
        (second, stream(line("done"), end())),
    ]
    path = tmp_path / "made.yaml"
    path.write_text(go_vcr(recorded), "utf-8")
    (talk,) = read_conversations(path)
    assert len(talk.steps) == 2
    results = [(one.name, one.call_index, one.text) for one in talk.steps[0].tool_results]
    assert results == [("mul", 1, "6"), ("add", 0, "5")]
    assert [one.code for one in talk.own_findings] == []


def go_vcr(recorded: list[tuple[dict[str, Any], bytes]]) -> str:
    """Return a cassette: JSON is YAML."""
    interactions = [
        {
            "id": number,
            "request": {"method": "POST", "url": URL, "body": json.dumps(body), "headers": {}},
            "response": {"code": 200, "body": answer.decode(), "headers": {}},
        }
        for number, (body, answer) in enumerate(recorded)
    ]
    return json.dumps({"version": 2, "interactions": interactions})
