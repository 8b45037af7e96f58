"""The parts of a content: text, thoughts, calls, what the server's tools did, media.

A part that comes whole has the place where it is as its key; text and thoughts go on, from one
chunk to the next, as long as nothing else comes between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from chatviz.chat.deltas import (
    ArgumentPiece,
    Delta,
    EndDelta,
    MediaDelta,
    NoteDelta,
    PartKey,
    PartKind,
    ReasoningDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.dialects.gemini.known_fields import CALL_FIELDS, PART_FIELDS
from chatviz.dialects.gemini.partial_args import read_pieces
from chatviz.dialects.json_values import items_of, text_of
from chatviz.wire.json_text import dump_json

__all__ = [
    "CODE",
    "THOUGHT",
    "Path",
    "SentPart",
    "SpellAt",
    "placed_at",
    "read_part",
    "read_unknown",
    "say_path",
    "sign",
]

Path: TypeAlias = tuple[str | int, ...]
SpellAt: TypeAlias = Callable[[Path, Any], str]
"""Gives the JSON text of a value that is at a path."""

CODE: Final = "code_execution"
THOUGHT: Final = "thought"


class SentPart(NamedTuple):
    """A part as it was sent, with its candidate, its key, and where it is in the chunk."""

    value: Any
    choice: int
    key: PartKey
    path: Path
    spell: SpellAt

    def spell_out(self, *names: str) -> str:
        """Return the JSON text of the part, or of what is under these names in it."""
        value = self.value
        for name in names:
            value = value[name]
        return self.spell((*self.path, *names), value)


def read_part(sent: SentPart, deltas: list[Delta]) -> None:
    """Append what one part says, and then its signature."""
    part = sent.value
    if not isinstance(part, dict):
        deltas.append(UnknownDelta(say_path(sent.path), dump_json(part), True))
        return
    known = PART_FIELDS
    kind: PartKind | None = None
    if part.get("text") is not None or part.keys().isdisjoint(_KINDS):
        kind = _read_text(sent, deltas)
    for name, read_kind in _KINDS.items():  # one of them, and no text beside it, as a rule
        value = part.get(name)
        if isinstance(value, dict):
            kind = read_kind(sent, name, deltas)
        elif value is not None:
            known -= {name}
    if part.get("thoughtSignature") and kind is not None:
        key = None if kind in ("text", "reasoning") else sent.key
        deltas.append(sign(sent.choice, sent.spell_out("thoughtSignature"), key, kind))
    if not part.keys() <= known:
        read_unknown(part, known, sent.path, deltas, in_message=True)


def sign(choice: int, spelled: str, key: PartKey, kind: PartKind) -> SignatureDelta:
    """Return the signature of a part: the field as it must be sent back with it."""
    return SignatureDelta(choice, f'{{"thoughtSignature":{spelled}}}', key, kind)


def read_unknown(
    fields: Mapping[str, Any],
    known: frozenset[str],
    path: Path,
    deltas: list[Delta],
    *,
    in_message: bool = False,
) -> None:
    """Keep every field that is not known, but those that are null: they say nothing."""
    for name, value in fields.items():
        if name not in known and value is not None:
            deltas.append(UnknownDelta(say_path((*path, name)), dump_json(value), in_message))


def placed_at(fields: Mapping[str, Any], name: str, path: Path) -> Iterator[tuple[Any, Path]]:
    """Yield the items of a list with their paths; a value that is none is the only item."""
    value = fields.get(name)
    for number, item in enumerate(items_of(value)):
        yield item, (*path, name, number) if isinstance(value, list) else (*path, name)


def say_path(path: Path) -> str:
    """Return a path as findings name it: ``$.candidates[0].content``."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)


def _read_text(sent: SentPart, deltas: list[Delta]) -> PartKind:
    text = text_of(sent.value.get("text"))
    if sent.value.get("thought"):
        if text:
            deltas.append(ReasoningDelta(sent.choice, text, THOUGHT))
        return "reasoning"
    if text:
        deltas.append(TextDelta(sent.choice, text))
    return "text"


# Each appends what a part of its kind says, and returns which part of ours a signature belongs to;
# None where the part is kept as it came, its signature in it.


def _read_call(sent: SentPart, name: str, deltas: list[Delta]) -> PartKind:
    """Read a call that comes whole, or one of whose arguments values at paths come."""
    call, known = sent.value[name], CALL_FIELDS
    id, called, args = call.get("id"), call.get("name"), call.get("args")
    id = None if id is None else text_of(id)
    called = None if called is None else text_of(called)
    if args is not None:
        known -= {"partialArgs"}  # they come instead of arguments, not beside them
        delta = ToolCallDelta(
            sent.choice, None, id, called, None, sent.spell_out(name, "args"), "object", sent.key
        )
    elif "partialArgs" in call or call.get("willContinue") or not called:
        delta = _read_growing(sent, id, called, deltas)
    else:
        delta = ToolCallDelta(sent.choice, None, id, called, None, "", "absent", sent.key)
    deltas.append(delta)
    if not delta.goes_on:
        deltas.append(EndDelta(sent.choice, delta.part))
    if not call.keys() <= known:
        read_unknown(call, known, (*sent.path, name), deltas, in_message=True)
    return "call"


def _read_growing(
    sent: SentPart, id: str | None, called: str | None, deltas: list[Delta]
) -> ToolCallDelta:
    """Read a part of a call that goes on: its name begins it, the others continue the last."""
    call = sent.value["functionCall"]
    key = sent.key if called else None
    listed, pieces = "", tuple[ArgumentPiece, ...]()
    if call.get("partialArgs") is not None:
        listed = sent.spell_out("functionCall", "partialArgs")
        path = (*sent.path, "functionCall", "partialArgs")
        pieces, unread = read_pieces(call["partialArgs"], sent.spell, path)
        for number, piece in unread:
            deltas.append(UnknownDelta(say_path((*path, number)), dump_json(piece), True))
    goes_on = bool(call.get("willContinue"))
    return ToolCallDelta(
        sent.choice, None, id, called, None, listed, "paths", key, pieces=pieces, goes_on=goes_on
    )


def _read_code(sent: SentPart, name: str, deltas: list[Delta]) -> PartKind:
    id = text_of(sent.value[name].get("id"))
    deltas.append(ServerCallDelta(sent.choice, id, CODE, name, sent.spell_out(name), sent.key))
    return "server_call"


def _read_server_call(sent: SentPart, name: str, deltas: list[Delta]) -> PartKind:
    call = sent.value[name]
    args = "" if call.get("args") is None else sent.spell_out(name, "args")
    id, tool = text_of(call.get("id")), text_of(call.get("toolType"))
    deltas.append(ServerCallDelta(sent.choice, id, tool, name, args, sent.key))
    return "server_call"


def _read_server_result(sent: SentPart, name: str, deltas: list[Delta]) -> None:
    result = sent.value[name]
    id = text_of(result.get("id"))
    deltas.append(ServerResultDelta(sent.choice, id, name, sent.spell_out(), sent.key))
    if result.get("outcome") == _OUT_OF_TIME:
        deltas.append(NoteDelta("server_tool_failed", name))


def _read_media(sent: SentPart, name: str, deltas: list[Delta]) -> None:
    type = text_of(sent.value[name].get("mimeType")) or name
    if sent.value.get(THOUGHT) is True:  # a sketch, which is none of the answer's pictures
        type += f" ({THOUGHT})"
    deltas.append(MediaDelta(sent.choice, type, sent.spell_out(), sent.key))


# https://ai.google.dev/api/caching#Outcome: the code itself may fail, and tells the model so.
_OUT_OF_TIME: Final = "OUTCOME_DEADLINE_EXCEEDED"
_KINDS: Final[Mapping[str, Callable[[SentPart, str, list[Delta]], PartKind | None]]] = {
    "functionCall": _read_call,
    "executableCode": _read_code,
    "toolCall": _read_server_call,
    "toolResponse": _read_server_result,
    "codeExecutionResult": _read_server_result,
    "inlineData": _read_media,
    "fileData": _read_media,
}
