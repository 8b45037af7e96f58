"""Conversation: runs linked by what the later requests repeat of the earlier answers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from chatviz.chat.findings import Finding, FindingLog, shorten
from chatviz.chat.messages import Message, ToolCall, ToolResult
from chatviz.chat.usage import Usage, total_cost, total_usage
from chatviz.runs import StreamRun
from chatviz.shown import Shown

__all__ = [
    "Conversation",
    "Runs",
    "Step",
    "conversations_of",
    "join_steps",
    "link_runs",
    "runs_of",
]


@dataclass(frozen=True)
class Step:
    """One run with the results of its tool calls.

    Attributes
    ----------
    run : StreamRun
        The answer; of several attempts, the last.
    attempts : tuple of StreamRun
        Earlier runs of the same request that failed (a 429 before its retry).
    followed_by : tuple of Message
        What the next request adds after the answer: tool results, the user's next words.
    """

    run: StreamRun
    attempts: tuple[StreamRun, ...] = ()
    followed_by: tuple[Message, ...] = field(default=(), repr=False)

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """The results that the next request sent back, each with the call that it answers."""
        return tuple(
            part
            for message in self.followed_by
            for part in message.parts
            if isinstance(part, ToolResult)
        )


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
        """All messages: what was asked first, then each answer and what followed it."""
        messages = list(self.steps[0].run.chat_request.messages) if self.steps else []
        for step in self.steps:
            messages += [step.run.message, *step.followed_by]
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
        """Its own findings, then those of its runs."""
        return self.own_findings + tuple(found for run in self.runs for found in run.findings)

    def _charged(self) -> list[StreamRun]:
        """Return the runs that a provider may charge: all but those refused by HTTP status."""
        return [run for run in self.runs if run.response.status < 400]


Runs: TypeAlias = StreamRun | Conversation | Iterable[StreamRun | Conversation]


def runs_of(runs: Runs) -> tuple[StreamRun, ...]:
    """Return the runs of whatever a table or view was given.

    Raises
    ------
    TypeError
        It is no run, conversation or iterable of them; for a path or a cassette the message
        names ``cv.read_runs``.
    """
    return tuple(
        run
        for item in _items(runs)
        for run in (item.runs if isinstance(item, Conversation) else (item,))
    )


def conversations_of(runs: Runs) -> tuple[Conversation, ...]:
    """Return the conversations of whatever a view was given; single runs are linked.

    Raises
    ------
    TypeError
        As for ``runs_of``.
    """
    found: list[Conversation] = []
    waiting: list[StreamRun] = []
    for item in _items(runs):
        if isinstance(item, Conversation):
            found += [*link_runs(waiting), item]
            waiting = []
        else:
            waiting.append(item)
    return (*found, *link_runs(waiting))


def link_runs(runs: Iterable[StreamRun]) -> tuple[Conversation, ...]:
    """Link runs into conversations, in the order of their first runs.

    A run continues another if its request repeats the other's messages, or its tool calls with
    results. The client may have rewritten the calls' ids: they are matched by their order, names
    and arguments. The same request again, after a failure, is another attempt of the same step.
    """
    threads: list[list[Step]] = []
    for run in runs:
        if not _continue_thread(threads, run):
            threads.append([Step(run)])
    return tuple(join_steps(steps) for steps in threads)


def join_steps(steps: Sequence[Step]) -> Conversation:
    """Make a conversation of its steps, and find what only several of them together show."""
    return Conversation(tuple(steps), _own_findings(steps))


def _continue_thread(threads: Sequence[list[Step]], run: StreamRun) -> bool:
    """Add a run to the thread that it continues best, the newest of several, if there is one."""
    best: list[Step] = []
    most = 0
    for steps in reversed(threads):
        last = steps[-1]
        if last.run.error is not None and run.request and run.request == last.run.request:
            steps[-1] = Step(run, (*last.attempts, last.run))
            return True
        likeness = _likeness(last.run, run)
        if likeness > most:
            best, most = steps, likeness
    if best:
        answer_at = _find_answer(best[-1].run, run) or 0
        sent_back = run.chat_request.messages[answer_at]
        followed_by = run.chat_request.messages[answer_at + 1 :]
        best[-1] = replace(best[-1], followed_by=_link_results(followed_by, sent_back))
        best.append(Step(run))
    return bool(best)


def _likeness(earlier: StreamRun, later: StreamRun) -> int:
    """Rank how well a run continues another: 0 not at all; what was asked weighs more than ids."""
    answer_at = _find_answer(earlier, later)
    if answer_at is None:
        return 0
    messages = later.chat_request.messages
    ours = [call.id for call in earlier.message.tool_calls]
    theirs = [call.id for call in messages[answer_at].tool_calls]
    return 1 + 2 * (messages[:answer_at] == earlier.chat_request.messages) + (ours == theirs)


def _find_answer(earlier: StreamRun, later: StreamRun) -> int | None:
    """Return where the later request repeats the earlier answer; None where it does not."""
    asked, messages = earlier.chat_request.messages, later.chat_request.messages
    count = len(asked)
    if asked and len(messages) > count and messages[:count] == asked:
        return count if _is_same_answer(messages[count], earlier.message) else None
    if not earlier.message.tool_calls:
        return None
    for place in range(len(messages) - 2, -1, -1):
        if messages[place].tool_calls:
            same = messages[place + 1].role == "tool"
            return place if same and _is_same_answer(messages[place], earlier.message) else None
    return None


def _is_same_answer(sent_back: Message, answer: Message) -> bool:
    """Whether a message of a request is an answer: the same calls, or the same text."""
    if sent_back.role != answer.role:
        return False
    theirs, ours = sent_back.tool_calls, answer.tool_calls
    if len(theirs) != len(ours):
        return False
    if ours:
        return all(_is_same_call(a, b) for a, b in zip(theirs, ours, strict=True))
    return bool(answer.text.strip()) and sent_back.text.strip() == answer.text.strip()


def _is_same_call(sent_back: ToolCall, call: ToolCall) -> bool:
    if sent_back.name != call.name:
        return False
    return sent_back.arguments == call.arguments or (
        call.parsed is not None and sent_back.parsed == call.parsed
    )


def _link_results(messages: Sequence[Message], sent_back: Message) -> tuple[Message, ...]:
    """Tell each tool result which call it answers: by the id that the client sent, in order."""
    waiting = [(call.id, call.position) for call in sent_back.tool_calls]
    linked: list[Message] = []
    for message in messages:
        parts = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                match = next((pair for pair in waiting if pair[0] == part.tool_call_id), None)
                if match is not None:
                    waiting.remove(match)
                    name = part.name or sent_back.tool_calls[match[1]].name
                    part = replace(part, call_index=match[1], name=name)
            parts.append(part)
        linked.append(replace(message, parts=tuple(parts)))
    return tuple(linked)


def _own_findings(steps: Sequence[Step]) -> tuple[Finding, ...]:
    log = FindingLog()
    ids = Counter(
        id for step in steps for id in {call.id for call in step.run.message.tool_calls if call.id}
    )
    for id, count in ids.items():
        if count > 1:
            log.add("call_id_not_unique", shorten(id), count=count)
    for step, following in pairwise(steps):
        answer_at = _find_answer(step.run, following.run)
        if answer_at is None:
            continue
        sent_back = following.run.chat_request.messages[answer_at].tool_calls
        for call, other in zip(step.run.message.tool_calls, sent_back, strict=True):
            if call.id != other.id:
                part = shorten(call.id or call.name)
                log.add("call_id_rewritten", part, call.chunk, text=shorten(other.id))
    return log.findings()


def _items(runs: Runs) -> list[StreamRun | Conversation]:
    if isinstance(runs, StreamRun | Conversation):
        return [runs]
    conversation = getattr(runs, "conversation", None)
    if isinstance(conversation, Conversation):
        return [conversation]
    if isinstance(runs, str | bytes | os.PathLike):
        raise TypeError(
            f"wanted runs, found the path {os.fspath(runs)!r}: read it first, "
            f"runs = cv.read_runs({os.fspath(runs)!r})."
        )
    found = type(runs).__name__
    if hasattr(runs, "interactions"):
        raise TypeError(f"wanted runs, found a {found}: read it first, cv.read_runs(cassette).")
    if not isinstance(runs, Iterable):
        raise TypeError(f"wanted a run, a Conversation or an iterable of them, found {found!r}.")
    items = list(runs)
    for item in items:
        if not isinstance(item, StreamRun | Conversation):
            if isinstance(item, str | os.PathLike) or hasattr(item, "interactions"):
                _items(item)  # raises what it would say alone
            found = type(item).__name__
            raise TypeError(f"wanted runs or Conversations, found {found!r} among them.")
    return items
