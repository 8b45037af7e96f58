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
    about: dict[str, Any] = {"id": None}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in client.models.generate_content_stream(model="m", contents="?"):
        about["id"] = about["id"] or chunk.response_id
        for place, one in enumerate(chunk.candidates or []):
            number = place if one.index is None else one.index
            read = choices.setdefault(number, _begun())
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
            about["usage"] = {
                "input_tokens": sum(one or 0 for one in asked),
                "output_tokens": sum(one or 0 for one in said),
                "total_tokens": usage.total_token_count,
                "cache_read_tokens": usage.cached_content_token_count,
                "reasoning_tokens": usage.thoughts_token_count,
            }
    told = [one for _, one in sorted(choices.items())] or [_begun()]
    return {**about, **told[0], "choices": told[1:]}


def _begun() -> dict[str, Any]:
    return {"text": "", "reasoning": "", "calls": [], "finish": None}
