"""langchain-openai reads a streamed answer; its message chunks are added, as LangChain does."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "langchain-openai"
READS = {"openai-chat": "sse", "openai-responses": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    _send_nothing()
    import httpx2  # noqa: F401
    import langchain_openai  # noqa: F401


def _send_nothing() -> None:
    """Turn tracing off, which would send what is read to a server, whatever is set here."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what LangChain's message chunks come to."""
    _send_nothing()
    import httpx2
    import openai
    from langchain_openai import ChatOpenAI

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    model = ChatOpenAI(
        model="m",
        api_key="none",
        base_url="http://recorded.invalid",
        max_retries=0,
        stream_usage=True,
        use_responses_api=request["dialect"] == "openai-responses",
        http_client=openai.DefaultHttpxClient(transport=httpx2.MockTransport(answer)),
    )
    message: Any = None
    for chunk in model.stream("?"):
        message = chunk if message is None else message + chunk
    return _told(message)


def _told(message: Any) -> dict[str, Any]:
    blocks = message.content_blocks
    usage = message.usage_metadata or {}
    asked, told = usage.get("input_token_details", {}), usage.get("output_token_details", {})
    calls = [
        {"id": one["id"], "name": one["name"], "arguments": json.dumps(one["args"])}
        for one in message.tool_calls
    ]
    calls += [
        {"id": one["id"], "name": one["name"], "arguments": one["args"] or ""}
        for one in message.invalid_tool_calls
    ]
    thought = [one.get("reasoning", "") for one in blocks if one["type"] == "reasoning"]
    about = message.response_metadata
    return {
        "text": message.text,
        "reasoning": "".join(thought),
        "calls": calls,
        "finish": about.get("finish_reason") or about.get("status"),
        "usage": {
            "input_tokens": usage.get("input_tokens"),
            "output_tokens": usage.get("output_tokens"),
            "total_tokens": usage.get("total_tokens"),
            "cache_read_tokens": asked.get("cache_read"),
            "reasoning_tokens": told.get("reasoning"),
        },
        "id": about.get("id") or message.id,
    }
