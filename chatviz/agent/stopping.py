"""Stop conditions: plain functions of the steps so far; the result names the one that held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

from chatviz.runs.conversation import Conversation, Step

__all__ = [
    "StopCondition",
    "collect_conditions",
    "find_ending",
    "max_cost",
    "max_steps",
    "max_tokens",
    "no_tool_calls",
]

StopCondition: TypeAlias = Callable[[Sequence[Step]], bool | str]
"""Takes the new steps; True, or a reason in words, ends the loop."""


def no_tool_calls(steps: Sequence[Step]) -> bool:
    """Tell whether the last answer, its first choice, calls no tool: nothing is to be done."""
    return not steps[-1].run.message.tool_calls


def max_steps(count: int) -> StopCondition:
    """Stop after a number of answers. The tools that the last one calls are run.

    Raises
    ------
    ValueError
        The number is not above 0.
    """
    _require_positive(count, "max_steps")

    def condition(steps: Sequence[Step]) -> str:
        return "max_steps" if len(steps) >= count else ""

    return condition


def max_cost(usd: float | Decimal) -> StopCondition:
    """Stop when the new steps have cost so many USD; at once where a cost is not known.

    Raises
    ------
    ValueError
        The number is not above 0.
    """
    _require_positive(usd, "max_cost")

    def condition(steps: Sequence[Step]) -> str:
        cost = Conversation(tuple(steps)).cost
        if cost is None:
            return "cost_unknown"  # a budget that cannot be watched would be no budget
        return "max_cost" if cost >= Decimal(str(usd)) else ""

    return condition


def max_tokens(count: int) -> StopCondition:
    """Stop when the new steps have used so many tokens, input and output; or it is not known.

    Raises
    ------
    ValueError
        The number is not above 0.
    """
    _require_positive(count, "max_tokens")

    def condition(steps: Sequence[Step]) -> str:
        usage = Conversation(tuple(steps)).usage
        if usage is None:
            return "tokens_unknown"
        total = usage.total_tokens
        if total is None and usage.input_tokens is not None and usage.output_tokens is not None:
            total = usage.input_tokens + usage.output_tokens
        if total is None:
            return "tokens_unknown"
        return "max_tokens" if total >= count else ""

    return condition


def collect_conditions(stop: StopCondition | Iterable[StopCondition]) -> tuple[StopCondition, ...]:
    """Return the conditions of a loop: one holds always, for without calls nothing follows."""
    return (no_tool_calls, *([stop] if callable(stop) else stop))


def find_ending(steps: Sequence[Step], conditions: Iterable[StopCondition]) -> str:
    """Return the name or words of the first condition that holds; '' while none does."""
    for condition in conditions:
        found = condition(steps)
        if found:
            return found if isinstance(found, str) else getattr(condition, "__name__", "stop")
    return ""


def _require_positive(value: float | Decimal, name: str) -> None:
    if not value > 0:
        raise ValueError(f"{name} wants a number above 0, found {value!r}.")
