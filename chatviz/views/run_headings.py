"""Answer headings: which answers a picture shows one under another, and what stands above each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun

__all__ = [
    "HeadedRun",
    "count_words",
    "ending",
    "headed_runs",
    "is_read",
    "say_seconds",
    "wait_caption",
]


class HeadedRun(NamedTuple):
    """One answer, with its place in words and its whole heading."""

    run: StreamRun
    place: str
    heading: str


def headed_runs(conversations: Sequence[Conversation]) -> list[HeadedRun]:
    """Return every answer, failed attempts included, each with its heading."""
    headed = []
    for number, conversation in enumerate(conversations, 1):
        talk = f"conversation {number}, " if len(conversations) > 1 else ""
        for count, step in enumerate(conversation.steps, 1):
            attempts = (*step.attempts, step.run)
            for attempt, run in enumerate(attempts, 1):
                tried = f", attempt {attempt}" if len(attempts) > 1 else ""
                place = f"{talk}step {count}{tried}"
                headed.append(HeadedRun(run, place, _heading(run, place)))
    return headed


def count_words(count: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: ``"1 answer"``, ``"2,000 answers"``."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def say_seconds(seconds: float) -> str:
    """Return seconds to three digits: ``"1.37 s"``, ``"0.042 s"``."""
    if seconds < 1:
        return f"{seconds:.3f}\u00a0s"
    return f"{seconds:.2f}\u00a0s" if seconds < 100 else f"{seconds:,.0f}\u00a0s"


def wait_caption(run: StreamRun) -> str:
    """Return how long the headers took, and by whose clock; ``""`` where that is not known."""
    seconds = run.time_to_headers_s
    if seconds is None:
        return ""
    whose = {"recorder": "by the recorder's clock", "measured": "measured"}
    clock = whose.get(run.response.time_source, f"by the clock {run.response.time_source!r}")
    return f"headers after {say_seconds(seconds)} ({clock})"


def _heading(run: StreamRun, place: str) -> str:
    who = " · ".join(filter(None, (run.provider or run.host, run.model or "model not named")))
    return f"{who} · {place}: {ending(run)}"


def ending(run: StreamRun) -> str:
    """Return how an answer ended: its finish reason, its HTTP status, or why there is none."""
    if run.response.status >= 400:
        return f"HTTP {run.response.status}"
    if run.finish_reason is None:
        return "no finish reason" if is_read(run) else "not read" if len(run.chunks) else "empty"
    return run.finish_reason


def is_read(run: StreamRun) -> bool:
    """Whether the answer is in a dialect that is read."""
    return run.spoken.manners.is_read
