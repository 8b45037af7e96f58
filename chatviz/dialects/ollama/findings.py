"""What only Ollama's answers can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.findings.kinds import FindingKind, finding_kinds

__all__ = ["KINDS"]

KINDS: Final[Mapping[str, FindingKind]] = finding_kinds(
    (
        "arguments_as_text",
        "warning",
        "The arguments of the call {part} came as text, where this API has an object.",
    ),
    (
        "prompt_not_counted",
        "info",
        "The tokens of the answer are counted, but not those of the prompt: they are not known, "
        "and not 0.",
    ),
    (
        "reason_not_named",
        "info",
        "The last line says that the answer is done, and not why; it is read as 'stop'.",
    ),
    (
        "only_loaded",
        "info",
        "The answer says only that the model was put into or taken out of memory ({text}): nothing "
        "was generated.",
    ),
)
