"""What only this dialect's answers can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.findings.kinds import FindingKind, finding_kinds

__all__ = ["KINDS"]

KINDS: Final[Mapping[str, FindingKind]] = finding_kinds(
    (
        "guardrail_intervened",
        "warning",
        "A guardrail intervened: the text may be the guardrail's, and not the model's.",
    ),
    (
        "media_failed",
        "warning",
        "The {part} of the answer could not be made: {text}.",
    ),
    (
        "cache_counts_differ",
        "warning",
        "The tokens of the cache are counted under two names that differ ({text}); the first is "
        "read.",
    ),
)
