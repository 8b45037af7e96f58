"""openai-python reads a streamed chat completion."""

from __future__ import annotations

from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "openai"
READS = {"openai-chat": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    import httpx2  # noqa: F401
    import openai  # noqa: F401


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's own accumulator makes of an answer's body."""
    import httpx2
    import openai

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http_client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    with openai.OpenAI(
        api_key="none", base_url="http://recorded.invalid", max_retries=0, http_client=http_client
    ) as client:
        messages: Any = [{"role": "user", "content": "?"}]
        with client.chat.completions.stream(model="m", messages=messages) as stream:
            final = stream.get_final_completion()
    choices = [_told(choice) for choice in final.choices]
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
            "cache_creation_tokens": (asked or {}).get("cache_write_tokens"),
            "reasoning_tokens": (told or {}).get("reasoning_tokens"),
        },
        "cost": usage.get("cost"),
        "id": final.id,
    }


def _told(choice: Any) -> dict[str, Any]:
    message, extra = choice.message, choice.message.model_extra or {}
    return {
        "text": message.content or message.refusal or "",
        "reasoning": extra.get("reasoning") or extra.get("reasoning_content"),
        "calls": [
            {"id": one.id, "name": one.function.name, "arguments": one.function.arguments or ""}
            for one in message.tool_calls or []
        ],
        "finish": choice.finish_reason,
    }
