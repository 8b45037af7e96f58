"""What an assembler knows of an answer, and the messages that are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from chatviz.chat.assembly.call_slots import CallSlot, CallSlots
from chatviz.chat.deltas import FinishDelta, IdentityDelta, StreamError
from chatviz.chat.findings.log import FindingLog
from chatviz.chat.messages import Fragments, Message, Part, Reasoning, Refusal, Text, ToolCall
from chatviz.chat.usage import Usage

__all__ = ["Answer", "ChoiceState", "make_message"]


class ChoiceState:
    """What one choice has said so far."""

    def __init__(self, number: int, log: FindingLog) -> None:
        self.number = number
        self.role = ""
        self.roles = 0
        self.first_role_chunk = self.last_role_chunk = -1
        self.texts: list[str] = []
        self.reasonings: list[str] = []
        self.reasoning_size = 0
        self.reasoning_field = ""
        self.details: list[str] = []
        self.refusals: list[str] = []
        self.slots = CallSlots(log)
        self.finish: list[FinishDelta] = []
        self.finish_chunks: list[int] = []
        self.order: list[str] = []  # the kinds of its parts, in the order of their appearance

    def copy(self) -> ChoiceState:
        """Return a copy of what is concluded from at the end, which later deltas do not change."""
        other = copy(self)
        other.slots = self.slots.copy()
        other.finish, other.finish_chunks = self.finish[:], self.finish_chunks[:]
        return other

    @property
    def finish_reason_sent(self) -> str:
        """The last finish reason, as it was sent; '' where none came."""
        return self.finish[-1].reason if self.finish else ""


@dataclass(frozen=True)
class Answer:
    """What an assembler knows: the state of an answer, whole or so far."""

    messages: tuple[Message, ...]
    choices: tuple[ChoiceState, ...] = field(repr=False)
    identity: IdentityDelta
    usage: Usage | None
    error: StreamError | None
    said_at: int | None
    """The first chunk with text, reasoning, a refusal or a tool call."""
    streamed: bool = True
    log: FindingLog = field(default_factory=FindingLog, repr=False)

    def finish_reason_sent(self, choice: int = 0) -> str | None:
        """Return the finish reason of a choice as it was sent; None where none came."""
        for state in self.choices:
            if state.number == choice:
                return state.finish_reason_sent or None
        return None


def make_message(state: ChoiceState, schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    """Return the message of one choice, whole or so far."""
    parts: list[Part] = []
    for kind in state.order:
        if kind == "text":
            parts.append(Text("".join(state.texts)))
        elif kind == "reasoning":
            text = "".join(state.reasonings)
            parts.append(Reasoning(text, tuple(state.details), state.reasoning_field))
        elif kind == "refusal":
            parts.append(Refusal("".join(state.refusals)))
        else:
            parts += [_make_call(slot, state.number, schemas) for slot in state.slots.all]
    return Message(state.role or "assistant", tuple(parts), state.number)


def _make_call(slot: CallSlot, choice: int, schemas: Mapping[str, Mapping[str, Any]]) -> ToolCall:
    return ToolCall(
        position=slot.position,
        index=slot.index,
        id=slot.id,
        name=slot.name,
        arguments="".join(slot.texts),
        fragments=Fragments(tuple(slot.texts), slot.chunks[:]),
        chunk=slot.chunk,
        type=slot.type or "function",
        choice=choice,
        schema=schemas.get(slot.name),
    )
