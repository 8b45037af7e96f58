"""Fields of chat completions that say nothing of the answer itself, by where they are sent.

They are known, and stay in the chunk's own JSON; a field that is neither read nor listed here is
unknown, and is reported. There are no wildcards: each name has its source beside it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHOICE_FIELDS", "CHUNK_FIELDS", "DELTA_FIELDS", "X_GROQ_FIELDS"]

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
        "prompt_logprobs",  # vLLM
        "prompt_token_ids",  # vLLM
        "kv_transfer_params",  # vLLM
    ]
)
CHOICE_FIELDS: Final = frozenset(
    [
        "content_filter_results",  # Azure: what its filter said of this piece
        "content_filter_offsets",  # Azure: which piece that is
        "stop_reason",  # vLLM: the stop token or string
        "token_ids",  # vLLM
    ]
)
DELTA_FIELDS: Final = frozenset(
    [
        "provider_metadata",  # Vercel's gateway: what the upstream sent besides
        "channel",  # Groq: the channel of gpt-oss; its reasoning comes in a field of its own
    ]
)
X_GROQ_FIELDS: Final = frozenset(
    [
        "id",  # Groq: the id of the request
        "seed",  # Groq: the seed that was used
    ]
)
