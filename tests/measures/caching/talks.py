"""Requests made up from real ones, each with its real answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import chatviz as cv
from chatviz.runs.conversation import Conversation, Step
from chatviz.wire.exchange import RequestHead, ResponseHead

TWO_STEPS = (
    "anthropic_claude-sonnet-4", "bedrock_claude-3-haiku", "gemini_2.5-flash",
    "ollama_gpt-oss-120b", "openai_gpt-4o-mini", "openrouter_kimi-k2_fireworks",
    "openrouter_kimi-k2_novita", "synthetic_converse",
)  # fmt: skip
"""Packaged conversations of two steps: all six dialects that are asked in."""


def ask_again(
    run: cv.StreamRun, body: Mapping[str, Any], *, url: str = "", response: Any = None
) -> cv.StreamRun:
    """Return the same answer to another request."""
    sent = json.dumps(body).encode("utf-8", "surrogatepass")
    head = RequestHead("POST", url or run.head.url, run.head.headers, sent)
    reader = cv.StreamReader(head, response=response or run.response)
    reader.feed(run.body)
    return reader.close()


def asked(
    body: Mapping[str, Any],
    *,
    url: str = "https://api.openai.com/v1/chat/completions",
    usage: Mapping[str, Any] | None = None,
    date: str = "",
    created: int | None = None,
    id: str = "a",
    provider: str = "",
) -> cv.StreamRun:
    """Return a chat completion (synthetic): a request, and an answer that says what it counted."""
    answer = {
        "id": id, "object": "chat.completion", "model": body.get("model", "m"), "created": created,
        "provider": provider,
        "choices": [{"index": 0, "message": {"content": "ok"}, "finish_reason": "stop"}],
        "usage": usage,
    }  # fmt: skip
    headers = {"Date": [date]} if date else {}
    head = RequestHead("POST", url, body=json.dumps(body).encode())
    reader = cv.StreamReader(head, response=ResponseHead(200, headers))
    reader.feed(json.dumps(answer).encode())
    return reader.close()


def talk_of(*runs: cv.StreamRun) -> Conversation:
    """Return runs as one conversation, whatever they ask."""
    return Conversation(tuple(map(Step, runs)))


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each text and number of a body."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in pairs:
            yield from leaves(inner, (*steps, step))
    elif value is not None:
        yield steps


def value_at(body: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        body = body[step]
    return body


def with_value(body: Any, steps: Sequence[str | int], value: Any) -> Any:
    """Return a body with another value at a path."""
    if not steps:
        return value
    inner = with_value(body[steps[0]], steps[1:], value)
    if isinstance(body, dict):
        return {**body, steps[0]: inner}
    return [inner if number == steps[0] else item for number, item in enumerate(body)]


def write_path(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
