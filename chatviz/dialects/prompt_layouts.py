"""How each dialect's requests become a prompt: what a cache compares, and what it does not see.

Sampling, limits and the way of sending are outside the prompt in all of them; what else is, by the
providers' documents: https://developers.openai.com/docs/guides/prompt-caching,
https://platform.claude.com/docs/en/build-with-claude/prompt-caching (what invalidates the cache),
https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html. What none of them names
counts as part of the prompt.
"""

from __future__ import annotations

from typing import Final

from chatviz.chat.prompt_layout import PromptLayout

__all__ = [
    "CHAT_LAYOUT",
    "COMPLETION_LAYOUT",
    "CONTENTS_LAYOUT",
    "CONVERSE_LAYOUT",
    "LINE_LAYOUT",
    "MESSAGES_LAYOUT",
    "RESPONSES_LAYOUT",
]

_SAMPLING: Final = (
    *("temperature", "top_p", "top_k", "min_p", "top_a", "seed", "stop", "stop_sequences", "n"),
    *("frequency_penalty", "presence_penalty", "repetition_penalty", "logit_bias", "logprobs"),
    *("top_logprobs", "max_tokens", "max_completion_tokens", "max_output_tokens"),
)
_SENDING: Final = ("stream", "stream_options", "metadata", "service_tier", "store")
_OUTSIDE: Final = frozenset((*_SAMPLING, *_SENDING))
_SECRETS: Final = frozenset(("authorization", "authorization_token", "headers"))
_MARK: Final = "cache_control"

CHAT_LAYOUT: Final = PromptLayout(
    tools=("tools", "functions"),
    outside=_OUTSIDE | {"usage", "model", "safety_identifier"},
    data=frozenset(("parameters",)),
    blocks=frozenset(("content",)),
    plain_types=frozenset(("text", "input_text")),
    secrets=_SECRETS,
    marks=frozenset((_MARK,)),  # gateways hand it on to those who know it
    retention=frozenset(("prompt_cache_retention",)),
)
COMPLETION_LAYOUT: Final = PromptLayout(
    messages=("prompt",), outside=_OUTSIDE | {"model", "echo", "best_of"}, is_raw=True
)
RESPONSES_LAYOUT: Final = PromptLayout(
    system=("instructions",),
    messages=("input",),
    outside=_OUTSIDE
    | {"model", "background", "include", "previous_response_id", "conversation"}
    | {"safety_identifier", "max_tool_calls", "stream_obfuscation"},
    data=frozenset(("parameters",)),
    blocks=frozenset(("content", "output")),
    plain_types=frozenset(("message", "text", "input_text", "output_text")),
    secrets=_SECRETS,
    retention=frozenset(("prompt_cache_retention",)),
)
MESSAGES_LAYOUT: Final = PromptLayout(
    system=("system",),
    outside=_OUTSIDE | {"model", "anthropic_version", "anthropic_beta", "inference_geo"},
    data=frozenset(("input_schema", "input")),
    blocks=frozenset(("content", "system")),
    plain_types=frozenset(("text", "custom")),
    secrets=_SECRETS,
    marks=frozenset((_MARK,)),
    is_marked_only=True,
)
CONVERSE_LAYOUT: Final = PromptLayout(
    tools=("toolConfig",),
    system=("system",),
    outside=_OUTSIDE
    | {"modelId", "inferenceConfig", "requestMetadata", "performanceConfig", "serviceTier"}
    | {"additionalModelResponseFieldPaths", "guardrailConfig"},
    data=frozenset(("json", "input")),
    marks=frozenset(("cachePoint",)),
    is_marked_only=True,
)
CONTENTS_LAYOUT: Final = PromptLayout(
    system=("systemInstruction", "system_instruction"),
    messages=("contents",),
    outside=_OUTSIDE
    | {"model", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "labels"}
    | {"presencePenalty", "frequencyPenalty", "responseLogprobs", "safetySettings", "serviceTier"}
    | {"max_output_tokens", "candidate_count", "safety_settings", "response_logprobs"},
    data=frozenset(
        (
            *("parameters", "parametersJsonSchema", "parameters_json_schema", "args", "response"),
            *("responseSchema", "response_schema", "responseJsonSchema"),
        )
    ),
)
LINE_LAYOUT: Final = PromptLayout(
    system=("system",),
    messages=("messages", "prompt"),
    outside=_OUTSIDE
    | {"model", "keep_alive", "num_predict", "repeat_penalty", "repeat_last_n", "mirostat"},
    data=frozenset(("parameters", "arguments")),
)
