"""Examples of what is sent more than once, in pieces and whole, and of what is sent nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, chunk, says, stream

__all__ = ["OF_REPETITION"]

_ADD_UP: Final = """\
text = ""
for chunk in chunks:
    text += chunk["choices"][0]["delta"].get("content", "")
text"""

OF_REPETITION: Final[Mapping[str, FindingExample]] = {
    "message_in_stream": FindingExample(
        about="MiniMax, and gateways before it, end the stream with a chunk that holds the whole "
        "`message`, beside an empty `delta` or none. Code that falls back on `message` doubles "
        "the text; code that looks at `delta` alone loses what came only there.",
        exchanges=answer(
            stream(
                says('"role":"assistant","content":"Hi "'),
                says('"content":"there!"'),
                chunk('"finish_reason":"stop","message":{"content":"Hi there!"}'),
            )
        ),
        careless="""\
text = ""
for chunk in chunks:
    choice = chunk["choices"][0]
    text += (choice.get("delta") or choice["message"]).get("content", "")
text""",
        read="run.message.text",
    ),
    "content_cumulative": FindingExample(
        about="QwenLM and DashScope (where `incremental_output` is not set) send all the text so "
        "far with each chunk. It is taken for that where at least three chunks each begin with "
        "all that came before, and 20 characters or more are repeated.",
        exchanges=answer(
            stream(
                says('"role":"assistant","content":"The sky"'),
                says('"content":"The sky is blue"'),
                says('"content":"The sky is blue today."', "stop"),
            )
        ),
        careless=_ADD_UP,
        read="run.message.text",
    ),
    "content_repeated": FindingExample(
        about="Some gateways send all of the text again with the last chunk. It is taken for that "
        "from 20 characters on.",
        exchanges=answer(
            stream(
                says('"role":"assistant","content":"The sky is"'),
                says('"content":" blue today."'),
                says('"content":"The sky is blue today."', "stop"),
            )
        ),
        careless=_ADD_UP,
        read="run.message.text",
    ),
    "character_split": FindingExample(
        about="A character beyond U+FFFF is two `\\u` escapes in JSON. Servers that cut the text "
        "between them send half a character with each chunk.",
        exchanges=answer(
            stream(says('"role":"assistant","content":"Hi \\ud83d"'), says('"content":"\\ude00"'))
        ),
        careless="""\
text = ""
for chunk in chunks:
    text += chunk["choices"][0]["delta"]["content"].encode("utf-8", "replace").decode()
text""",
        read="run.message.text",
    ),
    "choice_index_missing": FindingExample(
        about="Workers AI sends choices without an `index`. Their place in the list is taken.",
        exchanges=answer(stream('{"choices":[{"delta":{"role":"assistant","content":"Hello"}}]}')),
        careless="""\
texts = {}
for chunk in chunks:
    for choice in chunk["choices"]:
        texts[choice["index"]] = texts.get(choice["index"], "") + choice["delta"]["content"]
texts""",
        read="run.message.text",
    ),
    "answer_empty": FindingExample(
        about="LM Studio, when the context is full, ends the answer without a word and without an "
        "error.",
        exchanges=answer(
            stream(
                says('"role":"assistant"'),
                says("", "stop"),
                '{"choices":[],"usage":{"prompt_tokens":36012,"completion_tokens":0}}',
            )
        ),
        careless="""\
texts = [chunk["choices"][0]["delta"]["content"] for chunk in chunks[:-1]]
"".join(texts)""",
        read='[finding.code for finding in run.findings if finding.severity == "warning"]',
    ),
    "error_outside_data": FindingExample(
        about="llama-server writes an `error:` field, and Lemonade a bare line of JSON, where an "
        "event should be. By the standard both are passed over.",
        exchanges=answer(
            stream(says('"role":"assistant","content":"Once"'), done=False)
            + b'error: {"code":500,"message":"Context size has been exceeded."}\n\n'
        ),
        careless='[chunk.get("error") for chunk in chunks]',
        read="run.error.message",
    ),
    "blank_lines_missing": FindingExample(
        about="Events end with a blank line. Where it was lost (`grep data:`, home-made servers), "
        "the standard joins the data lines of all events.",
        exchanges=answer(
            stream(
                says('"role":"assistant","content":"Hi"'), says('"content":" all"', "stop")
            ).replace(b"\n\n", b"\n")
        ),
        careless="""\
text = ""
for event in body.decode().split("\\n\\n"):
    data = "\\n".join(line[6:] for line in event.splitlines() if line.startswith("data: "))
    text += json.loads(data)["choices"][0]["delta"]["content"]
text""",
        read="run.message.text",
    ),
}
