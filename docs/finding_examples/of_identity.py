"""Examples of what is odd about who answers, in which dialect and by which clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, chunk, says, stream

__all__ = ["OF_IDENTITY"]

_FIREWORKS: Final = "OpenRouter with Kimi K2 at Fireworks"
_FIREWORKS_FILE: Final = "multi_tool_streaming_kimi-k2_fireworks.yaml"
_AZURE: Final = "Azure with gpt-5-mini"
_AZURE_FILE: Final = "go-vcr/azure_tool.yaml"
_XAI: Final = "xAI with Grok Code Fast"
_XAI_FILE: Final = "go-vcr/xai_grok-code-fast_reasoning_outside_completion.yaml"

OF_IDENTITY: Final[Mapping[str, FindingExample]] = {
    "empty_first_chunk": FindingExample(
        about="Half of the OpenRouter streams, and OpenAI's own, begin with a chunk that says "
        "nothing. The first chunk and the first token are different moments.",
        origin=_FIREWORKS,
        recording=_FIREWORKS_FILE,
        exchanges=answer(
            stream(
                says('"role":"assistant","content":""'),
                says('"role":"assistant","content":"I\'ll add"'),
            )
        ),
        careless="""\
first_token = None
for number, chunk in enumerate(chunks):
    if first_token is None and "content" in chunk["choices"][0]["delta"]:
        first_token = number
first_token""",
        read="run.answer.said_at",
    ),
    "identity_late": FindingExample(
        about="Azure's first chunk carries the verdict on the prompt; its `id` and `model` are "
        '`""`, and its `created` is 0.',
        origin=_AZURE,
        recording=_AZURE_FILE,
        exchanges=answer(
            stream(
                '{"choices":[],"created":0,"id":"","model":"","object":""}',
                '{"choices":[],"created":1782321623,"id":"chatcmpl-DuLYtUePDgoybMkZrAI7utkb2fiRp",'
                '"model":"gpt-5-mini-2025-08-07","object":"chat.completion.chunk"}',
            )
        ),
        careless='chunks[0]["model"]',
        read="run.model",
    ),
    "identity_changed": FindingExample(
        about="The `id`, `model` or `provider` is another one from some chunk on: a gateway gave "
        "the answer a name of its own, or changed its upstream. The last one counts.",
        exchanges=answer(
            stream(
                chunk('"delta":{"content":"Hel"}', '"id":"gen-1","model":"kimi-k2"'),
                chunk('"delta":{"content":"lo"}', '"id":"gen-2","model":"kimi-k2"'),
            )
        ),
        careless="""\
answers = {}
for chunk in chunks:
    text = chunk["choices"][0]["delta"]["content"]
    answers[chunk["id"]] = answers.get(chunk["id"], "") + text
list(answers.values())""",
        read="[message.text for message in run.messages]",
    ),
    "role_repeated": FindingExample(
        about="The role is on every chunk in 630 of 1,040 streams. Code that merges deltas by "
        "their shape adds it up.",
        origin=_FIREWORKS,
        recording=_FIREWORKS_FILE,
        exchanges=answer(
            stream(
                says('"role":"assistant","content":""'),
                says('"role":"assistant","content":"I\'ll add"'),
            )
        ),
        careless="""\
message = {}
for chunk in chunks:
    for key, value in chunk["choices"][0]["delta"].items():
        message[key] = message.get(key, "") + value
message["role"]""",
        read="run.message.role",
    ),
    "role_missing": FindingExample(
        about="One stream of 1,040 never names the role. An answer is the assistant's.",
        exchanges=answer(stream(says('"content":"Hello"', "stop"))),
        careless='chunks[0]["choices"][0]["delta"]["role"]',
        read="run.message.role",
    ),
    "role_changed": FindingExample(
        about="One message has two roles in turn. No recording at hand does it; the first is kept.",
        exchanges=answer(
            stream(says('"role":"assistant","content":"5"'), says('"role":"tool","content":"6"'))
        ),
        careless="""\
message = {}
for chunk in chunks:
    message.update(chunk["choices"][0]["delta"])
message["role"]""",
        read="run.message.role",
    ),
    "unknown_fields": FindingExample(
        about="Fields that chatviz neither reads nor has in its list of known ones. New ones come "
        "without notice. They are kept and shown; a reader with a fixed list of fields breaks.",
        exchanges=answer(
            stream(
                chunk(
                    '"delta":{"role":"assistant"}',
                    '"id":"chatcmpl-DuLYtUePDgoybMkZrAI7utkb2fiRp","created":1782321623,'
                    '"model":"gpt-5-mini-2025-08-07","mood":"BRHU"',
                )
            )
        ),
        careless="""\
def read_chunk(id, created, model, choices, usage=None):
    return choices


[read_chunk(**chunk) for chunk in chunks]""",
        read="[(sent.delta.path, sent.delta.json) for sent in run.deltas[-1:]]",
    ),
    "dialect_not_read": FindingExample(
        about="A chat API that is not modelled (here Llama, invoked on Bedrock). Its chunks are "
        "shown as they came; message, calls and usage are not read.",
        exchanges=answer(
            b'{"generation":"Hello","prompt_token_count":4,"generation_token_count":2,'
            b'"stop_reason":"stop"}',
            request={"prompt": "Hi"},
            url="https://bedrock-runtime.us-east-1.amazonaws.com/model/meta.llama3-8b/invoke",
        ),
        careless='[chunk["choices"] for chunk in chunks]',
        read="len(run.chunks)",
    ),
    "no_clock": FindingExample(
        about="No cassette format records when each chunk came, and `created` is the moment at "
        "which the answer began, the same on every chunk. chatviz then counts chunks and invents "
        "no time.",
        origin=_FIREWORKS,
        recording=_FIREWORKS_FILE,
        exchanges=answer(
            stream(
                chunk('"delta":{"role":"assistant","content":""}', '"created":1758647796'),
                chunk('"delta":{"role":"assistant","content":"I\'ll add"}', '"created":1758647796'),
            )
        ),
        careless='chunks[-1]["created"] - chunks[0]["created"]  # seconds',
        read="run.duration_s",
    ),
    "coarse_clock": FindingExample(
        about="At xAI, llama.cpp and some of Groq and Azure, `created` moves with the stream, but "
        "in whole seconds. That orders the chunks; a rate made of it is an accident of rounding.",
        origin=_XAI,
        recording=_XAI_FILE,
        exchanges=answer(
            stream(
                chunk(
                    '"delta":{"reasoning_content":"The","role":"assistant"}', '"created":1761231388'
                ),
                chunk('"delta":{"reasoning_content":" user"}', '"created":1761231389'),
                '{"created":1761231390,"choices":[],"usage":{"prompt_tokens":390,'
                '"completion_tokens":26,"total_tokens":542}}',
            )
        ),
        careless="""\
seconds = chunks[-1]["created"] - chunks[0]["created"]
chunks[-1]["usage"]["completion_tokens"] / seconds  # tokens a second""",
        read="run.time_per_output_token_s",
    ),
}
