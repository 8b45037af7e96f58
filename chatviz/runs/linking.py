"""Runs linked into conversations by what the later requests repeat of the earlier answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from chatviz.chat.findings.log import Finding, FindingLog, shorten
from chatviz.chat.messages import Message, ToolCall, ToolResult
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.run import StreamRun

__all__ = ["join_steps", "link_runs"]


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
