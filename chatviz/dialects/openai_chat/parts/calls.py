"""The calls of the client's tools in a delta, or in the message of a whole answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from chatviz.chat.deltas import (
    ArgumentsForm,
    Delta,
    PartKey,
    SignatureDelta,
    ToolCallDelta,
    UnknownDelta,
)
from chatviz.dialects.json_values import is_int64, placed_items, text_of
from chatviz.dialects.openai_chat.parts.sent_in import SentIn
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = [
    "CALLED",
    "FREE_TEXT",
    "OLDER_FORM",
    "SIGNED",
    "find_called",
    "read_function_call",
    "read_tool_calls",
    "read_typed_delta",
]

OLDER_FORM: Final = "function_call"  # the field of its one call, and the key of its part
FREE_TEXT: Final = "custom"  # the type of a call that asks with a text of any kind
# What is called, and its field of what is asked: a function with JSON, a custom tool with text.
CALLED: Final[Mapping[str, str]] = {"function": "arguments", FREE_TEXT: "input"}
_KNOWN: Final = {kind: frozenset(("name", asked)) for kind, asked in CALLED.items()}
# Gemini's compatible endpoint, and Vertex's: the signature of what was thought before the call.
SIGNED: Final = "extra_content"
_CALL_KEYS: Final = frozenset(("index", "id", "type", SIGNED, *CALLED))


def read_tool_calls(calls: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append the calls of a list; in a whole answer each entry is a call of its own."""
    if not calls:
        return
    for position, (call, where) in enumerate(placed_items(calls, f"{sent.where}.tool_calls")):
        if call.__class__ is not dict:
            deltas.append(UnknownDelta(where, dump_json(call), True))
            continue
        part = ("message", position) if sent.whole else None
        spell = partial(sent.spell, "tool_calls", position)
        deltas.append(_read_call(call, sent.choice, spell, part))
        if signed := call.get(SIGNED):
            json = dump_json({SIGNED: signed})
            deltas.append(SignatureDelta(sent.choice, json, part, "call", sent.whole))
        keep_unknown(call, _CALL_KEYS, where, deltas, in_message=True)
        read, _ = find_called(call)
        for kind in CALLED:
            known = _KNOWN[kind] if kind == read else frozenset[str]()
            _keep_unknown_of(call.get(kind), known, f"{where}.{kind}", deltas)


def find_called(call: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the kind of what is called, and what is said of it; {} where neither is said."""
    for kind in CALLED:
        if isinstance(called := call.get(kind), dict):
            return kind, called
    return "function", {}


def read_function_call(function: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append the call of the older form, which is the only one, and has no id."""
    spell = partial(_spell_function, sent)
    deltas.append(_read_call({"function": function}, sent.choice, spell, OLDER_FORM))
    _keep_unknown_of(function, _KNOWN["function"], f"{sent.where}.function_call", deltas)


# https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api
_TYPED: Final = frozenset(("type", "text", "content_list", "tool_use_id", "name", "input"))


def read_typed_delta(delta: dict[str, Any], sent: SentIn, deltas: list[Delta]) -> dict[str, Any]:
    """Read a delta that says its type (Snowflake): it may be itself a piece of a call.

    Returns what else it says; without a type that is all of it.
    """
    match delta.get("type"):
        case "tool_use":
            id = {"id": delta["tool_use_id"]} if "tool_use_id" in delta else {}
            asked = {"arguments": delta["input"]} if "input" in delta else {}
            call = {**id, "function": {"name": delta.get("name"), **asked}}
            deltas.append(_read_call(call, sent.choice, partial(_spell_input, sent)))
        case "text":
            pass
        case _:
            return delta
    return {key: value for key, value in delta.items() if key not in _TYPED}


def _spell_input(sent: SentIn, kind: str, field: str, *, value: object) -> str:
    return sent.spell("input", value=value)


def _keep_unknown_of(called: Any, known: frozenset[str], where: str, deltas: list[Delta]) -> None:
    if called.__class__ is dict:
        keep_unknown(called, known, where, deltas, in_message=True)
    elif called is not None:
        deltas.append(UnknownDelta(where, dump_json(called), True))


def _spell_function(sent: SentIn, kind: str, field: str, *, value: object) -> str:
    """Spell what a call in the older form asks, which is not inside of what is called."""
    return sent.spell(OLDER_FORM, field, value=value)


def _read_call(
    call: dict[str, Any], choice: int, spell: Callable[..., str], part: PartKey = None
) -> ToolCallDelta:
    kind, called = find_called(call)
    index, id = call.get("index"), call.get("id")
    name, type = called.get("name"), call.get("type")
    if type is None and kind == FREE_TEXT:
        type = kind
    arguments, form = _read_asked(called, CALLED[kind], partial(spell, kind))
    return ToolCallDelta(
        choice,
        index if is_int64(index) else None,
        id if id.__class__ is str else (text_of(id) if "id" in call else None),
        name if name is None or name.__class__ is str else text_of(name),
        type if type is None or type.__class__ is str else text_of(type),
        arguments,
        form,
        part,
    )


def _read_asked(
    called: dict[str, Any], field: str, spell: Callable[..., str]
) -> tuple[str, ArgumentsForm]:
    """Return what a call asks, an object in the wire's spelling, and the form in which it came."""
    asked = called.get(field)
    if asked.__class__ is str:
        return asked, "text"
    if asked is None:
        return "", "null" if field in called else "absent"
    return spell(field, value=asked), "object"
