"""openai-python reads a streamed chat completion."""

from typing import Any

import httpx2
import openai

__all__ = ["read"]


def read(body: bytes) -> dict[str, Any]:
    """Return the text and the calls that the SDK makes of an answer's body."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    http_client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    with openai.OpenAI(
        api_key="none", base_url="http://recorded.invalid", max_retries=0, http_client=http_client
    ) as client:
        messages: Any = [{"role": "user", "content": "?"}]
        with client.chat.completions.stream(model="m", messages=messages) as stream:
            message = stream.get_final_completion().choices[0].message
    asked = [call.function for call in message.tool_calls or []]
    calls = [(one.name or "", one.arguments or "") for one in asked]
    return {"text": message.content or "", "calls": calls}
