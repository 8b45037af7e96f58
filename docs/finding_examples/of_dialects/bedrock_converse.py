"""Examples of what only answers of Bedrock's Converse show; whole answers, which need no frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import Exchange, FindingExample, answer

__all__ = ["OF_BEDROCK_CONVERSE"]

_URL: Final = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse"
_USAGE: Final = '"usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14}'


def _whole(content: str, stop: str = "end_turn", usage: str = _USAGE) -> tuple[Exchange]:
    body = (
        f'{{"output":{{"message":{{"role":"assistant","content":[{content}]}}}},'
        f'"stopReason":"{stop}",{usage}}}'
    )
    return answer(body.encode(), url=_URL)


_TEXT_ALONE: Final = """\
content = json.loads(body)["output"]["message"]["content"]
"".join(block.get("text", "") for block in content)"""

OF_BEDROCK_CONVERSE: Final[Mapping[str, FindingExample]] = {
    "guardrail_intervened": FindingExample(
        about="A guardrail can replace the model's words by a text of its own. The answer is an "
        "ordinary one with status 200; only `stopReason` says that it happened.",
        exchanges=_whole('{"text":"I cannot help with that."}', "guardrail_intervened"),
        careless=_TEXT_ALONE,
        read="run.finish_reason",
    ),
    "media_failed": FindingExample(
        about="An image of the answer could not be made: its block holds an `error`.",
        exchanges=_whole(
            '{"text":"Here it is:"},{"image":{"format":"png","error":{"message":"not allowed"}}}'
        ),
        careless=_TEXT_ALONE,
        read='[finding.code for finding in run.findings if finding.severity == "warning"]',
    ),
    "cache_counts_differ": FindingExample(
        about="The cache tokens are sent under two names, of which one is in no description of "
        "the API (`cacheReadInputTokenCount`). Where they differ, the described one counts.",
        exchanges=_whole(
            '{"text":"Hi"}',
            usage='"usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14,'
            '"cacheReadInputTokens":4,"cacheReadInputTokenCount":3}',
        ),
        careless="""\
usage = json.loads(body)["usage"]
sum(count for name, count in usage.items() if name.startswith("cacheRead"))""",
        read="run.usage.cache_read_tokens",
    ),
}
