"""Streams of Gemini: what chunks say, how they end, and what is counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_conversations, read_runs
from chatviz.chat.messages import (
    ChatRequest,
    Media,
    Reasoning,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
)
from chatviz.dialects.gemini.stream import MANNERS, Gemini
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.dialects.gemini.chunks_made import (
    ASKED,
    URL,
    array,
    call,
    candidate,
    chunk,
    codes,
    stream,
    text,
    unknown,
)

Read = Callable[..., StreamRun]
DIALECT = Gemini()
VERTEX = "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers"


# ---- which requests and payloads are its


@pytest.mark.parametrize(
    ("method", "url", "is_its"),
    [
        ("POST", f"{URL}:streamGenerateContent?alt=sse", True),
        ("POST", f"{URL}:generateContent", True),
        ("POST", f"{URL}%3AgenerateContent", True),
        ("POST", f"{VERTEX}/google/models/gemini-2.5-pro:streamGenerateContent", True),
        ("GET", f"{URL}:generateContent", False),
        ("POST", f"{URL}:countTokens", False),
        ("POST", f"{URL}:embedContent", False),
        ("POST", f"{URL}:batchEmbedContents", False),
        ("POST", f"{URL}:predict", False),
        ("POST", f"{URL}:batchGenerateContent", False),
        ("POST", f"{VERTEX}/anthropic/models/c:rawPredict", False),
    ],
)  # fmt: skip
def test_the_path_tells_its_requests(method: str, url: str, is_its: bool) -> None:
    assert DIALECT.speaks(RequestHead(method, url)) is is_its


@pytest.mark.parametrize(
    ("payload", "is_its"),
    [
        ({"candidates": []}, True),
        ({"promptFeedback": {"blockReason": "OTHER"}}, True),
        ({"usageMetadata": {}, "modelVersion": "m"}, True),
        ({"usageMetadata": {}}, False),
        ({"choices": []}, False),
        ([{"candidates": []}], False),
        (None, False),
    ],
)
def test_a_payload_without_its_request_is_known(payload: Any, is_its: bool) -> None:
    assert DIALECT.recognises(payload) is is_its


@pytest.mark.parametrize(
    ("body", "is_its"),
    [
        ({"contents": [{"parts": [{"text": "hi"}]}]}, True),
        ({"contents": ["hi"]}, False),
        ({"contents": "hi"}, False),
        ({"messages": []}, False),
    ],
)
def test_a_request_without_its_url_is_known(body: dict[str, Any], is_its: bool) -> None:
    assert DIALECT.recognises_request(body) is is_its


def test_the_model_stands_in_the_url(read: Read) -> None:
    assert read(stream(chunk(text("hi"))), ASKED).chat_request.model == "gemini-2.5-flash"
    asked = RequestHead(body=b'{"contents": [{"parts": [{"text": "hi"}]}]}')
    assert read(stream(chunk(text("hi"))), asked).chat_request.model == ""


# ---- text and thoughts


def test_text_comes_in_pieces_and_ends(read: Read) -> None:
    run = read(stream(chunk(text("Hello, ")), chunk(text("world"), finish="STOP", usage={})), ASKED)
    assert run.message.parts == (Text("Hello, world"),)
    assert (run.dialect, run.model, run.provider) == ("gemini", "gemini-2.5-flash", "Google")
    assert (run.finish_reason_sent, run.finish_reason) == ("STOP", "stop")
    assert (len(run.chunks), run.error, codes(run)) == (2, None, [])


def test_thoughts_are_reasoning_and_no_text(read: Read) -> None:
    parts = [text("I think", thought=True), text(" more", thought=True), text("4")]
    run = read(stream(*map(chunk, parts)))
    assert run.message.parts == (Reasoning("I think more", sent_as="thought"), Text("4"))
    assert (run.message.text, run.message.reasoning) == ("4", "I think more")


def test_several_parts_stand_in_one_chunk_in_their_order(read: Read) -> None:
    sent = [text("hm", thought=True), text("a"), call("f", {"x": 1}), text("b")]
    run = read(stream(chunk(*sent, finish="STOP", usage={})))
    kinds = [type(part) for part in run.message.parts]
    assert kinds == [Reasoning, Text, ToolCall, Text]
    assert (run.message.text, run.finish_reason, codes(run)) == ("ab", "tool_calls", [])


@pytest.mark.parametrize(
    "sent",
    [
        {"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]},
        {"candidates": [{"content": {}, "finishReason": "STOP", "index": 0}]},
        {"candidates": [{"finishReason": "STOP"}]},
        {"candidates": [{"content": None, "finishReason": "STOP"}]},
    ],
)
def test_parts_and_content_may_be_missing(read: Read, sent: dict[str, Any]) -> None:
    run = read(stream(chunk(text("hi")), {**sent, "usageMetadata": {}}))
    assert (run.message.text, run.finish_reason, codes(run)) == ("hi", "stop", [])


def test_candidates_may_be_missing(read: Read) -> None:
    run = read(stream(chunk(text("hi"), finish="STOP"), {"usageMetadata": {"promptTokenCount": 3}}))
    assert (run.message.text, run.usage and run.usage.input_tokens) == ("hi", 3)


def test_candidates_are_several_answers(read: Read) -> None:
    """``candidateCount`` above 1: each is told by its index, on Vertex AI by its place."""
    first = {"candidates": [candidate(text("a")), candidate(text("b"), index=1)]}
    last = candidate(text("B"), finish="MAX_TOKENS", index=1), candidate(text("A"), finish="STOP")
    run = read(stream(first, {"candidates": last, "usageMetadata": {}}))
    assert [message.text for message in run.messages] == ["aA", "bB"]
    assert (run.finish_reason, codes(run)) == ("stop", [])
    bare = [{"content": {"parts": [text(said)]}, "finishReason": "STOP"} for said in "ab"]
    run = read(stream({"candidates": bare}))
    assert [message.text for message in run.messages] == ["a", "b"]


# ---- signatures


def test_a_signature_stays_with_its_part(read: Read) -> None:
    sent = [text("hm", thought=True, thoughtSignature="T"), text("a", thoughtSignature="A"),
            call("f", {}, sign="F"), call("g", {})]  # fmt: skip
    thought, said, f, g = read(stream(*map(chunk, sent))).message.parts
    assert isinstance(thought, Reasoning) and thought.details == ('{"thoughtSignature":"T"}',)
    assert isinstance(said, Text) and said.details == ('{"thoughtSignature":"A"}',)
    assert isinstance(f, ToolCall) and f.details == ('{"thoughtSignature":"F"}',)
    assert isinstance(g, ToolCall) and g.details == ()


def test_a_signature_on_an_empty_text_is_kept(read: Read) -> None:
    """In 13 of 264 streams it is in the last chunk: dropping empty parts loses it."""
    run = read(stream(chunk(text("a")), chunk(text("b")), chunk(text("", thoughtSignature="A"))))
    assert run.message.parts == (Text("ab", ('{"thoughtSignature":"A"}',)),)
    run = read(stream(chunk(call("f", {})), chunk(text("", thoughtSignature="A"))))
    assert run.message.parts[1:] == (Text("", ('{"thoughtSignature":"A"}',)),)


@pytest.mark.parametrize("thought", [{}, {"thought": True}])
def test_what_is_signed_is_whole(read: Read, thought: dict[str, bool]) -> None:
    """Google: parts with signatures are not put together with others."""
    sent = [text("a", thoughtSignature="A", **thought), text("b", **thought), text("c", **thought),
            text("", thoughtSignature="C", **thought)]  # fmt: skip
    for body in (stream(*map(chunk, sent)), stream(chunk(*sent))):
        parts = read(body).message.parts
        assert [getattr(part, "text", None) for part in parts] == ["a", "bc"]
        assert [len(getattr(part, "details", ())) for part in parts] == [1, 1]


# ---- calls


def test_calls_come_whole_and_without_ids(read: Read) -> None:
    """128 of 133 calls have no id; the same name may be called again: the place tells them."""
    calls = [call("f", {"x": 1}), call("f", {"x": 1}), call("g", {})]
    for body in (stream(chunk(*calls, finish="STOP", usage={})), stream(*map(chunk, calls))):
        run = read(body)
        told = [(one.id, one.name, one.parsed) for one in run.message.tool_calls]
        assert told == [("", "f", {"x": 1}), ("", "f", {"x": 1}), ("", "g", {})]
    assert read(stream(chunk(*calls, finish="STOP", usage={}))).finish_reason == "tool_calls"


def test_an_id_is_kept(read: Read) -> None:
    (called,) = read(stream(chunk(call("f", {}, id="abcd1234")))).message.tool_calls
    assert called.id == "abcd1234"


def test_arguments_keep_the_wires_spelling(read: Read) -> None:
    sent = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":%s}}]}}]}'
    args = '{ "a": 1.50,\n "b": "\\u00e9", "n": 12345678901234567890 }'
    body = b"data: " + sent % args.replace("\n", " ").encode() + b"\r\n\r\n"
    assert read(body).message.tool_calls[0].arguments == args.replace("\n", " ")
    assert read(sent % args.encode()).message.tool_calls[0].arguments == args


@pytest.mark.parametrize("given", [{"args": None}, {}])
def test_a_call_without_arguments_has_none(read: Read, given: dict[str, Any]) -> None:
    (called,) = read(stream(chunk({"functionCall": {"name": "f", **given}}))).message.tool_calls
    assert (called.arguments, called.parsed) == ("", {})


def test_text_after_a_call_is_a_part_of_its_own(read: Read) -> None:
    run = read(stream(chunk(text("a")), chunk(call("f", {})), chunk(text("b"), finish="STOP")))
    assert [type(part) for part in run.message.parts] == [Text, ToolCall, Text]


def test_a_text_beside_a_call_is_read_as_well(read: Read) -> None:
    """The reference allows one of them in a part."""
    run = read(stream(chunk({"text": "a", **call("f", {})})))
    assert (run.message.text, run.message.tool_calls[0].name) == ("a", "f")


def test_a_null_id_and_no_name_are_noted(read: Read) -> None:
    run = read(stream(chunk({"functionCall": {"id": None, "args": {}}}, finish="STOP", usage={})))
    assert codes(run) == ["call_name_missing"]
    assert read(stream(chunk(call("f", {}, id=None)))).message.tool_calls[0].id == ""


# ---- arguments that grow


def grown(name: str = "", *pieces: Any, more: bool = True, **fields: Any) -> dict[str, Any]:
    named = {"name": name} if name else {}
    listed = {"partialArgs": [*pieces]} if pieces else {}
    goes_on = {"willContinue": True} if more else {}
    return chunk({"functionCall": {**named, **listed, **goes_on, **fields}})


def piece(path: str, more: bool = False, **value: Any) -> dict[str, Any]:
    return {"jsonPath": path, **value, **({"willContinue": True} if more else {})}


def test_arguments_grow_by_values_at_paths(read: Read) -> None:
    """Vertex AI with ``streamFunctionCallArguments``."""
    run = read(stream(
        grown("light"),
        grown("", piece("$.brightness", numberValue=50)),
        grown("", piece("$.color", more=True, stringValue='wa"')),
        grown("", piece("$.color", stringValue="rm"), piece("$.at[0].on", boolValue=True)),
        grown("", piece("$.at[0].off", nullValue="NULL_VALUE")),
        grown("", piece("$.at[1]['a.b']", stringValue="é")),
        grown("", more=False),
        grown("next"), grown("", piece("$.x", numberValue=1), more=False),
        chunk(finish="STOP", usage={}),
    ))  # fmt: skip
    light, other = run.message.tool_calls
    assert light.parsed == {"brightness": 50, "color": 'wa"rm',
                            "at": [{"on": True, "off": None}, {"a.b": "é"}]}  # fmt: skip
    assert [one.text for one in light.fragments][:4] == [
        "", '{"brightness":50', ',"color":"wa\\"', 'rm","at":[{"on":true',
    ]  # fmt: skip
    assert [path.path for path in light.paths][:3] == ["$", "$.brightness", "$.color"]
    assert (other.name, other.parsed, run.finish_reason) == ("next", {"x": 1}, "tool_calls")
    assert codes(run) == []


def test_arguments_that_stop_growing_are_not_complete(read: Read) -> None:
    run = read(stream(grown("f"), grown("", piece("$.a", more=True, stringValue="x"))))
    (called,) = run.message.tool_calls
    assert (called.arguments, called.parsed) == ('{"a":"x', None)
    assert "arguments_not_json" in codes(run)


def test_a_call_may_end_without_any_argument(read: Read) -> None:
    (called,) = read(stream(grown("f"), grown(more=False))).message.tool_calls
    assert called.arguments == "{}"


def test_a_piece_for_a_place_that_is_closed_is_noted(read: Read) -> None:
    run = read(stream(
        grown("f", piece("$.a.x", numberValue=1), piece("$.b", numberValue=2)),
        grown("", piece("$.a.y", numberValue=3), more=False),
        grown("", piece("$.late", numberValue=4), more=False),
        chunk(finish="STOP", usage={}),
    ))  # fmt: skip
    assert run.message.tool_calls[0].parsed == {"a": {"x": 1}, "b": 2}
    assert codes(run) == ["arguments_piece_misplaced"]


def test_pieces_for_a_call_that_came_whole_are_noted(read: Read) -> None:
    whole = chunk(call("f", {"a": 1}))
    run = read(
        stream(whole, grown("", piece("$.b", numberValue=2)), chunk(finish="STOP", usage={}))
    )
    assert run.message.tool_calls[0].parsed == {"a": 1}
    assert codes(run) == ["arguments_piece_misplaced"]


def test_pieces_beside_whole_arguments_are_kept_unread(read: Read) -> None:
    run = read(stream(grown("f", piece("$.b", numberValue=2), args={"a": 1}, more=False)))
    assert run.message.tool_calls[0].parsed == {"a": 1}
    assert list(unknown(run)) == ["$.candidates[0].content.parts[0].functionCall.partialArgs"]


@pytest.mark.parametrize(
    "odd",
    [
        "x", 1, {}, {"jsonPath": "$.a"}, {"jsonPath": 1, "numberValue": 1},
        {"jsonPath": "a", "numberValue": 1}, {"jsonPath": "$", "numberValue": 1},
        {"jsonPath": "$..a", "numberValue": 1}, {"jsonPath": "$.a[*]", "numberValue": 1},
        {"jsonPath": "$" + ".a" * 101, "numberValue": 1},
        {"jsonPath": "$.a", "numberValue": 1, "stringValue": "b"},
        {"jsonPath": "$.a", "stringValue": 1}, {"jsonPath": "$.a", "numberValue": "1"},
        {"jsonPath": "$.a", "numberValue": {}}, {"jsonPath": "$.a", "numberValue": 1, "x": 1},
    ],
)  # fmt: skip
def test_a_piece_that_cannot_be_read_is_kept(read: Read, odd: Any) -> None:
    run = read(stream(grown("f", odd, more=False)))
    assert run.message.tool_calls[0].arguments == "{}"
    place = "$.candidates[0].content.parts[0].functionCall.partialArgs[0]"
    assert unknown(run) == {place: odd}


def test_a_signature_on_a_later_piece_is_its_calls(read: Read) -> None:
    later = {"functionCall": {}, "thoughtSignature": "F"}
    (called,) = read(stream(grown("f"), chunk(later))).message.parts
    assert isinstance(called, ToolCall)
    assert called.details == ('{"thoughtSignature":"F"}',)


# ---- the server's tools, media, citations


def test_code_that_the_server_runs_is_no_call_of_the_client(read: Read) -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1+1", "id": "c1"}}
    ran = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2\n", "id": "c1"}}
    run = read(stream(chunk(code), chunk(ran), chunk(text("2"), finish="STOP", usage={})))
    called, result, said = run.message.parts
    assert isinstance(called, ServerToolCall) and isinstance(result, ServerToolResult)
    assert (called.id, called.name, called.type) == ("c1", "code_execution", "executableCode")
    assert json.loads(called.arguments) == code["executableCode"]
    assert (result.call_id, result.type, json.loads(result.json)) == (
        "c1", "codeExecutionResult", ran,
    )  # fmt: skip
    assert (said, run.message.tool_calls, run.finish_reason) == (Text("2"), (), "stop")
    assert codes(run) == []


@pytest.mark.parametrize(
    ("outcome", "found"),
    [("OUTCOME_DEADLINE_EXCEEDED", ["server_tool_failed"]), ("OUTCOME_FAILED", [])],
)
def test_code_that_never_ended_is_found(read: Read, outcome: str, found: list[str]) -> None:
    """Code that failed has a result all the same: what it says of its failure."""
    ran = {"codeExecutionResult": {"outcome": outcome, "output": "Traceback …"}}
    run = read(stream(chunk(ran), chunk(text("No."), finish="STOP", usage={})))
    assert codes(run) == found


@pytest.mark.parametrize("args", [{}, {"args": {"queries": ["q"]}}])
def test_a_tool_of_the_server_is_none_of_the_client(read: Read, args: dict[str, Any]) -> None:
    call_sent = {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "s1", **args}}
    sent = {"toolResponse": {"toolType": "GOOGLE_SEARCH_WEB", "id": "s1"}, "thoughtSignature": "S"}
    called, result = read(stream(chunk({**call_sent, "thoughtSignature": "C"}, sent))).message.parts
    assert isinstance(called, ServerToolCall) and isinstance(result, ServerToolResult)
    assert (called.id, called.name) == ("s1", "GOOGLE_SEARCH_WEB")
    assert called.arguments == ('{"queries": ["q"]}' if args else "")
    assert called.details == ('{"thoughtSignature":"C"}',)
    assert json.loads(result.json) == sent


@pytest.mark.parametrize("kind", ["inlineData", "fileData"])
@pytest.mark.parametrize("type", ["image/png", ""])
def test_media_are_parts_that_are_kept_as_they_came(read: Read, kind: str, type: str) -> None:
    sent = {kind: {**({"mimeType": type} if type else {}), "data": "AAAA"}, "thoughtSignature": "M"}
    run = read(stream(chunk(text("see"), sent, finish="STOP", usage={})))
    _, media = run.message.parts
    assert isinstance(media, Media)
    assert (media.type, json.loads(media.json)) == (type or kind, sent)
    assert codes(run) == []


def test_sources_are_citations_of_the_text(read: Read) -> None:
    web = {"web": {"uri": "https://a.test", "title": "A"}}
    last = chunk(finish="STOP", usage={},
                 groundingMetadata={"groundingChunks": [web], "webSearchQueries": ["q"]},
                 citationMetadata={"citationSources": [{"uri": "https://b.test"}]},
                 urlContextMetadata={"urlMetadata": [{"retrievedUrl": "https://c.test"}]},
    )  # fmt: skip
    signed = chunk(text("", thoughtSignature="A"))
    (said,) = read(stream(chunk(text("hi")), signed, last, last)).message.parts
    assert isinstance(said, Text)
    assert [json.loads(one) for one in said.citations] == [
        web, {"uri": "https://b.test"}, {"retrievedUrl": "https://c.test"},
    ]  # fmt: skip


# ---- how it ends


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"), ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"), ("SPII", "content_filter"),
        ("MODEL_ARMOR", "content_filter"), ("IMAGE_SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "error"), ("UNEXPECTED_TOOL_CALL", "error"),
        ("OTHER", "error"), ("NO_IMAGE", "error"),
    ],
)  # fmt: skip
def test_a_reason_is_put_into_our_words(read: Read, word: str, meant: str) -> None:
    sentence = "Model generated function call(s)."
    run = read(stream(chunk(text("a")), chunk(finish=word, usage={}, finishMessage=sentence)))
    assert (run.finish_reason_sent, run.finish_reason) == (word, meant)
    lost = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"}
    assert codes(run) == (["call_lost"] if word in lost else BAD_ENDINGS.get(meant, []))


# What is found of an answer that says itself that it ended badly.
BAD_ENDINGS = {"content_filter": ["finish_filtered"], "error": ["finish_failed"]}


@pytest.mark.parametrize(
    ("number", "meant"),
    [(1, "stop"), (2, "length"), (3, "content_filter"), (4, "content_filter"), (5, "error"),
     (6, "content_filter"), (7, "content_filter"), (8, "content_filter")],
)  # fmt: skip
def test_a_reason_is_known_by_its_number(read: Read, number: int, meant: str) -> None:
    """Clients made from the protobufs ask for numbers: ``$alt=json;enum-encoding=int``."""
    run = read(stream(chunk(text("a")), chunk(usage={}, finishReason=number)))
    assert (run.finish_reason_sent, run.finish_reason) == (str(number), meant)
    assert codes(run) == BAD_ENDINGS.get(meant, [])


def test_a_number_that_two_servers_mean_otherwise_stays_unknown(read: Read) -> None:
    """9 is SPII at AI Studio, MALFORMED_FUNCTION_CALL at Vertex AI."""
    run = read(stream(chunk(text("a")), chunk(usage={}, finishReason=9)))
    assert (run.finish_reason, codes(run)) == ("9", ["finish_unknown"])


def test_every_word_of_the_reference_is_known() -> None:
    words = [word for word in MANNERS.finish_reasons if not word.isdecimal()]
    assert len(words) == 21
    assert set(MANNERS.finish_reasons.values()) == {"", "stop", "length", "content_filter", "error"}


def test_a_word_that_is_not_known_is_noted(read: Read) -> None:
    run = read(stream(chunk(text("a"), finish="TIRED", usage={})))
    assert (run.finish_reason, codes(run)) == ("TIRED", ["finish_unknown"])


def test_an_answer_that_is_cut_short_has_no_reason(read: Read) -> None:
    run = read(stream(chunk(text("a"), usage={})))
    assert (run.finish_reason, codes(run)) == (None, ["finish_missing"])


@pytest.mark.parametrize("words", [{"blockReasonMessage": "Not this."}, {}])
def test_a_blocked_prompt_is_an_error(read: Read, words: dict[str, str]) -> None:
    """No candidate comes, and the status is 200."""
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", **words},
               "usageMetadata": {"promptTokenCount": 4}}  # fmt: skip
    for body in (stream(blocked), array(blocked), json.dumps(blocked).encode()):
        run = read(body, ASKED)
        assert run.error is not None
        assert run.error.message == (
            words.get("blockReasonMessage") or "the prompt was blocked: 'PROHIBITED_CONTENT'"
        )
        assert (run.error.code, run.error.status) == ("PROHIBITED_CONTENT", None)
        assert (run.finish_reason, run.usage and run.usage.input_tokens) == ("error", 4)
        assert codes(run) == ["error_in_stream"]


def test_feedback_on_a_prompt_that_was_not_blocked_is_no_error(read: Read) -> None:
    body = stream(
        {**chunk(), "candidates": [], "promptFeedback": {"safetyRatings": []}},
        chunk(text("a"), finish="STOP", usage={}),
    )
    assert (read(body).error, codes(read(body))) == (None, [])


def test_feedback_of_another_type_is_kept(read: Read) -> None:
    assert unknown(read(stream({"promptFeedback": 1}))) == {"$.promptFeedback": 1}


ERROR = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}


def test_an_error_inside_a_stream_keeps_what_was_said(read: Read) -> None:
    for body in (stream(chunk(text("a")), ERROR), array(chunk(text("a")), ERROR)):
        run = read(body, ASKED)
        assert run.error is not None
        assert (run.error.message, run.error.code) == ("The model is overloaded.", "503")
        assert (run.message.text, run.finish_reason) == ("a", "error")
        assert codes(run) == ["error_in_stream", "usage_missing"]


@pytest.mark.parametrize(
    "body", [json.dumps(ERROR), json.dumps([ERROR]), json.dumps([ERROR], indent=2)]
)
def test_an_answer_that_failed_has_its_error(read: Read, body: str) -> None:
    run = read(body.encode(), ASKED, response=ResponseHead(503))
    assert run.error is not None
    assert (run.error.message, run.error.code, run.error.status) == (
        "The model is overloaded.", "503", 503,
    )  # fmt: skip


# ---- framings


def test_an_array_is_a_stream_of_its_elements(read: Read) -> None:
    """Without ``alt=sse`` the answer is one JSON array over many lines."""
    chunks = (
        chunk(text("a")),
        chunk(call("f", {"x": 1})),
        chunk(text("b"), finish="STOP", usage={}),
    )
    run = read(array(*chunks), ASKED)
    assert (run.wire.framing, len(run.chunks), run.answer.streamed) == ("json_array", 3, True)
    assert [type(part) for part in run.message.parts] == [Text, ToolCall, Text]
    (called,) = run.message.tool_calls
    assert (called.parsed, called.arguments.split()) == ({"x": 1}, ["{", '"x":', "1", "}"])
    assert called.arguments in run.body.decode()
    assert codes(run) == []


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_is_read_by_the_same_rules(read: Read, indent: int | None) -> None:
    sent = chunk(text("hm", thought=True), text("a"), call("f", {"x": 1}, sign="F"), finish="STOP",
                 usage={"promptTokenCount": 2, "candidatesTokenCount": 3, "totalTokenCount": 5},
    )  # fmt: skip
    run = read(json.dumps(sent, indent=indent).encode(), ASKED)
    assert (run.answer.streamed, len(run.chunks)) == (False, 1)
    assert (run.message.reasoning, run.message.text) == ("hm", "a")
    assert (run.message.tool_calls[0].parsed, run.finish_reason) == ({"x": 1}, "tool_calls")
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens, run.usage.total_tokens) == (2, 3, 5)
    assert codes(run) == []


def test_two_line_feeds_do_not_part_events(read: Read) -> None:
    body = stream(chunk(text("a")), chunk(text("b"), finish="STOP", usage={}))
    assert len(body.split(b"\n\n")) == 1
    assert len(read(body).chunks) == 2


# ---- what is not known


def test_what_is_not_known_is_kept_with_its_place(read: Read) -> None:
    run = read(
        stream({**chunk({"text": "a", "mood": "up"}, tone=1, finish="STOP", usage={}), "x": [1]})
    )
    assert unknown(run) == {
        "$.candidates[0].content.parts[0].mood": "up", "$.candidates[0].tone": 1, "$.x": [1],
    }  # fmt: skip
    assert codes(run) == ["unknown_fields"] * 3


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"candidates": [1]}, "$.candidates[0]"),
        ({"candidates": [{"content": "x"}]}, "$.candidates[0].content"),
        ({"candidates": [{"content": {"parts": ["x"]}}]}, "$.candidates[0].content.parts[0]"),
        ({"candidates": [{"content": {"role": "robot"}}]}, "$.candidates[0].content.role"),
        ({"candidates": [{"groundingMetadata": 1}]}, "$.candidates[0].groundingMetadata"),
        ({"candidates": [], "usageMetadata": 1}, "$.usageMetadata"),
        (chunk({"functionCall": "f"}), "$.candidates[0].content.parts[0].functionCall"),
        (chunk({"text": "a", "inlineData": 1}), "$.candidates[0].content.parts[0].inlineData"),
        (chunk({"functionCall": {"name": "f", "x": 1}}),
         "$.candidates[0].content.parts[0].functionCall.x"),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_kept(read: Read, sent: Any, place: str) -> None:
    assert list(unknown(read(stream(sent)))) == [place]


def test_a_chunk_that_is_no_object_is_noted(read: Read) -> None:
    run = read(stream(chunk(text("a")), [1], chunk(finish="STOP", usage={})))
    assert (run.message.text, codes(run)) == ("a", ["not_an_object"])


# ---- recorded streams


def test_shared_streams_show_what_they_are_known_for(shared_cassettes: Path) -> None:
    folder = shared_cassettes / "go-vcr"
    first, _ = read_runs(folder / "google_gemini_parallel_calls_over_two_chunks.yaml")
    assert [(one.name, one.chunk) for one in first.message.tool_calls] == [
        ("add", 0),
        ("multiply", 1),
    ]
    assert [len(one.details) for one in first.message.tool_calls] == [1, 0]
    (run,) = read_runs(folder / "google_gemini_signature_on_empty_text.yaml")
    (said,) = run.message.parts
    assert isinstance(said, Text) and len(said.details) == 1
    thinking, _ = read_runs(folder / "google_gemini_thinking.yaml")
    assert thinking.message.reasoning and thinking.message.tool_calls and not thinking.message.text
    (ran,) = read_runs(shared_cassettes / "vcrpy" / "google_gemini_code_execution_usage_falls.yaml")
    assert [type(part) for part in ran.message.parts] == [ServerToolCall, ServerToolResult, Text]
    assert ran.message.tool_calls == ()


@pytest.mark.parametrize("name", ["multi_tool", "parallel_calls_over_two_chunks", "thinking"])
def test_recorded_turns_are_linked_without_ids(shared_cassettes: Path, name: str) -> None:
    (talk,) = read_conversations(shared_cassettes / "go-vcr" / f"google_gemini_{name}.yaml")
    assert len(talk.steps) == 2
    results = talk.steps[0].tool_results
    assert [one.call_index for one in results] == list(
        range(len(talk.steps[0].run.message.tool_calls))
    )
    assert {found.code for found in talk.findings} == {"no_clock"} or not talk.findings


def test_other_payloads_are_not_taken_for_it() -> None:
    assert read_stream(b'data: {"choices": []}\n\n').dialect == "openai-chat"


def test_an_image_among_the_thoughts_is_told_from_the_answers(read: Read) -> None:
    sketch, image = ({"inlineData": {"mimeType": "image/png", "data": data}} for data in ("a", "b"))
    parts = [text("hm", thought=True), {**sketch, "thought": True}, image]
    run = read(stream(chunk(*parts, finish="STOP")))
    media = [part.type for part in run.message.parts if isinstance(part, Media)]
    assert media == ["image/png (thought)", "image/png"]
    written = DIALECT.write_request(ChatRequest("m", (run.message,)), reasoning="all")
    assert [part for part in written["contents"][0]["parts"] if "inlineData" in part] == parts[1:]
