"""ThreadIndex: which threads of steps a run may belong to, without a look at all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from chatviz.chat.messages import ChatRequest, Message, ToolCall
from chatviz.runs.conversation import Step, has_failed
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import load_json_leniently

__all__ = ["ThreadIndex", "decode_again"]

_SOME = 4  # items at either end of a list count in a key, and what
_DEEPEST = 16  # what lies deeper does not count in a key: candidates are compared in full later

Key = tuple[Hashable, ...]


class ThreadIndex:
    """The last steps of threads by what a later run would repeat of them.

    It proposes candidates and never misses one: equal things have equal keys. What it proposes
    is compared in full by its user.
    """

    def __init__(self) -> None:
        self._threads: defaultdict[Key, set[int]] = defaultdict(set)
        self._keys: dict[int, set[Key]] = {}

    def place(self, thread: int, last: Step) -> None:
        """Note the last step of a thread in place of the one before it."""
        self.forget(thread)
        self._keys[thread] = {*_keys_of_attempt(last.run), *_keys_of_answer(last)}
        for key in self._keys[thread]:
            self._threads[key].add(thread)

    def forget(self, thread: int) -> None:
        """Propose a thread no more."""
        for key in self._keys.pop(thread, ()):
            self._threads[key].discard(thread)
            if not self._threads[key]:
                del self._threads[key]

    def find_attempts(self, run: StreamRun) -> list[int]:
        """Return the threads that may end with another attempt of this run, the newest first."""
        keys: list[Key] = [("request", _digest(run.request))] if run.request else []
        if run.head.method == "GET":
            keys.append(("answer", run.answer.identity.id))
        return self._find(keys)

    def find_continued(self, run: StreamRun) -> list[int]:
        """Return the threads that this run may continue, the newest first."""
        asked = run.chat_request
        named: list[Key] = [("answer", asked.continues), ("conversation", asked.conversation)]
        return self._find([*named, *_keys_of_repeated(asked)])

    def _find(self, keys: Iterable[Key]) -> list[int]:
        found = set().union(*(self._threads[key] for key in keys if key in self._threads))
        return sorted(found, reverse=True)


def decode_again(text: str) -> str | None:
    """Return the text that a JSON string holds: some clients encode arguments twice."""
    if not text.startswith('"'):
        return None
    try:
        value = load_json_leniently(text)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


# ---- the keys of a last step


def _keys_of_attempt(run: StreamRun) -> Iterator[Key]:
    if has_failed(run) and run.request:
        yield "request", _digest(run.request)
    if run.answer.identity.id:
        yield "answer", run.answer.identity.id


def _keys_of_answer(last: Step) -> Iterator[Key]:
    asked = last.chat_request
    if asked.conversation:
        yield "conversation", asked.conversation
    chain = 0
    for message in asked.said:
        chain = hash((chain, _digest_message(message)))
    for message in last.run.messages:
        for key in _answer_keys(message):
            if chain:
                yield "prefix", chain, key
            if message.tool_calls:
                yield "calls", key


# ---- the keys of what a request repeats


def _keys_of_repeated(asked: ChatRequest) -> Iterator[Key]:
    """Yield the keys of each message as an answer to those before it, and of the last calls."""
    chain = 0
    for message in asked.said:
        if chain and message.role != "user":
            for key in _answer_keys(message, sent_back=True):
                yield "prefix", chain, key
        chain = hash((chain, _digest_message(message)))
    calling = next((each for each in reversed(asked.messages[:-1]) if each.tool_calls), None)
    if calling is not None:
        for key in _answer_keys(calling, sent_back=True):
            yield "calls", key


def _answer_keys(message: Message, *, sent_back: bool = False) -> Iterator[Hashable]:
    """Yield the keys under which an answer is known: its text, or its calls.

    Of calls these are the names with the first's arguments: as they came, as a value and, of what
    was sent back, decoded once more.
    """
    calls = message.tool_calls
    if not calls:
        yield message.text.strip()
        return
    names = tuple(call.name for call in calls)
    yield names, calls[0].arguments
    if calls[0].parsed is not None:
        yield names, "value", _digest(calls[0].parsed)
    if sent_back and (decoded := decode_again(calls[0].arguments)) is not None:
        yield names, decoded


def _digest_message(message: Message) -> int:
    """Return a number that equal messages share; long conversations hold them once, and it too."""
    digest: int | None = message.__dict__.get("_digest")
    if digest is None:
        digest = hash((message.role, message.choice, *map(_digest_part, message.parts)))
        message.__dict__["_digest"] = digest
    return digest


def _digest_part(part: Any) -> int:
    if isinstance(part, ToolCall):
        return hash((part.name, part.arguments))
    return hash(getattr(part, "text", None) or getattr(part, "json", None))


def _digest(value: Any, depth: int = 0) -> int:
    """Return a number that equal JSON values share."""
    if depth > _DEEPEST:
        return 0
    if isinstance(value, dict):
        return hash(frozenset((key, _digest(each, depth + 1)) for key, each in value.items()))
    if isinstance(value, list):
        some = value if len(value) <= 2 * _SOME else [*value[:_SOME], *value[-_SOME:]]
        return hash((len(value), *[_digest(each, depth + 1) for each in some]))
    return hash(value) if isinstance(value, Hashable) else 0
