"""Anthropic's events in the frames of Bedrock's invoke, and the other models that are invoked."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request
from chatviz.dialects.anthropic.bedrock import AnthropicOnBedrock, read_usual_frame
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.wire_event import WireEvent
from tests.dialects.anthropic.building import STOP, block, call, close, finish, piece, start, text
from tests.dialects.anthropic.test_fast_path import EVENTS
from tests.dialects.steps import without_step
from tests.wire.aws_building import error_frame, exception_frame, frame

Read = Callable[..., StreamRun]
HOST = "https://bedrock-runtime.us-east-1.amazonaws.com"
MODEL = "us.anthropic.claude-3-haiku-20240307-v1%3A0"
ASKED = b'{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[]}'
HEAD = RequestHead("POST", f"{HOST}/model/{MODEL}/invoke-with-response-stream", {}, ASKED)
RECORDING = "go-vcr/bedrock_invoke_tool.yaml"
METRICS = {"inputTokenCount": 10, "outputTokenCount": 3, "invocationLatency": 9}
LAST = {**STOP, "amazon-bedrock-invocationMetrics": METRICS}
DIALECT = AnthropicOnBedrock()


def codes(run: StreamRun) -> set[str]:
    return {found.code for found in run.findings} - {"no_clock"}


def framed(event: Any, **beside: Any) -> bytes:
    """Return the frame that carries an event, padded as they are."""
    sent = event if isinstance(event, bytes) else json.dumps(event).encode()
    carried = {"bytes": b64encode(sent).decode(), "p": "abcdef", **beside}
    return frame(carried, event_type="chunk")


def body(*events: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    return b"".join(
        framed(one) for event in events for one in (event if isinstance(event, list) else [event])
    )


# ---- which requests, payloads and bodies


@pytest.mark.parametrize(
    ("url", "asked", "dialect"),
    [
        (HEAD.url, ASKED, "anthropic-messages"),
        (f"{HOST}/model/{MODEL}/invoke", ASKED, "anthropic-messages"),
        (f"{HOST}/model/arn%3Aaws%3Abedrock%3A1%2Fabc/invoke", ASKED, "anthropic-messages"),
        (f"{HOST}/model/{MODEL}/invoke", b"", "anthropic-messages"),
        (f"{HOST}/model/{MODEL}/count-tokens", ASKED, None),
        (f"{HOST}/model/amazon.nova-lite-v1%3A0/invoke", b'{"messages":[]}', "bedrock-invoke"),
        (f"{HOST}/model/meta.llama3/invoke-with-response-stream", b'{"prompt":""}',
         "bedrock-invoke"),
        (f"{HOST}/model/amazon.titan-text/invoke",
         b'{"inputText":"a","textGenerationConfig":{}}', "bedrock-invoke"),
        (f"{HOST}/model/meta.llama3/invoke", b"", "bedrock-invoke"),
        (f"{HOST}/model/amazon.titan-embed-text-v2%3A0/invoke", b'{"inputText":"a"}', None),
        (f"{HOST}/model/cohere.embed-v4%3A0/invoke", b'{"texts":["a"],"input_type":"x"}', None),
        (f"{HOST}/model/amazon.nova-embed/invoke", b'{"taskType":"SINGLE_EMBEDDING"}', None),
        (f"{HOST}/model/meta.llama3/invoke", b"no JSON", None),
        (f"{HOST}/model/meta.llama3/invoke", b"[1]", None),
    ],
)  # fmt: skip
def test_path_and_body_tell_who_is_invoked(url: str, asked: bytes, dialect: str | None) -> None:
    spoken = dialect_for(RequestHead("POST", url, {}, asked))
    assert (spoken and spoken.name) == dialect
    assert dialect_for(RequestHead("GET", url, {}, asked)) is None


def test_frames_tell_without_their_request(read: Read) -> None:
    run = read(body(start(), text(0, "Hi"), finish(), LAST))
    assert (run.dialect, run.wire.framing, run.message.text) == (
        "anthropic-messages",
        "aws_frames",
        "Hi",
    )
    assert codes(run) == set()
    assert dialect_of_payload({"bytes": "no base64"}) is None
    assert dialect_of_payload({"bytes": b64encode(b"[1").decode()}) is None
    assert type(dialect_of_request(json.loads(ASKED))) is AnthropicOnBedrock


# ---- real recordings


def test_the_recorded_streams_say_what_they_are_known_for(shared_cassettes: Path) -> None:
    first, second = read_runs(shared_cassettes / RECORDING)
    assert [one.arguments for one in first.message.tool_calls] == [
        '{"location": "Florence, Italy"}'
    ]
    assert (first.finish_reason_sent, first.finish_reason) == ("tool_use", "tool_calls")
    assert (first.wire.framing, first.provider) == ("aws_frames", "Amazon Bedrock")
    assert first.chat_request.model == "us.anthropic.claude-3-haiku-20240307-v1:0"
    assert second.message.text and codes(first) == codes(second) == set()


def test_the_usage_is_anthropics_where_the_metrics_differ(shared_cassettes: Path) -> None:
    """The frame that ends a stream counts 35 tokens of output, message_delta 53."""
    run = read_runs(shared_cassettes / RECORDING)[0]
    last = json.loads(b64decode(run.chunks[-1].json["bytes"]))
    assert last["amazon-bedrock-invocationMetrics"]["outputTokenCount"] == 35
    assert run.usage is not None and run.usage.output_tokens == 53


def test_the_glance_reads_every_recorded_frame(shared_cassettes: Path) -> None:
    for run in read_runs(shared_cassettes / RECORDING):
        assert all(check(chunk.data) for chunk in run.chunks)


# ---- the glance


def check(data: bytes, name: bytes = b"chunk") -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    event = WireEvent("data", 0, len(data), data, name)
    glance = read_usual_frame(event)
    if glance is not None:
        assert DIALECT.order is not None
        deltas = without_step(glance, DIALECT.order, event)
        assert deltas == list(DIALECT.read_event(event, json.loads(data)))
    return glance is not None


@given(EVENTS, st.sampled_from([{"p": "ab"}, {}, {"p": 5}, {"q": 1}]), st.booleans())
def test_the_glance_says_what_the_full_reading_says(
    event: dict[str, Any], beside: dict[str, Any], fails: bool
) -> None:
    data = json.dumps({"bytes": b64encode(json.dumps(event).encode()).decode(), **beside})
    read = check(data.encode(), b"exception/x" if fails else b"chunk")
    assert not (fails and read)


# ---- what no recording shows


def test_parts_calls_and_usage_are_read_as_anywhere(read: Read) -> None:
    run = read(
        body(
            start(),
            [
                block(0, type="thinking", thinking="", signature=""),
                piece(0, type="thinking_delta", thinking="Hm"),
                piece(0, type="signature_delta", signature="s"),
                close(0),
            ],
            text(1, "Hel", "lo"),
            call(2, '{"a":', "1}"),
            finish("tool_use"),
            LAST,
        ),
        HEAD,
    )
    assert (run.message.reasoning, run.message.text) == ("Hm", "Hello")
    assert [one.arguments for one in run.message.tool_calls] == ['{"a":1}']
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (10, 5)
    assert codes(run) == set()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (exception_frame("throttlingException", "Slow down"), "throttlingException"),
        (exception_frame("modelStreamErrorException", "Slow down"), "modelStreamErrorException"),
        (error_frame("InternalError", "Slow down"), "InternalError"),
    ],
)
def test_an_exception_or_an_error_is_the_error_of_the_run(
    read: Read, failure: bytes, code: str
) -> None:
    run = read(body(start(), text(0, "Hel")[:2]) + failure, HEAD)
    assert run.message.text == "Hel"
    assert run.error is not None
    assert (run.error.code, run.error.message) == (code, "Slow down")
    assert codes(run) == {"error_in_stream"}
    passing = run.spoken.manners.passing_errors
    assert {"overloaded_error", "throttlingException"} <= passing
    assert "validationException" not in passing


def test_a_greeting_of_the_server_says_nothing(read: Read) -> None:
    greeting = frame({}, event_type="initial-response")
    run = read(greeting + body(start(), text(0, "Hi"), finish(), LAST), HEAD)
    assert run.message.text == "Hi"
    assert codes(run) <= {"identity_late"}


def test_what_a_frame_carries_besides_is_kept(read: Read) -> None:
    run = read(body(start()) + framed({"type": "ping"}, extra=1), HEAD)
    assert {one.part for one in run.findings if one.code == "unknown_fields"} == {"$.extra"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"bytes": b64encode(b"{").decode()}, "not_json"),
        ({"bytes": b64encode(b'{"type":"ping","x":NaN}').decode()}, "unknown_fields"),
        ({"bytes": "no base64"}, "unknown_fields"),
        ({"bytes": 5}, "unknown_fields"),
        ({"bytes": b64encode(b"[1]").decode()}, "not_an_object"),
        ([1], "not_an_object"),
    ],
)
def test_odd_frames_raise_nothing_and_are_found(read: Read, payload: Any, code: str) -> None:
    sent = frame(json.dumps(payload).encode(), event_type="chunk")
    run = read(body(start()) + sent, HEAD)
    assert len(run.chunks) == 2
    assert code in codes(run)


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([text(0, "Hi"), start(), finish(), LAST], "event_before_start"),
        ([start(), text(0, "Hi")[:2], finish(), LAST], "part_not_closed"),
        ([start(), text(0, "Hi")[1:], finish(), LAST], "part_not_open"),
        ([start(), text(0, "Hi"), finish(), LAST, LAST], "event_after_end"),
        ([start(), text(0, "Hi"), finish()], "end_missing"),
    ],
)
def test_a_breach_of_the_order_is_found_in_frames_too(read: Read, events: Any, code: str) -> None:
    assert code in codes(read(body(*events), HEAD))


def test_a_whole_answer_is_anthropics_message(read: Read) -> None:
    used = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    message = {**start()["message"], "content": [used], "stop_reason": "tool_use"}
    head = RequestHead("POST", f"{HOST}/model/{MODEL}/invoke", {}, ASKED)
    run = read(json.dumps(message).encode(), head)
    assert [one.arguments for one in run.message.tool_calls] == ['{"a": 1}']
    assert codes(run) == set()


def test_aws_says_of_an_error_its_message_alone(read: Read) -> None:
    run = read(b'{"message":"No access."}', HEAD, response=ResponseHead(403))
    assert run.error is not None
    assert (run.error.message, run.error.status) == ("No access.", 403)


# ---- other models


def test_another_models_answer_is_named_and_shown(read: Read) -> None:
    url = f"{HOST}/model/us.meta.llama3-8b%3A0/invoke-with-response-stream"
    head = RequestHead("POST", url, {}, b'{"prompt":"Hi"}')
    run = read(framed({"generation": "Hello"}) + frame({"bytes": "no base64"}) + frame([1]), head)
    assert codes(run) == {"dialect_not_read"}
    assert run.dialect == "bedrock-invoke"
    assert run.chat_request.model == "us.meta.llama3-8b:0"
    shown = [one.delta.json for one in run.deltas if hasattr(one.delta, "json")]
    assert shown == ['{"generation": "Hello"}', '{"bytes": "no base64"}', "[1]"]
    assert (run.message.text, run.usage) == ("", None)


# ---- damage


@given(st.data())
def test_damage_raises_nothing(shared_cassettes: Path, data: st.DataObject) -> None:
    bodies = [one.response.body for one in load_cassette(shared_cassettes / RECORDING).interactions]
    damaged = bytearray(data.draw(st.sampled_from(bodies)))
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
    assert run.findings is not None and run.messages
