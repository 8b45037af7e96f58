"""Retell what was said, for a dialect in which it was not said.

What every dialect has stays: texts, calls and results. What one provider alone can read does not:
reasoning, signatures, citations, what its own tools did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, assert_never

from chatviz.chat.messages import (
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolResult,
    UnknownPart,
)
from chatviz.given_values import short_repr
from chatviz.runs.linking import find_answered
from chatviz.runs.thread_index import decode_again
from chatviz.wire.json_text import dump_json

__all__ = ["retell"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")  # what every API takes as the id of a call


def retell(messages: Iterable[Message], *, spoken: str, asked: str) -> tuple[Message, ...]:
    """Return messages that every dialect can say, none of them empty.

    Each result is a message of its own, right behind its call; answers that follow each other are
    one. A call has arguments that are an object, and an id: its own where every API takes it.

    Parameters
    ----------
    messages : iterable of Message
    spoken, asked : str
        The names of the dialects, for messages.

    Raises
    ------
    ValueError
        A part is media, or not modelled: each dialect writes it in its own way.
    """
    teller = _Teller(spoken, asked)
    told = [one for message in messages for one in teller.tell(message) if one.parts]
    joined: list[Message] = []
    for role, several in groupby(told, key=lambda one: one.role):
        group = list(several)
        joined += [_join(group)] if role == "assistant" else group
    return tuple(joined)


def _join(answers: Iterable[Message]) -> Message:
    """Return answers that follow each other as one."""
    return Message("assistant", tuple(part for one in answers for part in one.parts))


class _Teller:
    """Tells one message after another, and remembers which calls wait for their results."""

    def __init__(self, spoken: str, asked: str) -> None:
        self._spoken = spoken
        self._asked = asked
        self._waiting: list[tuple[ToolCall, ToolCall]] = []  # as it was, as it is told
        self._ids: set[str] = set()

    def tell(self, message: Message) -> Iterator[Message]:
        """Yield a message as others can say it: its results before what else it says."""
        for result in message.tool_results:
            yield Message("tool", (self._tell_result(result),))
        role = "system" if message.is_instruction else message.role
        role = role if role in ("system", "assistant") else "user"
        others = [part for part in message.parts if not isinstance(part, ToolResult)]
        yield Message(role, tuple(told for part in others for told in self._tell_part(part)))

    def _tell_part(self, part: Part) -> Iterator[Part]:
        match part:
            case Text(text) | Refusal(text) | Media(text=text) if text:
                yield Text(text)
            case ToolCall():
                yield self._tell_call(part)
            case Media(type=kind) | UnknownPart(type=kind):
                raise ValueError(
                    f"the conversation holds a part of type {short_repr(kind)}, which is written "
                    f"otherwise in {self._asked!r} than in {self._spoken!r}: ask an endpoint that "
                    f"speaks {self._spoken!r}, or begin anew, without after=…."
                )
            case Text() | Refusal() | Reasoning() | ToolResult():
                pass
            case ServerToolCall() | ServerToolResult():
                pass
            case _:
                assert_never(part)

    def _tell_call(self, call: ToolCall) -> ToolCall:
        told = ToolCall(call.position, None, self._fit_id(call.id), call.name, _object_of(call))
        self._waiting.append((call, told))
        return told

    def _tell_result(self, result: ToolResult) -> ToolResult:
        call = find_answered(result, [call for call, _ in self._waiting])
        for pair in self._waiting:
            if pair[0] is call:
                self._waiting.remove(pair)
                return ToolResult(pair[1].id, result.text, result.name or pair[1].name)
        return ToolResult(self._fit_id(result.tool_call_id), result.text, result.name)

    def _fit_id(self, id: str) -> str:
        """Return an id that every API takes, and no call has yet."""
        number = len(self._ids) + 1
        while not _ID.fullmatch(id) or id in self._ids:
            id, number = f"call{number:05}", number + 1
        self._ids.add(id)
        return id


def _object_of(call: ToolCall) -> str:
    """Return arguments that are an object: one around a free text, or around broken JSON."""
    for given in (call.arguments, decode_again(call.arguments)):
        if given is not None and ToolCall(0, None, "", "", given).parsed is not None:
            return given
    return dump_json({"input": call.arguments})
