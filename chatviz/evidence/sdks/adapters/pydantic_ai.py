"""pydantic-ai reads a streamed answer with its model classes, and gives their response."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

__all__ = ["DISTRIBUTION", "READS", "SDK", "prepare", "read"]

SDK = "pydantic-ai"
DISTRIBUTION = "pydantic-ai-slim"
READS = {
    "openai-chat": "sse",
    "openai-responses": "sse",
    "anthropic-messages": "sse",
    "gemini": "sse",
}


def prepare() -> None:
    """Import what takes its time, before that is measured; each of these may be missing."""
    import pydantic_ai  # noqa: F401

    for dialect in READS:
        with suppress(ImportError):
            _model(b"", dialect)


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what pydantic-ai's streamed response comes to."""
    import asyncio

    response = asyncio.run(_stream(body, request["dialect"]))
    usage, details = response.usage, response.usage.details
    return {
        "text": "".join(one.content for one in response.parts if one.part_kind == "text"),
        "reasoning": "".join(
            one.content or "" for one in response.parts if one.part_kind == "thinking"
        ),
        "calls": [
            {"id": one.tool_call_id, "name": one.tool_name, "arguments": one.args_as_json_str()}
            for one in response.parts
            if one.part_kind == "tool-call"
        ],
        "finish": response.finish_reason,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "total_tokens": usage.total_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "cache_creation_tokens": usage.cache_write_tokens,
            "reasoning_tokens": details.get("reasoning_tokens", details.get("thoughts_tokens")),
        },
        "id": response.provider_response_id,
    }


async def _stream(body: bytes, dialect: str) -> Any:
    from pydantic_ai.messages import ModelRequest
    from pydantic_ai.models import ModelRequestParameters

    model = _model(body, dialect)
    asked = [ModelRequest.user_text_prompt("?")]
    async with model.request_stream(asked, None, ModelRequestParameters()) as stream:
        async for _ in stream:
            pass
        return stream.get()


def _model(body: bytes, dialect: str) -> Any:
    import httpx2

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    transport = httpx2.MockTransport(answer)
    made: dict[str, Any] = {"api_key": "none", "base_url": "http://recorded.invalid"}
    if dialect == "anthropic-messages":
        import anthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
        client = anthropic.AsyncAnthropic(**made, max_retries=0, http_client=http_client)
        return AnthropicModel("m", provider=AnthropicProvider(anthropic_client=client))
    if dialect == "gemini":
        import httpx
        from google import genai
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        def answer_google(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

        options: Any = {"async_client_args": {"transport": httpx.MockTransport(answer_google)}}
        google = genai.Client(api_key="none", http_options=options)
        return GoogleModel("m", provider=GoogleProvider(client=google))
    import openai
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    http = openai.DefaultAsyncHttpxClient(transport=transport)
    provider = OpenAIProvider(
        openai_client=openai.AsyncOpenAI(**made, max_retries=0, http_client=http)
    )
    kind = OpenAIResponsesModel if dialect == "openai-responses" else OpenAIChatModel
    return kind("m", provider=provider)
