"""What ends an answer: OpenAI's own words, then those that servers and gateways pass on.

The words without a name beside them are Anthropic's, Gemini's and Mistral's, as gateways send them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FINISH_REASONS"]

FINISH_REASONS: Final[Mapping[str, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
    "function_call": "tool_calls",
    "tool_use": "tool_calls",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "safety": "content_filter",
    "refusal": "content_filter",
    "model_context_window_exceeded": "length",
    "eos_token": "stop",  # TGI
    "insufficient_system_resource": "error",  # DeepSeek
    "sensitive": "content_filter",  # Z.ai, as the next
    "network_error": "error",
    "abort": "error",  # vLLM, SGLang
}
