"""Fields of chat completions that say nothing of the answer itself, by where they are sent.

They are known, and stay in the chunk's own JSON; a field that is neither read nor listed here is
unknown, and is reported. There are no wildcards: each name has its source beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "BLOCKS",
    "CHOICE_FIELDS",
    "CHUNK_FIELDS",
    "DELTA_FIELDS",
    "OPAQUE",
    "REASONING_FIELDS",
    "SELDOM_FIELDS",
    "STEPS",
    "USAGE_FIELDS",
    "X_GROQ_FIELDS",
]

REASONING_FIELDS: Final = (
    "reasoning",  # OpenRouter, Groq, Cerebras
    "reasoning_content",  # DeepSeek, xAI, and most servers of open models
    "reasoning_text",  # GitHub Copilot
    "cot_summary",  # GitHub Copilot
)

BLOCKS: Final = "thinking_blocks"  # LiteLLM: Anthropic's reasoning, signed, which must go back

STEPS: Final = "reasoning_steps"  # Perplexity: what it thought, and searched for

OPAQUE: Final = "reasoning_opaque"  # GitHub Copilot: reasoning that must go back as it came

CHUNK_FIELDS: Final = frozenset(
    [
        "object",  # OpenAI: the kind of the payload
        "service_tier",  # OpenAI: which tier served the request
        "obfuscation",  # OpenAI: padding against attacks by the sizes of packets
        "system_fingerprint",  # OpenAI: the configuration of the backend
        "prompt_filter_results",  # Azure: what its filter said of the prompt
        "latency_checkpoint",  # Azure: durations that the server measured
        "generationId",  # Vercel's gateway: its own id of the answer
        "user_id",  # OpenRouter: whose key it was, beside an error
        "request_id",  # Z.ai: the id of the HTTP request
        "time_info",  # Cerebras: durations that the server measured
        "timings",  # llama.cpp: durations and rates that the server measured
        "p",  # Mistral: padding
        "input_sensitive",  # MiniMax: what its filter said
        "output_sensitive",  # MiniMax
        "input_sensitive_type",  # MiniMax
        "output_sensitive_type",  # MiniMax
        "output_sensitive_int",  # MiniMax
        "prompt_logprobs",  # vLLM
        "prompt_token_ids",  # vLLM
        "kv_transfer_params",  # vLLM
        "prompt",  # Together: what was asked, where it is to be echoed, else an empty list
        "usage_breakdown",  # Groq: the usage of each model of a compound system
        "mcp_list_tools",  # Groq: the tools of the MCP servers that were asked for
        "copilot_usage",  # GitHub Copilot: what its user is charged, in its own units
        "prompt_progress",  # llama.cpp: how much of the prompt has been read
        "metadata",  # SGLang: the version of the model's weights
        "stats",  # LM Studio: rates that the server measured
        "perf_metrics",  # Fireworks: durations that the server measured
    ]
)
# Of a chunk, too; the fast way knows them not, since few servers send them.
SELDOM_FIELDS: Final = frozenset(
    [
        "model_id",  # watsonx: the model
        "model_version",  # watsonx
        "created_at",  # watsonx: the time as a text
        "system",  # watsonx: its warnings
        "moderations",  # watsonx: what its filter said
        "detections",  # watsonx
        "venice_parameters",  # Venice: what was asked of it, and what it found
        "content_filter",  # Z.ai: what its filter said
    ]
)
CHOICE_FIELDS: Final = frozenset(
    [
        "content_filter_results",  # Azure: what its filter said of this piece
        "content_filter_offsets",  # Azure: which piece that is
        "stop_reason",  # vLLM: the stop token or string
        "token_ids",  # vLLM
        "seed",  # Together: the seed that was used
        "matched_stop",  # SGLang: the stop token or string
        "moderation_hit_type",  # Volcengine: what its filter said
        "end_turn",  # Azure, with data of one's own
    ]
)
DELTA_FIELDS: Final = frozenset(
    [
        "provider_metadata",  # Vercel's gateway: what the upstream sent besides
        "name",  # MiniMax: what the assistant is called
        "token_id",  # Together
        "provider_specific_fields",  # LiteLLM: what the upstream sent besides
        "cot_id",  # GitHub Copilot: of its reasoning
        "copilot_annotations",  # GitHub Copilot: what is wrong with the code
        "channel",  # Groq: the channel of gpt-oss; its reasoning comes in a field of its own
    ]
)
X_GROQ_FIELDS: Final = frozenset(
    [
        "id",  # Groq: the id of the request
        "seed",  # Groq: the seed that was used
        "usage_breakdown",  # Groq: the usage of each model of a compound system
        "debug",  # Groq: ids and texts of tokens, where they were asked for
    ]
)

_NONE: Final[frozenset[str]] = frozenset()
_DETAILS: Final = frozenset(
    [
        "audio_tokens",  # OpenAI
        "cached_tokens",  # OpenAI
        "text_tokens",  # OpenAI, xAI
        "image_tokens",  # xAI, OpenRouter
        "video_tokens",  # OpenRouter
        "cache_write_tokens",  # OpenRouter
        "cache_creation_tokens",  # gateways before Anthropic
        "cache_creation_input_tokens",  # Alibaba
        "cache_creation",  # Alibaba: the same by how long it is kept
        "cache_type",  # Alibaba
        "reasoning_tokens",  # OpenAI
        "accepted_prediction_tokens",  # OpenAI
        "rejected_prediction_tokens",  # OpenAI
    ]
)
_COSTS: Final = frozenset(
    [
        "upstream_inference_cost",  # OpenRouter
        "upstream_inference_prompt_cost",  # OpenRouter
        "upstream_inference_completions_cost",  # OpenRouter
        "input_tokens_cost",  # Perplexity
        "output_tokens_cost",  # Perplexity
        "request_cost",  # Perplexity: the search's own part
        "reasoning_tokens_cost",  # Perplexity
        "citation_tokens_cost",  # Perplexity
        "search_queries_cost",  # Perplexity
        "total_cost",  # Perplexity
        "total",  # gateways that send the sum by this name
    ]
)

# Of a usage object, with what is known inside each; nothing is looked for inside those with none.
USAGE_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "prompt_tokens": _NONE,
    "completion_tokens": _NONE,
    "total_tokens": _NONE,
    "input_tokens": _NONE,
    "output_tokens": _NONE,
    "reasoning_tokens": _NONE,
    "cached_tokens": _NONE,
    "prompt_tokens_details": _DETAILS,
    "completion_tokens_details": _DETAILS,
    "input_tokens_details": _DETAILS,
    "output_tokens_details": _DETAILS,
    "prompt_cache_hit_tokens": _NONE,  # DeepSeek
    "prompt_cache_miss_tokens": _NONE,  # DeepSeek: the rest of the prompt
    "cache_read_input_tokens": _NONE,  # gateways before Anthropic
    "cache_creation_input_tokens": _NONE,  # gateways before Anthropic
    "cost": _COSTS,
    "cost_details": _COSTS,
    "cost_in_usd_ticks": _NONE,
    "is_byok": _NONE,  # OpenRouter: who pays the upstream
    "market_cost": _NONE,  # Vercel's gateway: the list price
    "server_tool_use": frozenset(("web_search_requests",)),  # OpenRouter: its searches
    "num_sources_used": _NONE,  # xAI: of its search
    "server_side_tool_usage_details": _NONE,  # xAI: calls of its own tools
    "queue_time": _NONE,  # Groq, in seconds, as the three below
    "prompt_time": _NONE,
    "completion_time": _NONE,
    "total_time": _NONE,
    "total_characters": _NONE,  # MiniMax
    "citation_tokens": _NONE,  # Perplexity
    "num_search_queries": _NONE,  # Perplexity
    "search_context_size": _NONE,  # Perplexity
    "prompt_audio_seconds": _NONE,  # Mistral
    "estimated_cost": _NONE,  # DeepInfra
    "acceptance_rate": _NONE,  # SambaNova, as all to its total: durations and rates
    "completion_tokens_after_first_per_sec": _NONE,
    "completion_tokens_after_first_per_sec_first_ten": _NONE,
    "completion_tokens_after_first_per_sec_graph": _NONE,
    "completion_tokens_per_sec": _NONE,
    "is_last_response": _NONE,
    "start_time": _NONE,
    "end_time": _NONE,
    "stop_reason": _NONE,
    "time_to_first_token": _NONE,
    "total_latency": _NONE,
    "total_tokens_per_sec": _NONE,
    "service_tier": _NONE,  # Mistral: which tier served the request
    "num_cached_tokens": _NONE,  # Mistral
    "prompt_token_details": frozenset(("cached_tokens",)),  # Mistral
    "request_count": _NONE,  # Mistral
    "audio_prompt_tokens": _NONE,  # Azure
    "surcharge_cost": _NONE,  # Vercel's gateway: what it charges besides
    "gateway_cost": _NONE,  # Vercel's gateway: the cost with that
    "provider_allowlist_cost": _NONE,  # Vercel's gateway
}
