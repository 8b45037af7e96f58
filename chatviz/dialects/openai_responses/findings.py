"""What only this dialect's answers can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.findings.kinds import FindingKind, finding_kinds

__all__ = ["KINDS"]

KINDS: Final[Mapping[str, FindingKind]] = finding_kinds(
    (
        "approval_wanted",
        "info",
        "The call of {part} waits for the client's approval: it is no tool call, and nothing is "
        "run before the approval is sent.",
    ),
    (
        "answer_cancelled",
        "warning",
        "The answer was cancelled: it holds what had come by then.",
    ),
    (
        "event_name_differs",
        "warning",
        "{count:event is|events are} called {name} by the event's line and {kind} by the type in "
        "the data; the type is read.",
    ),
)
