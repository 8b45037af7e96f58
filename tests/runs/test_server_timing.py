"""What servers say that their work took: each number with its field, its unit and its source."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.chat.server_time import ServerTime
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead


def read(url: str, body: bytes, **headers: str) -> StreamRun:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    reader = StreamReader(RequestHead("POST", url), response=ResponseHead(200, named))
    reader.feed(body)
    return reader.close()


def sse(*payloads: object) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in payloads)


def chat(*payloads: dict[str, Any]) -> StreamRun:
    said = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    return read("https://api.example.com/v1/chat/completions", sse(said, *payloads))


def told(run: StreamRun) -> list[tuple[str, float, str]]:
    return [(one.measure, pytest.approx(one.seconds), one.field) for one in run.server_timing]


def test_totals_of_an_answer_in_its_usage() -> None:
    usage = {"queue_time": 0.004, "prompt_time": 0.01, "completion_time": 0.1, "total_time": 0.11}
    run = chat({"choices": [], "usage": {"prompt_tokens": 1, **usage}})
    assert told(run) == [
        ("queue", 0.004, "usage.queue_time"),
        ("prompt", 0.01, "usage.prompt_time"),
        ("completion", 0.1, "usage.completion_time"),
        ("total", 0.11, "usage.total_time"),
    ]
    assert {(one.unit, one.source, one.chunk) for one in run.server_timing} == {("s", "chunk", 1)}


def test_of_timings_with_each_chunk_the_last_counts() -> None:
    pieces = [{"choices": [], "timings": {"prompt_ms": 12, "predicted_ms": n}} for n in (10, 20)]
    run = chat(*pieces)
    assert told(run) == [
        ("prompt", 0.012, "timings.prompt_ms"),
        ("completion", 0.020, "timings.predicted_ms"),
    ]
    assert [one.chunk for one in run.server_timing] == [2, 2]


def test_checkpoints_keep_their_names_apart() -> None:
    sent = {"engine_ttft_ms": 42, "service_ttft_ms": 554, "odd_ms": 3}
    run = chat({"choices": [], "latency_checkpoint": sent})
    assert told(run) == [
        ("first_token", 0.554, "latency_checkpoint.service_ttft_ms"),
        ("first_token", 0.042, "latency_checkpoint.engine_ttft_ms"),
    ]


def test_the_span_of_the_chunks_is_the_duration_of_the_evaluation_to_the_millisecond() -> None:
    """As on public recordings of Ollama: the stamps of its lines, and what its last line says."""
    lines = [
        {"model": "m", "created_at": f"2026-01-01T00:00:{second:09.6f}Z", "done": False,
         "message": {"role": "assistant", "content": "x"}}
        for second in (1.0, 1.25, 1.5)
    ]  # fmt: skip
    end = {"model": "m", "created_at": "2026-01-01T00:00:01.750000Z", "done": True,
           "done_reason": "stop", "message": {"role": "assistant", "content": ""},
           "total_duration": 1_750_000_000, "load_duration": 600_000_000,
           "prompt_eval_duration": 400_000_000, "eval_duration": 750_000_000}  # fmt: skip
    body = b"\n".join(json.dumps(line).encode() for line in [*lines, end])
    run = read("http://localhost:11434/api/chat", body)
    assert run.timing == "provider_clock"
    assert told(run) == [
        ("total", 1.75, "total_duration"),
        ("load", 0.6, "load_duration"),
        ("prompt", 0.4, "prompt_eval_duration"),
        ("completion", 0.75, "eval_duration"),
    ]
    chunks = run.chunks
    span = (chunks[len(chunks) - 1].at or 0) - (chunks[0].at or 0)
    assert round(span, 3) == round(run.server_timing[3].seconds, 3)


def test_whole_seconds_between_two_stamps_are_said_to_be_coarse() -> None:
    begun = {"id": "r", "model": "m", "created_at": 10, "status": "in_progress", "output": []}
    ended = {**begun, "status": "completed", "completed_at": 13}
    body = sse(
        {"type": "response.created", "response": begun, "sequence_number": 0},
        {"type": "response.completed", "response": ended, "sequence_number": 1},
    )
    [time] = read("https://api.example.com/v1/responses", body).server_timing
    assert (time.measure, time.seconds, time.resolution_s) == ("total", 3.0, 1.0)
    assert time.field == "response.completed_at − response.created_at"
    back = body.replace(b'"completed_at": 13', b'"completed_at": 9')
    assert read("https://api.example.com/v1/responses", back).server_timing == ()
    alone = body.replace(b'"created_at": 10, "status": "completed"', b'"status": "completed"')
    assert read("https://api.example.com/v1/responses", alone).server_timing == ()
    [fine] = read(
        "https://api.example.com/v1/responses",
        body.replace(b'"completed_at": 13', b'"completed_at": 13.5'),
    ).server_timing
    assert (fine.seconds, fine.resolution_s) == (3.5, None)


def frame(name: str, payload: bytes) -> bytes:
    """Return an AWS frame with the name of its event."""
    fields = [(b":event-type", name.encode()), (b":message-type", b"event")]
    headers = b"".join(
        struct.pack(">B", len(key)) + key + b"\x07" + struct.pack(">H", len(value)) + value
        for key, value in fields
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack(">I", zlib.crc32(head))


def test_what_an_invoked_model_took_lies_inside_binary_frames() -> None:
    metrics = {"invocationLatency": 900, "firstByteLatency": 300, "inputTokenCount": 3}
    events = [
        {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant",
         "model": "x", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}},
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics},
    ]  # fmt: skip
    packed = [base64.b64encode(json.dumps(event).encode()).decode() for event in events]
    body = b"".join(frame("chunk", json.dumps({"bytes": one}).encode()) for one in packed)
    body += frame("chunk", b'{"odd": 1}')
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.x/invoke-with-response-stream"
    assert told(read(url, body)) == [
        ("total", 0.9, "amazon-bedrock-invocationMetrics.invocationLatency"),
        ("first_token", 0.3, "amazon-bedrock-invocationMetrics.firstByteLatency"),
    ]


def test_headers_say_what_lies_behind_a_proxy() -> None:
    body = sse({"choices": [{"index": 0, "delta": {"content": "Hi"}}]})
    headers = {
        "OpenAI_Processing_Ms": "399",
        "x_envoy_upstream_service_time": "420",
        "server_timing": 'cfReqDur;dur=392.9, db; desc="a; b" ;dur="2", miss, cache;desc=hit, '
        "x;dur=., y;dur=99999999999999",
        "x_other_ms": "5",
    }
    run = read("https://api.example.com/v1/chat/completions", body, **headers)
    assert told(run) == [
        ("processing", 0.399, "OpenAI-Processing-Ms"),
        ("processing", 0.420, "x-envoy-upstream-service-time"),
        ("processing", 0.3929, "server-timing: cfReqDur"),
        ("processing", 0.002, "server-timing: db"),
    ]
    assert {one.source for one in run.server_timing} == {"header"}
    assert run.timing == "none"
    assert run.time_to_headers_s is None


@pytest.mark.parametrize(
    "sent", ["x", None, True, -1, [], {}, 1e300, 10**400, float("inf"), float("nan"), "inf", ""]
)
def test_what_is_no_duration_is_none(sent: object) -> None:
    assert chat({"choices": [], "timings": {"prompt_ms": sent}}).server_timing == ()
    body = sse({"choices": [{"index": 0, "delta": {"content": "Hi"}}]})
    url = "https://api.example.com/v1/chat/completions"
    assert read(url, body, openai_processing_ms=str(sent)).server_timing == ()


def test_what_cannot_be_read_is_passed_over() -> None:
    body = b'data: {"timings": 5, "choices": []}\n\ndata: {"timings": {"prompt_ms": 5}\n\n'
    assert read("https://api.example.com/v1/chat/completions", body).server_timing == ()
    assert read_stream(b'{"timings": {"prompt_ms": 5}}').server_timing == ()


def test_a_time_is_a_value() -> None:
    one, other = (chat({"choices": [], "timings": {"prompt_ms": 5}}).server_timing for _ in "ab")
    assert one == other
    assert isinstance(one[0], ServerTime)


def test_the_shared_recordings_say_what_their_servers_took(shared_cassettes) -> None:
    found = {
        path.stem: {one.measure for run in read_runs(path) for one in run.server_timing}
        for name in ("azure_tool", "cerebras_qwen-3-coder_no_done", "ollama_gpt-oss-20b_true_clock")
        for path in [shared_cassettes / "go-vcr" / f"{name}.yaml"]
    }
    assert found == {
        "azure_tool": {"total", "completion", "before_prompt", "first_token", "per_token"},
        "cerebras_qwen-3-coder_no_done": {"queue", "prompt", "completion", "total"},
        "ollama_gpt-oss-20b_true_clock": {"total"},
    }
