"""The calls of the client's tools in a delta, or in the message of a whole answer."""

from __future__ import annotations

from typing import Any, Final

from chatviz.chat.deltas import ArgumentsForm, Delta, PartKey, ToolCallDelta, UnknownDelta
from chatviz.dialects.json_values import is_int64, placed_items, text_of
from chatviz.dialects.openai_chat.sent_in import SentIn
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = ["read_function_call", "read_tool_calls"]

_CALL_KEYS: Final = frozenset(("index", "id", "type", "function"))
_FUNCTION_KEYS: Final = frozenset(("name", "arguments"))


def read_tool_calls(calls: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append the calls of a list; in a whole answer each entry is a call of its own."""
    if not calls:
        return
    for position, (call, where) in enumerate(placed_items(calls, f"{sent.where}.tool_calls")):
        if call.__class__ is not dict:
            deltas.append(UnknownDelta(where, dump_json(call), True))
            continue
        part = ("message", position) if sent.whole else None
        deltas.append(_read_call(call, sent.choice, part))
        keep_unknown(call, _CALL_KEYS, where, deltas, in_message=True)
        _keep_unknown_of(call.get("function"), f"{where}.function", deltas)


def read_function_call(function: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append a call in the older form, which has no id."""
    deltas.append(_read_call({"function": function}, sent.choice))
    _keep_unknown_of(function, f"{sent.where}.function_call", deltas)


def _keep_unknown_of(function: Any, where: str, deltas: list[Delta]) -> None:
    if function.__class__ is dict:
        keep_unknown(function, _FUNCTION_KEYS, where, deltas, in_message=True)
    elif function is not None:
        deltas.append(UnknownDelta(where, dump_json(function), True))


def _read_call(call: dict[str, Any], choice: int, part: PartKey = None) -> ToolCallDelta:
    function = call.get("function")
    if function.__class__ is not dict:
        function = {}
    index, id = call.get("index"), call.get("id")
    name, type = function.get("name"), call.get("type")
    arguments, form = _read_asked(function, "arguments")
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


def _read_asked(called: dict[str, Any], field: str) -> tuple[str, ArgumentsForm]:
    """Return what a call asks, and the form in which it came."""
    asked = called.get(field)
    if asked.__class__ is str:
        return asked, "text"
    if asked is None:
        return "", "null" if field in called else "absent"
    return dump_json(asked), "object"
