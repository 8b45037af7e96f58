"""MessageAssembler: deltas in, messages out; the only place that merges.

Every field has one rule, and each rule is one method:
text, reasoning, refusal and arguments append to their part; role and ids: the first that is not
empty; finish reason: the last; usage: the last as a whole, or field by field; errors: the first.
Usage is never added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from chatviz.chat.assembly.choice_state import Answer, ChoiceState, make_message
from chatviz.chat.assembly.counted import AnswerUsage
from chatviz.chat.assembly.identity import AnswerIdentity
from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    StreamError,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import FindingLog, shorten
from chatviz.chat.manners import UNDECLARED, Manners
from chatviz.chat.messages import Message

__all__ = ["RULES", "MessageAssembler"]

MAX_ERROR: Final = 800  # characters of a message, which names the reason near its end
MAX_UNKNOWN_FIELDS: Final = 40  # named one by one; a stream may invent a new name for each chunk


class MessageAssembler:
    """Puts the deltas of one answer together.

    Parameters
    ----------
    manners : Manners
        What the answer's dialect declares; it may be set as soon as the dialect is known.
    status : int
        The HTTP status of the answer: from 400 on, its error is the answer as a whole.
    """

    def __init__(self, manners: Manners | None = None, *, status: int = 200) -> None:
        self.manners = manners or UNDECLARED
        self.status = status
        self.log = FindingLog()
        self.streamed = True
        self.ended = False
        self.identity = AnswerIdentity()
        self._choices: dict[int, ChoiceState] = {}
        self._usage = AnswerUsage()
        self.error: StreamError | None = None
        self._unknown: set[str] = set()

    def add(self, delta: Delta, chunk: int | None) -> bool:
        """Take the next delta; return whether it said anything that was not known."""
        return bool(RULES[delta.__class__](self, delta, chunk))

    def answer(
        self, schemas: Mapping[str, Mapping[str, Any]] | None = None, *, is_last: bool = False
    ) -> Answer:
        """Return the answer so far: a value of its own, which later deltas do not change.

        Parameters
        ----------
        schemas : mapping of str to mapping
            The JSON Schema of each tool that the request offers, by name.
        is_last : bool
            Whether no delta comes after it: nothing is copied then.
        """
        states = tuple([state if is_last else state.copy() for state in self.choices])
        messages = tuple([make_message(state, schemas or {}) for state in states])
        return Answer(
            messages or (Message("assistant"),),
            states,
            self.identity.known,
            self._usage.known(self.manners.read_usage),
            self.error,
            min([one.said_at for one in states if one.said_at is not None], default=None),
            self.streamed,
            self.ended,
            self.log if is_last else self.log.copy(),
        )

    @property
    def has_calls(self) -> bool:
        """Whether any of the client's tools was called."""
        return any(state.slots.all for state in self._choices.values())

    @property
    def choices(self) -> list[ChoiceState]:
        """The states of the choices so far; later deltas change them."""
        return [self._choices[number] for number in sorted(self._choices)]

    # ---- one rule for each field

    def _take_identity(self, delta: IdentityDelta, chunk: int) -> bool:
        return self.identity.take(delta, chunk, self.log)

    def _take_role(self, delta: RoleDelta, chunk: int) -> bool:
        state = self._choices.get(delta.choice) or self.state(delta.choice)
        state.roles += 1
        state.last_role_chunk = chunk
        if state.roles > 1:
            if delta.role == state.role:
                return False
            self.log.add(
                "role_changed", chunk=chunk, before=shorten(state.role), after=shorten(delta.role)
            )
            return True
        state.role = delta.role
        state.first_role_chunk = chunk
        return True

    def _take_text(self, delta: TextDelta, chunk: int) -> bool:
        state = self._choices.get(delta.choice) or self.state(delta.choice)
        part = state.part("text", delta.part, chunk)
        if delta.again:
            return part.take_again(delta.text, chunk, self.log)
        part.texts.append(delta.text)
        return True

    def _take_reasoning(self, delta: ReasoningDelta, chunk: int) -> bool:
        """Append reasoning, but for a repetition of all of it in another field."""
        state = self._choices.get(delta.choice) or self.state(delta.choice)
        part = state.part("reasoning", delta.part, chunk)
        if not part.texts:
            part.sent_as = delta.sent_as
        if delta.again:
            return part.take_again(delta.text, chunk, self.log)
        if (
            delta.sent_as != part.sent_as
            and len(delta.text) == part.size()
            and "".join(part.texts) == delta.text
        ):
            self.log.add("reasoning_repeated", chunk=chunk)
            return False
        part.texts.append(delta.text)
        return True

    def _take_signature(self, delta: SignatureDelta, chunk: int) -> bool:
        """Keep what must be sent back untouched with its part, which it may begin."""
        state = self.state(delta.choice)
        if delta.of == "call":
            part = state.find_call(delta.part) or state.part("reasoning", None, chunk)
        else:
            part = state.part(delta.of, delta.part, chunk)
        if delta.again and part.details:
            return False
        part.details.append(delta.json)
        return True

    def _take_refusal(self, delta: RefusalDelta, chunk: int) -> bool:
        state = self.state(delta.choice)
        part = state.part("refusal", delta.part, chunk)
        if delta.again:
            return part.take_again(delta.text, chunk, self.log)
        part.texts.append(delta.text)
        return True

    def _take_call(self, delta: ToolCallDelta, chunk: int) -> bool | Delta:
        state = self._choices.get(delta.choice) or self.state(delta.choice)
        if delta.part is not None and ("server_call", delta.part) in state.by_key:
            # Whose call it is was said when the part began; later pieces look alike.
            asked, part, again = delta.arguments, delta.part, delta.again
            piece = ServerCallDelta(delta.choice, "", "", "", asked, part, again)
            return self._take_server_call(piece, chunk) and piece
        slots, known = state.slots, len(state.slots.all)
        if not state.finish and (slot := slots.add_piece(delta, chunk)) is not None:
            state.call_positions.append(slot.position)
            return True
        if delta.again and (repeated := slots.find_again(delta)) is not None:
            position = slots.repeat(repeated, delta, chunk)
            state.call_positions.extend([] if position is None else [position])
            return position is not None
        finished_by = state.finish[-1].reason if state.finish else ""
        slot = slots.add(delta, chunk, finished_by=finished_by, manners=self.manners)
        state.call_positions.append(slot.position)
        for begun in slots.all[known:]:
            state.begin_part("call", delta.part, chunk).slot = begun
        return True

    def _take_server_call(self, delta: ServerCallDelta, chunk: int) -> bool:
        part = self.state(delta.choice).part("server_call", delta.part, chunk)
        part.id, part.name = part.id or delta.id, part.name or delta.name
        part.type = part.type or delta.type
        if delta.again and part.texts:
            return False
        if delta.arguments:
            part.texts.append(delta.arguments)
        return True

    def _take_server_result(self, delta: ServerResultDelta, chunk: int) -> bool:
        """Keep what a server's tool gave: the last of a part counts, with its further pieces."""
        part = self.state(delta.choice).part("server_result", delta.part, chunk)
        part.id = delta.call_id or part.id
        return part.take_json(delta.type, delta.json, again=delta.again, more=delta.more)

    def _take_media(self, delta: MediaDelta, chunk: int) -> bool:
        return self.state(delta.choice).take_media(delta, chunk)

    def _take_citation(self, delta: CitationDelta, chunk: int) -> bool:
        state = self.state(delta.choice)
        part = state.by_key.get(("text", delta.part)) or state.part("text", delta.part, chunk)
        if delta.again and part.cites(delta.json):
            return False
        part.citations.append(delta.json)
        return True

    def _take_finish(self, delta: FinishDelta, chunk: int) -> bool:
        self.state(delta.choice).finish_with(delta, chunk)
        return True

    def _take_usage(self, delta: UsageDelta, chunk: int) -> bool:
        """Usage: the last one counts, whole; or each field that was sent last."""
        self._usage.take(delta, chunk, self.log)
        return True

    def _take_end(self, delta: EndDelta, chunk: int) -> bool:
        if delta.choice is None:
            self.ended = True
        elif (state := self._choices.get(delta.choice)) is not None:
            state.end_call(delta.part, chunk)
        return delta.choice is None

    def _take_error(self, delta: ErrorDelta, chunk: int | None) -> bool:
        """Errors: the first; one without a chunk is the answer as a whole."""
        text = shorten(delta.error.message, MAX_ERROR)
        if self.status < 400:
            self.error = self.error or delta.error
            self.log.add("error_in_stream", chunk=chunk, text=text)
        elif self.error is None:
            self.error = replace(delta.error, status=self.status)
            self.log.add("http_error", chunk=chunk, status=self.status, text=text)
        return True

    def _take_note(self, delta: NoteDelta, chunk: int) -> bool:
        self.log.take(delta, chunk)
        return True

    def _take_unknown(self, delta: UnknownDelta, chunk: int) -> bool:
        if delta.path == "$":
            return True
        path = shorten(delta.path, 80)[1:-1]
        if len(self._unknown) < MAX_UNKNOWN_FIELDS:
            self._unknown.add(path)
        part = path if path in self._unknown else "of other names"
        self.log.add("unknown_fields", part, chunk)
        return True

    # ---- the states of the choices

    def state(self, number: int) -> ChoiceState:
        """Return the state of one choice, begun where that is due."""
        state = self._choices.get(number)
        if state is None:
            state = self._choices[number] = ChoiceState(number, self.log, self.manners.parts)
        return state


# The rule of each kind of delta; it returns whether the delta said anything that was not known, or
# what is to be kept in its place.
RULES: Final[dict[type, Callable[[MessageAssembler, Any, Any], bool | Delta]]] = {
    IdentityDelta: MessageAssembler._take_identity,
    RoleDelta: MessageAssembler._take_role,
    TextDelta: MessageAssembler._take_text,
    ReasoningDelta: MessageAssembler._take_reasoning,
    SignatureDelta: MessageAssembler._take_signature,
    RefusalDelta: MessageAssembler._take_refusal,
    ToolCallDelta: MessageAssembler._take_call,
    ServerCallDelta: MessageAssembler._take_server_call,
    ServerResultDelta: MessageAssembler._take_server_result,
    MediaDelta: MessageAssembler._take_media,
    CitationDelta: MessageAssembler._take_citation,
    FinishDelta: MessageAssembler._take_finish,
    UsageDelta: MessageAssembler._take_usage,
    EndDelta: MessageAssembler._take_end,
    ErrorDelta: MessageAssembler._take_error,
    NoteDelta: MessageAssembler._take_note,
    UnknownDelta: MessageAssembler._take_unknown,
}
