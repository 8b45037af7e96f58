"""groq-python reads a streamed chat completion; the pieces are joined as its README does."""

from __future__ import annotations

from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "groq"
READS = {"openai-chat": "sse"}


def prepare() -> None:
    """Import what takes its time, before that is measured."""
    import groq  # noqa: F401
    import httpx  # noqa: F401


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's chunks come to; it has no accumulator of its own."""
    import groq
    import httpx

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http_client = groq.DefaultHttpxClient(transport=httpx.MockTransport(answer))
    about: dict[str, Any] = {"id": None}
    choices: dict[int, dict[str, Any]] = {}
    with groq.Groq(
        api_key="none", base_url="http://recorded.invalid", max_retries=0, http_client=http_client
    ) as client:
        messages: Any = [{"role": "user", "content": "?"}]
        for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
            about["id"] = about["id"] or chunk.id
            usage = chunk.usage or (chunk.x_groq and chunk.x_groq.usage)
            if usage:
                about.update(_count(usage.model_dump()))
            for choice in chunk.choices:
                read = choices.setdefault(choice.index or 0, _begun())
                read["finish"] = choice.finish_reason or read["finish"]
                read["text"] += choice.delta.content or ""
                extra = choice.delta.model_extra or {}
                if thought := choice.delta.reasoning or extra.get("reasoning_content"):
                    read["reasoning"] = read.get("reasoning", "") + thought
                for one in choice.delta.tool_calls or []:
                    empty = {"id": "", "name": "", "arguments": ""}
                    call = read["calls"].setdefault(one.index, empty)
                    call["id"] = call["id"] or one.id or ""
                    if one.function:
                        call["name"] = call["name"] or one.function.name or ""
                        call["arguments"] += one.function.arguments or ""
    found = [one for _, one in sorted(choices.items())] or [_begun()]
    told = [{**one, "calls": list(one["calls"].values())} for one in found]
    return {**about, **told[0], "choices": told[1:]}


def _begun() -> dict[str, Any]:
    return {"text": "", "calls": {}, "finish": None}


def _count(usage: dict[str, Any]) -> dict[str, Any]:
    asked, told = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return {
        "usage": {
            "input_tokens": usage.get("prompt_tokens"),
            "output_tokens": usage.get("completion_tokens"),
            "total_tokens": usage.get("total_tokens"),
            "cache_read_tokens": (asked or {}).get("cached_tokens"),
            "reasoning_tokens": (told or {}).get("reasoning_tokens"),
        },
        "cost": usage.get("cost"),
    }
