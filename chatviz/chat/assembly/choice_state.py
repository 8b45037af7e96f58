"""What an assembler knows of an answer, and the messages that are made of it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from copy import copy
from typing import Any, Literal

import msgspec

from chatviz.chat.assembly.call_slots import CallSlot, CallSlots
from chatviz.chat.deltas import (
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    PartKey,
    PartKind,
    StreamError,
)
from chatviz.chat.findings.log import FindingLog, say_part
from chatviz.chat.messages import (
    Fragments,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
)
from chatviz.chat.usage import Usage
from chatviz.wire.json_text import load_json_leniently

__all__ = ["Answer", "ChoiceState", "PartState", "make_message"]


class PartState:
    """One part of a message while it is assembled."""

    __slots__ = (
        *("citations", "details", "id", "key", "kind", "name"),
        *("sent_as", "slot", "spoken", "texts", "type", "_measured", "_size"),
    )

    def __init__(self, kind: PartKind, key: PartKey) -> None:
        self.kind = kind
        self.key = key
        self.texts: list[str] = []
        self._measured = self._size = 0  # pieces, and their characters
        self.details: list[str] = []
        self.citations: list[str] = []
        self.sent_as = ""  # the field in which reasoning came
        self.id = self.name = self.type = ""  # of a server's call or result, and of media
        self.spoken: list[str] = []  # what is said in media, piece by piece
        self.slot: CallSlot | None = None

    def take_again(self, text: str, chunk: int, log: FindingLog) -> bool:
        """Take the whole text of a part, which may have come in pieces: only where none came."""
        came = "".join(self.texts)
        if not came:
            self.texts.append(text)
            return True
        if came != text:
            name = self.kind if self.key is None else f"{self.kind} {say_part(self.key)}"
            log.add("repetition_differs", name, chunk, size=len(text), came=len(came))
        return False

    def size(self) -> int:
        """Return how many characters came; each piece is measured once."""
        self._size += sum(map(len, self.texts[self._measured :]))
        self._measured = len(self.texts)
        return self._size

    def take_json(self, type: str, json: str, *, again: bool, more: bool) -> bool:
        """Take the JSON of a part: the last counts, but for repetitions and further pieces."""
        if again and self.texts:
            return False
        self.type = type or self.type
        self.texts = [*self.texts, json] if more else [json]
        return True

    def json(self) -> str:
        """Return the JSON of a part: what came, or the list of its pieces."""
        return self.texts[0] if len(self.texts) == 1 else f"[{','.join(self.texts)}]"

    def cites(self, json: str) -> bool:
        """Whether a source is cited already, in whatever order its keys come."""
        if json in self.citations:
            return True
        value = load_json_leniently(json)
        return any(load_json_leniently(cited) == value for cited in self.citations)


class ChoiceState:
    """What one choice has said so far.

    Parameters
    ----------
    number : int
    log : FindingLog
        Of the answer, for what its calls show.
    keyless : str
        What a delta without a part key fills: ``Manners.parts``.
    """

    def __init__(
        self, number: int, log: FindingLog, keyless: Literal["one", "open"] = "one"
    ) -> None:
        self.number = number
        self.said_at: int | None = None  # the chunk in which its first part began
        self.role = ""
        self.roles = 0
        self.first_role_chunk = self.last_role_chunk = -1
        self.parts: list[PartState] = []  # in the order in which they began
        self.by_key: dict[tuple[PartKind, PartKey], PartState] = {}
        self.slots = CallSlots(log)
        self.call_positions = array("L")  # the call of each tool delta, in the order of the deltas
        self.finish: list[FinishDelta] = []
        self.finish_chunks: list[int] = []
        self._keyless = keyless

    def part(self, kind: PartKind, key: PartKey, chunk: int) -> PartState:
        """Return the part that a delta fills, begun where that is due."""
        is_keyless = key is None and self._keyless == "open"
        if self.parts:
            last = self.parts[-1]
            goes_on = last.kind == kind and last.key == key
            if goes_on and not (is_keyless and last.details):
                return last  # what is signed is whole
        if not is_keyless:
            known = self.by_key.get((kind, key))
            if known is not None:
                return known
        return self.begin_part(kind, key, chunk)

    def take_media(self, delta: MediaDelta, chunk: int) -> bool:
        """Take media, and what is said in them: the last of a part counts, with further pieces."""
        if delta.again and any(
            part.kind == "media" and part.texts == [delta.json] for part in self.parts
        ):
            return False  # under whatever key they came before
        part = self.part("media", delta.part, chunk)
        is_new = part.take_json(delta.type, delta.json, again=delta.again, more=delta.more)
        if is_new:
            part.spoken = [*part.spoken, delta.text] if delta.more else [delta.text]
        return is_new

    def find_call(self, key: PartKey, after: int | None = None) -> PartState | None:
        """Return the part of a call, or else of the one that was written last; None for none.

        With ``after``, the one that was written last after so many pieces of calls.
        """
        if key is not None and (known := self.by_key.get(("call", key))) is not None:
            return known
        count = len(self.call_positions) if after is None else after
        if not count or not self.call_positions:
            return None
        written = self.slots.all[self.call_positions[count - 1]]
        return next(part for part in reversed(self.parts) if part.slot is written)

    def begin_part(self, kind: PartKind, key: PartKey, chunk: int) -> PartState:
        """Return a new part."""
        if self.parts and (call := self.parts[-1].slot) is not None:
            call.close(chunk)
        part = self.by_key[kind, key] = PartState(kind, key)
        self.parts.append(part)
        if self.said_at is None:
            self.said_at = chunk
        return part

    def end_call(self, key: PartKey, chunk: int) -> None:
        """Take a dialect's word that a part, where it is a call, or else the last call is whole."""
        part = self.find_call(None) if key is None else self.by_key.get(("call", key))
        if part is not None and part.slot is not None:
            part.slot.close(chunk)

    def finish_with(self, finish: FinishDelta, chunk: int) -> None:
        """Take why it ended; its calls are whole."""
        self.finish.append(finish)
        self.finish_chunks.append(chunk)
        for slot in self.slots.all:
            slot.close(chunk)

    def copy(self) -> ChoiceState:
        """Return a copy of what is concluded from at the end, which later deltas do not change."""
        other = copy(self)
        other.slots = self.slots.copy()
        other.call_positions = self.call_positions[:]
        other.finish, other.finish_chunks = self.finish[:], self.finish_chunks[:]
        return other


class Answer(msgspec.Struct, frozen=True):
    """What an assembler knows: the state of an answer, whole or so far."""

    messages: tuple[Message, ...]
    choices: tuple[ChoiceState, ...]
    identity: IdentityDelta
    usage: Usage | None
    error: StreamError | None
    said_at: int | None
    """The first chunk with text, reasoning, a refusal, a call, or a server's tool."""
    streamed: bool = True
    ended: bool = False
    """Whether the dialect's own sign of the end came."""
    log: FindingLog = msgspec.field(default_factory=FindingLog)

    def finish(self, choice: int = 0) -> FinishDelta | None:
        """Return the last finish reason of a choice; None where none came."""
        for state in self.choices:
            if state.number == choice:
                return state.finish[-1] if state.finish else None
        return None


def make_message(state: ChoiceState, schemas: Mapping[str, Mapping[str, Any]]) -> Message:
    """Return the message of one choice, whole or so far."""
    parts = tuple([_make_part(part, state.number, schemas) for part in state.parts])
    return Message(state.role or "assistant", parts, state.number)


def _make_part(part: PartState, choice: int, schemas: Mapping[str, Mapping[str, Any]]) -> Part:
    text, details = "".join(part.texts), tuple(part.details)
    match part.kind:
        case "text":
            return Text(text, details, tuple(part.citations))
        case "reasoning":
            return Reasoning(text, details, part.sent_as)
        case "refusal":
            return Refusal(text)
        case "server_call":
            return ServerToolCall(part.id, part.name, part.type, text, details)
        case "server_result":
            return ServerToolResult(part.id, part.type, part.json())
        case "media":
            return Media(part.type, part.json(), "".join(part.spoken))
    assert part.slot is not None, "the part of a call has its slot"
    return _make_call(part.slot, details, choice, schemas)


def _make_call(
    slot: CallSlot,
    details: tuple[str, ...],
    choice: int,
    schemas: Mapping[str, Mapping[str, Any]],
) -> ToolCall:
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
        details=details,
        closed_at=slot.closed_at,
        is_free_text=slot.is_free_text,
    )
