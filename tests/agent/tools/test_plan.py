"""What becomes of a call before it is run (approval), and of a tool's value after."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent
from chatviz.agent.tools.plan import write_result
from chatviz.agent.tools.tool import Tool
from chatviz.chat.messages import ToolCall

CALL = ("1", "add", '{"a":1,"b":2}')


class Colour(str, Enum):  # noqa: UP042  # whose str() is not its value
    RED = "red"


@dataclass
class Point:
    x: int
    y: float | None = None


class Odd:
    def __str__(self) -> str:
        return "odd"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        ("so", "so"),
        (Colour.RED, "red"),
        (None, "null"),
        (True, "true"),
        ({"ä": [1, 2.5]}, '{"ä": [1, 2.5]}'),
        ((1, 2), "[1, 2]"),
        (Point(1), '{"x": 1, "y": null}'),
        (date(2025, 1, 2), '"2025-01-02"'),
        ({1: "a"}, '{"1": "a"}'),
        (math.nan, "NaN"),
        (Odd(), "odd"),
        ([Odd()], None),
    ],
)
def test_a_result_is_text_or_json_or_what_str_says(value: object, text: str | None) -> None:
    assert write_result(value) == (str(value) if text is None else text)


def test_a_value_that_contains_itself_is_what_str_says() -> None:
    value: list[Any] = []
    value.append(value)
    assert write_result(value) == "[[...]]"


def approve_with(verdict: Any) -> Any:
    def approve(call: ToolCall) -> Any:
        assert threading.current_thread() is threading.main_thread()
        assert call.name == "add"
        return verdict

    return approve


@pytest.mark.parametrize(
    ("verdict", "outcome", "text"),
    [
        (True, "returned", "3"),
        (False, "refused", "Error: the user did not allow this call."),
        ("not today", "refused", "Error: the user did not allow this call: not today"),
        ({"a": 10, "b": 20}, "returned", "30"),
    ],
)
def test_a_call_may_be_refused_or_edited(
    MemoryEndpoint: Any,
    say: Any,
    sums: list[Tool],
    verdict: Any,
    outcome: str,
    text: str,
    run: Any,
) -> None:
    endpoint = MemoryEndpoint(say("", CALL, ("2", "nothing", "{}")), say("done"))
    options: dict[str, Any] = {
        "endpoint": endpoint,
        "tools": sums,
        "approve": approve_with(verdict),
    }
    result = run("?", **options)
    tool_run = result.tool_runs[0]
    assert (tool_run.outcome, tool_run.text) == (outcome, text)
    if isinstance(verdict, dict):
        assert tool_run.arguments == verdict
    sent = endpoint.bodies[1]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert sent == CALL[2]


def test_the_decision_may_be_awaited(
    MemoryEndpoint: Any, say: Any, sums: list[Tool], run: Any
) -> None:
    async def approve(call: ToolCall) -> str:
        return "no"

    endpoint = MemoryEndpoint(say("", CALL), say("done"))
    options: dict[str, Any] = {"endpoint": endpoint, "tools": sums, "approve": approve}
    result = run("?", **options)
    assert result.tool_runs[0].outcome == "refused"


def test_edited_arguments_are_checked_too(MemoryEndpoint: Any, say: Any, sums: list[Tool]) -> None:
    endpoint = MemoryEndpoint(say("", CALL), say("done"))
    result = run_agent("?", endpoint=endpoint, tools=sums, approve=approve_with({"a": "x"}))
    (run,) = result.tool_runs
    assert (run.outcome, run.id) == ("invalid", "1")
    assert "$.a: wrong type" in run.text


def test_no_decision_is_no_approval(MemoryEndpoint: Any, say: Any, sums: list[Tool]) -> None:
    endpoint = MemoryEndpoint(say("", CALL))
    with pytest.raises(TypeError, match=r"approve\(\) returned None: wanted True") as caught:
        run_agent("?", endpoint=endpoint, tools=sums, approve=approve_with(None))
    result = caught.value.result  # type: ignore[attr-defined]
    assert result.tool_runs[0].outcome == "stopped"


def test_a_decision_that_raises_stops_the_loop(
    MemoryEndpoint: Any, say: Any, sums: list[Tool], run: Any
) -> None:
    async def approve(call: ToolCall) -> bool:
        raise LookupError("who?")

    endpoint = MemoryEndpoint(say("", CALL))
    with pytest.raises(LookupError, match="who"):
        run("?", endpoint=endpoint, tools=sums, approve=approve)
