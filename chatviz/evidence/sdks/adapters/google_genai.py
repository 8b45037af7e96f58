"""google-genai reads a streamed answer; its chunks' parts are joined as they come."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "google-genai"
READS = {"gemini": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    import google.genai  # noqa: F401
    import httpx  # noqa: F401


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's chunks come to; it has no accumulator of its own."""
    import httpx
    from google import genai

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    options: Any = {"client_args": {"transport": httpx.MockTransport(answer)}}
    client = genai.Client(api_key="none", http_options=options)
    read: dict[str, Any] = {"text": "", "reasoning": "", "calls": [], "finish": None, "id": None}
    for chunk in client.models.generate_content_stream(model="m", contents="?"):
        read["id"] = read["id"] or chunk.response_id
        for one in (chunk.candidates or [])[:1]:
            read["finish"] = one.finish_reason.value if one.finish_reason else read["finish"]
            for part in (one.content and one.content.parts) or []:
                if part.text:
                    read["reasoning" if part.thought else "text"] += part.text
                if part.function_call:
                    call = part.function_call
                    arguments = json.dumps(call.args or {})
                    read["calls"].append({"id": call.id, "name": call.name, "arguments": arguments})
        if usage := chunk.usage_metadata:
            said = [usage.candidates_token_count, usage.thoughts_token_count]
            asked = [usage.prompt_token_count, usage.tool_use_prompt_token_count]
            read["usage"] = {
                "input_tokens": sum(one or 0 for one in asked),
                "output_tokens": sum(one or 0 for one in said),
                "total_tokens": usage.total_token_count,
                "cache_read_tokens": usage.cached_content_token_count,
                "reasoning_tokens": usage.thoughts_token_count,
            }
    return read
