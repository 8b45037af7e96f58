"""What many chunks say again, but for one text each: taken for all of them at once.

There is no rule here that ``assembler`` does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.assembly.call_slots import CallSlot
from chatviz.chat.assembly.choice_state import PartState
from chatviz.chat.deltas import (
    Delta,
    IdentityDelta,
    NoteDelta,
    PartKind,
    ReasoningDelta,
    RoleDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
)

__all__ = ["Repeated", "repeat", "repeatable_text"]


class Repeated(NamedTuple):
    """What is their own of chunks that follow one, and say the same as it.

    Attributes
    ----------
    first : int
        The number of the first of them.
    texts, json, stamps : sequence
        Of each: its text, the JSON of its signature, and what the provider's clock said (None where
        there is none).
    """

    first: int
    texts: Sequence[str]
    json: Sequence[str | None]
    stamps: Sequence[float | None]

    @property
    def last(self) -> int:
        """The number of the last of them."""
        return self.first + len(self.texts) - 1


def repeatable_text(assembler: MessageAssembler, said: Sequence[Delta]) -> str:
    """Return the one text of a chunk that was taken; "" where it may not be said again.

    What it said must have but the usual effect when it is said again, with another text. It has
    another where a signature closes its part, say, or the role is not the first one.
    """
    texts: list[str] = []
    for delta in said:
        match delta:
            case IdentityDelta() | NoteDelta():
                is_usual = True
            case TextDelta():
                texts.append(delta.text)
                is_usual = not delta.again
            case RoleDelta():
                is_usual = delta.role == assembler.state(delta.choice).role
            case ReasoningDelta():
                texts.append(delta.text)
                part = assembler.state(delta.choice).by_key["reasoning", delta.part]
                is_usual = part.sent_as == delta.sent_as and not delta.again
            case SignatureDelta():
                is_usual = assembler.manners.parts == "one" and delta.of == "reasoning"
                is_usual = is_usual and not delta.again
            case ToolCallDelta():
                texts.append(delta.arguments)
                is_usual = _slot_of(assembler, delta) is not None
            case _:
                is_usual = False
        if not is_usual:
            return ""
    return texts[0] if len(texts) == 1 else ""


def repeat(
    assembler: MessageAssembler, said: Sequence[Delta], again: Repeated
) -> list[list[Delta]]:
    """Take what many chunks say that follow one and say the same but for what is their own.

    Parameters
    ----------
    assembler : MessageAssembler
        It has taken the one, and it is a ``repeatable_text``.
    said : sequence of Delta
        What the one said.
    again : Repeated

    Returns
    -------
    list of lists of Delta
        For each delta of a chunk that says anything that was not known, those of all chunks.
    """
    columns = [_RULES[type(delta)](assembler, delta, again) for delta in said]
    return [column for column in columns if column]


def _repeat_identity(
    assembler: MessageAssembler, delta: IdentityDelta, again: Repeated
) -> list[Delta]:
    assembler.identity.take_again(delta, again.first, again.stamps, assembler.log)
    return []


def _repeat_role(assembler: MessageAssembler, delta: RoleDelta, again: Repeated) -> list[Delta]:
    state = assembler.state(delta.choice)
    state.roles += len(again.texts)
    state.last_role_chunk = again.last
    return []


def _repeat_text(assembler: MessageAssembler, delta: TextDelta, again: Repeated) -> list[Delta]:
    _part(assembler, "text", delta, again).texts += again.texts
    choice, part = delta.choice, delta.part
    return [TextDelta(choice, text, part) for text in again.texts]


def _repeat_reasoning(
    assembler: MessageAssembler, delta: ReasoningDelta, again: Repeated
) -> list[Delta]:
    _part(assembler, "reasoning", delta, again).texts += again.texts
    choice, sent_as, part = delta.choice, delta.sent_as, delta.part
    return [ReasoningDelta(choice, text, sent_as, part) for text in again.texts]


def _part(
    assembler: MessageAssembler,
    kind: PartKind,
    delta: TextDelta | ReasoningDelta | SignatureDelta,
    again: Repeated,
) -> PartState:
    return assembler.state(delta.choice).part(kind, delta.part, again.last)


def _repeat_signature(
    assembler: MessageAssembler, delta: SignatureDelta, again: Repeated
) -> list[Delta]:
    sent = [json for json in again.json if json is not None]
    _part(assembler, delta.of, delta, again).details += sent
    return [SignatureDelta(delta.choice, json, delta.part, delta.of) for json in sent]


def _repeat_call(assembler: MessageAssembler, delta: ToolCallDelta, again: Repeated) -> list[Delta]:
    slot = _slot_of(assembler, delta)
    assert slot is not None, "repeatable_text() has found it"
    slot.texts += again.texts
    slot.chunks.extend(range(again.first, again.last + 1))
    slot.has_text = True
    assembler.state(delta.choice).call_positions.extend([slot.position] * len(again.texts))
    choice, index, name, type, part = delta.choice, delta.index, delta.name, delta.type, delta.part
    return [
        ToolCallDelta(choice, index, None, name, type, text, "text", part) for text in again.texts
    ]


def _slot_of(assembler: MessageAssembler, delta: ToolCallDelta) -> CallSlot | None:
    """Return the call of the client's that a mere piece belongs to; None for all others."""
    state = assembler.state(delta.choice)
    if state.finish or (delta.part is not None and ("server_call", delta.part) in state.by_key):
        return None
    return state.slots.find_piece(delta)


def _repeat_note(assembler: MessageAssembler, delta: NoteDelta, again: Repeated) -> list[Delta]:
    count = len(again.texts)
    assembler.log.add(delta.code, delta.part, again.last, count=count)
    return [delta] * count


_RULES: Final[dict[type, Callable[[MessageAssembler, Any, Repeated], list[Delta]]]] = {
    IdentityDelta: _repeat_identity,
    RoleDelta: _repeat_role,
    TextDelta: _repeat_text,
    ReasoningDelta: _repeat_reasoning,
    SignatureDelta: _repeat_signature,
    ToolCallDelta: _repeat_call,
    NoteDelta: _repeat_note,
}
