"""Runs linked into conversations by what the later requests repeat of the earlier answers."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, pairwise
from typing import NamedTuple

from chatviz.chat.findings.log import Finding, FindingLog, shorten
from chatviz.chat.messages import ChatRequest, Message, Part, ServerToolCall, ToolCall, ToolResult
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation, Step, has_failed
from chatviz.runs.run import StreamRun
from chatviz.runs.thread_index import ThreadIndex, decode_again

__all__ = ["RunLinker", "find_answered", "join_steps", "link_runs", "without_collector"]


def link_runs(runs: Iterable[StreamRun]) -> tuple[Conversation, ...]:
    """Link runs into conversations, in the order of their first runs.

    A run continues another if its request repeats the other's messages, or its tool calls with
    results; of an answer of several choices, those of any. The client may have rewritten the calls'
    ids: they are matched by their order, names and arguments. It continues the answer or the
    conversation that it names, where the server keeps what was said. The same request again, after
    a failure or an answer that broke off, is another attempt of the same step, as is the same
    answer that is fetched again.
    """
    linker, given = RunLinker(), list(runs)  # reading them is not linking
    with without_collector():
        for run in given:
            linker.add(run)
    return tuple(join_steps(steps) for steps in linker.threads)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python's collector from looking for cycles: reading and linking make none.

    It would look through all runs that are alive, again and again: half of the time, for thousands.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class RunLinker:
    """Links runs as they come: each continues a thread of steps, or begins one.

    Attributes
    ----------
    threads : list of list of Step
        Of each conversation its steps. Only the last one of each is looked at again, and may not
        be removed.
    """

    def __init__(self) -> None:
        self.threads: list[list[Step]] = []
        self._index = ThreadIndex()

    def add(self, run: StreamRun) -> int:
        """Take the next run; return the number of its thread."""
        thread = _continue_thread(self.threads, self._index, run)
        if thread is None:
            thread = len(self.threads)
            self.threads.append([Step(run)])
        self._index.place(thread, self.threads[thread][-1])
        return thread

    def forget(self, thread: int) -> None:
        """Let a thread go: nothing continues it any more, and it has no steps."""
        self._index.forget(thread)
        self.threads[thread].clear()


def join_steps(steps: Sequence[Step]) -> Conversation:
    """Make a conversation of its steps, and find what only several of them together show."""
    return Conversation(tuple(steps), _own_findings(steps))


def _continue_thread(
    threads: Sequence[list[Step]], index: ThreadIndex, run: StreamRun
) -> int | None:
    """Add a run to the thread that it continues best, the newest of several; return which."""
    for thread in index.find_attempts(run):
        last = threads[thread][-1]
        if _is_another_attempt(last.run, run):
            threads[thread][-1] = replace(last, run=run, attempts=(*last.attempts, last.run))
            return thread
    best, most = None, 0
    for thread in index.find_continued(run):
        likeness = _likeness(threads[thread][-1], run)
        if likeness > most:
            best, most = thread, likeness
    if best is not None:
        steps = threads[best]
        steps[-1] = _with_following(steps[-1], run)
        steps.append(Step(run))
    return best


def _is_another_attempt(earlier: StreamRun, later: StreamRun) -> bool:
    """Whether it is the same request again after a failure, or the same answer asked for again."""
    if has_failed(earlier) and later.request and later.request == earlier.request:
        return True
    id = later.answer.identity.id
    return later.head.method == "GET" and bool(id) and id == earlier.answer.identity.id


def _with_following(earlier: Step, later: StreamRun) -> Step:
    """Return a step with what a request adds behind its answer, each result with its call."""
    messages, answer = later.chat_request.messages, _find_answer(earlier, later)
    if answer is None:  # the server keeps what was said before
        said = tuple(message for message in messages if not message.is_instruction)
        return replace(earlier, followed_by=_link_results(said, earlier.run.message))
    followed_by = _link_results(messages[answer.at + 1 :], messages[answer.at])
    return replace(earlier, followed_by=followed_by, goes_on_with=answer.choice)


def _likeness(earlier: Step, later: StreamRun) -> int:
    """Rank how well a run continues another: 0 not at all; what was asked weighs more than ids."""
    asked = later.chat_request
    if asked.continues and asked.continues == earlier.run.answer.identity.id:
        return 5
    if asked.conversation and asked.conversation == earlier.chat_request.conversation:
        return 5
    answer = _find_answer(earlier, later)
    if answer is None:
        return 0
    messages = later.chat_request.messages
    ours = [call.id for call in earlier.run.messages[answer.choice].tool_calls]
    theirs = [call.id for call in messages[answer.at].tool_calls]
    return 1 + 2 * (messages[: answer.at] == earlier.chat_request.messages) + (ours == theirs)


class _SentBack(NamedTuple):
    """Where a request repeats an earlier answer, and the place of the choice that it repeats."""

    at: int
    choice: int


def _find_answer(earlier: Step, later: StreamRun) -> _SentBack | None:
    """Return where the later request repeats the earlier answer; None where it does not."""
    said_before = earlier.run.messages
    asked, request = earlier.chat_request.said, later.chat_request
    messages, said, count = request.messages, request.said, len(asked)
    if asked and len(said) > count and said[:count] == asked:
        choice = _find_choice(said[count], said_before)
        return None if choice is None else _SentBack(_place_of(count, request), choice)
    if not any(message.tool_calls for message in said_before):
        return None
    for place in range(len(messages) - 2, -1, -1):
        if messages[place].tool_calls:
            answered = bool(messages[place + 1].tool_results)
            choice = _find_choice(messages[place], said_before) if answered else None
            return None if choice is None else _SentBack(place, choice)
    return None


def _find_choice(sent_back: Message, choices: Sequence[Message]) -> int | None:
    """Return the place of the first choice that a message of a request repeats."""
    pairs = enumerate(choices)
    return next((place for place, one in pairs if _is_same_answer(sent_back, one)), None)


def _place_of(count: int, request: ChatRequest) -> int:
    """Return where the message stands before which so many were said."""
    places = (n for n, message in enumerate(request.messages) if not message.is_instruction)
    return next(islice(places, count, None))


def _is_same_answer(sent_back: Message, answer: Message) -> bool:
    """Whether a message of a request is an answer: the same calls, or the same text."""
    if sent_back.role == "user" or sent_back.tool_results:
        return False
    theirs, ours = sent_back.tool_calls, answer.tool_calls
    if len(theirs) != len(ours):
        return False
    if ours:
        return all(_is_same_call(a, b) for a, b in zip(theirs, ours, strict=True))
    said = answer.text.strip()
    if sent_back.text.strip() != said:
        return False
    return bool(said) or _server_calls(sent_back) == _server_calls(answer) != []


def _server_calls(message: Message) -> list[tuple[str, str]]:
    """Return the ids and names of a server's tools that are in a message, and nothing else."""
    return [(part.id, part.name) for part in message.parts if isinstance(part, ServerToolCall)]


def _is_same_call(sent_back: ToolCall, call: ToolCall) -> bool:
    if sent_back.name != call.name:
        return False
    if sent_back.arguments == call.arguments:
        return True
    if call.parsed is not None and sent_back.parsed == call.parsed:
        return True
    return decode_again(sent_back.arguments) == call.arguments


def _link_results(messages: Sequence[Message], sent_back: Message) -> tuple[Message, ...]:
    """Tell each tool result which call it answers."""
    waiting = list(sent_back.tool_calls)
    linked: list[Message] = []
    for message in messages:
        parts: list[Part] = []
        for part in message.parts:
            if isinstance(part, ToolResult) and (call := find_answered(part, waiting)):
                waiting.remove(call)
                part = replace(part, call_index=call.position, name=part.name or call.name)
            parts.append(part)
        linked.append(replace(message, parts=tuple(parts)))
    return tuple(linked)


def find_answered(result: ToolResult, waiting: Sequence[ToolCall]) -> ToolCall | None:
    """Return the call that a result answers: by its id, where it has one, else by name in order."""
    if result.tool_call_id:
        return next((call for call in waiting if call.id == result.tool_call_id), None)
    named = (call for call in waiting if result.name in ("", call.name))
    return next(named, None)


def _own_findings(steps: Sequence[Step]) -> tuple[Finding, ...]:
    log = FindingLog()
    ids = Counter(
        id for step in steps for id in {call.id for call in tool_calls_of(step.run) if call.id}
    )
    for id, count in ids.items():
        if count > 1:
            log.add("call_id_not_unique", shorten(id), count=count)
    for step, following in pairwise(steps):
        answer = _find_answer(step, following.run)
        if answer is None or not step.run.spoken.manners.sends_call_ids:
            continue
        sent_back = following.run.chat_request.messages[answer.at].tool_calls
        ours = step.run.messages[answer.choice].tool_calls
        for call, other in zip(ours, sent_back, strict=True):
            if call.id != other.id:
                part = shorten(call.id or call.name)
                log.add("call_id_rewritten", part, call.chunk, text=shorten(other.id))
    return log.findings()
