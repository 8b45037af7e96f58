"""Stop conditions: plain functions of the steps, told by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent
from chatviz.agent.stopping import max_cost, max_steps, max_tokens
from chatviz.agent.tools.tool import Tool
from chatviz.runs.conversation import Step

CALL = ("1", "add", '{"a":1,"b":2}')


def usage(**more: Any) -> dict[str, Any]:
    return {"prompt_tokens": 8, "completion_tokens": 2, **more}


def test_a_model_that_never_stops_calling_is_stopped_after_twenty_steps(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    endpoint = MemoryEndpoint(say("", CALL))
    result = run_agent("?", endpoint=endpoint, tools=sums)
    assert (result.stop_reason, len(result.steps)) == ("max_steps", 20)
    assert [step.tool_results[0].text for step in result.steps] == ["3"] * 20


@pytest.mark.parametrize(
    ("sent", "stop", "reason", "steps"),
    [
        (usage(cost=0.25, total_tokens=10), max_cost(0.5), "max_cost", 2),
        (usage(total_tokens=10), max_cost(0.5), "cost_unknown", 1),
        (usage(total_tokens=10), max_tokens(25), "max_tokens", 3),
        (usage(), max_tokens(25), "max_tokens", 3),
        ({"prompt_tokens": 8}, max_tokens(25), "tokens_unknown", 1),
        (None, max_tokens(25), "tokens_unknown", 1),
        (None, [max_steps(9), max_steps(2)], "max_steps", 2),
    ],
)
def test_any_condition_that_holds_ends_the_loop(
    MemoryEndpoint: Any,
    say: Any,
    sums: list[Tool],
    sent: Any,
    stop: Any,
    reason: str,
    steps: int,
) -> None:
    endpoint = MemoryEndpoint(say("", CALL, usage=sent))
    result = run_agent("?", endpoint=endpoint, tools=sums, stop=stop)
    assert (result.stop_reason, len(result.steps)) == (reason, steps)


def test_a_condition_is_any_function_of_the_steps(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    def has_two(steps: Sequence[Step]) -> bool:
        return len(steps) == 2

    endpoint = MemoryEndpoint(say("", CALL))
    first = run_agent("?", endpoint=endpoint, tools=sums, stop=has_two)
    assert (first.stop_reason, len(first.steps)) == ("has_two", 2)
    second = run_agent("more", endpoint=endpoint, tools=sums, after=first, stop=max_steps(2))
    assert len(second.steps) == 4


def test_a_condition_that_raises_leaves_the_conversation_so_far(
    MemoryEndpoint: Any, say: Any, sums: list[Tool]
) -> None:
    def broken(steps: Sequence[Step]) -> bool:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken") as caught:
        run_agent("?", endpoint=MemoryEndpoint(say("", CALL)), tools=sums, stop=broken)
    assert len(caught.value.result.steps) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("condition", [max_steps, max_cost, max_tokens])
def test_a_limit_is_above_nothing(condition: Any) -> None:
    with pytest.raises(ValueError, match=r"wanted a number as .*, above 0, found 0"):
        condition(0)
