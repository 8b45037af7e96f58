"""The parts of an item: text, refusal, reasoning, each by the place that the provider gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, TypeAlias

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    MediaDelta,
    PartKey,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    UnknownDelta,
)
from chatviz.dialects.json_values import is_int64, text_of
from chatviz.dialects.openai_responses.known_fields import PART_FIELDS
from chatviz.wire.json_text import dump_json

__all__ = [
    "AUDIO",
    "SUMMARY",
    "THOUGHT",
    "PartOf",
    "in_content",
    "in_item",
    "in_summary",
    "nowhere",
    "parts_in",
    "place_of",
    "read_annotations",
    "read_part",
    "read_unknown",
]

AUDIO: Final = "output_audio"
SUMMARY: Final = "summary"
THOUGHT: Final = "thought"

# The part that an event opens, fills or closes, by what it is about.
PartOf: TypeAlias = Callable[[Any], PartKey]
in_item: Final[PartOf] = attrgetter("output_index")
in_content: Final[PartOf] = attrgetter("output_index", "content_index")


def in_summary(event: Any) -> PartKey:
    """Return the part of an event that is about a part of a summary."""
    return (event.output_index, SUMMARY, event.summary_index)


def nowhere(event: Any) -> PartKey:
    """Return the part of an event that is about the answer as a whole: none."""
    return None


def place_of(event: Mapping[str, Any], key: str = "output_index") -> int | str:
    """Return the place of an item or a part; of an item without one, its id."""
    place = event.get(key)
    if is_int64(place):
        return place
    return text_of(event.get("item_id")) or 0 if key == "output_index" else 0


def parts_in(
    item: Mapping[str, Any], field: str, type: str, place: int | str, deltas: list[Delta]
) -> list[Any]:
    """Return the parts in a field of an item, which some servers send as a text."""
    content = item.get(field)
    if isinstance(content, str):
        return [{"type": type, "text": content}] if content else []
    if content is not None and not isinstance(content, list):
        deltas.append(UnknownDelta(f"$.output[{place}].{field}", dump_json(content), True))
        return []
    return content or []


def read_part(
    part: Any,
    item: int | str,
    place: int | str,
    deltas: list[Delta],
    *,
    again: bool,
    field: str = "content",
) -> None:
    """Append what a part says, as far as it says anything.

    Parameters
    ----------
    part : object
        The part, decoded.
    item, place : int or str
        The place of its item, and its own in that.
    deltas : list of Delta
    again : bool
        Whether it is the whole of what came in pieces before.
    field : str
        The field of its item that it is in.
    """
    kind = part.get("type") if isinstance(part, dict) else None
    where = f"$.output[{item}].{field}[{place}]"
    if not isinstance(kind, str) or kind not in PART_FIELDS:
        deltas.append(UnknownDelta(where, dump_json(part), True))
        return
    key: PartKey = (item, place)
    if kind == AUDIO and (part.get("data") or part.get("transcript")):
        said = text_of(part.get("transcript"))
        deltas.append(MediaDelta(0, kind, dump_json(part), key, again, text=said))
    text = text_of(part.get("refusal" if kind == "refusal" else "text"))
    if text:
        match kind:
            case "output_text":
                deltas.append(TextDelta(0, text, key, again))
            case "refusal":
                deltas.append(RefusalDelta(0, text, key, again))
            case "reasoning_text":
                deltas.append(ReasoningDelta(0, text, THOUGHT, (item, THOUGHT, place), again))
            case _:
                deltas.append(ReasoningDelta(0, text, SUMMARY, (item, SUMMARY, place), again))
    read_annotations(part.get("annotations"), key, deltas, again=again)
    read_logprobs(part.get("logprobs"), where, deltas)
    read_unknown(part, PART_FIELDS[kind], where, deltas)


def read_annotations(sent: Any, key: PartKey, deltas: list[Delta], *, again: bool) -> None:
    """Append the sources that a text cites."""
    for annotation in sent if isinstance(sent, list) else ():
        deltas.append(CitationDelta(0, dump_json(annotation), key, again))


def read_logprobs(sent: Any, where: str, deltas: list[Delta]) -> None:
    """Keep the probabilities of the tokens, where there are any: they are not modelled."""
    if sent:
        deltas.append(UnknownDelta(f"{where}.logprobs", dump_json(sent)))


def read_unknown(
    fields: Mapping[str, Any], known: frozenset[str], where: str, deltas: list[Delta]
) -> None:
    """Keep every field that is not modelled, but those that are null: they say nothing."""
    if fields.keys() <= known:
        return
    for key, value in fields.items():
        if key not in known and value is not None:
            deltas.append(UnknownDelta(f"{where}.{key}", dump_json(value)))
