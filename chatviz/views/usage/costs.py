"""Usage in words: the kinds of tokens in their order, and exact costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from chatviz.chat.usage import Usage
from chatviz.views.drawing.html import Cell

__all__ = ["COUNTED", "say_cost", "usage_rows"]

COUNTED: Final = (
    ("input tokens", "input_tokens"),
    ("cached input", "cache_read_tokens"),
    ("newly cached input", "cache_creation_tokens"),
    ("output tokens", "output_tokens"),
    ("reasoning tokens", "reasoning_tokens"),
    ("total tokens", "total_tokens"),
)
"""Words for each kind of token, and the name of its field in ``Usage``."""


def say_cost(cost: Decimal) -> str:
    """Return an exact cost: ``"0.0002635 USD"``."""
    return f"{cost:f} USD"


def usage_rows(usage: Usage) -> tuple[tuple[Cell, ...], ...]:
    """Return what is known of a usage, a row for each number."""
    rows: list[tuple[Cell, ...]] = [(words, getattr(usage, name)) for words, name in COUNTED]
    cost = usage.cost
    if cost is not None:
        rows += [
            ("cost (USD)", cost.total_usd),
            ("input part (USD)", cost.input_usd),
            ("output part (USD)", cost.output_usd),
            ("gateway's fee (USD)", cost.fee_usd),
            ("cost sent as", cost.field or None),
        ]
    return tuple(row for row in rows if row[1] is not None)
