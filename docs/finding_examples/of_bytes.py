"""Examples of what is odd about the bytes themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import (
    FindingExample,
    answer,
    call,
    frame,
    says,
    stream,
)

__all__ = ["OF_BYTES"]

_HELLO: Final = says('"role":"assistant","content":"Hello"')
_WORLD: Final = says('"content":" world"', "stop")
_DECODE_EACH_LINE: Final = """\
text = ""
for line in body.decode().splitlines():
    if line.startswith("data: ") and line != "data: [DONE]":
        text += json.loads(line[6:])["choices"][0]["delta"]["content"]
text"""

OF_BYTES: Final[Mapping[str, FindingExample]] = {
    "keep_alive": FindingExample(
        about="OpenRouter sends comment lines while it waits for the upstream (80 of 1,040 "
        "streams; most before the first chunk, some in mid-stream). By the standard they mean "
        "nothing, but they are no JSON.",
        origin="OpenRouter with Claude",
        recording="go-vcr/openrouter_claude_cache_multi_tool.yaml",
        exchanges=answer(
            b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"
            + stream(says('"content":"","role":"assistant"', "tool_calls"))
        ),
        careless='[json.loads(line.removeprefix(b"data: ")) for line in body.splitlines() if line]',
        read="[event.kind for event in run.events]",
    ),
    "keep_alive_white_space": FindingExample(
        about="OpenRouter pads an answer that is not streamed with lines of white space, often "
        "kilobytes of them, until the JSON is ready.",
        origin="OpenRouter with Novita",
        recording="go-vcr/openrouter_not_streamed_multi_tool.yaml",
        exchanges=answer(
            b"\n         \n\n         \n"
            b'{"object":"chat.completion","choices":[{"finish_reason":"tool_calls","index":0,'
            b'"message":{"role":"assistant","content":"I\'ll perform both addition and '
            b'multiplication on the numbers 2 and 3:"}}]}'
        ),
        careless="[json.loads(line) for line in body.splitlines()]",
        read="run.message.text",
    ),
    "unfinished_event": FindingExample(
        about="The connection broke inside an event. The standard discards such an event; chatviz "
        "keeps its bytes and reads what came before. None of the 1,040 streams is cut off, but "
        "networks do it.",
        exchanges=answer(
            stream(_HELLO, done=False) + b'data: {"choices":[{"index":0,"delta":{"content":" wor'
        ),
        careless=_DECODE_EACH_LINE,
        read="run.message.text",
    ),
    "frame_damaged": FindingExample(
        about="A frame of an AWS event stream (Bedrock) ends with a checksum of all before it; "
        "here a bit of the text was flipped on the way. What the frame says is kept and shown; "
        "that it may be wrong is only known to who computes the checksum.",
        exchanges=answer(
            frame("contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"It is 1"}}')
            + frame(
                "contentBlockDelta", '{"contentBlockIndex":0,"delta":{"text":"4 degrees."}}'
            ).replace(b"4", b"5"),
            url="https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream",
        ),
        careless='"".join(chunk["delta"]["text"] for chunk in chunks)',
        read="[(one.chunk, one.code) for one in run.findings if one.chunk]",
    ),
    "fields_without_data": FindingExample(
        about="An `event:`, `id:` or `retry:` line with no `data:` dispatches nothing by the "
        "standard; pings and reconnection times are sent so.",
        exchanges=answer(b"event: ping\n\n" + stream(_HELLO)),
        careless="""\
for event in body.decode().strip().split("\\n\\n"):
    fields = dict(line.split(": ", 1) for line in event.splitlines())
    data = fields["data"]
data""",
        read="run.message.text",
    ),
    "bytes_after_end": FindingExample(
        about="`[DONE]` should be the last event. What comes after it, here the usage, is read; "
        "who stops at `[DONE]` never sees it.",
        exchanges=answer(
            stream(_HELLO)
            + stream(
                '{"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}',
                done=False,
            )
        ),
        careless="""\
usage = None
for line in body.splitlines():
    if line == b"data: [DONE]":
        break
    if line.startswith(b"data: "):
        usage = json.loads(line[6:]).get("usage") or usage
usage""",
        read="run.usage.total_tokens",
    ),
    "done_missing": FindingExample(
        about="Cerebras ends its streams without `[DONE]` (17 of 1,040). The finish reason tells "
        "that the answer is whole.",
        origin="Cerebras with Qwen 3 Coder",
        recording="go-vcr/cerebras_qwen-3-coder_no_done.yaml",
        exchanges=answer(
            stream(
                says('"role":"assistant"'),
                call(
                    r'"function":{"name":"weather","arguments":"{\"location\": \"Florence,Italy\"}"'
                    r'},"type":"function","id":"27781e665","index":0'
                ),
                says("", "tool_calls"),
                done=False,
            )
        ),
        careless="""\
lines = iter(body.splitlines())
while next(lines) != b"data: [DONE]":
    pass
"complete\"""",
        read="run.finish_reason",
    ),
    "empty_body": FindingExample(
        about="A success by its status, and nothing in it.",
        exchanges=answer(b""),
        careless='chunks[-1]["choices"][0]["finish_reason"]',
        read="run.message.text",
    ),
    "not_json": FindingExample(
        about="A proxy in between put its own words into the stream, or the JSON is broken. The "
        "other chunks are read. None of the 1,040 streams holds one.",
        exchanges=answer(stream(_HELLO, "upstream connect error", _WORLD)),
        careless=_DECODE_EACH_LINE,
        read="run.message.text",
    ),
    "lenient_json": FindingExample(
        about="An emoji of two UTF-16 halves was cut between two chunks: each half is legal JSON, "
        "but no legal text, and strict readers refuse it. NaN and broken UTF-8 belong here too.",
        exchanges=answer(
            stream(says(r'"role":"assistant","content":"\ud83d"'), says(r'"content":"\ude00"'))
        ),
        careless="""\
text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)
text.encode()""",
        read="run.message.text",
    ),
    "not_an_object": FindingExample(
        about="A chunk should be a JSON object. `null`, a text or a list is kept and shown, and "
        "nothing is read from it.",
        exchanges=answer(stream(_HELLO, "null", _WORLD)),
        careless='"".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)',
        read="run.message.text",
    ),
}
