"""ollama-python reads a streamed chat; its chunks are joined as its README does."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "ollama"
READS = {"ollama-chat": "json_lines"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    import httpx  # noqa: F401
    import ollama  # noqa: F401


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's chunks come to; it has no accumulator of its own."""
    import httpx
    import ollama

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "application/x-ndjson"}, content=body)

    client = ollama.Client("http://recorded.invalid", transport=httpx.MockTransport(answer))
    read: dict[str, Any] = {"text": "", "reasoning": "", "calls": [], "finish": None}
    messages = [{"role": "user", "content": "?"}]
    for chunk in client.chat(model="m", messages=messages, stream=True):
        message = chunk.message
        read["text"] += message.content or ""
        read["reasoning"] += message.thinking or ""
        read["finish"] = chunk.done_reason or read["finish"]
        for one in message.tool_calls or []:
            call = {
                "name": one.function.name,
                "arguments": json.dumps(dict(one.function.arguments)),
            }
            read["calls"].append(call)
        if chunk.done:
            read["usage"] = {
                "input_tokens": chunk.prompt_eval_count,
                "output_tokens": chunk.eval_count,
            }
    return read
