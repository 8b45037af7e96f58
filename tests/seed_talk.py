"""The conversation that the seeds recorded: what was asked, and the two tools, really run."""

from __future__ import annotations

from typing import Annotated, Final

from chatviz.agent.tools.tool import tool

__all__ = ["ASKED", "MODEL", "SYSTEM", "add", "multiply"]

ASKED: Final = "Add and multiply the number 2 and 3"
SYSTEM: Final = "You are a helpful assistant. Always use both add and multiply at the same time."
MODEL: Final = "moonshotai/kimi-k2-0905"


@tool
def add(a: Annotated[int, "first number"], b: Annotated[int, "second number"]) -> int:
    "Add two numbers"
    return a + b


@tool
def multiply(a: Annotated[int, "first number"], b: Annotated[int, "second number"]) -> int:
    "Multiply two numbers"
    return a * b
