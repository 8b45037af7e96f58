"""Tools that the provider ran itself, as Groq's compound systems tell of them.

The source is the types of groq 1.7 (``ExecutedTool``) and recorded answers: a tool is told of twice
in a stream, when it is asked, and again, whole, with what it gave.
"""

from __future__ import annotations

from typing import Any, Final

from chatviz.chat.deltas import Delta, ServerCallDelta, ServerResultDelta, UnknownDelta
from chatviz.dialects.json_values import is_int64, placed_items, text_of
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = ["EXECUTED", "read_executed_tools"]

EXECUTED: Final = "executed_tools"
_GIVEN: Final = ("output", "search_results", "code_results", "browser_results")
_KNOWN: Final = frozenset(("index", "type", "name", "arguments", *_GIVEN))


def read_executed_tools(tools: Any, choice: int, where: str, deltas: list[Delta]) -> None:
    """Append the calls that the provider ran, and what they gave."""
    for position, (tool, place) in enumerate(placed_items(tools, f"{where}.{EXECUTED}")):
        if not isinstance(tool, dict):
            deltas.append(UnknownDelta(place, dump_json(tool), True))
            continue
        index, kind = tool.get("index"), text_of(tool.get("type"))
        key = (EXECUTED, index if is_int64(index) else position)
        name, arguments = text_of(tool.get("name")) or kind, text_of(tool.get("arguments"))
        deltas.append(ServerCallDelta(choice, "", name, kind, arguments, key, True))
        given = {field: tool[field] for field in _GIVEN if tool.get(field)}
        if given:
            deltas.append(ServerResultDelta(choice, "", kind, dump_json(given), key))
        keep_unknown(tool, _KNOWN, place, deltas, in_message=True)
