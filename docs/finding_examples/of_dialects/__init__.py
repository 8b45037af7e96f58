"""Examples of what only the answers of one dialect show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample
from finding_examples.of_dialects.anthropic import OF_ANTHROPIC
from finding_examples.of_dialects.bedrock_converse import OF_BEDROCK_CONVERSE
from finding_examples.of_dialects.gemini import OF_GEMINI
from finding_examples.of_dialects.ollama import OF_OLLAMA
from finding_examples.of_dialects.openai_responses import OF_RESPONSES

__all__ = ["OF_DIALECTS"]

OF_DIALECTS: Final[Mapping[str, FindingExample]] = {
    **OF_RESPONSES,
    **OF_ANTHROPIC,
    **OF_BEDROCK_CONVERSE,
    **OF_GEMINI,
    **OF_OLLAMA,
}
