"""Conversation: the steps of one conversation, each a run with the results of its tool calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from chatviz.chat.findings.log import Finding, severity_rank
from chatviz.chat.messages import ChatRequest, Message, ToolResult
from chatviz.chat.usage import Usage, total_cost, total_usage
from chatviz.runs.run import StreamRun
from chatviz.shown import Shown

__all__ = ["Conversation", "Step", "asking_run", "has_failed"]


@dataclass(frozen=True)
class Step:
    """One run with the results of its tool calls.

    Attributes
    ----------
    run : StreamRun
        The answer; of several attempts, the last.
    attempts : tuple of StreamRun
        Earlier runs of the same request that failed (a 429 before its retry, a stream that broke
        off), and earlier readings of the same answer (one that was polled, or resumed).
    followed_by : tuple of Message
        What the next request adds after the answer: tool results, the user's next words.
    goes_on_with : int
        The place in ``run.messages`` of the choice that the next request repeats; 0, the first,
        where there is none.
    """

    run: StreamRun
    attempts: tuple[StreamRun, ...] = ()
    followed_by: tuple[Message, ...] = field(default=(), repr=False)
    goes_on_with: int = field(default=0, repr=False)

    @property
    def message(self) -> Message:
        """What the conversation goes on with: of several choices, the one that was sent back."""
        return self.run.messages[self.goes_on_with]

    @property
    def chat_request(self) -> ChatRequest:
        """What was asked; of an answer that was only fetched again, what was asked at first."""
        return asking_run(self).chat_request

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """The results that the next request sent back, each with the call that it answers."""
        return tuple(
            part
            for message in self.followed_by
            for part in message.parts
            if isinstance(part, ToolResult)
        )


def asking_run(step: Step) -> StreamRun:
    """Return the run whose request says what was asked: not one that fetched an answer again."""
    runs = (step.run, *reversed(step.attempts))
    return next((run for run in runs if run.chat_request.messages), step.run)


@dataclass(frozen=True)
class Conversation(Shown):
    """The steps of one conversation, in their order.

    Attributes
    ----------
    steps : tuple of Step
    own_findings : tuple of Finding
        What only several steps together show: ids that are used again or were rewritten.
    """

    steps: tuple[Step, ...]
    own_findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def runs(self) -> tuple[StreamRun, ...]:
        """All runs, failed attempts included, in their order."""
        return tuple(run for step in self.steps for run in (*step.attempts, step.run))

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages: what was asked first, then each answer and what followed it.

        Of an answer's choices it is the one that the next request repeats, else the first.
        """
        messages = list(self.steps[0].chat_request.messages) if self.steps else []
        for step in self.steps:
            messages += [step.message, *step.followed_by]
        return tuple(messages)

    @property
    def usage(self) -> Usage | None:
        """The sum of its runs; None where one of them lacks it, as is each number of it."""
        return total_usage(run.usage for run in self._charged())

    @property
    def cost(self) -> Decimal | None:
        """The exact sum of what its runs cost, in USD; None where one of the costs is unknown."""
        return total_cost(run.cost for run in self._charged())

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Its own findings and those of its runs: errors, warnings, then the rest.

        Among equals its own come first, then those of its runs, step by step.
        """
        found = (*self.own_findings, *(found for run in self.runs for found in run.findings))
        return tuple(sorted(found, key=severity_rank))

    def _charged(self) -> list[StreamRun]:
        """Return the runs that a provider may charge: all but those refused by HTTP status."""
        return [
            run
            for step in self.steps
            for run in (*step.attempts, step.run)
            if run.response.status < 400 and not _is_read_again(run, step.run)
        ]


def has_failed(run: StreamRun) -> bool:
    """Whether an answer ended in an error, or broke off before it said that it is whole, or why."""
    is_told = run.has_ended or any(choice.finish for choice in run.answer.choices)
    return run.error is not None or (run.spoken.manners.is_read and not is_told)


def _is_read_again(run: StreamRun, last: StreamRun) -> bool:
    """Whether a run is the same answer as the last of its step, read before: charged once."""
    if run is last or last.head.method != "GET":
        return False
    id = run.answer.identity.id
    return bool(id) and id == last.answer.identity.id
