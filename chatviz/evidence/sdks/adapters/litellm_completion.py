"""litellm reads a streamed answer; its own stream_chunk_builder joins the chunks."""

from __future__ import annotations

import os
from typing import Any

from chatviz.evidence.sdks.answering import answering

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "litellm"
READS = {
    "openai-chat": "sse",
    "anthropic-messages": "sse",
    "gemini": "sse",
    "ollama-chat": "json_lines",
}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    _import()


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what litellm's chunks come to."""
    litellm = _import()
    providers = {
        "openai-chat": "openai/m",
        "anthropic-messages": "anthropic/m",
        "gemini": "gemini/m",
        "ollama-chat": "ollama_chat/m",
    }
    is_lines = request["dialect"] == "ollama-chat"
    with answering(body, "application/x-ndjson" if is_lines else "text/event-stream") as url:
        messages: Any = [{"role": "user", "content": "?"}]
        chunks = litellm.completion(
            model=providers[request["dialect"]],
            messages=messages,
            api_base=url,
            api_key="none",
            stream=True,
            stream_options={"include_usage": True},
            max_retries=0,
            drop_params=True,
        )
        final: Any = litellm.stream_chunk_builder(list(chunks), messages=messages)
    return _told(final)


def _import() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # asks no server for its prices
    import litellm

    return litellm


def _told(final: Any) -> dict[str, Any]:
    choices = [_told_choice(choice) for choice in final.choices]
    usage = final.usage.model_dump() if final.usage else {}
    asked, told = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return {
        **choices[0],
        "choices": choices[1:],
        "usage": {
            "input_tokens": usage.get("prompt_tokens"),
            "output_tokens": usage.get("completion_tokens"),
            "total_tokens": usage.get("total_tokens"),
            "cache_read_tokens": (asked or {}).get("cached_tokens"),
            "reasoning_tokens": (told or {}).get("reasoning_tokens"),
        },
        "cost": usage.get("cost"),
        "id": final.id,
    }


def _told_choice(choice: Any) -> dict[str, Any]:
    message = choice.message
    return {
        "text": message.content or "",
        "reasoning": getattr(message, "reasoning_content", None),
        "calls": [
            {"id": one.id, "name": one.function.name, "arguments": one.function.arguments}
            for one in message.tool_calls or []
        ],
        "finish": choice.finish_reason,
    }
