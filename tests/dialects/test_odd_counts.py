"""Counts of another type than whole numbers are not known, and are told as sent but not read."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.wire.exchange import RequestHead

URLS = {
    "openai-chat": "https://api.openai.com/v1/chat/completions",
    "anthropic-messages": "https://api.anthropic.com/v1/messages",
    "openai-responses": "https://api.openai.com/v1/responses",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
    "bedrock-converse": "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse",
    "ollama-chat": "http://localhost:11434/api/chat",
}


def answer_of(dialect: str, counts: dict[str, Any]) -> dict[str, Any]:
    """Return a whole answer that counts so."""
    text = {"role": "assistant", "content": "a"}
    match dialect:
        case "openai-chat":
            choice = {"index": 0, "message": text, "finish_reason": "stop"}
            return {"id": "c", "model": "m", "choices": [choice], "usage": counts}
        case "anthropic-messages":
            content = [{"type": "text", "text": "a"}]
            head = {"id": "c", "type": "message", "role": "assistant", "model": "m"}
            return {**head, "content": content, "stop_reason": "end_turn", "usage": counts}
        case "openai-responses":
            return {"id": "c", "object": "response", "model": "m", "status": "completed",
                    "output": [], "usage": counts}  # fmt: skip
        case "gemini":
            candidate = {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}
            return {"candidates": [candidate], "usageMetadata": counts}
        case "bedrock-converse":
            message = {"role": "assistant", "content": [{"text": "a"}]}
            return {"output": {"message": message}, "stopReason": "end_turn", "usage": counts}
        case _:
            return {"model": "m", "created_at": "2026-01-05T11:28:00Z", "message": text,
                    "done": True, "done_reason": "stop", **counts}  # fmt: skip


CASES = [
    ("openai-chat", "prompt_tokens", "$.usage.prompt_tokens"),
    ("openai-chat", "completion_tokens", "$.usage.completion_tokens"),
    ("openai-chat", "total_tokens", "$.usage.total_tokens"),
    ("openai-chat", "prompt_tokens_details.cached_tokens",
     "$.usage.prompt_tokens_details.cached_tokens"),
    ("anthropic-messages", "input_tokens", "$.usage.input_tokens"),
    ("anthropic-messages", "cache_read_input_tokens", "$.usage.cache_read_input_tokens"),
    ("openai-responses", "output_tokens", "$.usage.output_tokens"),
    ("openai-responses", "output_tokens_details.reasoning_tokens",
     "$.usage.output_tokens_details.reasoning_tokens"),
    ("gemini", "promptTokenCount", "$.usageMetadata.promptTokenCount"),
    ("bedrock-converse", "totalTokens", "$.usage.totalTokens"),
    ("ollama-chat", "eval_count", "$.eval_count"),
]  # fmt: skip


def read(dialect: str, name: str, value: Any) -> cv.StreamRun:
    outer, _, inner = name.partition(".")
    counts = {outer: {inner: value} if inner else value}
    head = RequestHead("POST", URLS[dialect], body=b'{"model": "m"}')
    return cv.read_stream(json.dumps(answer_of(dialect, counts)).encode(), head)


def numbers(run: cv.StreamRun) -> set[int]:
    assert run.usage is not None
    names = ("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens")
    found = [getattr(run.usage, name) for name in (*names, "reasoning_tokens")]
    return {number for number in found if number is not None}


def unknown(run: cv.StreamRun) -> list[str]:
    return [one.part for one in run.findings if one.code == "unknown_fields"]


@pytest.mark.parametrize("value", ["12", 3.5, True, [1], {"a": 1}, 1 << 70])
@pytest.mark.parametrize("dialect, name, path", CASES)
def test_what_is_no_count_is_told(dialect: str, name: str, path: str, value: Any) -> None:
    run = read(dialect, name, value)
    assert run.dialect == dialect and numbers(run) <= {0}
    assert path in unknown(run)


@pytest.mark.parametrize("value", [12, 12.0, 0, None])
@pytest.mark.parametrize("dialect, name, path", CASES)
def test_what_is_a_count_or_null_is_not(dialect: str, name: str, path: str, value: Any) -> None:
    run = read(dialect, name, value)
    assert not unknown(run)
    assert run.usage is None or 12 in numbers(run) or not value


def test_a_cost_that_no_number_can_hold_is_told() -> None:
    body = json.dumps(answer_of("openai-chat", {"prompt_tokens": 1, "cost": 0.5}))
    head = RequestHead("POST", URLS["openai-chat"])
    assert not unknown(cv.read_stream(body.encode(), head))
    run = cv.read_stream(body.replace("0.5", "1e400").encode(), head)
    assert run.cost is None and unknown(run) == ["$.usage.cost"]
