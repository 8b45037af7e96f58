"""The items of an answer: what each kind says, where it is added, where it is done, and at the end.

An item comes up to three times: empty when it is added, whole when it is done, and whole again in
the response that ends the stream. What is whole fills only what did not come in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from chatviz.chat.deltas import (
    ArgumentsForm,
    Delta,
    MediaDelta,
    NoteDelta,
    PartKey,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.chat.findings.log import shorten
from chatviz.chat.messages import Reasoning, ServerToolCall, ServerToolResult
from chatviz.dialects.json_values import is_int64, text_of
from chatviz.dialects.openai_responses.known_fields import ITEM_FIELDS
from chatviz.dialects.openai_responses.parts import (
    SUMMARY,
    THOUGHT,
    parts_in,
    read_part,
    read_unknown,
)
from chatviz.wire.json_text import dump_json, load_any_json

__all__ = [
    "CALL_TYPES",
    "CLIENT_CALLS",
    "SERVER_CALLS",
    "SERVER_RESULTS",
    "Sent",
    "Spell",
    "Stage",
    "hides_reasoning",
    "is_client_call",
    "is_free_call",
    "read_item",
    "runs_itself",
]

Stage: TypeAlias = Literal["added", "done", "end", "whole"]
"""Added and done in a stream, in the response that ends it, or in an answer that was no stream."""

Spell: TypeAlias = Callable[[str, Any], str]
"""Takes a field of the item and its value; returns the value's JSON as the wire has it."""


class Sent(NamedTuple):
    """An item as it was sent: its place, and how far it is."""

    item: dict[str, Any]
    place: int | str
    stage: Stage
    spell: Spell

    @property
    def again(self) -> bool:
        """Whether it is the whole of what may have come in pieces."""
        return self.stage != "added"


class _Call(NamedTuple):
    """A kind of call: the field of what is asked, and of what came of it."""

    asks: tuple[str, ...]
    gives: tuple[str, ...] = ()


# Calls that only the client can answer. Of the tools that OpenAI itself describes (a shell, a
# computer, patches), the kind of the item stands for a name.
CLIENT_CALLS: Final[Mapping[str, _Call]] = {
    "function_call": _Call(("arguments",)),
    "custom_tool_call": _Call(("input",)),
    "local_shell_call": _Call(("action",)),
    "shell_call": _Call(("action",)),
    "apply_patch_call": _Call(("operation",)),
    "computer_call": _Call(("action", "actions")),
    "tool_search_call": _Call(("arguments",)),
}
CALL_TYPES: Final = {"function_call": "function", "custom_tool_call": "custom"}
SERVER_CALLS: Final[Mapping[str, _Call]] = {
    "web_search_call": _Call(("action",)),
    "file_search_call": _Call(("queries",), ("results",)),
    "code_interpreter_call": _Call(("code", "arguments"), ("outputs",)),
    "mcp_call": _Call(("arguments",), ("output", "error")),
    "mcp_approval_request": _Call(("arguments",)),
    "image_generation_call": _Call(("revised_prompt",)),
    "program": _Call(("code",)),
    "tool_search_call": _Call(("arguments",)),
    "shell_call": _Call(("action",)),
    "x_search_call": _Call(("arguments",)),  # xAI
    "custom_tool_call": _Call(("input",)),  # xAI's searches of X, by name
    "function_call": _Call(("arguments",)),  # Perplexity's searches
}
SERVER_RESULTS: Final = frozenset(
    (
        *("tool_search_output", "program_output", "mcp_list_tools", "mcp_approval_response"),
        *("shell_call_output", "local_shell_call_output", "apply_patch_call_output"),
        *("computer_call_output", "function_call_output", "custom_tool_call_output"),
        "additional_tools",
        *("search_results", "fetch_url_results"),  # Perplexity
    )
)
# How those calls of the provider's own are told from the client's that are of the same kind.
_SEARCHES_OF_X: Final = "xs_call_"  # with what xAI's ids of them begin
_SEARCHES: Final = frozenset(("search_web", "fetch_url"))  # Perplexity's: added as completed
# What goes back with a call, beside its id, name and arguments.
_SENT_BACK: Final = ("namespace", "caller")


def read_item(sent: Sent, deltas: list[Delta]) -> None:
    """Append what an item says at its stage."""
    kind, where = text_of(sent.item.get("type")), f"$.output[{sent.place}]"
    if kind == "message":
        _read_message(sent, deltas)
    elif kind == "reasoning":
        _read_reasoning(sent, deltas)
    elif kind == "compaction":
        if sent.again:
            deltas.append(_signature(sent, sent.place, ("id", "encrypted_content")))
    elif kind in CLIENT_CALLS and is_client_call(sent.item, sent.stage):
        _read_call(sent, deltas)
    elif kind in SERVER_CALLS:
        _read_server_call(sent, deltas)
    elif kind in SERVER_RESULTS:
        _read_server_result(sent, deltas)
        return
    else:
        deltas.append(UnknownDelta(where, dump_json(sent.item), True))
        return
    read_unknown(sent.item, ITEM_FIELDS[kind], where, deltas)


def is_client_call(item: Mapping[str, Any], stage: Stage) -> bool:
    """Whether a call waits for the client: not one of a search or a shell that the server runs."""
    match item:
        case {"type": "custom_tool_call", "call_id": str(id)}:
            return not id.startswith(_SEARCHES_OF_X)
        case {"type": "function_call", "status": str(status), "name": str(name)}:
            return stage != "added" or not runs_itself(name, status)
        case {"type": "tool_search_call"}:
            return item.get("execution") == "client"
        case {"type": "shell_call", "environment": {"type": "container_reference"}}:
            return False
    return text_of(item.get("type")) in CLIENT_CALLS


def runs_itself(name: str, status: str | None) -> bool:
    """Whether a function that is called when its item is added is one of the provider's own."""
    return status == "completed" and name in _SEARCHES


def is_free_call(call: ServerToolCall, results: Sequence[ServerToolResult]) -> bool:
    """Whether nothing is charged for a call: a search that failed, or only opened what was found.

    https://platform.openai.com/docs/guides/tools-web-search#output-and-citations
    """
    if call.type != "web_search_call":
        return False
    for sent in call.details:
        match load_any_json(sent):
            case {"status": "failed"}:
                return True
            case {"action": {"type": str(action)}}:
                return action != "search"
    return False


def hides_reasoning(part: Reasoning) -> bool:
    """Whether a part of the reasoning is a summary, or all that came of it is encrypted."""
    if part.text:
        return part.sent_as == SUMMARY
    kept = map(load_any_json, part.details)
    return any(isinstance(one, dict) and one.get("encrypted_content") for one in kept)


def _read_message(sent: Sent, deltas: list[Delta]) -> None:
    """Read a message; what is in it when it is added comes again with its parts."""
    item, place = sent.item, sent.place
    role = item.get("role")
    if role and role != "assistant":
        deltas.append(RoleDelta(0, text_of(role)))
    if not sent.again:
        return
    content = item.get("content")
    for number, part in enumerate(parts_in(item, "content", "output_text", place, deltas)):
        read_part(part, place, number, deltas, again=True)
    if content and item.get("phase"):
        key = (place, 0)
        deltas.append(SignatureDelta(0, dump_json({"phase": item["phase"]}), key, "text", True))


_THINKING: Final = (
    ("summary", SUMMARY, "summary_text"),
    ("content", THOUGHT, "reasoning_text"),
)


def _read_reasoning(sent: Sent, deltas: list[Delta]) -> None:
    """Read reasoning when it is done: what is encrypted before that is not what goes back."""
    if not sent.again:
        return
    item, place = sent.item, sent.place
    first: PartKey = (place, SUMMARY, 0)
    for field, name, type in _THINKING:
        for number, part in enumerate(parts_in(item, field, type, place, deltas)):
            read_part(part, place, number, deltas, again=True, field=field)
            if name == THOUGHT and not item.get("summary"):
                first = (place, THOUGHT, 0)
    fields = ("id", "summary", "content", "encrypted_content")
    deltas.append(_signature(sent, first, fields))


def _signature(sent: Sent, part: PartKey, fields: tuple[str, ...]) -> SignatureDelta:
    """Return what goes back for an item: its id, and all that it holds of these fields."""
    item = sent.item
    kept = {key: item[key] for key in fields if item.get(key) or (key == "summary" and key in item)}
    return SignatureDelta(0, dump_json({"type": item["type"], **kept}), part, "reasoning", True)


def _read_call(sent: Sent, deltas: list[Delta]) -> None:
    item, place, kind = sent.item, sent.place, sent.item["type"]
    arguments, form = _arguments(sent, CLIENT_CALLS[kind])
    name = text_of(item.get("name")) or ("" if kind in CALL_TYPES else kind)
    deltas.append(
        ToolCallDelta(
            0,
            place if is_int64(place) else None,
            text_of(item.get("call_id")) if "call_id" in item else None,
            name,
            CALL_TYPES.get(kind, kind),
            arguments,
            form,
            place,
            sent.again,
        )
    )
    if sent.again:
        kept = {key: item[key] for key in _SENT_BACK if item.get(key)}
        kept = kept if kind in CALL_TYPES else {**item}
        if kept:
            deltas.append(SignatureDelta(0, dump_json(kept), place, "call", True))


def _arguments(sent: Sent, call: _Call) -> tuple[str, ArgumentsForm]:
    """Return what a call asks; of one that was only added, no more than the start of a text."""
    for field in call.asks:
        value = sent.item.get(field)
        if isinstance(value, str):
            return value, "text" if value else "absent"
        if value is not None and sent.again:
            return sent.spell(field, value), "object"
    return "", "absent"


def _read_server_call(sent: Sent, deltas: list[Delta]) -> None:
    item, place, kind = sent.item, sent.place, sent.item["type"]
    call = SERVER_CALLS[kind]
    id = text_of(item.get("id"))
    unnamed = "" if kind.startswith("mcp_") else kind.removesuffix("_call")
    name = text_of(item.get("name")) or unnamed
    arguments, _ = _arguments(sent, call)
    deltas.append(ServerCallDelta(0, id, name, kind, arguments, place, sent.again))
    if not sent.again:
        return
    for field in call.gives:
        if (given := item.get(field)) is not None:
            json = sent.spell(field, given)
            deltas.append(ServerResultDelta(0, id, kind, json, place, True))
    if kind == "image_generation_call" and item.get("result"):
        again = sent.stage == "end"  # when it is done, it replaces the images that were not ready
        deltas.append(MediaDelta(0, kind, dump_json(item), place, again))
    else:
        deltas.append(SignatureDelta(0, dump_json(item), place, "server_call", True))
    if kind == "mcp_approval_request" and sent.stage != "end":
        deltas.append(NoteDelta("approval_wanted", shorten(name)))
    if sent.stage != "end" and (item.get("status") == "failed" or item.get("error")):
        deltas.append(NoteDelta("server_tool_failed", shorten(name)))


def _read_server_result(sent: Sent, deltas: list[Delta]) -> None:
    """Read an item that is what a server's tool gave, as a whole."""
    item = sent.item
    if sent.again:
        id = text_of(item.get("call_id")) or text_of(item.get("id"))
        json = dump_json(item)
        deltas.append(ServerResultDelta(0, id, text_of(item["type"]), json, sent.place, True))
