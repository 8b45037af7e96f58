"""openai-python reads a stream of the Responses API."""

from typing import Any

import httpx2
import openai

__all__ = ["read"]


def read(body: bytes) -> dict[str, Any]:
    """Return the text and the calls that the SDK makes of an answer's body."""

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
    calls = [
        (one.name or "", one.arguments or "") for one in final.output if one.type == "function_call"
    ]
    return {"text": final.output_text, "calls": calls}
