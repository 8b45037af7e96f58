"""anthropic-sdk-python reads a streamed message."""

import json
from typing import Any

import anthropic
import httpx2

__all__ = ["read"]


def read(body: bytes) -> dict[str, Any]:
    """Return the text and the calls that the SDK makes of an answer's body."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http_client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    with anthropic.Anthropic(
        api_key="none", base_url="http://recorded.invalid", max_retries=0, http_client=http_client
    ) as client:
        messages: Any = [{"role": "user", "content": "?"}]
        with client.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
            content = stream.get_final_message().content
    calls = [(one.name, json.dumps(one.input)) for one in content if one.type == "tool_use"]
    return {"text": "".join(one.text for one in content if one.type == "text"), "calls": calls}
