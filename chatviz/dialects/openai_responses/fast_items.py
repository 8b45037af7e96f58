"""The usual events of items, parts and the end, read at one glance; all others in full.

They come for every answer, and hold the whole of what came in pieces. As in ``fast_path``, no rule
is in this file that the full reading does not have, and the same test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    FinishDelta,
    PartKey,
    ReasoningDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from chatviz.dialects.openai_responses.items import runs_itself
from chatviz.dialects.openai_responses.known_fields import ECHOED_FIELDS
from chatviz.dialects.openai_responses.parts import (
    SUMMARY,
    THOUGHT,
    PartOf,
    in_content,
    in_item,
    in_summary,
    nowhere,
)
from chatviz.dialects.openai_responses.response import (
    keep_odd_counts,
    make_identity,
    read_charges,
    read_usage,
)
from chatviz.wire.json_text import dump_json, load_json

__all__ = ["READERS", "Int64", "ItemRow", "OrderNumber", "echo_of", "rows_of"]

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
OrderNumber: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)] | None
ItemRow = tuple[Callable[[bytes], Any], Callable[[Any], list[Delta]], PartOf]
"""How events of a kind are decoded, read, and placed: the part that each opens, fills or closes."""


class _Typed(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True, tag_field="type"):
    """Anything that its ``type`` names."""


class _Text(_Typed, tag="output_text"):
    text: str
    annotations: tuple[()] | None = None
    logprobs: tuple[()] | None = None


class _Thought(_Typed, tag="reasoning_text"):
    text: str


class _Summary(_Typed, tag="summary_text"):
    text: str


class _Message(_Typed, tag="message"):
    id: str = ""
    status: str | None = None
    role: Literal["assistant"] | None = None
    content: list[_Text] = []
    phase: str | None = None


class _Call(_Typed, tag="function_call"):
    call_id: str
    name: str
    arguments: str
    id: str = ""
    status: str | None = None


class _Reasoning(_Typed, tag="reasoning"):
    id: str = ""
    summary: list[dict[str, str]] | UnsetType = UNSET
    content: list[dict[str, str]] | None = None
    encrypted_content: str | None = None
    status: str | None = None


class _PartEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal[
        "response.content_part.added",
        "response.content_part.done",
        "response.reasoning_part.added",
        "response.reasoning_part.done",
    ]
    output_index: Int64
    content_index: Int64
    part: _Text | _Thought
    item_id: str = ""
    sequence_number: OrderNumber = None


class _SummaryEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.reasoning_summary_part.added", "response.reasoning_summary_part.done"]
    output_index: Int64
    summary_index: Int64
    part: _Summary
    item_id: str = ""
    sequence_number: OrderNumber = None
    status: str | None = None


class _ItemEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.output_item.added", "response.output_item.done"]
    output_index: Int64
    item: _Message | _Call | _Reasoning
    sequence_number: OrderNumber = None


class _ArgumentsDone(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.function_call_arguments.done"]
    output_index: Int64
    arguments: str
    item_id: str = ""
    name: str | None = None
    sequence_number: OrderNumber = None


def echo_of(name: str, output: Any, usage: Any) -> Any:
    """Return the type of a response: what it repeats of the request is passed over, undecoded."""
    return msgspec.defstruct(
        name,
        [
            ("id", str),
            ("model", str),
            ("created_at", Int64),
            ("status", str, ""),
            ("output", *output),
            ("usage", *usage),
            ("error", None, None),
            ("incomplete_details", None, None),
            *((field, msgspec.Raw, msgspec.Raw(b"")) for field in sorted(ECHOED_FIELDS)),
        ],
        forbid_unknown_fields=True,
        gc=False,
    )


_NOT_SENT: Final = msgspec.Raw(b"null")
_Completed: Final[Any] = echo_of(
    "_Completed", (list[_Message | _Call | _Reasoning], ()), (msgspec.Raw, _NOT_SENT)
)


class _End(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    type: Literal["response.completed"]
    response: _Completed
    sequence_number: OrderNumber = None


def _read_part(event: _PartEvent) -> list[Delta]:
    text, again = event.part.text, event.type.endswith(".done")
    item, place = event.output_index, event.content_index
    if text and isinstance(event.part, _Thought):
        return [ReasoningDelta(0, text, THOUGHT, (item, THOUGHT, place), again)]
    return [TextDelta(0, text, (item, place), again)] if text else []


def _read_summary(event: _SummaryEvent) -> list[Delta]:
    text, again = event.part.text, event.type == "response.reasoning_summary_part.done"
    key = (event.output_index, SUMMARY, event.summary_index)
    return [ReasoningDelta(0, text, SUMMARY, key, again)] if text else []


def _read_item(event: _ItemEvent) -> list[Delta]:
    deltas: list[Delta] = []
    again = event.type == "response.output_item.done"
    _take_item(event.item, event.output_index, deltas, again=again)
    return deltas


def _take_item(
    item: _Message | _Call | _Reasoning, place: int, deltas: list[Delta], *, again: bool
) -> None:
    if isinstance(item, _Reasoning):
        if again:
            _take_reasoning(item, place, deltas)
    elif isinstance(item, _Call):
        if not again and runs_itself(item.name, item.status):
            raise ValueError("a call that is left to the full reading")
        arguments = item.arguments
        form: Literal["text", "absent"] = "text" if arguments else "absent"
        deltas.append(
            ToolCallDelta(
                0, place, item.call_id, item.name, "function", arguments, form, place, again
            )
        )
    elif again:
        for number, part in enumerate(item.content):
            if part.text:
                deltas.append(TextDelta(0, part.text, (place, number), True))
        if item.content and item.phase:
            phase = dump_json({"phase": item.phase})
            deltas.append(SignatureDelta(0, phase, (place, 0), "text", True))


def _take_reasoning(item: _Reasoning, place: int, deltas: list[Delta]) -> None:
    summary, content = item.summary, item.content
    first: PartKey = (place, SUMMARY, 0)
    for number, part in enumerate(summary or ()):
        if text := _text_of(part, "summary_text"):
            deltas.append(ReasoningDelta(0, text, SUMMARY, (place, SUMMARY, number), True))
    for number, part in enumerate(content or ()):
        if text := _text_of(part, "reasoning_text"):
            deltas.append(ReasoningDelta(0, text, THOUGHT, (place, THOUGHT, number), True))
        if not summary:
            first = (place, THOUGHT, 0)
    kept: dict[str, Any] = {"type": "reasoning", **({"id": item.id} if item.id else {})}
    if summary is not UNSET:
        kept["summary"] = summary
    if content:
        kept["content"] = content
    if item.encrypted_content:
        kept["encrypted_content"] = item.encrypted_content
    deltas.append(SignatureDelta(0, dump_json(kept), first, "reasoning", True))


def _text_of(part: dict[str, str], kind: str) -> str:
    """Return the text of a part that has nothing else.

    Raises
    ------
    ValueError
        It is another one.
    """
    if part.keys() != _OF_PART or part["type"] != kind:
        raise ValueError("a part that is left to the full reading")
    return part["text"]


def _read_arguments(event: _ArgumentsDone) -> list[Delta]:
    place, text = event.output_index, event.arguments
    if not text:
        return []
    return [ToolCallDelta(0, place, None, None, None, text, "text", place, True)]


def _read_end(event: _End) -> list[Delta]:
    response = event.response
    deltas: list[Delta] = [make_identity(response.id, response.model, response.created_at)]
    for place, item in enumerate(response.output):
        _take_item(item, place, deltas, again=True)
    raw = bytes(response.usage)
    usage = load_json(raw)
    if isinstance(usage, dict):
        beside = (response.tool_usage, response.service_tier)
        charges = read_charges(*(load_json(bytes(one) or b"null") for one in beside))
        deltas.append(UsageDelta(read_usage(usage, raw, (), charges=charges), "usage"))
        keep_odd_counts(usage, "$.response.usage", deltas)
    elif usage is not None:
        raise ValueError("the usage is no object")
    if response.status:
        deltas.append(FinishDelta(0, response.status))
    deltas.append(EndDelta())
    return deltas


def rows_of(
    event: Any, read: Callable[[Any], list[Delta]], part_of: PartOf
) -> dict[bytes, ItemRow]:
    """Return a row for each type that an event may have; each decodes events of its type alone."""
    rows: dict[bytes, ItemRow] = {}
    for name in get_args(get_type_hints(event)["type"]):
        field: Any = ("type", Literal[name])
        named = msgspec.defstruct(
            event.__name__,
            [field],
            bases=(event,),
            forbid_unknown_fields=True,
            gc=False,
            kw_only=True,
        )
        rows[name.encode()] = (msgspec.json.Decoder(named).decode, read, part_of)
    return rows


_OF_PART: Final = {"type", "text"}
READERS: Final[Mapping[bytes, ItemRow]] = {
    **rows_of(_PartEvent, _read_part, in_content),
    **rows_of(_SummaryEvent, _read_summary, in_summary),
    **rows_of(_ItemEvent, _read_item, in_item),
    **rows_of(_ArgumentsDone, _read_arguments, in_item),
    **rows_of(_End, _read_end, nowhere),
}
