"""Examples of what is odd about usage and cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from chatviz.measures.money.prices import Price
from finding_examples.example import FindingExample, answer, chunk, says, stream

__all__ = ["OF_USAGE"]

_HELLO: Final = says('"role":"assistant","content":"Hello"', "stop")
_XAI: Final = "xAI with Grok Code Fast"
_XAI_FILE: Final = "go-vcr/xai_grok-code-fast_reasoning_outside_completion.yaml"
_XAI_BODY: Final = stream(
    chunk('"delta":{"reasoning_content":"The","role":"assistant"}', '"created":1761231388'),
    '{"choices":[],"usage":{"prompt_tokens":390,"completion_tokens":26,"total_tokens":542,'
    '"completion_tokens_details":{"reasoning_tokens":126}}}',
)
_SUM: Final = """\
total = 0
for chunk in chunks:
    if chunk.get("usage"):
        total += chunk["usage"]["total_tokens"]
total"""
_VISIBLE: Final = """\
usage = chunks[-1]["usage"]
reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
usage["completion_tokens"] - reasoning  # tokens of text"""


def _usage(input: int, output: int, total: int, rest: str = "") -> str:
    counts = f'"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{total}'
    return f'{{"choices":[],"usage":{{{counts}{rest and "," + rest}}}}}'


OF_USAGE: Final[Mapping[str, FindingExample]] = {
    "usage_missing": FindingExample(
        about='OpenAI sends usage in a stream only if asked by `stream_options: {"include_usage": '
        "true}`; 2 of 1,040 streams have none. Unknown is not zero.",
        exchanges=answer(stream(_HELLO)),
        careless="""\
tokens = 0
for chunk in chunks:
    tokens += (chunk.get("usage") or {}).get("total_tokens", 0)
tokens""",
        read="run.usage",
    ),
    "usage_repeated": FindingExample(
        about="The same usage comes twice in 30 of 1,040 streams. It is never added up.",
        exchanges=answer(stream(_HELLO, _usage(12, 5, 17), _usage(12, 5, 17))),
        careless=_SUM,
        read="run.usage.total_tokens",
    ),
    "usage_running": FindingExample(
        about="Usage comes with every chunk as a running total (xAI; vLLM when asked for "
        "`continuous_usage_stats`). The last one counts.",
        exchanges=answer(stream(_HELLO, _usage(12, 1, 13), _usage(12, 5, 17))),
        careless=_SUM,
        read="run.usage.total_tokens",
    ),
    "usage_changed": FindingExample(
        about="A number falls from one usage to the next (Gemini's endpoint for OpenAI's clients "
        "counts the prompt otherwise in its last chunk), or is not sent any more. The last one "
        "counts.",
        exchanges=answer(stream(_HELLO, _usage(4, 0, 4), _usage(3, 11, 14))),
        careless=_SUM,
        read="run.usage.total_tokens",
    ),
    "usage_elsewhere": FindingExample(
        about="Groq has sent usage only inside `x_groq` (3 streams); Moonshot puts it into the "
        "choice.",
        exchanges=answer(
            stream(
                _HELLO,
                '{"choices":[],"x_groq":{"usage":{"prompt_tokens":12,"completion_tokens":5,'
                '"total_tokens":17}}}',
            )
        ),
        careless='chunks[-1].get("usage")',
        read="run.usage.total_tokens",
    ),
    "usage_reasoning_outside": FindingExample(
        about="xAI, also behind Azure, does not count reasoning as output: total = prompt + "
        "completion + reasoning (76 of 76 streams). Elsewhere reasoning is part of the completion.",
        origin=_XAI,
        recording=_XAI_FILE,
        exchanges=answer(_XAI_BODY),
        careless=_VISIBLE,
        read="run.usage.output_tokens",
    ),
    "usage_reasoning_uncounted": FindingExample(
        about="Gemini behind Vercel's gateway counts its reasoning neither in the completion nor "
        "in the total, but bills it (18 of 18 streams). It shows where there is more reasoning "
        "than output.",
        origin="Vercel's gateway with Gemini 2.5 Flash",
        recording="go-vcr/vercel_gemini-2.5-flash_reasoning_billed_uncounted.yaml",
        exchanges=answer(
            stream(
                chunk(
                    '"delta":{},"finish_reason":"tool_calls"',
                    '"usage":{"prompt_tokens":57,"completion_tokens":10,"total_tokens":67,'
                    '"cost":0.0001346,"completion_tokens_details":{"reasoning_tokens":37}}',
                )
            )
        ),
        careless=_VISIBLE,
        read="run.usage.output_tokens",
    ),
    "usage_impossible": FindingExample(
        about="A count or a cost below zero, or more tokens in the cache than the request has: a "
        "gateway that subtracts, or another field in this place. No estimate of the cost is made "
        "of them.",
        exchanges=answer(
            stream(_HELLO, _usage(12, 5, 17, '"prompt_tokens_details":{"cached_tokens":500}'))
        ),
        careless="""\
usage = chunks[-1]["usage"]
usage["prompt_tokens"] - usage["prompt_tokens_details"]["cached_tokens"]  # not cached""",
        read="run.usage.cache_read_tokens",
    ),
    "usage_total_off": FindingExample(
        about="The total is neither input + output nor that with the reasoning. chatviz gives all "
        "three as they were sent.",
        exchanges=answer(stream(_HELLO, _usage(12, 5, 20))),
        careless="""\
usage = chunks[-1]["usage"]
usage["total_tokens"] - usage["prompt_tokens"]  # output tokens""",
        read="run.usage.output_tokens",
    ),
    "cost_missing": FindingExample(
        about="Only gateways (OpenRouter, Vercel) and some of xAI's models send a cost. Prices "
        "from a list reproduce the recorded cost in 62 % at best; a cost of 0 is a claim that it "
        "was free.",
        exchanges=answer(_XAI_BODY, url="https://openrouter.ai/api/v1/chat/completions"),
        careless='chunks[-1]["usage"].get("cost", 0)',
        read="run.cost",
    ),
    "cost_differs": FindingExample(
        about="Only where prices were given (`cv.usage(runs, prices=…)`, `cv.finding_table`): the "
        "recorded cost and the price differ by more than 1 %. A discount, a fee, another host or "
        "an old price; the recorded cost stays the cost.",
        exchanges=answer(
            stream(_HELLO, _usage(1_000, 100, 1_100, '"cost":0.0024')),
            request={"model": "acme/fast", "messages": []},
        ),
        careless="""\
usage = chunks[-1]["usage"]
(usage["prompt_tokens"] * 2 + usage["completion_tokens"] * 10) / 1e6""",
        read="run.cost",
        prices={"acme/fast": Price(input=Decimal(2), output=Decimal(10))},
    ),
    "cost_details_differ": FindingExample(
        about="`cost_details` should add up to `cost`, and in 98 % of OpenRouter's answers does. "
        "The cost is what is charged.",
        exchanges=answer(
            stream(
                _HELLO,
                _usage(
                    12,
                    5,
                    17,
                    '"cost":0.0003,"cost_details":{"upstream_inference_prompt_cost":0.0001,'
                    '"upstream_inference_completions_cost":0.0001}',
                ),
            )
        ),
        careless="""\
details = chunks[-1]["usage"]["cost_details"]
sum(details.values())""",
        read="run.cost",
    ),
}
