"""Our own tool loop as a client that is tried: it has the seeds' conversation, and looks at it."""

from __future__ import annotations

from typing import Any, Final

import chatviz as cv
from chatviz.agent.retrying import Patience
from tests.seed_talk import ASKED, MODEL, SYSTEM, add, multiply

__all__ = ["SEEDS", "UnreadableError", "converse"]

USAGE: Final = {"usage": {"include": True}}
SEEDS: Final[dict[str, dict[str, Any]]] = {
    "openrouter_kimi-k2_novita": {"extra_body": USAGE, "tool_call_ids": ["test-3", "test-4"]},
    "openrouter_kimi-k2_fireworks": {"extra_body": {**USAGE, "provider": {"only": ["fireworks"]}}},
}


class UnreadableError(Exception):
    """What the loop returned cannot be looked at."""


def converse(seed: str, url: str) -> dict[str, Any]:
    """Return what was said and done; raise RuntimeError with the loop's own words where it failed.

    Raises
    ------
    UnreadableError
        The result cannot be read: a view, a table or a message of it fails.
    """
    options = dict(SEEDS[seed])
    if "tool_call_ids" in options:
        options["tool_call_ids"] = iter([*options["tool_call_ids"], *"abcdef"]).__next__
    result = cv.run_agent(
        ASKED,
        endpoint=cv.Endpoint(url, model=MODEL, api_key="none", timeout_s=5.0),
        tools=[add, multiply],
        system=SYSTEM,
        max_tokens=4000,
        retries=Patience(first_wait_s=0.01),
        **options,
    )
    try:
        _look_at(result)
    except Exception as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    if result.stop_reason == "error":
        raise RuntimeError(result.error)
    return {
        "text": result.text,
        "stop_reason": result.stop_reason,
        "runs": [(run.name, run.arguments, run.text) for run in result.tool_runs],
    }


def _look_at(result: cv.AgentResult) -> None:
    """Look at all of it, as a user would who wants to know what happened."""
    said = bool(cv.transcript(result).sentence and cv.timeline(result).svg)
    tables = [cv.run_table(result), cv.finding_table(result), cv.tool_call_table(result)]
    is_told = bool(result.error) == (result.stop_reason == "error")
    if not (said and is_told and len(tables[0]) == len(result.conversation.runs)):
        raise ValueError("the result says too little")
