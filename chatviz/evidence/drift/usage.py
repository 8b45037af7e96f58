"""The layer of usage: what was counted and charged."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from chatviz.cassettes.matching.json_diff import Difference, diff_json
from chatviz.chat.usage import Usage
from chatviz.evidence.drift.change import Change, Compared, change_of
from chatviz.runs.run import StreamRun

__all__ = ["compare_usage"]

_TOKENS: Final = (
    "input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens",
    "reasoning_tokens", "total_tokens",
)  # fmt: skip
_COSTS: Final = {
    "cost_usd": "total_usd",
    "input_cost_usd": "input_usd",
    "output_cost_usd": "output_usd",
    "fee_usd": "fee_usd",
}


def compare_usage(old: StreamRun, new: StreamRun) -> Compared:
    """Compare what was counted and charged: exactly, for a price is exact."""
    return Compared(tuple(_changes(old, new)))


def _changes(old: StreamRun, new: StreamRun) -> Iterator[Change]:
    ours, theirs = _numbers(old.usage), _numbers(new.usage)
    told: set[tuple[Decimal, Decimal]] = set()
    for place in dict.fromkeys([*ours, *theirs]):
        pair = ours.get(place), theirs.get(place)
        yield from change_of("usage", place, *[None if n is None else f"{n}" for n in pair])
        if pair[0] is not None and pair[1] is not None:
            told.add((Decimal(pair[0]), Decimal(pair[1])))
    if old.usage is not None and new.usage is not None and old.dialect == new.dialect:
        times = [field.path for field in old.spoken.manners.server_times]
        for one in diff_json(old.usage.raw, new.usage.raw):
            is_time = any(path[-len(one.steps) :] == one.steps for path in times)
            pair_sent = _sent(one)
            if pair_sent is not None and pair_sent not in told and not is_time:
                sent = f"{one.recorded}", f"{one.asked}"
                yield Change("usage", f"as sent: {one.path}", "changed", *sent)


def _numbers(usage: Usage | None) -> dict[str, int | Decimal]:
    """Return the numbers that are known, by their names."""
    if usage is None:
        return {}
    found: dict[str, Any] = {name: getattr(usage, name) for name in _TOKENS}
    if usage.cost is not None:
        found |= {name: getattr(usage.cost, field) for name, field in _COSTS.items()}
    return {name: number for name, number in found.items() if number is not None}


def _sent(one: Difference) -> tuple[Decimal, Decimal] | None:
    """Return both numbers of a difference; None where one of them is none, or not there."""
    pair = one.recorded, one.asked
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in pair):
        return None
    return Decimal(f"{pair[0]}"), Decimal(f"{pair[1]}")  # as it was written, not as a float is
