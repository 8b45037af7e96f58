"""anthropic-sdk-python reads a streamed message."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "anthropic"
READS = {"anthropic-messages": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    import anthropic  # noqa: F401
    import httpx2  # noqa: F401


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's own accumulator makes of an answer's body."""
    import anthropic
    import httpx2

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http_client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    with anthropic.Anthropic(
        api_key="none", base_url="http://recorded.invalid", max_retries=0, http_client=http_client
    ) as client:
        messages: Any = [{"role": "user", "content": "?"}]
        with client.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
            final = stream.get_final_message()
    usage = final.usage
    cached = [usage.cache_read_input_tokens, usage.cache_creation_input_tokens]
    return {
        "text": "".join(one.text for one in final.content if one.type == "text"),
        "reasoning": "".join(one.thinking for one in final.content if one.type == "thinking"),
        "calls": [
            {"id": one.id, "name": one.name, "arguments": json.dumps(one.input)}
            for one in final.content
            if one.type == "tool_use"
        ],
        "finish": final.stop_reason,
        "usage": {
            "input_tokens": usage.input_tokens + sum(one or 0 for one in cached),
            "output_tokens": usage.output_tokens,
            "cache_read_tokens": cached[0],
            "cache_creation_tokens": cached[1],
            "reasoning_tokens": (usage.model_dump().get("output_tokens_details") or {}).get(
                "thinking_tokens"
            ),
        },
        "id": final.id,
    }
