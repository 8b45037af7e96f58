"""openai-python reads a stream of the Responses API."""

from __future__ import annotations

from typing import Any

__all__ = ["READS", "SDK", "prepare", "read"]

SDK = "openai"
READS = {"openai-responses": "sse"}


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
    with (
        openai.OpenAI(
            api_key="none",
            base_url="http://recorded.invalid",
            max_retries=0,
            http_client=http_client,
        ) as client,
        client.responses.stream(model="m", input="?") as stream,
    ):
        final = stream.get_final_response()
    return _told(final)


def _told(final: Any) -> dict[str, Any]:
    thought = [one for one in final.output if one.type == "reasoning"]
    usage = final.usage
    return {
        "text": final.output_text,
        "reasoning": "\n\n".join(
            getattr(part, "text", "")
            for one in thought
            for part in [*one.summary, *(one.content or [])]
        ),
        "calls": [
            {"id": one.call_id, "name": one.name or "", "arguments": one.arguments or ""}
            for one in final.output
            if one.type == "function_call"
        ],
        "finish": final.status,
        "usage": usage
        and {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "total_tokens": usage.total_tokens,
            "cache_read_tokens": usage.input_tokens_details.cached_tokens,
            "reasoning_tokens": usage.output_tokens_details.reasoning_tokens,
        },
        "cost": usage and (usage.model_extra or {}).get("cost"),
        "id": final.id,
    }
