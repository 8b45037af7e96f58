"""AnswerUsage: what was counted so far, as a whole or field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatviz.chat.deltas import UsageDelta
from chatviz.chat.findings.log import FindingLog
from chatviz.chat.usage import TOKEN_COUNTS, Usage

__all__ = ["AnswerUsage"]


class AnswerUsage:
    """The last that was counted; where it comes in fields, of each field the last that is not null.

    It is never added up.
    """

    def __init__(self) -> None:
        self._sent: list[Usage] = []  # one that is whole, or those that are put together

    def take(self, delta: UsageDelta, chunk: int, log: FindingLog) -> None:
        """Take what a chunk counts; fields are a running count, which is expected to change."""
        usage = delta.usage
        if delta.merge == "fields":
            self._sent.append(usage)
            return
        if self._sent and delta.merge == "whole":
            log.add(_compare(self._sent[-1], usage), chunk=chunk)
        self._sent = [usage]

    def known(self, read: Callable[[Mapping[str, Any]], Usage] | None) -> Usage | None:
        """Return what was counted so far; None where nothing was.

        Parameters
        ----------
        read : callable | None
            Reads a usage object: ``Manners.read_usage``. Without it the last counts as a whole.
        """
        if len(self._sent) < 2 or read is None:
            return self._sent[-1] if self._sent else None
        fields: dict[str, Any] = {}
        for usage in self._sent:
            fields |= {key: value for key, value in usage.raw.items() if value is not None}
        self._sent = [read(fields)]  # put together once
        return self._sent[0]


def _compare(before: Usage, usage: Usage) -> str:
    """Return the finding for usage that comes once more as a whole."""
    if before == usage:
        return "usage_repeated"
    numbers = [(getattr(before, name), getattr(usage, name)) for name in TOKEN_COUNTS]
    costs = (before.cost and before.cost.total_usd, usage.cost and usage.cost.total_usd)
    grows = all(old is None or (new is not None and new >= old) for old, new in (*numbers, costs))
    return "usage_running" if grows else "usage_changed"
