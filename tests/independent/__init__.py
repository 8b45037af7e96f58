"""Readings of chat answers by the standard library alone, to check the package against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.independent import (
    anthropic_messages,
    bedrock_converse,
    gemini,
    ollama_chat,
    openai_chat,
    openai_completions,
    openai_responses,
)

READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "openai-chat": openai_chat.read,
    "openai-completions": openai_completions.read,
    "anthropic-messages": anthropic_messages.read,
    "openai-responses": openai_responses.read,
    "gemini": gemini.read,
    "bedrock-converse": bedrock_converse.read,
    "ollama-chat": ollama_chat.read,
}
