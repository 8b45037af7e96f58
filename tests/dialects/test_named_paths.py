"""What is not known is named by its path in the body that was sent, in every dialect.

The answers are hand-made: each holds all kinds of what its API can say. Something is changed at one
place of them at a time, and each finding must name a path that is in the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final, TypeAlias

import pytest

import chatviz as cv
from chatviz.chat.deltas import UnknownDelta

Path: TypeAlias = tuple[str | int, ...]

_CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "openai-chat": {
        "object": "chat.completion",
        "choices": [
            {
                "index": 1,
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": "a"},
                        {"type": "thinking", "thinking": "b"},
                    ],
                    "tool_calls": [_CALL],
                    "function_call": {"name": "f", "arguments": "{}"},
                    "executed_tools": [{"index": 0, "type": "python", "arguments": "{}"}],
                },
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 1}},
        "x_groq": {"id": "a"},
    },
    "openai-completions": {
        "object": "text_completion",
        "choices": [{"index": 0, "text": "a", "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1},
    },
    "openai-responses": {
        "object": "response",
        "id": "resp_1",
        "status": "completed",
        "output": [
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "a"}],
                "content": [{"type": "reasoning_text", "text": "a"}],
            },
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "a", "logprobs": []}],
            },
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        ],
        "usage": {"input_tokens": 1, "output_tokens_details": {"reasoning_tokens": 1}},
    },
    "anthropic-messages": {
        "type": "message",
        "role": "assistant",
        "id": "msg_1",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "a", "signature": "b"},
            {"type": "text", "text": "a"},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "g", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "bedrock-converse": {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "a", "signature": "b"}}},
                    {"text": "a"},
                    {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}},
                    {"citationsContent": {"content": [{"text": "a"}], "citations": []}},
                ],
            }
        },
        "stopReason": "tool_use",
        "metrics": {"latencyMs": 1},
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    },
    "gemini": {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [{"text": "a"}, {"functionCall": {"name": "f", "args": {}}}],
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 1},
        "promptFeedback": {},
    },
    "ollama-chat": {
        "model": "m",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {
            "role": "assistant",
            "content": "a",
            "tool_calls": [{"function": {"name": "f", "arguments": {}}}],
        },
        "done": True,
        "done_reason": "stop",
        "eval_count": 1,
    },
}


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each value inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def steps(path: str) -> Path:
    """Return the steps of a path as findings name it; the kind of a block may stand behind it."""
    path = re.sub(r"\([^()]*\)$", "", path)
    return tuple(
        int(number) if number else name
        for name, number in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path.removeprefix("$"))
    )


def changed(answer: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield the answer with a new field in each object, and a number in the place of each value."""
    for place in ((), *places(answer)):
        made = deepcopy(answer)
        if isinstance(at(made, place), dict):
            at(made, place)["zz_new"] = {"deep": 1}
            yield place, made
        if place:
            made = deepcopy(answer)
            at(made, place[:-1])[place[-1]] = 7.5
            yield place, made


def named(run: cv.StreamRun) -> list[str]:
    return [delta.path for _, delta in run.deltas if isinstance(delta, UnknownDelta)]


def is_in(body: Any, path: str) -> bool:
    try:
        at(body, steps(path))
    except (LookupError, TypeError):
        return False
    return True


@pytest.mark.parametrize("dialect", ANSWERS)
def test_a_whole_answer_is_named_by_its_own_paths(dialect: str) -> None:
    assert named(cv.read_stream(json.dumps(ANSWERS[dialect]).encode())) == []
    right, wrong = 0, list[tuple[Path, str]]()
    for place, answer in changed(ANSWERS[dialect]):
        run = cv.read_stream(json.dumps(answer).encode())
        if run.dialect != dialect:
            continue  # what it was told by is gone
        for path in named(run):
            if is_in(answer, path):
                right += 1
            else:
                wrong.append((place, path))
    assert wrong == []
    assert right > 5


def as_stream(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the whole answer as one chunk of a stream."""
    made = deepcopy(answer) | {"object": "chat.completion.chunk"}
    for choice in made["choices"]:
        choice["delta"] = choice.pop("message")
    return made


def test_a_chunk_is_named_by_its_own_paths() -> None:
    """The choice's place in the chunk is named, not its number."""
    found = 0
    for _, chunk in changed(as_stream(ANSWERS["openai-chat"])):
        run = cv.read_stream(b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n")
        assert [path for path in named(run) if not is_in(chunk, path)] == []
        found += len(named(run))
    assert found > 5


def test_a_message_in_a_stream_is_named_as_such() -> None:
    """After pieces some servers send the whole message again."""
    last = {"choices": [{"index": 0, "delta": {}, "message": {"content": "a", "zz_new": 1}}]}
    first = {"choices": [{"index": 0, "delta": {"content": "a"}}]}
    body = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in (first, last))
    assert named(cv.read_stream(body)) == ["$.choices[0].message.zz_new"]


def test_a_completion_is_named_by_its_text() -> None:
    """Legacy completions are read as chat completions, whose choices hold no text."""
    answer = {"object": "text_completion", "choices": [{"index": 0, "text": {"zz_new": 1}}]}
    assert named(cv.read_stream(json.dumps(answer).encode())) == ["$.choices[0].text"]
