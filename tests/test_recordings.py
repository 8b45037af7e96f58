"""Real recordings: what chatviz reads is held against a reader that knows nothing of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatviz.cassettes.reading import is_chat, read_conversation, read_conversations, read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import ConversationError
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead

# ---- the independent reader: json only, and careless of everything but what is compared


def chunks_in(body: bytes) -> list[dict[str, Any]]:
    text = body.decode().replace("\r\n", "\n")
    if text.lstrip().startswith("{"):
        return [json.loads(text, parse_float=Decimal)]
    data = [line[5:].strip() for line in text.split("\n") if line.startswith("data:")]
    return [json.loads(line, parse_float=Decimal) for line in data if line != "[DONE]"]


def read_independently(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    text = finish = reasoning = ""
    calls: list[list[Any]] = []
    usage: dict[str, Any] = {}
    for chunk in chunks:
        usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage") or usage
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or choice.get("message") or {}
            content = delta.get("content") or ""
            text += content if isinstance(content, str) else "".join(p["text"] for p in content)
            reasoning += delta.get("reasoning") or delta.get("reasoning_content") or ""
            finish = choice.get("finish_reason") or finish
            for call in delta.get("tool_calls") or []:
                add_call(calls, call)
    counted = ("prompt_tokens", "completion_tokens", "total_tokens")
    return {
        "text": text,
        "reasoning": reasoning,
        "finish": finish,
        "calls": [tuple(call[1:]) for call in calls],
        "usage": [usage.get(name) for name in counted],
        "cost": None if usage.get("cost") is None else Decimal(usage["cost"]),
    }


def add_call(calls: list[list[Any]], call: dict[str, Any]) -> None:
    """Append to the last call of this index, unless another id begins a new one."""
    same = [known for known in calls if known[0] == call.get("index")]
    if not same or (call.get("id") and call["id"] != same[-1][1]):
        calls.append([call.get("index"), "", "", "", 0])
        same = calls[-1:]
    function = call.get("function") or {}
    same[-1][1] = same[-1][1] or call.get("id") or ""
    same[-1][2] = same[-1][2] or function.get("name") or ""
    same[-1][3] += function.get("arguments") or ""
    same[-1][4] += "arguments" in function


# ---- what is compared


COUNTED = ("input", "output", "total")


def told(run: StreamRun) -> dict[str, Any]:
    usage = run.usage
    return {
        "text": run.message.text,
        "reasoning": run.message.reasoning,
        "finish": run.finish_reason_sent or "",
        "calls": [(c.id, c.name, c.arguments, len(c.fragments)) for c in run.message.tool_calls],
        "usage": [usage and getattr(usage, f"{what}_tokens") for what in COUNTED],
        "cost": run.cost,
    }


def check(body: bytes, run: StreamRun) -> None:
    chunks = chunks_in(body)
    assert len(run.chunks) == len(chunks)
    assert run.body == body
    assert told(run) == read_independently(chunks)


# ---- the packaged recordings

FIREWORKS = [
    (
        44,
        [("functions.add:0", "add"), ("functions.multiply:1", "multiply")],
        13,
        (210, 55),
        "0.0002635",
    ),
    (30, [], 0, (283, 29), "0.0002423"),
]
NOVITA = [
    (45, [("add:0", "add"), ("multiply:1", "multiply")], 12, (154, 56), "0.0002324"),
    (34, [], 0, (240, 32), "0.000224"),
]


@pytest.mark.parametrize(
    ("number", "wanted", "cost"), [(0, FIREWORKS, "0.0005058"), (1, NOVITA, "0.0004564")]
)
def test_the_packaged_recordings_are_read_exactly(
    seeds: tuple[Path, Path], number: int, wanted: list[Any], cost: str
) -> None:
    talk = read_conversation(seeds[number])
    assert talk.cost == Decimal(cost)
    for run, (chunks, calls, fragments, tokens, run_cost) in zip(talk.runs, wanted, strict=True):
        assert len(run.chunks) == chunks
        assert [(call.id, call.name) for call in run.message.tool_calls] == calls
        for call in run.message.tool_calls:
            assert call.arguments == '{"a": 2, "b": 3}'
            assert len(call.fragments) == fragments
        assert run.usage is not None
        assert (run.usage.input_tokens, run.usage.output_tokens) == tokens
        assert run.cost == Decimal(run_cost)
        assert run.error is None


def test_the_last_fragment_of_fireworks_is_empty(seeds: tuple[Path, Path]) -> None:
    for call in read_runs(seeds[0])[0].message.tool_calls:
        assert call.fragments[-1].text == ""
        assert call.paths[0].is_complete


def test_the_rewritten_ids_of_the_second_are_linked_and_said(seeds: tuple[Path, Path]) -> None:
    talk = read_conversation(seeds[1])
    results = [(found.tool_call_id, found.call_index) for found in talk.steps[0].tool_results]
    assert results == [("test-3", 0), ("test-4", 1)]
    assert [found.code for found in talk.own_findings] == ["call_id_rewritten"] * 2


def test_the_packaged_recordings_agree_with_the_independent_reader(
    seeds: tuple[Path, Path],
) -> None:
    for path in seeds:
        for interaction, run in zip(load_cassette(path).interactions, read_runs(path), strict=True):
            check(interaction.response.body, run)


def without_delta(body: bytes, number: int) -> bytes:
    """Drop what one chunk says."""
    lines = body.split(b"\n\n")
    data = [place for place, line in enumerate(lines) if line.startswith(b"data: {")]
    chunk = json.loads(lines[data[number]][6:])
    chunk["choices"] = []
    lines[data[number]] = b"data: " + json.dumps(chunk).encode()
    return b"\n\n".join(lines)


def test_the_independent_reader_sees_one_delta_that_is_lost(seeds: tuple[Path, Path]) -> None:
    """Every delta that says something: without it the comparison fails."""
    body = load_cassette(seeds[0]).interactions[0].response.body
    wanted = read_independently(chunks_in(body))
    lost = {n for n in range(44) if told(read_stream(without_delta(body, n))) != wanted}
    saying = {n for n, chunk in enumerate(chunks_in(body)) if says_something(chunk)}
    assert saying <= lost
    assert len(saying) > 35


def says_something(chunk: dict[str, Any]) -> bool:
    deltas = [choice["delta"] for choice in chunk["choices"]]
    return any(delta.get("content") or delta.get("tool_calls") for delta in deltas)


# ---- other people's recordings


def test_other_peoples_recordings_agree_with_the_independent_reader(shared_cassettes: Path) -> None:
    seen = set()
    for path in sorted((shared_cassettes / "go-vcr").glob("*.yaml")):
        asked = filter(is_chat, load_cassette(path).interactions)
        for interaction, run in zip(asked, read_runs(path), strict=True):
            seen.add(run.dialect)
            if run.dialect == "openai-chat" and run.error is None:
                check(interaction.response.body, run)
    assert seen == {
        "anthropic-messages", "gemini", "ollama-chat", "openai-chat", "openai-responses",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("azure_tool", "empty_first_chunk"),
        ("cerebras_qwen-3-coder_no_done", "done_missing"),
        ("openrouter_429_then_retry", "http_error"),
        ("openrouter_gpt-5_first_index_1", "call_index_gap"),
        ("openrouter_glm-4.5_tool_and_finish_in_one_chunk", "reasoning_in_two_fields"),
        ("openrouter_kimi-k2_baseten_multi_tool", "call_id_repeated"),
        ("openrouter_kimi-k2_chutes_multi_tool", "call_id_null"),
        ("openrouter_kimi-k2_deepinfra_multi_tool", "call_after_finish"),
        ("openrouter_kimi-k2_moonshotai_multi_tool", "call_id_positional"),
        ("openrouter_kimi-k2_tool_after_finish", "call_after_finish"),
        ("openrouter_not_streamed_multi_tool", "keep_alive_white_space"),
        ("vercel_gemini-2.5-flash_reasoning_billed_uncounted", "usage_reasoning_uncounted"),
        ("xai_grok-code-fast_reasoning_outside_completion", "usage_reasoning_outside"),
        ("xai_grok-code-fast_reasoning_outside_completion", "coarse_clock"),
    ],
)
def test_what_a_recording_is_known_for_is_found(
    shared_cassettes: Path, name: str, code: str
) -> None:
    runs = read_runs(shared_cassettes / "go-vcr" / f"{name}.yaml")
    assert code in {finding.code for run in runs for finding in run.findings}


def test_the_true_clock_of_ollama_is_the_time_of_its_chunks(shared_cassettes: Path) -> None:
    """Its own clock spans 18.4 s, where go-vcr recorded a duration of 0.369 s."""
    path = shared_cassettes / "go-vcr" / "ollama_gpt-oss-20b_true_clock.yaml"
    spans = []
    for run in read_runs(path):
        assert run.timing == "provider_clock"
        times = [chunk.at for chunk in run.chunks if chunk.at is not None]
        assert times == sorted(times)
        assert len(times) == len(run.chunks)
        spans.append(times[-1])
    assert any(span == pytest.approx(18.4, abs=0.1) for span in spans)


def test_a_429_and_its_retry_are_attempts_of_one_step(shared_cassettes: Path) -> None:
    (talk,) = read_conversations(shared_cassettes / "go-vcr" / "openrouter_429_then_retry.yaml")
    attempts = [len(step.attempts) for step in talk.steps]
    assert any(attempts)
    assert len(talk.runs) == len(talk.steps) + sum(attempts)


def vcrpy_answers(folder: Path) -> Iterator[tuple[str, RequestHead, bytes]]:
    """Read vcrpy's files without chatviz: each request with the body of its answer."""
    for path in sorted((folder / "vcrpy").glob("*.yaml")):
        for interaction in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
            asked, answered = interaction["request"], interaction["response"]
            body = (answered.get("body") or {}).get("string") or b""
            if "parsed_body" in answered:
                body = json.dumps(answered["parsed_body"])
            body = body.encode() if isinstance(body, str) else body
            body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
            yield path.stem, RequestHead(asked["method"], asked["uri"]), body


def test_vcrpys_recordings_agree_with_the_independent_reader(shared_cassettes: Path) -> None:
    compared = set()
    for name, head, body in vcrpy_answers(shared_cassettes):
        reader = StreamReader(head)
        reader.feed(body)
        run = reader.close()
        if run.dialect == "openai-chat" and run.error is None:
            check(body, run)
            compared.add(name)
    assert len(compared) >= 4


def test_the_error_inside_groqs_stream_keeps_what_was_said(shared_cassettes: Path) -> None:
    runs = [
        read_stream(body)
        for name, _, body in vcrpy_answers(shared_cassettes)
        if name == "groq_error_inside_stream"
    ]
    failed = [run for run in runs if run.error is not None]
    assert failed
    for run in failed:
        assert run.error is not None
        assert run.error.message
        assert run.message.text or run.message.reasoning or run.message.tool_calls
        assert "error_in_stream" in {found.code for found in run.findings}


def test_the_only_conversation_is_asked_for_where_there_are_several(seeds: Any) -> None:
    with pytest.raises(ConversationError, match="found 2"):
        read_conversation(seeds)
