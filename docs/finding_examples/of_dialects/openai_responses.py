"""Examples of what only OpenAI's Responses show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, stream

__all__ = ["OF_RESPONSES"]

_APPROVAL: Final = (
    '{"id":"mcpr_1","type":"mcp_approval_request","server_label":"files","name":"delete_file",'
    '"arguments":"{\\"path\\":\\"a.txt\\"}"}'
)
_TEXT: Final = '{"type":"message","content":[{"type":"output_text","text":"%s"}]}'


def _response(status: str, *output: str) -> bytes:
    """Return an answer that was not streamed."""
    items = ",".join(output)
    return f'{{"object":"response","status":"{status}","output":[{items}]}}'.encode()


OF_RESPONSES: Final[Mapping[str, FindingExample]] = {
    "approval_wanted": FindingExample(
        about="An MCP server's tool may be set to ask first. The answer then ends with a request "
        "that the client approves or refuses in its next request; it is no call of a tool of the "
        "client's.",
        exchanges=answer(_response("completed", _APPROVAL)),
        careless="""\
calls = [item for item in chunks[0]["output"] if item["type"] == "function_call"]
"done" if not calls else calls""",
        read="[(call.type, call.name) for call in run.message.server_tool_calls]",
    ),
    "answer_cancelled": FindingExample(
        about="A response that runs in the background can be cancelled; what had come by then "
        "may be in it.",
        exchanges=answer(_response("cancelled", _TEXT % "The first")),
        careless="""\
response = chunks[0]
response["output"] if response["status"] == "completed" else []""",
        read="run.message.text",
    ),
    "event_name_differs": FindingExample(
        about="The `event:` line repeats the type of the data. Where a gateway writes another name "
        "there, or none (OpenRouter), the type in the data is the one that counts.",
        exchanges=answer(
            stream(
                '{"type":"response.output_text.delta","output_index":0,"content_index":0,'
                '"delta":"Hello"}',
                done=False,
            ).replace(b"data: ", b"event: message\ndata: ")
        ),
        careless="""\
text, name = "", ""
for line in body.decode().split("\\n"):
    if line.startswith("event: "):
        name = line[7:]
    elif line.startswith("data: ") and name == "response.output_text.delta":
        text += json.loads(line[6:])["delta"]
text""",
        read="run.message.text",
    ),
}
