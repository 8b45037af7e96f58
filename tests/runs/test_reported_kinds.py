"""Kinds of odd streams that people report, each with streams of its own, and their opposites."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.assembly.corrections import correct_texts
from chatviz.chat.deltas import TextDelta, ToolCallDelta
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "finish_reason": finish, **more}
    if delta is not None:
        choice["delta"] = delta
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice]})


def sse(*payloads: str) -> bytes:
    return "".join(f"data: {payload}\n\n" for payload in (*payloads, "[DONE]")).encode()


def says(*texts: str) -> bytes:
    return sse(*(chunk({"content": text}) for text in texts), chunk({}, "stop"))


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings}


def in_pieces(body: bytes, size: int) -> StreamRun:
    reader = StreamReader()
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    return reader.close()


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}

# ---- a whole message inside a stream


@pytest.mark.parametrize("delta", [None, {}])
def test_a_message_behind_its_pieces_doubles_nothing(delta: Any) -> None:
    whole = {
        "role": "assistant",
        "content": "Hello you",
        "reasoning": "Think.",
        "tool_calls": [CALL],
    }
    pieces = [
        chunk({"role": "assistant", "reasoning": "Thi"}),
        chunk({"reasoning": "nk."}),
        chunk({"content": "Hello "}),
        chunk({"content": "you"}),
        chunk({"tool_calls": [{"index": 0, **CALL}]}),
    ]
    run = cv.read_stream(sse(*pieces, chunk(delta, "tool_calls", message=whole)))
    message = run.message
    assert (message.text, message.reasoning) == ("Hello you", "Think.")
    assert [(call.id, call.name, call.arguments) for call in message.tool_calls] == [
        ("a", "f", '{"x": 1}')
    ]
    assert "message_in_stream" in codes(run)
    assert "repetition_differs" not in codes(run)


def test_a_message_that_holds_the_only_copy_is_read() -> None:
    whole = {"role": "assistant", "content": "Hello", "tool_calls": [CALL]}
    run = cv.read_stream(sse(chunk({"role": "assistant"}), chunk({}, "stop", message=whole)))
    assert run.message.text == "Hello"
    assert [call.parsed for call in run.message.tool_calls] == [{"x": 1}]


def test_a_message_beside_a_delta_that_says_something_is_read_besides() -> None:
    last = chunk({"content": " there"}, "stop", message={"content": "Hi there"})
    run = cv.read_stream(sse(chunk({"content": "Hi"}), last))
    assert run.message.text == "Hi there"


def test_a_message_that_differs_from_its_pieces_is_told() -> None:
    run = cv.read_stream(says("Hi") + sse(chunk(None, message={"content": "Bye"})))
    assert run.message.text == "Hi"
    assert "repetition_differs" in codes(run)


def test_calls_of_a_message_are_known_again_by_their_place() -> None:
    anonymous = {"type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    pieces = [chunk({"tool_calls": [{"index": n, **anonymous}]}) for n in (0, 1)]
    whole = {"tool_calls": [anonymous, anonymous]}
    run = cv.read_stream(sse(*pieces, chunk({}, "tool_calls", message=whole)))
    assert len(run.message.tool_calls) == 2
    assert len(run.deltas) == len(cv.read_stream(sse(*pieces, chunk({}, "tool_calls"))).deltas) + 1


# ---- cumulative pieces, and what only looks like it


def test_cumulative_text_is_read_once_and_its_deltas_are_corrected() -> None:
    run = cv.read_stream(
        says("It rains", "It rains in", "It rains in Spain.", "It rains in Spain.")
    )
    assert run.message.text == "It rains in Spain."
    assert "content_cumulative" in codes(run)
    texts = [delta.text for _, delta in run.deltas if isinstance(delta, TextDelta)]
    assert texts == ["It rains", " in", " Spain.", ""]


def test_cumulative_reasoning_and_arguments_are_read_once() -> None:
    thoughts = [
        chunk({"reasoning": text}) for text in ("Let me see", "Let me see it", "Let me see it.")
    ]
    whole = '{"city": "Sankt Petersburg"}'
    pieces = [
        chunk(
            {"tool_calls": [{"index": 0, **extra, "function": {"arguments": whole[:end], **name}}]}
        )
        for end, extra, name in (
            (12, {"id": "a"}, {"name": "f"}),
            (20, {}, {}),
            (len(whole), {}, {}),
        )
    ]
    run = cv.read_stream(sse(*thoughts, *pieces, chunk({}, "tool_calls")))
    assert run.message.reasoning == "Let me see it."
    assert [call.arguments for call in run.message.tool_calls] == [whole]
    given = [delta.arguments for _, delta in run.deltas if isinstance(delta, ToolCallDelta)]
    assert "".join(given) == whole


@pytest.mark.parametrize(
    "texts",
    [
        ("ha", "haha"),
        ("a", "aa", "aaa"),
        ("a", "aa", "aaa", "aaaa"),  # 6 characters repeated: not enough to be sure
        ("-" * 20, "-" * 20, "-" * 20),  # a line of dashes: nothing grows
        ("Go, go, go, ", "Go, go, go, go!", "Go"),
        ("One more time, yes?", "One more time, yes? Two"),  # two chunks only
        ("No no no no", " No no no no", " no"),
    ],
)
def test_text_that_repeats_itself_stays_joined(texts: tuple[str, ...]) -> None:
    run = cv.read_stream(says(*texts))
    assert run.message.text == "".join(texts)
    assert not codes(run) & {"content_cumulative", "content_repeated"}


def test_text_that_comes_again_with_the_last_chunk_is_read_once() -> None:
    run = cv.read_stream(
        says("The rain in Spain", " stays mainly.", "The rain in Spain stays mainly.")
    )
    assert run.message.text == "The rain in Spain stays mainly."
    assert "content_repeated" in codes(run)


@pytest.mark.parametrize("end", [[], [{"index": 0, "function": {"arguments": ""}}]])
def test_arguments_that_come_again_whole_are_read_once(end: list[object]) -> None:
    named = {"index": 0, "id": "c1", "type": "function"}
    pieces = [
        chunk({"tool_calls": [{**named, "function": {"name": "add", "arguments": ""}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a": '}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}),
        chunk({"tool_calls": [{**named, "function": {"name": "add", "arguments": '{"a": 1}'}}]}),
        *[chunk({"tool_calls": [one]}) for one in end],
    ]
    run = cv.read_stream(sse(*pieces, chunk({}, "tool_calls")))
    assert [call.arguments for call in run.message.tool_calls] == ['{"a": 1}']
    assert "content_repeated" in codes(run)
    assert "arguments_not_json" not in codes(run)


def test_a_message_that_says_more_than_its_pieces_is_told() -> None:
    whole = chunk({}, "stop", message={"content": "Hello you"})
    run = cv.read_stream(sse(chunk({"content": "Hello"}), whole))
    assert run.message.text == "Hello"
    (found,) = [one for one in run.findings if one.code == "repetition_differs"]
    assert found.message == (
        "What is sent again as a whole (text) has 9 characters, and is not what came in pieces "
        "(5): the pieces are read."
    )


def test_what_is_live_is_shown_as_it_comes_until_the_end_decides() -> None:
    body = says("It rains", "It rains in S", "It rains in Spain.")
    reader = StreamReader()
    reader.feed(body)
    assert reader.run.message.text == "It rainsIt rains in SIt rains in Spain."
    assert reader.close().message.text == "It rains in Spain."


# ---- errors outside data lines


@pytest.mark.parametrize(
    "tail",
    [
        b'{"error": {"code": 400, "message": "%b"}}\n\n',
        b'{"error": {"code": 400, "message": "%b"}}',
        b'error: {"code": 500, "message": "%b"}\n\n',
        b'error: {"code": 500, "message": "%b"}\n',
        b"error: %b\n\n",
        b'data: {"error": {"message": "%b"}}',
        b'{\n  "error": {\n    "message": "%b"\n  }\n}\n\n',
        b'{"detail": "%b"}\n',
        b'{"object": "error", "message": "%b", "code": 400}\n\n',
        b'[{"error": {"code": 400, "message": "%b"}}]\n',
        b'{"errors": [{"code": 7003, "message": "%b"}], "success": false}\n\n',
        b"event: error\ndata: %b\n\n",
        b'data: {"object": "error", "message": "%b", "code": 400}\n\n',
        b'data: {"choices": null, "base_resp": {"status_code": 8, "status_msg": "%b"}}\n\n',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_error_outside_data_lines_is_the_error_of_the_run(tail: bytes, size: int) -> None:
    reason = (
        "the request has 6009 tokens, which is more than the 4096 that fit: " + "shorten it " * 9
    )
    body = f"data: {chunk({'content': 'Let'})}\n\n".encode() + tail.replace(b"%b", reason.encode())
    run = in_pieces(body, size)
    assert run.error is not None
    assert run.error.message == reason.strip() or run.error.message == reason
    assert any(reason.strip() in finding.message for finding in run.findings)
    assert run.message.text == "Let"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"detail": "Not Found"}', "Not Found"),
        (b'{"message": "Too many requests", "statusCode": 429}', "Too many requests"),
        (b'event: error\ndata: {"why": "full"}\n\n', '{"why":"full"}'),
        (b'error: {"why": "full"}\n\n', '{"why":"full"}'),
        (b'{"errors": ["no model"], "success": false}', "no model"),
        (b'{"error_code": "BAD_REQUEST", "message": "No such model"}', "No such model"),
        (b'{"detail": {"error": "Model busy"}}', "Model busy"),
    ],
)
def test_a_body_that_is_only_an_error_is_one_in_whatever_shape(body: bytes, told: str) -> None:
    run = cv.read_stream(body)
    assert run.error is not None
    assert run.error.message == told
    assert not codes(run) & {"dialect_not_read", "answer_empty"}


@pytest.mark.parametrize(
    "body", [b'{"message": "hello", "mood": "glad"}', b'{"detail": {}}', b'{"errors": []}', b"[1]"]
)
def test_what_says_more_than_a_message_is_no_error(body: bytes) -> None:
    assert cv.read_stream(body).error is None


def test_an_unfinished_end_says_what_it_was_read_as() -> None:
    def how(tail: bytes) -> str:
        run = cv.read_stream(f"data: {chunk({'content': 'Let'})}\n\n".encode() + tail)
        return next(one.message for one in run.findings if one.code == "unfinished_event")

    assert "are read as the error of the answer (" in how(b'{"error": "no"}')
    assert "are read as its end (" in how(b"data: [DONE]")
    assert "are kept, but not read (" in how(b'data: {"choi')


@pytest.mark.parametrize("stray", [b"retry: 3000\n\n", b"event: ping\n\n", b"status: error\n\n"])
def test_what_is_no_error_outside_data_lines_is_none(stray: bytes) -> None:
    run = cv.read_stream(stray + says("Hello"))
    assert run.error is None
    assert "fields_without_data" in codes(run)


def test_an_answer_that_is_only_an_error_is_no_unread_dialect() -> None:
    run = cv.read_stream(b'error: {"message": "no"}\n\n')
    assert run.error is not None
    assert "dialect_not_read" not in codes(run)
    assert "dialect_not_read" not in codes(cv.read_stream(b'{"error": {"message": "no"}}'))


# ---- cost, silence, indexes


def test_a_cost_that_is_an_object_is_read_with_its_parts() -> None:
    usage = (
        '{"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": '
        '{"input_tokens_cost": 0.001, "output_tokens_cost": 0.002, "request_cost": 0.005, '
        '"total_cost": 0.008}}'
    )
    run = cv.read_stream(
        sse(chunk({"content": "x"}, "stop"), f'{{"choices": [], "usage": {usage}}}')
    )
    assert run.cost == Decimal("0.008")
    assert run.usage is not None
    assert run.usage.cost is not None
    cost = run.usage.cost
    parts = (cost.input_usd, cost.output_usd, cost.fee_usd)
    assert parts == (Decimal("0.001"), Decimal("0.002"), Decimal("0.005"))
    assert cost.field == "usage.cost.total_cost"
    assert not codes(run) & {"cost_missing", "unknown_fields", "cost_details_differ"}


def usage_of(cost: str) -> StreamRun:
    usage = f'{{"prompt_tokens": 3, "completion_tokens": 2, "cost": {cost}}}'
    last = f'{{"provider": "Novita", "choices": [], "usage": {usage}}}'
    return cv.read_stream(sse(chunk({"content": "x"}, "stop"), last))


def test_all_that_is_charged_besides_is_a_part_of_the_cost() -> None:
    """As Perplexity's deep research charges."""
    run = usage_of(
        '{"input_tokens_cost": 0.001, "output_tokens_cost": 0.02, "reasoning_tokens_cost": 0.3, '
        '"citation_tokens_cost": 0.004, "search_queries_cost": 0.05, "total_cost": 0.375}'
    )
    assert run.cost == Decimal("0.375")
    assert "cost_details_differ" not in codes(run)


def test_the_sum_of_a_cost_may_be_called_total() -> None:
    run = usage_of('{"total": "0.5", "input": 0.1}')
    assert run.cost == Decimal("0.5")
    assert [one.part for one in run.findings if one.code == "unknown_fields"] == [
        "$.usage.cost.input"
    ]


@pytest.mark.parametrize(
    "cost", ['{"input_tokens_cost": 0.1}', "[0.1]", "true", '"free"', '{"total_cost": {"usd": 1}}']
)
def test_a_cost_that_is_not_read_is_told_and_not_denied(cost: str) -> None:
    run = usage_of(cost)
    assert run.cost is None
    assert "$.usage.cost" in [one.part for one in run.findings if one.code == "unknown_fields"]
    assert "cost_missing" not in codes(run)
    assert "no cost was sent" not in cv.usage(run).svg
    assert "a cost is not read" in cv.usage(run).svg


def test_unread_fields_of_usage_are_told_and_no_cost_is_denied_beside_one() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "charge": {"price_usd": 1}}
    last = json.dumps({"provider": "Novita", "choices": [], "usage": usage})
    run = cv.read_stream(sse(chunk({"content": "x"}, "stop"), last))
    assert "cost_missing" not in codes(run)
    assert [one.part for one in run.findings if one.code == "unknown_fields"] == ["$.usage.charge"]


@pytest.mark.parametrize(
    ("body", "is_silent"),
    [
        (sse(chunk({"role": "assistant", "content": ""}), chunk({}, "stop")), True),
        (b'{"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"}]}', True),
        (says("x"), False),
        (sse(chunk({"refusal": "No."}), chunk({}, "stop")), False),
        (sse(chunk({"reasoning": "Hm."}), chunk({}, "stop")), False),
        (sse(chunk({"tool_calls": [{"index": 0, **CALL}]}), chunk({}, "tool_calls")), False),
        (sse('{"error": {"message": "no"}}'), False),
        (b"data: [DONE]\n\n", True),
        (b": PROCESSING\n\n: PROCESSING\n\n", True),
        (b'  data: {"choices":[{"delta":{"content":"indented"}}]}\n\n', True),
        (b"", False),  # an empty body is told as that
    ],
)
def test_an_answer_that_says_nothing_is_a_warning(body: bytes, is_silent: bool) -> None:
    assert ("answer_empty" in codes(cv.read_stream(body))) is is_silent


def test_a_choice_without_an_index_is_noted() -> None:
    run = cv.read_stream(sse('{"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}'))
    assert run.message.text == "Hello"
    assert "choice_index_missing" in codes(run)


# ---- blank lines, and characters in two


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_events_without_blank_lines_are_read_line_by_line(end: bytes, size: int) -> None:
    body = says("Hello", " you").replace(b"\n\n", end)
    run = in_pieces(body, size)
    assert (run.message.text, run.finish_reason) == ("Hello you", "stop")
    assert [one.count for one in run.findings if one.code == "blank_lines_missing"] == [4]
    assert len(run.chunks) == 3
    assert b"".join(event.raw for event in run.events) == body


def test_the_names_of_events_without_blank_lines_are_kept() -> None:
    lines = b'event: a\ndata: {"x": 1}\nevent: b\ndata: {"x": 2}\ndata: {"x": 3'
    run = cv.read_stream(lines)
    assert [event.kind for event in run.events] == ["data", "data", "unfinished"]
    assert b"".join(event.raw for event in run.events) == lines


def test_one_json_value_over_several_data_lines_is_one_event() -> None:
    lines = chunk({"content": "Hello"}).replace(", ", ",\ndata: ")
    run = cv.read_stream(f"data: {lines}\n\ndata: [DONE]\n\n".encode())
    assert run.message.text == "Hello"
    assert "blank_lines_missing" not in codes(run)


def test_a_character_in_two_chunks_becomes_one() -> None:
    halves = [
        f'{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}'
        for text in (r"Hi \ud83d", "", r"\ude00 \ud83d", "!")
    ]
    run = cv.read_stream(sse(*halves, chunk({}, "stop")))
    assert run.message.text == "Hi \U0001f600 \ud83d!"
    assert [one.count for one in run.findings if one.code == "character_split"] == [1]


# ---- what is beside such pieces


def test_what_is_not_corrected_stays_as_it_came() -> None:
    named = {"index": 0, "id": "a", "function": {"name": "f"}}
    pieces = [
        chunk({"role": "assistant", "content": "It rains"}),
        chunk({"content": ""}),
        chunk({"content": "It rains in S"}),
        chunk({"tool_calls": [named]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}),
        chunk({"content": "It rains in Spain."}),
    ]
    run = cv.read_stream(sse(*pieces, chunk({}, "tool_calls")))
    assert run.message.text == "It rains in Spain."
    assert [call.arguments for call in run.message.tool_calls] == ["{}"]
    forms = [delta.form for _, delta in run.deltas if isinstance(delta, ToolCallDelta)]
    assert forms == ["absent", "text"]


def test_unknown_fields_of_a_message_in_a_stream_are_kept() -> None:
    whole = {"content": "Hi", "mood": "glad"}
    run = cv.read_stream(sse(chunk({"content": "Hi"}), chunk({}, "stop", message=whole)))
    assert [one.part for one in run.findings if one.code == "unknown_fields"] == [
        "$.choices[0].message.mood"
    ]


def test_empty_pieces_between_cumulative_ones_change_nothing() -> None:
    assembler = MessageAssembler()
    for text in ("It rains", "", "It rains in S", "It rains in Spain."):
        assembler.add(TextDelta(0, text), 0)
    assert correct_texts(assembler.choices, assembler.log)
    assert assembler.answer().messages[0].text == "It rains in Spain."


def test_the_providers_own_usage_is_kept() -> None:
    usage = '{"choices":[],"usage":{"prompt_tokens":1,"mood":"glad"}}'
    run = cv.read_stream(sse(chunk({"content": "x"}, "stop"), usage))
    assert run.usage is not None
    assert run.usage.raw == {"prompt_tokens": 1, "mood": "glad"}


def test_a_field_of_usage_that_is_null_says_nothing() -> None:
    usage = '{"choices":[],"usage":{"prompt_tokens":1,"mood":null,"prompt_tokens_details":{"x":1}}}'
    run = cv.read_stream(sse(chunk({"content": "x"}, "stop"), usage))
    assert [one.part for one in run.findings if one.code == "unknown_fields"] == [
        "$.usage.prompt_tokens_details.x"
    ]


@pytest.mark.parametrize("details", [[None], ["said"], [{"text": None, "summary": "s"}]])
def test_details_of_reasoning_of_any_form_are_kept(details: list[Any]) -> None:
    first = chunk({"role": "assistant"})
    run = cv.read_stream(sse(first, chunk({"reasoning_details": details}), chunk(None, "stop")))
    assert run.finish_reason == "stop"
    assert run.message.reasoning == ("s" if isinstance(details[0], dict) else "")


def test_data_lines_of_which_one_is_no_json_are_joined_from_there_on() -> None:
    run = cv.read_stream(b'data: {"choices":[]}\ndata: {broken}\ndata: {"choices":[]}\n\n')
    assert [event.kind for event in run.events] == ["data", "data"]
    assert codes(run) >= {"not_json", "blank_lines_missing"}


def test_data_lines_before_a_blank_line_are_events_of_their_own() -> None:
    one, two = chunk({"content": "a"}), chunk({"content": "b"}, "stop")
    run = cv.read_stream(f"data: {one}\ndata: {two}\n\ndata: [DONE]\n\n".encode())
    assert run.message.text == "ab"
    assert [event.kind for event in run.events] == ["data", "data", "done"]


def test_a_finding_shows_its_code_and_its_sentence() -> None:
    (finding,) = [one for one in cv.read_stream(b"").findings if one.code == "empty_body"]
    assert repr(finding) == "Finding('empty_body', 'error', 'The body of the answer is empty.')"


@pytest.mark.parametrize(
    ("reason", "counted", "is_reported"),
    [("length", 0, False), ("length", 3, True), ("length", None, True), ("stop", 0, True)],
)
def test_an_answer_that_had_no_room_is_not_called_empty(
    reason: str, counted: int | None, is_reported: bool
) -> None:
    """A request for no token at all fills the server's cache; where one is allowed, it is counted.

    ``max_tokens: 0`` of Anthropic's and of completions.
    """
    usage = {"usage": {"prompt_tokens": 3, "completion_tokens": counted}}
    run = cv.read_stream(sse(chunk({"role": "assistant", "content": ""}, reason, **usage)))
    assert ("answer_empty" in codes(run)) is is_reported
    words = {"length": "max_tokens", "stop": "end_turn"}
    message = {"type": "message", "role": "assistant", "content": [], "stop_reason": words[reason]}
    counts = {"input_tokens": 3, "output_tokens": counted}
    run = cv.read_stream(json.dumps({**message, "id": "msg_1", "usage": counts}).encode())
    assert ("answer_empty" in codes(run)) is is_reported
