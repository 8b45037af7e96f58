"""Usage and Cost: what the provider counted and charged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import msgspec

from chatviz.shown import Shown
from chatviz.wire.json_text import load_any_json

__all__ = [
    "NO_CHARGES",
    "TOKEN_COUNTS",
    "Charges",
    "Cost",
    "ReasoningPlace",
    "Usage",
    "total_cost",
    "total_usage",
    "unusual_tier",
]


_LONGEST_NAME: Final = 40
_MONEY: Final = ("cost", "price", "usd", "billed", "billing", "charge", "credit", "amount")


ReasoningPlace: TypeAlias = Literal["inside", "outside", "uncounted"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer cost, as the provider sent it.

    Attributes
    ----------
    total_usd : Decimal
        Exactly the number that was sent (0 for free), plus the upstream's part where the user pays
        that with a key of their own.
    input_usd, output_usd : Decimal | None
        Its split, where the provider sent one that is not merely zeros.
    fee_usd : Decimal | None
        The gateway's own part, where the user pays the upstream with a key of their own.
    field : str
        Where it stood: ``"usage.cost"``, ``"usage.cost_in_usd_ticks"`` …
    """

    total_usd: Decimal
    input_usd: Decimal | None = None
    output_usd: Decimal | None = None
    fee_usd: Decimal | None = None
    field: str = ""


class Charges(msgspec.Struct, frozen=True, gc=False):
    """What an answer is charged for besides its tokens, or otherwise than by their usual price.

    Attributes
    ----------
    searches : int | None
        Searches of the web that the provider ran and charges for; None where it sent no count.
    hour_writes : int
        Those of the tokens written to a cache that are kept for an hour, and cost more.
    tier : str
        At which tier the answer was served, in lower case; ``""`` for the usual one.
    others : tuple of str
        What else is charged, each in a short phrase.
    """

    searches: int | None = None
    hour_writes: int = 0
    tier: str = ""
    others: tuple[str, ...] = ()


NO_CHARGES: Final = Charges()
_USUAL_TIERS: Final = frozenset(("", "auto", "default", "standard", "on_demand"))


def unusual_tier(sent: object) -> str:
    """Return the name of a tier in lower case; ``""`` for the usual one, and for what is no name.

    The usual one has a name of its own at some, and is ``"auto"`` where it was left to them.
    """
    name = sent.lower() if isinstance(sent, str) else ""
    return "" if name in _USUAL_TIERS else name[:_LONGEST_NAME]


class Usage(Shown, msgspec.Struct, frozen=True, gc=False):
    """What was counted, as the provider sent it; None where nothing was sent.

    Attributes
    ----------
    input_tokens : int | None
        Tokens of the prompt, cached ones included.
    output_tokens : int | None
        Tokens of the answer. Whether reasoning is among them differs between providers:
        ``reasoning_place``.
    cache_read_tokens, cache_creation_tokens, reasoning_tokens, total_tokens : int | None
        Named as in OpenTelemetry's ``gen_ai`` conventions.
    cost : Cost | None
        What was charged, where the provider says so.
    sent : str
        The provider's own JSON text, unknown keys included.
    charges : Charges
        What is charged besides tokens or otherwise, as far as the provider says so.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    cost: Cost | None = None
    sent: str = ""
    charges: Charges = NO_CHARGES

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in (*TOKEN_COUNTS, "cost"))
        return f"Usage({', '.join(shown)})"

    @property
    def reasoning_place(self) -> ReasoningPlace | None:
        """Where the reasoning tokens were counted, as the total tells.

        ``"inside"`` the output tokens, ``"outside"`` of them, or ``"uncounted"`` in either; None
        where there are none, or the numbers do not tell.
        """
        input, output, total = self.input_tokens, self.output_tokens, self.total_tokens
        thought = self.reasoning_tokens or 0
        if thought <= 0 or input is None or output is None or total is None:
            return None
        if total == input + output:
            return "inside" if thought <= output else "uncounted"
        return "outside" if total == input + output + thought else None

    @property
    def is_reasoning_beside(self) -> bool:
        """Whether the output tokens are known to be without those of the reasoning."""
        return self.reasoning_place in ("outside", "uncounted")

    @property
    def generated_tokens(self) -> int | None:
        """All that was generated: output, and reasoning that is counted beside it."""
        if self.output_tokens is None or not self.is_reasoning_beside:
            return self.output_tokens
        return self.output_tokens + (self.reasoning_tokens or 0)

    @property
    def names_cost(self) -> bool:
        """Whether what was sent may hold a cost in a shape that is not read."""
        sent = self.sent.lower()
        return any(word in sent for word in _MONEY)

    @property
    def raw(self) -> dict[str, Any]:
        """The provider's own object, decoded; {} for a sum of several."""
        if not self.sent:
            return {}
        value = load_any_json(self.sent)
        return value if isinstance(value, dict) else {}


TOKEN_COUNTS: Final = tuple(name for name in Usage.__struct_fields__ if name.endswith("_tokens"))
"""The names of its counts."""


def total_usage(usages: Iterable[Usage | None]) -> Usage | None:
    """Add up the usage of several answers; a number that one of them lacks is None in the total."""
    parts = list(usages)
    known = [usage for usage in parts if usage is not None]
    if not parts or len(known) < len(parts):
        return None

    def total(name: str) -> int | None:
        numbers: list[int | None] = [getattr(usage, name) for usage in known]
        present = [number for number in numbers if number is not None]
        return sum(present) if len(present) == len(numbers) else None

    return Usage(
        input_tokens=total("input_tokens"),
        output_tokens=total("output_tokens"),
        cache_read_tokens=total("cache_read_tokens"),
        cache_creation_tokens=total("cache_creation_tokens"),
        reasoning_tokens=total("reasoning_tokens"),
        total_tokens=total("total_tokens"),
        cost=_total_cost([usage.cost for usage in known]),
    )


def total_cost(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Add up exact costs; None where one is unknown, and for nothing at all."""
    parts = list(costs)
    known = [cost for cost in parts if cost is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(parts) else None


def _total_cost(costs: list[Cost | None]) -> Cost | None:
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return None
    return Cost(
        total_usd=sum((cost.total_usd for cost in known), Decimal(0)),
        input_usd=total_cost([cost.input_usd for cost in known]),
        output_usd=total_cost([cost.output_usd for cost in known]),
        field="sum",
    )
