"""What is compared with what: conversations by what was asked, parts by what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from chatviz.cassettes.matching.json_diff import align_items
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
from chatviz.runs.conversation import Conversation

__all__ = ["PartPair", "pair_conversations", "pair_parts", "part_kind"]

_KINDS: Final[dict[type[Part], str]] = {
    Refusal: "refusal",
    ToolCall: "call",
    ToolResult: "tool result",
    ServerToolCall: "server call",
    ServerToolResult: "server result",
}
PlacePairs = list[tuple[int | None, int | None]]


class PartPair(NamedTuple):
    """The same part of two messages; None on the side that has none, with its place in each."""

    old_place: int | None
    new_place: int | None
    old: Part | None
    new: Part | None


def pair_conversations(old: Sequence[Conversation], new: Sequence[Conversation]) -> PlacePairs:
    """Pair conversations in their order, by what was asked; one with one whatever was asked."""
    if len(old) == len(new) == 1:
        return [(0, 0)]
    return align_items([_asked(talk) for talk in old], [_asked(talk) for talk in new])


def pair_parts(old: Message | None, new: Message | None) -> list[PartPair]:
    """Pair the parts of two messages in their order, by kind and by what they say."""
    sides = [() if message is None else message.parts for message in (old, new)]
    return [
        PartPair(
            here,
            there,
            None if here is None else sides[0][here],
            None if there is None else sides[1][there],
        )
        for here, there in align_items(*[[_likened(part) for part in side] for side in sides])
    ]


def part_kind(part: Part) -> str:
    """Return what a part is, in words; whether there is something to be sent back untouched."""
    match part:
        case Text(citations=cited):
            kind = "text with sources" if cited else "text"
        case Reasoning(text=text):
            kind = "reasoning" if text else "reasoning without text"
        case Media(type=kind) | UnknownPart(type=kind):
            return kind or "media"
        case _:
            kind = _KINDS[type(part)]
    return f"{kind}, signed" if getattr(part, "details", ()) else kind


def _asked(talk: Conversation) -> dict[str, str]:
    """Return what tells a conversation from others of a recording."""
    asked = talk.steps[0].chat_request
    return {
        "said": "\n".join(message.text for message in asked.said),
        "instructed": "\n".join(one.text for one in asked.messages if one.is_instruction),
        "tools": " ".join(tool.name for tool in asked.tools),
        "model": asked.model,
        "dialect": talk.steps[0].run.dialect,
    }


def _likened(part: Part) -> dict[str, str]:
    """Return by what a part is recognised on the other side."""
    match part:
        case ToolCall(name=name, arguments=said) | ServerToolCall(name=name, arguments=said):
            return {"kind": part_kind(part), "name": name, "said": said}
        case Text(text=said) | Reasoning(text=said) | Refusal(text=said) | ToolResult(text=said):
            return {"kind": part_kind(part), "said": said}
        case ServerToolResult(type=kind) | Media(type=kind) | UnknownPart(type=kind):
            return {"kind": part_kind(part), "name": kind}
