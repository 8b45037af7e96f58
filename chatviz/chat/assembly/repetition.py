"""What many chunks say again, but for one text: taken for all of them at once.

There is no rule here that ``assembler`` does not have, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import (
    Delta,
    IdentityDelta,
    NoteDelta,
    PartKind,
    ReasoningDelta,
    RoleDelta,
    SignatureDelta,
    TextDelta,
)

__all__ = ["REPEATABLE", "can_repeat", "repeat"]


def can_repeat(assembler: MessageAssembler, said: Sequence[Delta]) -> bool:
    """Whether what a chunk said, which was taken, has but the usual effect when it is said again.

    What it said is ``REPEATABLE``. It has another effect where a signature closes its part, say, or
    the role is not the first one.
    """
    for delta in said:
        match delta:
            case RoleDelta():
                is_usual = delta.role == assembler.state(delta.choice).role
            case ReasoningDelta():
                part = assembler.state(delta.choice).by_key["reasoning", delta.part]
                is_usual = part.sent_as == delta.sent_as
            case SignatureDelta():
                is_usual = assembler.manners.parts == "one" and delta.of == "reasoning"
            case _:
                is_usual = True
        if not is_usual:
            return False
    return True


def repeat(
    assembler: MessageAssembler, columns: Sequence[Sequence[Any]], last: int
) -> list[Sequence[Delta]]:
    """Take what many chunks say, up to a last one, that differ in one text alone.

    Parameters
    ----------
    assembler : MessageAssembler
        It has taken a chunk of their kind, and ``can_repeat`` that.
    columns : sequence of sequences of Delta
        For each delta of a chunk, those of all chunks.
    last : int
        The number of the last chunk.

    Returns
    -------
    list of sequences of Delta
        The columns of those that say anything that was not known.
    """
    return [column for column in columns if _RULES[type(column[0])](assembler, column, last)]


def _repeat_identity(_: MessageAssembler, column: Sequence[IdentityDelta], last: int) -> bool:
    return False


def _repeat_role(assembler: MessageAssembler, column: Sequence[RoleDelta], last: int) -> bool:
    state = assembler.state(column[0].choice)
    state.roles += len(column)
    state.last_role_chunk = last
    return False


def _repeat_text(
    assembler: MessageAssembler, column: Sequence[TextDelta | ReasoningDelta], last: int
) -> bool:
    first = column[0]
    kind: PartKind = "text" if isinstance(first, TextDelta) else "reasoning"
    part = assembler.state(first.choice).part(kind, first.part, last)
    part.texts += [delta.text for delta in column]
    return True


def _repeat_signature(
    assembler: MessageAssembler, column: Sequence[SignatureDelta], last: int
) -> bool:
    part = assembler.state(column[0].choice).part(column[0].of, column[0].part, last)
    part.details += [delta.json for delta in column]
    return True


def _repeat_note(assembler: MessageAssembler, column: Sequence[NoteDelta], last: int) -> bool:
    note = column[0]
    assembler.log.add(note.code, note.part, last, count=len(column))
    return True


_RULES: Final[dict[type, Callable[[MessageAssembler, Any, int], bool]]] = {
    IdentityDelta: _repeat_identity,
    RoleDelta: _repeat_role,
    TextDelta: _repeat_text,
    ReasoningDelta: _repeat_text,
    SignatureDelta: _repeat_signature,
    NoteDelta: _repeat_note,
}
REPEATABLE: Final = tuple(_RULES)
"""The deltas that there is a rule for; there is none for chunks that say anything else."""
