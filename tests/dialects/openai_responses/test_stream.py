"""Responses' streams and whole answers: text, reasoning, endings, errors, and what is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.chat.messages import Media, Reasoning, Refusal, Text
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.dialects.openai_responses.responses_made import (
    URL,
    codes,
    event,
    item,
    message,
    numbered,
    part,
    response,
    stream,
    unknown,
)

Read = Callable[..., StreamRun]
TEXT = {"type": "output_text", "text": "Hello"}
SAID = {"type": "message", "role": "assistant", "content": [TEXT]}


# ---- which requests, and which answers


@pytest.mark.parametrize(
    ("method", "url", "speaks"),
    [
        ("POST", URL, True),
        ("POST", f"{URL}/", True),
        ("", URL, True),
        ("POST", "https://a.openai.azure.com/openai/responses?api-version=2025-04-01", True),
        ("POST", "https://openrouter.ai/api/v1/responses", True),
        ("GET", f"{URL}/resp_1", True),
        ("GET", f"{URL}/resp_1?stream=true&starting_after=4", True),
        ("GET", URL, False),
        ("GET", f"{URL}/resp_1/input_items", False),
        ("POST", f"{URL}/resp_1/cancel", False),
        ("POST", f"{URL}/compact", False),
        ("POST", f"{URL}/input_tokens", False),
        ("DELETE", f"{URL}/resp_1", False),
        ("POST", "https://api.openai.com/v1/chat/completions", False),
    ],
)
def test_its_requests_are_told_by_method_and_path(method: str, url: str, speaks: bool) -> None:
    found = dialect_for(RequestHead(method, url))
    assert (found is not None and found.name == "openai-responses") == speaks


@pytest.mark.parametrize(
    ("payload", "is_ours"),
    [
        (event("created"), True),
        ({"object": "response"}, True),
        ({"type": "message_start"}, False),
        ({"type": 1}, False),
        ([], False),
        ({"output": []}, False),
    ],
)
def test_its_payloads_are_known_without_a_request(payload: Any, is_ours: bool) -> None:
    found = dialect_of_payload(payload)
    assert (found is not None and found.name == "openai-responses") == is_ours


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        ({"input": [{"role": "user", "content": "hi"}]}, True),
        ({"input": "hi", "stream": True}, True),
        ({"input": "hi", "model": "text-embedding-3-small"}, False),
        ({"input": ["hi"], "model": "text-embedding-3-small"}, False),
        ({"prompt": "hi"}, False),
    ],
)
def test_its_requests_bodies_are_no_embeddings(body: dict[str, Any], is_ours: bool) -> None:
    found = dialect_of_request(body)
    assert (found is not None and found.name == "openai-responses") == is_ours


# ---- text


def test_the_text_that_comes_five_times_counts_once(read: Read) -> None:
    content = [{"type": "output_text", "text": "Hello", "annotations": []}]
    said = {"type": "message", "id": "msg_0", "role": "assistant", "content": content}
    events = message(*part("Hel", "lo"), content=content)
    run = read(stream(*events, output=[said]))
    assert run.message.parts == (Text("Hello"),)
    assert codes(run) == {"usage_missing"}


@pytest.mark.parametrize("kept", ["output_text.done", "content_part.done", "output_item.done", ""])
def test_what_did_not_come_in_pieces_is_filled_by_whatever_is_whole(read: Read, kept: str) -> None:
    """The first event that has it tells it, the response at the end if none did."""
    said = {**SAID, "id": "msg_0"}
    events = [
        one
        for one in message(*part("Hello"), content=[TEXT])
        if one["type"].removeprefix("response.") in ("output_item.added", kept)
    ]
    if kept != "output_item.done":
        events = [one for one in events if "item" not in one or not one["type"].endswith("done")]
    run = read(stream(*events, output=[said]))
    assert run.message.text == "Hello"
    assert [delta.text for _, delta in run.deltas if hasattr(delta, "text")] == ["Hello"]


def test_a_whole_that_differs_is_noted_and_the_pieces_are_kept(read: Read) -> None:
    run = read(stream(*message(*part("Hel", "lo")), output=[{**SAID, "content": [
        {"type": "output_text", "text": "Hullo there"}]}]))  # fmt: skip
    (found,) = [one for one in run.findings if one.code == "repetition_differs"]
    assert run.message.text == "Hello"
    assert found.part == "text 0.0"
    assert "(text 0.0) has 11 characters, and is not what came in pieces (5)" in found.message


def test_two_parts_and_two_interleaved_items_stay_apart(read: Read) -> None:
    where = {"output_index": 0, "content_index": 0}
    other = {"output_index": 1, "content_index": 0}
    first, second = part("x"), part("x", item=1)
    events = [
        *message()[:1], first[0], *message(place=1)[:1], second[0],
        event("output_text.delta", **where, delta="a"),
        event("output_text.delta", **other, delta="c"),
        event("output_text.delta", **where, delta="b"),
        event("output_text.delta", **other, delta="d"),
        first[-1], *part("e", place=1), *message()[1:], second[-1], *message(place=1)[1:],
    ]  # fmt: skip
    run = read(stream(*events))
    assert [part.text for part in run.message.parts if isinstance(part, Text)] == ["ab", "cd", "e"]
    assert {"repetition_differs", "usage_missing"} == codes(run)


def test_a_text_that_is_begun_with_its_part_counts(read: Read) -> None:
    where = {"output_index": 0, "content_index": 0}
    begun = event("content_part.added", **where, part={"type": "output_text", "text": "Hel"})
    run = read(stream(begun, event("output_text.delta", **where, delta="lo")))
    assert run.message.text == "Hello"


def test_citations_come_with_their_text_and_only_once(read: Read) -> None:
    cited = {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 5}
    turned = dict(reversed(cited.items()))
    more = {"type": "file_citation", "file_id": "f", "index": 1}
    where = {"output_index": 0, "content_index": 0}
    events = part("Hello")
    events.insert(2, event("output_text.annotation.added", **where, annotation_index=0,
                           annotation=cited))  # fmt: skip
    text = {**TEXT, "annotations": [turned, more]}
    run = read(stream(*message(*events), output=[{**SAID, "content": [text]}]))
    (said,) = run.message.parts
    assert isinstance(said, Text)
    assert [json.loads(one) for one in said.citations] == [cited, more]


def test_a_refusal_is_a_part_of_its_own(read: Read) -> None:
    run = read(stream(*message(*part("No", ".", kind="refusal"))))
    assert run.message.parts == (Refusal("No."),)
    assert (run.message.text, run.message.refusal) == ("", "No.")


def test_the_phase_of_a_message_goes_back_with_its_text(read: Read) -> None:
    done = {"content": [TEXT], "phase": "commentary"}
    run = read(stream(*message(*part("Hello"), **done)))
    assert run.message.parts == (Text("Hello", ('{"phase":"commentary"}',)),)


@pytest.mark.parametrize("odd", [None, 5, {"a": 1}, ["b"]])
def test_a_piece_that_is_no_text_is_kept_and_not_said(read: Read, odd: Any) -> None:
    where = {"output_index": 0, "content_index": 0}
    run = read(stream(event("output_text.delta", **where, delta=odd)))
    assert run.message.text == ""
    assert unknown(run) == ({} if odd is None else {"$.delta": odd})


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("output_text", "text"),
        ("refusal", "refusal"),
        ("reasoning_text", "text"),
        ("reasoning_summary_text", "text"),
        ("function_call_arguments", "arguments"),
        ("code_interpreter_call_code", "code"),
    ],
)
def test_what_is_empty_says_nothing(read: Read, kind: str, field: str) -> None:
    where = {"output_index": 0, "content_index": 0, "summary_index": 0}
    empty = event(f"{kind}.done", **where, **{field: ""})
    pieces = [] if field == "arguments" else [event(f"{kind}.delta", **where, delta="")]
    assert read(stream(*pieces, empty)).message.parts == ()


def test_an_item_without_a_place_is_told_by_its_id(read: Read) -> None:
    run = read(
        stream(
            event("output_text.delta", item_id="a", delta="1"),
            event("output_text.delta", item_id="b", delta="2"),
            event("output_text.delta", item_id="a", delta="3"),
            event("output_item.done", item={"id": "b", "type": "message", "content": [
                {"type": "output_text", "text": "2"}]}),
        )
    )  # fmt: skip
    assert [part.text for part in run.message.parts if isinstance(part, Text)] == ["13", "2"]
    assert "repetition_differs" not in codes(run)


# ---- reasoning


def test_summaries_are_parts_and_the_encrypted_content_of_done_goes_back(read: Read) -> None:
    """In 37 of 39 recorded items the one that was sent when the item was added is another."""
    summary = [{"type": "summary_text", "text": "One."}, {"type": "summary_text", "text": "Two."}]
    begun = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "early"}
    done = {"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "late"}
    pieces = []
    for number, one in enumerate(summary):
        where = {"output_index": 0, "summary_index": number}
        empty = {"type": "summary_text", "text": ""}
        pieces += [
            event("reasoning_summary_part.added", **where, part=empty),
            event("reasoning_summary_text.delta", **where, delta=one["text"]),
            event("reasoning_summary_text.done", **where, text=one["text"]),
            event("reasoning_summary_part.done", **where, part=one),
        ]
    last = {**done, "id": "rs_2", "encrypted_content": "last"}
    run = read(stream(*item(done, *pieces, added=begun), output=[last]))
    first, second = run.message.parts
    assert run.message.reasoning == "One.Two."
    assert isinstance(first, Reasoning) and isinstance(second, Reasoning)
    assert [json.loads(one) for one in first.details] == [done]
    assert second.details == ()
    assert codes(run) == {"usage_missing"}


def test_reasoning_that_is_not_shown_keeps_its_place_and_its_id(read: Read) -> None:
    sent = {"id": "rs_1", "type": "reasoning", "summary": [], "status": None}
    run = read(stream(*item(sent), *message(*part("Hi", item=1), place=1)))
    hidden = Reasoning("", ('{"type":"reasoning","id":"rs_1","summary":[]}',))
    assert run.message.parts == (hidden, Text("Hi"))


def test_plain_reasoning_is_shown_though_it_is_done_after_the_message(read: Read) -> None:
    """OpenRouter, with another id of the item at the end."""
    whole = [{"type": "reasoning_text", "text": "Hm."}]
    sent = {"id": "rs_1", "type": "reasoning", "summary": [], "content": whole}
    added, *thought, done = item(sent, *part("Hm", ".", kind="reasoning_text"))
    said = message(*part("Hi", item=1), place=1)
    output = [{**sent, "id": "rs_9"}, {**SAID, "content": [{"type": "output_text", "text": "Hi"}]}]
    run = read(stream(added, *thought[:3], *said, *thought[3:], done, output=output))
    first, second = run.message.parts
    assert isinstance(first, Reasoning)
    assert (first.text, first.sent_as) == ("Hm.", "thought")
    assert json.loads(first.details[0])["id"] == "rs_1"
    assert second == Text("Hi")
    assert codes(run) == {"usage_missing"}


def test_what_compaction_keeps_goes_back_and_is_no_text(read: Read) -> None:
    sent = {"id": "cmp_1", "type": "compaction", "encrypted_content": "e"}
    run = read(stream(*item(sent)))
    (kept,) = run.message.parts
    assert isinstance(kept, Reasoning)
    assert json.loads(kept.details[0]) == sent
    assert (run.message.text, run.message.reasoning) == ("", "")


# ---- how it ends


@pytest.mark.parametrize(
    ("status", "details", "reason"),
    [
        ("completed", None, "stop"),
        ("incomplete", {"reason": "max_output_tokens"}, "length"),
        ("incomplete", {"reason": "content_filter"}, "content_filter"),
        ("incomplete", {"reason": "tired"}, "tired"),
        ("incomplete", None, "length"),
        ("cancelled", None, "error"),
        ("completed", "odd", "stop"),
    ],
)
def test_the_status_says_how_it_ended(read: Read, status: str, details: Any, reason: str) -> None:
    run = read(stream(*message(*part("Hi")), status=status, incomplete_details=details))
    assert (run.finish_reason_sent, run.finish_reason) == (status, reason)
    assert run.error is None
    found = {
        "content_filter": {"finish_filtered"},
        "error": {"answer_cancelled"},
        "tired": {"finish_unknown"},
    }
    assert codes(run) - {"usage_missing"} == found.get(reason, set())


def test_a_failed_answer_is_an_error_with_what_was_said(read: Read) -> None:
    error = {"code": "server_error", "message": "The server had an error."}
    run = read(stream(*message(*part("Hi")), status="failed", error=error))
    assert run.error is not None
    assert (run.error.code, run.error.message) == ("server_error", "The server had an error.")
    assert (run.message.text, run.finish_reason) == ("Hi", "error")
    assert "end_missing" not in codes(run)


def test_an_answer_that_failed_without_a_reason_is_an_error_too(read: Read) -> None:
    run = read(stream(status="failed", error=None))
    assert run.error is not None
    assert run.error.message


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "error", "code": "overloaded", "message": "boom", "param": None},
        {"type": "error", "error": {"type": "overloaded", "message": "boom"}},
        {"error": {"code": "overloaded", "message": "boom"}},
        {"type": "response.odd", "error": {"code": "overloaded", "message": "boom"}},
    ],
)
def test_an_error_inside_the_stream_is_flat_or_an_object(read: Read, sent: Any) -> None:
    body = stream(*message(*part("Hi")), status="") + b"data: %s\n\n" % json.dumps(sent).encode()
    run = read(body)
    assert run.error is not None
    assert (run.error.code, run.error.message) == ("overloaded", "boom")
    assert run.message.text == "Hi"
    assert "error_in_stream" in codes(run)


def test_an_error_may_be_told_by_the_name_of_the_event(read: Read) -> None:
    body = stream(status="") + b'event: error\ndata: {"message": "boom"}\n\n'
    error = read(body).error
    assert error is not None
    assert error.message == "boom"


def test_an_error_before_the_end_of_a_response_is_one(read: Read) -> None:
    error = {"code": "x", "message": "boom"}
    run = read(stream(event("in_progress", response=response("in_progress", error=error))))
    assert run.error is not None


def test_a_stream_without_its_end_is_said_to_lack_it(read: Read) -> None:
    run = read(stream(*message(*part("Hi")), status=""))
    assert (run.finish_reason_sent, run.finish_reason, run.message.text) == (None, None, "Hi")
    assert {"end_missing", "finish_missing"} <= codes(run)


@pytest.mark.parametrize(
    "body", [b'{"error":{"message":"no","type":"t","param":null,"code":null}}']
)
def test_an_http_error_is_the_answer(read: Read, body: bytes) -> None:
    run = read(body, RequestHead("POST", URL), response=ResponseHead(400))
    assert run.error is not None
    assert (run.error.message, run.error.status) == ("no", 400)
    assert codes(run) == {"http_error"}


# ---- answers that were not streamed, and those that run in the background


def test_a_whole_answer_says_what_its_stream_says(read: Read) -> None:
    output = [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"id": "msg_1", "type": "message", "role": "assistant", "content": [TEXT]},
        {"id": "fc_1", "type": "function_call", "call_id": "call_a1b2", "name": "f",
         "arguments": "{}", "status": "completed"},
    ]  # fmt: skip
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    whole = read(json.dumps(response("completed", *output, usage=usage)).encode())
    streamed = read(stream(output=output, usage=usage))
    assert whole.message.reasoning == "Hm."
    assert whole.message.text == "Hello"
    assert [call.id for call in whole.message.tool_calls] == ["call_a1b2"]
    assert (whole.finish_reason_sent, whole.finish_reason) == ("completed", "tool_calls")
    assert whole.usage == streamed.usage
    assert [type(part) for part in whole.message.parts] == [
        type(part) for part in streamed.message.parts
    ]
    assert (codes(whole), len(whole.chunks)) == (set(), 1)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_an_answer_in_the_background_is_not_missing_anything(read: Read, status: str) -> None:
    """Polled before it was ready: no output, usage null."""
    body = json.dumps(response(status, usage=None, error=None, background=True)).encode()
    run = read(body, RequestHead("GET", f"{URL}/resp_1"))
    assert (run.finish_reason_sent, run.finish_reason, run.usage) == (status, None, None)
    assert run.error is None
    assert codes(run) == set()


def test_a_word_that_no_api_sends_is_said_to_be_unknown(read: Read) -> None:
    run = read(json.dumps(response("complete", SAID)).encode())
    assert (run.finish_reason_sent, run.finish_reason) == ("complete", "complete")
    assert "finish_unknown" in codes(run)


def test_a_json_line_of_events_is_no_whole_answer(read: Read) -> None:
    run = read(json.dumps(event("completed", response=response("completed", SAID))).encode())
    assert run.answer.streamed
    assert run.message.text == "Hello"


# ---- usage and cost


USAGE = {
    "input_tokens": 78,
    "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 7},
    "output_tokens": 37,
    "output_tokens_details": {"reasoning_tokens": 22},
    "total_tokens": 115,
}


def test_usage_is_read_as_it_is_sent_and_only_where_it_is(read: Read) -> None:
    usage = read(stream(usage=USAGE)).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (78, 37, 115)
    assert (usage.cache_read_tokens, usage.cache_creation_tokens) == (5, 7)
    assert usage.reasoning_tokens == 22
    assert (usage.raw, usage.cost) == (USAGE, None)


@pytest.mark.parametrize("odd", ["5", True, 1.5, 2**70, None, {}])
def test_a_count_that_is_none_is_not_sent(read: Read, odd: Any) -> None:
    usage = read(stream(usage={"input_tokens": odd, "input_tokens_details": odd,
                               "output_tokens": 4.0})).usage  # fmt: skip
    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == (None, None, 4)


@pytest.mark.parametrize("odd", [5, "x", [1]])
def test_usage_that_is_no_object_is_kept_unknown(read: Read, odd: Any) -> None:
    run = read(stream(usage=odd))
    assert run.usage is None
    assert unknown(run) == {"$.response.usage": odd}


COST = (
    '{"input_tokens":78,"output_tokens":37,"total_tokens":115,"cost":0.0000113,"is_byok":%s,'
    '"cost_details":{"upstream_inference_cost":%s,"upstream_inference_input_cost":%s,'
    '"upstream_inference_output_cost":%s}}'
)


@pytest.mark.parametrize(
    ("sent", "cost"),
    [
        (("false", "null", "0.0000039", "0.0000074"),
         ("0.0000113", "0.0000039", "0.0000074", None)),
        (("false", "null", "0", "0"), ("0.0000113", None, None, None)),
        (("true", "0.5", "0", "0"), ("0.5000113", None, None, "0.0000113")),
        (("true", "null", "0", "0"), ("0.0000113", None, None, None)),
    ],
)  # fmt: skip
def test_the_cost_is_exact(read: Read, sent: tuple[str, ...], cost: tuple[Any, ...]) -> None:
    """OpenRouter."""
    body = '{"object":"response","status":"completed","output":[],"usage":%s}' % (COST % sent)
    run = read(body.encode(), RequestHead("POST", "https://openrouter.ai/api/v1/responses"))
    assert run.usage is not None and run.usage.cost is not None
    found = run.usage.cost
    wanted = [None if one is None else Decimal(one) for one in cost]
    assert [found.total_usd, found.input_usd, found.output_usd, found.fee_usd] == wanted
    assert found.field == "usage.cost"
    assert codes(run) <= {"cost_details_differ", "answer_empty"}


@pytest.mark.parametrize("cost", ["null", '"free"', "true", "1e99", '{"a":1}'])
def test_a_cost_that_is_no_price_is_none(read: Read, cost: str) -> None:
    body = f'{{"object":"response","usage":{{"input_tokens":1,"cost":{cost},"cost_details":4}}}}'
    assert read(body.encode()).cost is None


def test_details_of_a_cost_that_are_no_object_are_left_out(read: Read) -> None:
    body = b'{"object":"response","usage":{"cost":2,"cost_details":[]}}'
    assert read(body).cost == Decimal(2)


# ---- identity, and what is unknown


def test_who_answers_is_told_by_the_response(read: Read) -> None:
    run = read(stream(), RequestHead("POST", URL))
    assert (run.answer.identity.id, run.model, run.provider) == ("resp_1", "m", "OpenAI")
    assert run.answer.identity.created == 1


@pytest.mark.parametrize("created", [1.5, None, "x", float("inf")])
def test_a_time_may_be_odd(read: Read, created: Any) -> None:
    sent = json.dumps({"object": "response", "created_at": created, "output": []})
    known = read(sent.encode()).answer.identity.created
    assert known == (1.5 if created == 1.5 else None)


def test_an_unknown_event_is_kept_as_a_whole(read: Read) -> None:
    run = read(stream(event("tasted", note="salt")))
    assert unknown(run)["$.type=response.tasted"]["note"] == "salt"
    assert "unknown_fields" in codes(run)


def test_an_event_without_a_type_is_kept(read: Read) -> None:
    run = read(stream() + b'data: {"a": 1}\n\ndata: {"type": 5}\n\n', RequestHead("POST", URL))
    assert unknown(run) == {"$.type": {"type": 5}}


def test_unknown_fields_are_kept_wherever_they_stand(read: Read) -> None:
    sent = {**SAID, "id": "msg_0", "mood": "good", "content": [{**TEXT, "colour": "red"}]}
    run = read(
        stream(
            {**event("output_item.done", output_index=0, item=sent), "extra": 1},
            event("content_part.done", output_index=0, content_index=1, part={"type": "odd"}),
            event("content_part.done", output_index=0, content_index=2, part=None),
            output=[sent, {"type": "riddle"}, "no item"],
            weather="fine",
        )
    )
    assert unknown(run) == {
        "$.extra": 1,
        "$.output[0].mood": "good",
        "$.output[0].content[0].colour": "red",
        "$.output[0].content[1]": {"type": "odd"},
        "$.output[0].content[2]": None,
        "$.output[1]": {"type": "riddle"},
        "$.output[2]": "no item",
        "$.response.weather": "fine",
    }
    counts = {one.part: one.count for one in run.findings if one.code == "unknown_fields"}
    assert counts["$.output[0].mood"] == 2


def test_probabilities_of_tokens_are_kept(read: Read) -> None:
    probable = [{"token": "a", "logprob": 0.0}]
    where = {"output_index": 0, "content_index": 0}
    run = read(stream(event("output_text.delta", **where, delta="a", logprobs=probable)))
    assert unknown(run) == {"$.logprobs": probable}


@pytest.mark.parametrize("odd", [None, [], "x", 4])
def test_a_response_that_is_none_raises_nothing(read: Read, odd: Any) -> None:
    run = read(numbered([event("created", response=odd), event("completed", response=odd)]))
    assert run.dialect == "openai-responses"
    assert "end_missing" not in codes(run)
    assert unknown(run) == {"$.response": odd}


def test_an_event_that_is_no_object_is_said(read: Read) -> None:
    run = read(b"data: [1]\n\ndata: 5\n\n", RequestHead("POST", URL))
    assert {"not_an_object"} <= codes(run)


def test_a_line_that_names_another_event_is_said_and_the_type_is_read(read: Read) -> None:
    piece = json.dumps(event("output_text.delta", output_index=0, content_index=0, delta="Hi"))
    run = read(b"event: message\ndata: %s\n\n" % piece.encode())
    assert run.message.text == "Hi"
    (found,) = [one for one in run.findings if one.code == "event_name_differs"]
    assert "'message'" in found.message


@pytest.mark.parametrize("kind", ["keepalive", "ping", "response.web_search_call.searching"])
def test_what_says_nothing_is_a_chunk_all_the_same(read: Read, kind: str) -> None:
    run = read(stream() + b'data: {"type":"%s","sequence_number":2}\n\n' % kind.encode())
    assert len(run.chunks) == 3
    assert unknown(run) == {}


def test_a_role_of_another_kind_is_told(read: Read) -> None:
    run = read(stream(*message(*part("Hi"), role="critic")))
    assert run.message.role == "critic"


# ---- images


def test_an_image_takes_the_place_of_those_that_were_not_ready(read: Read) -> None:
    done = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": "aGk=",
            "revised_prompt": "a cat", "size": "1x1", "quality": "low"}  # fmt: skip
    added = {"id": "ig_1", "type": "image_generation_call", "status": "in_progress"}
    early = event("image_generation_call.partial_image", output_index=0, item_id="ig_1",
                  partial_image_b64="aA==", partial_image_index=0)  # fmt: skip
    run = read(stream(*item(done, early, added=added), output=[done]))
    (image,) = [part for part in run.message.parts if isinstance(part, Media)]
    assert json.loads(image.json) == done
    (call,) = run.message.server_tool_calls
    assert (call.name, call.arguments) == ("image_generation", "a cat")
    assert run.message.tool_calls == ()


# ---- real recordings


def runs_of(folder: Path) -> list[tuple[str, StreamRun]]:
    paths = sorted([*folder.rglob("*responses*.yaml")])
    return [(path.stem, run) for path in paths for run in read_runs(path)]


def test_the_good_recordings_have_no_finding_of_the_dialect(shared_cassettes: Path) -> None:
    found = {name: codes(run) for name, run in runs_of(shared_cassettes)}
    kept_alive = found.pop("openrouter_responses_no_event_lines")
    assert kept_alive == {"keep_alive"}
    assert set().union(*found.values()) == set()
    assert len(found) == 6


def test_the_recordings_say_what_they_are_known_for(shared_cassettes: Path) -> None:
    runs = dict(runs_of(shared_cassettes))  # the last of each
    openrouter = runs["openrouter_responses_no_event_lines"]
    assert openrouter.cost == Decimal("0.0000113")
    assert openrouter.message.reasoning.endswith("Just answer 4.")
    assert openrouter.provider == "OpenRouter"
    search = runs["openai_responses_web_search_citations"]
    (call,) = search.message.server_tool_calls
    assert json.loads(call.arguments)["query"] == "current population of Tokyo 2024"
    said = search.message.parts[-1]
    assert isinstance(said, Text)
    assert len(said.citations) == 1
    assert search.usage is not None
    assert search.usage.input_tokens == 17_407


def test_the_encrypted_reasoning_of_done_is_what_the_client_sent_back(
    shared_cassettes: Path,
) -> None:
    path = shared_cassettes / "vcrpy" / "openai_responses_commentary_then_call.yaml"
    first, second = read_runs(path)
    reasoning = first.message.parts[0]
    assert isinstance(reasoning, Reasoning)
    assert second.request is not None
    assert json.loads(reasoning.details[0]) == second.request["input"][1]


def test_the_parts_of_plain_reasoning_may_have_names_of_their_own(read: Read) -> None:
    """vLLM calls their beginning and their end ``reasoning_part``."""
    whole = [{"type": "reasoning_text", "text": "Hm."}]
    sent = {"id": "rs_1", "type": "reasoning", "summary": [], "content": whole}
    pieces = [
        {**one, "type": one["type"].replace("content_part", "reasoning_part")}
        for one in part("Hm", ".", kind="reasoning_text")
    ]
    run = read(stream(*item(sent, *pieces), *message(*part("Hi", item=1), place=1), output=[sent]))
    assert (run.message.reasoning, run.message.text) == ("Hm.", "Hi")
    assert codes(run) - {"usage_missing"} == set()
