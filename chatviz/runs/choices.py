"""What an answer says in all its choices: its calls, why each ended, and how a choice is named.

Most answers have one choice. Where several were asked for (``n=2``), each has a message, calls and
a finish reason of its own; ``run.message`` and ``run.finish_reason`` are those of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatviz.chat.assembly.conclusions import effective_finish_reason
from chatviz.chat.messages import Message, ToolCall
from chatviz.runs.run import StreamRun

__all__ = [
    "finish_reasons",
    "finish_reasons_sent",
    "in_choice",
    "pair_choices",
    "say_by_choice",
    "tool_calls_of",
]


def tool_calls_of(run: StreamRun) -> tuple[ToolCall, ...]:
    """Return the calls of all choices, choice by choice: a call's number in a run is its place."""
    return tuple([call for message in run.messages for call in message.tool_calls])


def finish_reasons(run: StreamRun) -> tuple[str | None, ...]:
    """Return why each choice ended, in our words, in the order of ``run.messages``."""
    manners, failed = run.spoken.manners, run.error is not None
    return tuple(
        effective_finish_reason(run.answer.finish(one.choice), one, manners, failed=failed)
        for one in run.messages
    )


def finish_reasons_sent(run: StreamRun) -> tuple[str | None, ...]:
    """Return the provider's last finish reason of each choice, in the order of ``run.messages``."""
    sent = (run.answer.finish(one.choice) for one in run.messages)
    return tuple(None if one is None else one.reason for one in sent)


def say_by_choice(run: StreamRun, told: Sequence[str | None], none: str) -> str | None:
    """Return what is told of each choice as one text: ``"stop; choice 1: tool_calls"``.

    Parameters
    ----------
    run : StreamRun
    told : sequence of str or None
        For each of ``run.messages``; said once where it is the same for all.
    none : str
        What stands for None beside something else; where all are None, so is the result.
    """
    if len(set(told)) == 1:
        return told[0]
    first, *others = (none if one is None else one for one in told)
    pairs = zip(run.messages[1:], others, strict=True)
    return "; ".join([first, *(f"{in_choice(one.choice)}{text}" for one, text in pairs)])


def in_choice(number: int) -> str:
    """Return what is put before the name of a part: ``"choice 1: "``; ``""`` for the first."""
    return f"choice {number}: " if number else ""


def pair_choices(
    runs: Iterable[StreamRun | None],
) -> list[tuple[int, tuple[Message | None, ...]]]:
    """Put together the messages of the same choice of several answers.

    Parameters
    ----------
    runs : iterable of StreamRun or None
        None for an answer that is not there.

    Returns
    -------
    list of (int, tuple of Message or None)
        For each choice its number, and its message in each answer; None where there is none.
        Answers of one choice each are put together whatever its number is, which is then 0.
    """
    sides = [() if run is None else run.messages for run in runs]
    if all(len(messages) < 2 for messages in sides):
        lone = tuple(messages[0] if messages else None for messages in sides)
        return [(0, lone)]
    by_number = [{one.choice: one for one in messages} for messages in sides]
    numbers = sorted(set().union(*by_number))
    return [(number, tuple(side.get(number) for side in by_number)) for number in numbers]
