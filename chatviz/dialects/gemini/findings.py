"""What only this dialect's answers can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.findings.kinds import FindingKind, finding_kinds

__all__ = ["KINDS", "LOST_CALLS"]

# Finish reasons that say that the model tried to call a tool, and the call is not in the answer.
LOST_CALLS: Final = frozenset(
    ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS")
)

KINDS: Final[Mapping[str, FindingKind]] = finding_kinds(
    (
        "call_lost",
        "warning",
        "The answer ended with {text}: the model tried to call a tool, and the call was not sent.",
    ),
)
