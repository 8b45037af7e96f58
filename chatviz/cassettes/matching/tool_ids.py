"""Tool-call ids by order of appearance, since clients and providers make up new ones each time.

Every call gets a number of its own, even where two calls have the same id; a result refers to the
first call with its id that has no result yet.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["normalise_tool_ids"]

# How the dialects name the id of a call that an object refers to.
_REFERENCES: Final = ("tool_call_id", "tool_use_id", "toolUseId", "toolCallId", "call_id")
# The kinds of objects that are calls, by their type; and the keys that hold calls without a type.
# fmt: off
_CALL_TYPES: Final = frozenset([
    "custom_tool_call", "function", "function_call", "mcp_tool_use", "server_tool_use",
    "tool-call", "tool_use",
])
# fmt: on
_CALL_KEYS: Final = frozenset(["functionCall", "tool_calls", "toolUse"])
_RESULT_KEYS: Final = frozenset(["functionResponse"])
# What a tool takes is the user's data: a field of it that is called call_id is not a tool-call id.
_ARGUMENTS: Final = frozenset(["args", "arguments", "input", "parameters"])


def normalise_tool_ids(value: Any) -> None:
    """Replace the tool-call ids in a request's JSON body by their order of appearance, in place."""
    _Ids().visit(value, "")


class _Ids:
    def __init__(self) -> None:
        self._count = 0
        self._open: dict[str, list[str]] = {}  # an id and its calls that have no result yet
        self._last: dict[str, str] = {}

    def visit(self, value: Any, key: str) -> None:
        """Walk through a value in an order that does not depend on the order of its keys."""
        if isinstance(value, list):
            for item in value:
                self.visit(item, key)
        elif isinstance(value, dict):
            self._number(value, key)
            for name in sorted(value):
                if name != "tools" and not (name in _ARGUMENTS and isinstance(value[name], dict)):
                    self.visit(value[name], name)

    def _number(self, value: dict[str, Any], key: str) -> None:
        kind = value.get("type")
        is_call = key in _CALL_KEYS or (isinstance(kind, str) and kind in _CALL_TYPES)
        names = [*_REFERENCES, *(["id"] if is_call or key in _RESULT_KEYS else [])]
        for name in names:
            found = value.get(name)
            if isinstance(found, str) and found:
                value[name] = self._begin(found) if is_call else self._refer(found)

    def _begin(self, found: str) -> str:
        self._count += 1
        number = f"id {self._count}"
        self._open.setdefault(found, []).append(number)
        self._last[found] = number
        return number

    def _refer(self, found: str) -> str:
        if self._open.get(found):
            return self._open[found].pop(0)
        return self._last.get(found) or self._begin(found)
