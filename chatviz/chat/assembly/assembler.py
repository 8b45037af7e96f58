"""MessageAssembler: deltas in, messages out; the only place that merges.

Every field has one rule, and each rule is one method:
text, reasoning, refusal and arguments append; role and ids: the first that is not empty;
finish reason and usage: the last that is not null; errors: the first. Usage is never added up.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chatviz.chat.assembly.choice_state import Answer, ChoiceState, make_message
from chatviz.chat.deltas import (
    Delta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    ReasoningDetailDelta,
    RefusalDelta,
    RoleDelta,
    StreamError,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import FindingLog, shorten
from chatviz.chat.messages import Message
from chatviz.chat.usage import Usage

__all__ = ["MessageAssembler"]

MAX_CREATED: Final = 1e11  # seconds since 1970: what is more counts something else
MAX_UNKNOWN_FIELDS: Final = 40  # named one by one; a stream may invent a new name for each chunk


class MessageAssembler:
    """Puts the deltas of one answer together.

    Parameters
    ----------
    schemas : mapping of str to mapping
        The JSON Schema of each tool that the request offers, by name.
    status : int
        The HTTP status of the answer: from 400 on, its error is the answer as a whole.
    """

    def __init__(
        self, schemas: Mapping[str, Mapping[str, Any]] | None = None, *, status: int = 200
    ) -> None:
        self.schemas = schemas or {}
        self.status = status
        self.log = FindingLog()
        self.streamed = True
        self.clock_chunks = array("Q")  # chunks where the provider's clock moved, and to what
        self.clock_times = array("d")
        self._choices: dict[int, ChoiceState] = {}
        self._identity = IdentityDelta()
        self._last_identity: IdentityDelta | None = None
        self._usage: Usage | None = None
        self._error: StreamError | None = None
        self._said_at: int | None = None
        self._unknown: set[str] = set()
        self._rules: Final[dict[type, Callable[[Any, Any], bool]]] = {
            IdentityDelta: self._take_identity,
            RoleDelta: self._take_role,
            TextDelta: self._take_text,
            ReasoningDelta: self._take_reasoning,
            ReasoningDetailDelta: self._take_detail,
            RefusalDelta: self._take_refusal,
            ToolCallDelta: self._take_call,
            FinishDelta: self._take_finish,
            UsageDelta: self._take_usage,
            ErrorDelta: self._take_error,
            UnknownDelta: self._take_unknown,
        }

    def add(self, delta: Delta, chunk: int | None) -> bool:
        """Take the next delta; return whether it said anything that was not known."""
        return self._rules[delta.__class__](delta, chunk)

    def add_all(self, deltas: Sequence[Delta], chunk: int) -> list[Delta]:
        """Take the deltas of one chunk; return those that said anything that was not known."""
        rules, known = self._rules, self._last_identity
        return [
            delta for delta in deltas if delta is not known and rules[delta.__class__](delta, chunk)
        ]

    def answer(self) -> Answer:
        """Return the answer so far: a value of its own, which later deltas do not change."""
        states = tuple(state.copy() for state in self.choices)
        messages = tuple(make_message(state, self.schemas) for state in states)
        return Answer(
            messages or (Message("assistant"),),
            states,
            self._identity,
            self._usage,
            self._error,
            self._said_at,
            self.streamed,
            self.log.copy(),
        )

    @property
    def choices(self) -> list[ChoiceState]:
        """The states of the choices so far; later deltas change them."""
        return [self._choices[number] for number in sorted(self._choices)]

    # ---- one rule for each field

    def _take_identity(self, delta: IdentityDelta, chunk: int) -> bool:
        """Who answers: the last that is not empty, each field by itself."""
        self._last_identity = delta
        known = self._identity
        created = delta.created or 0.0
        if 0 < created < MAX_CREATED and created != known.created:
            self.clock_chunks.append(chunk)
            self.clock_times.append(created)
        merged = IdentityDelta(
            delta.id or known.id,
            delta.model or known.model,
            delta.provider or known.provider,
            delta.created or known.created,
            delta.system_fingerprint or known.system_fingerprint,
        )
        for name in ("id", "model", "provider"):
            before, after = getattr(known, name), getattr(merged, name)
            if before == after:
                continue
            if before:
                self.log.add(
                    "identity_changed", name, chunk, before=shorten(before), after=shorten(after)
                )
            elif chunk > 0:
                self.log.add("identity_late", name, chunk)
        self._identity = merged
        return (merged.id, merged.model, merged.provider, merged.system_fingerprint) != (
            (known.id, known.model, known.provider, known.system_fingerprint)
        )

    def _take_role(self, delta: RoleDelta, chunk: int) -> bool:
        state = self._choices.get(delta.choice) or self._state(delta.choice)
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
        state = self._choices.get(delta.choice) or self._state(delta.choice)
        if not state.texts:
            self._begin_part(state, "text", chunk)
        state.texts.append(delta.text)
        if delta.form == "list":
            self.log.add("content_as_list", chunk=chunk)
        return True

    def _take_reasoning(self, delta: ReasoningDelta, chunk: int) -> bool:
        """Append reasoning, but for a repetition of all of it in another field."""
        state = self._state(delta.choice)
        if not state.reasonings:
            if not state.details:
                self._begin_part(state, "reasoning", chunk)
            state.reasoning_field = delta.field
        elif (
            delta.field != state.reasoning_field
            and len(delta.text) == state.reasoning_size
            and "".join(state.reasonings) == delta.text
        ):
            self.log.add("reasoning_repeated", chunk=chunk)
            return False
        state.reasonings.append(delta.text)
        state.reasoning_size += len(delta.text)
        if delta.also:
            code = "reasoning_fields_differ" if delta.differs else "reasoning_in_two_fields"
            self.log.add(code, chunk=chunk, text=f"{delta.field}, {delta.also}")
        return True

    def _take_detail(self, delta: ReasoningDetailDelta, chunk: int) -> bool:
        state = self._state(delta.choice)
        if not state.details and not state.reasonings:
            self._begin_part(state, "reasoning", chunk)
            state.reasoning_field = "reasoning_details"
        state.details.append(delta.json)
        return True

    def _take_refusal(self, delta: RefusalDelta, chunk: int) -> bool:
        state = self._state(delta.choice)
        if not state.refusals:
            self._begin_part(state, "refusal", chunk)
        state.refusals.append(delta.text)
        return True

    def _take_call(self, delta: ToolCallDelta, chunk: int) -> bool:
        state = self._choices.get(delta.choice) or self._state(delta.choice)
        if not state.slots.all:
            self._begin_part(state, "calls", chunk)
        finished_by = state.finish[-1].reason if state.finish else ""
        state.slots.add(delta, chunk, finished_by=finished_by, streamed=self.streamed)
        return True

    def _take_finish(self, delta: FinishDelta, chunk: int) -> bool:
        state = self._state(delta.choice)
        state.finish.append(delta)
        state.finish_chunks.append(chunk)
        return True

    def _take_usage(self, delta: UsageDelta, chunk: int) -> bool:
        """Usage: the last one counts, whole."""
        before, self._usage = self._usage, delta.usage
        if delta.field != "usage":
            self.log.add("usage_elsewhere", chunk=chunk, text=shorten(delta.field))
        if before is None:
            return True
        code = "usage_repeated" if before == delta.usage else "usage_changed"
        self.log.add(code, chunk=chunk)
        return True

    def _take_error(self, delta: ErrorDelta, chunk: int | None) -> bool:
        """Errors: the first; one without a chunk is the answer as a whole."""
        text = shorten(delta.error.message, 200)
        if self.status < 400:
            self._error = self._error or delta.error
            self.log.add("error_in_stream", chunk=chunk, text=text)
        elif self._error is None:
            self._error = replace(delta.error, status=self.status)
            self.log.add("http_error", chunk=chunk, status=self.status, text=text)
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

    def _state(self, number: int) -> ChoiceState:
        state = self._choices.get(number)
        if state is None:
            state = self._choices[number] = ChoiceState(number, self.log)
        return state

    def _begin_part(self, state: ChoiceState, kind: str, chunk: int) -> None:
        state.order.append(kind)
        if self._said_at is None:
            self._said_at = chunk
