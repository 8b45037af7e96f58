"""Stop conditions: plain functions of the steps so far; the result names the one that held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from chatviz.given_values import check_fits, check_list, check_number
from chatviz.runs.conversation import Conversation, Step

__all__ = [
    "StopCondition",
    "check_conditions",
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
    """Tell whether the last answer, its first choice, calls no tool: nothing is to be done.

    A server that pauses its turn is not done: the answer goes on when it is sent back.
    """
    run = steps[-1].run
    is_paused = run.finish_reason_sent in run.spoken.manners.pausing_reasons
    return not run.message.tool_calls and not is_paused


def max_steps(count: int) -> StopCondition:
    """Stop after a number of answers. The tools that the last one calls are run.

    Raises
    ------
    ValueError
        The number is not above 0.
    """
    check_number(count, "count of max_steps", "cv.max_steps(5)")

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
    check_number(usd, "usd of max_cost", "cv.max_cost(0.05)")

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
    check_number(count, "count of max_tokens", "cv.max_tokens(10_000)")

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
    """Return the conditions of a loop: one holds always, for without calls nothing follows.

    Raises
    ------
    TypeError
        As for ``check_conditions``.
    """
    return (no_tool_calls, *check_conditions(stop))


def check_conditions(stop: StopCondition | Iterable[StopCondition]) -> tuple[StopCondition, ...]:
    """Return the conditions that a user gave.

    Raises
    ------
    TypeError
        Something is no condition, or makes one and was not called.
    """
    listed = (stop,) if callable(stop) else check_list(stop, _WANTED, _ADVICE)
    for condition in listed:
        check_fits(callable(condition), _WANTED, condition, _ADVICE)
        check_fits(id(condition) not in _MAKERS, _WANTED, condition, f"call it: {_ADVICE}")
    return listed


def find_ending(steps: Sequence[Step], conditions: Iterable[StopCondition]) -> str:
    """Return the name or words of the first condition that holds; '' while none does."""
    for condition in conditions:
        found = condition(steps)
        if found:
            return found if isinstance(found, str) else getattr(condition, "__name__", "stop")
    return ""


_MAKERS: Final = frozenset(map(id, (max_steps, max_cost, max_tokens)))
_WANTED: Final = "conditions, functions of the new steps, as stop"
_ADVICE: Final = "stop=cv.max_steps(5), or a list of such"
