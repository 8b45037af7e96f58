"""Numbers that must not become floats: what an answer cost is read as its decimals are spelled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

__all__ = ["TICKS", "USD_PER_TICK", "exact_decimal", "exact_object"]

TICKS: Final = "cost_in_usd_ticks"
USD_PER_TICK: Final = Decimal("1e-10")  # xAI: docs.x.ai, of the field of that name
LONGEST: Final = 40  # digits before or behind the point: what is longer is no price


def exact_decimal(value: Any) -> Decimal | None:
    """Return a number, or a text that is one, as a finite Decimal of a sensible length."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    exponent = number.as_tuple().exponent  # a letter where it is infinite or no number
    is_sensible = isinstance(exponent, int) and abs(exponent) <= LONGEST
    return number if is_sensible and number.adjusted() <= LONGEST else None


def exact_object(data: bytes, path: Sequence[str | int]) -> dict[str, Any]:
    """Read an object of some JSON text again, with its decimals as texts.

    Parameters
    ----------
    data : bytes
        JSON that has been decoded before.
    path : sequence of str or int
        Where in it the object is.
    """
    value: Any = json.loads(data.decode("utf-8", "replace"), parse_float=str)
    for key in path:
        value = value[key]
    found: dict[str, Any] = value
    return found
