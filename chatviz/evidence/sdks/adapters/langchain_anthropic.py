"""langchain-anthropic reads a streamed message; its chunks are added, as LangChain does."""

from __future__ import annotations

import json
import os
from typing import Any

from chatviz.evidence.sdks.answering import answering

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "langchain-anthropic"
READS = {"anthropic-messages": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    _send_nothing()
    import langchain_anthropic  # noqa: F401


def _send_nothing() -> None:
    """Turn tracing off, which would send what is read to a server, whatever is set here."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what LangChain's message chunks come to."""
    _send_nothing()
    from langchain_anthropic import ChatAnthropic

    message: Any = None
    with answering(body) as url:
        model: Any = ChatAnthropic(model="m", api_key="none", base_url=url, max_retries=0)
        for chunk in model.stream("?"):
            message = chunk if message is None else message + chunk
    blocks = message.content_blocks
    usage = message.usage_metadata or {}
    details = usage.get("input_token_details", {})
    calls = [
        {"id": one["id"], "name": one["name"], "arguments": json.dumps(one["args"])}
        for one in message.tool_calls
    ]
    calls += [
        {"id": one["id"], "name": one["name"], "arguments": one["args"] or ""}
        for one in message.invalid_tool_calls
    ]
    thought = [one.get("reasoning", "") for one in blocks if one["type"] == "reasoning"]
    return {
        "text": message.text,
        "reasoning": "".join(thought),
        "calls": calls,
        "finish": message.response_metadata.get("stop_reason"),
        "usage": {
            "input_tokens": usage.get("input_tokens"),
            "output_tokens": usage.get("output_tokens"),
            "cache_read_tokens": details.get("cache_read"),
            "cache_creation_tokens": details.get("cache_creation"),
        },
        "id": message.response_metadata.get("id") or message.id,
    }
