"""Answer headings: which answers a picture shows one under another, and what is above each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from chatviz.runs.choices import finish_reasons, say_by_choice
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.text import cut_text

__all__ = [
    "HeadedRun",
    "count_words",
    "ending",
    "headed_runs",
    "is_read",
    "say_seconds",
    "server_caption",
    "talk_names",
    "wait_caption",
]


MAX_NAME: Final = 40  # characters


class HeadedRun(NamedTuple):
    """One answer, with its place in words and its whole heading."""

    run: StreamRun
    place: str
    heading: str


def headed_runs(conversations: Sequence[Conversation]) -> list[HeadedRun]:
    """Return every answer, failed attempts included, each with its heading."""
    headed = []
    for name, conversation in zip(talk_names(conversations), conversations, strict=True):
        for count, step in enumerate(conversation.steps, 1):
            attempts = (*step.attempts, step.run)
            for attempt, run in enumerate(attempts, 1):
                tried = f", attempt {attempt}" if len(attempts) > 1 else ""
                where = f"step {count}{tried}"
                place = f"{name}, {where}" if name else where
                headed.append(HeadedRun(run, place, _heading(run, name, where)))
    return headed


def talk_names(conversations: Sequence[Conversation]) -> list[str]:
    """Name conversations by what tells them apart: provider or model, else one with its number.

    One alone needs no name: ``""``.
    """
    if len(conversations) == 1:
        return [""]
    firsts = [next(iter(talk.runs), None) for talk in conversations]
    providers = ["" if run is None else run.provider or run.host for run in firsts]
    models = ["" if run is None else (run.model or "").rpartition("/")[2] for run in firsts]
    both = [" ".join(filter(None, pair)) for pair in zip(providers, models, strict=True)]
    for names in (providers, models, both):
        if all(names) and len(set(names)) == len(names):
            return [cut_text(name, MAX_NAME) for name in names]
    numbered = [cut_text(name or "conversation", MAX_NAME) for name in providers]
    return [f"{name} {numbered[: at + 1].count(name)}" for at, name in enumerate(numbered)]


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


def server_caption(run: StreamRun) -> str:
    """Return what the server says of its own time; ``""`` where it says nothing."""
    told = [f"{one.measure.replace('_', ' ')} {say_seconds(one.seconds)}" for one in
            run.server_timing]  # fmt: skip
    return f"by the server's own clock: {', '.join(told)}" if told else ""


def _heading(run: StreamRun, name: str, step: str) -> str:
    who = " · ".join(filter(None, (run.provider or run.host, run.model or "model not named")))
    place = step if name in who else f"{name}, {step}"
    return f"{who} · {place}: {ending(run)}"


def ending(run: StreamRun) -> str:
    """Return how an answer ended: its finish reason, its HTTP status, or why there is none.

    Where its choices ended for different reasons, each is told: ``"stop; choice 1: tool_calls"``.
    """
    if run.response.status >= 400:
        return f"HTTP {run.response.status}"
    told = say_by_choice(run, finish_reasons(run), "no finish reason")
    if told is None:
        return "no finish reason" if is_read(run) else "not read" if len(run.chunks) else "empty"
    return told


def is_read(run: StreamRun) -> bool:
    """Whether the answer is in a dialect that is read."""
    return run.spoken.manners.is_read
