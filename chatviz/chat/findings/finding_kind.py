"""What a kind of finding is: its code, how bad it is, and the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FindingKind", "Severity", "finding_kinds"]

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding: its severity and the sentence that tells it."""

    code: str
    severity: Severity
    sentence: str


def finding_kinds(*rows: tuple[str, Severity, str]) -> dict[str, FindingKind]:
    """Return kinds of findings by code, from rows of code, severity and sentence."""
    return {code: FindingKind(code, severity, sentence) for code, severity, sentence in rows}
