"""Ollama's /api/chat: one JSON object a line, or one in all."""

from __future__ import annotations

from typing import Any

from tests.independent.framing import answer, numbers, payloads


def read(body: bytes) -> dict[str, Any]:
    """Read one answer; calls come whole, their arguments as an object."""
    found = payloads(body)
    said = [payload.get("message") or {} for payload in found]
    last: dict[str, Any] = {}
    for payload in found:
        last |= {key: value for key, value in payload.items() if value is not None}
    calls = [call for message in said for call in message.get("tool_calls") or ()]
    functions = [call.get("function") or {} for call in calls]
    return answer(
        body,
        found,
        text=(message.get("content") or "" for message in said),
        reasoning=(message.get("thinking") or "" for message in said),
        calls=[
            (call.get("id") or "", function.get("name") or "", function.get("arguments") or {})
            for call, function in zip(calls, functions, strict=True)
        ],
        finish=last.get("done_reason") or "",
        usage=numbers(input=last.get("prompt_eval_count"), output=last.get("eval_count")),
        error=bool(last.get("error")),
    )
