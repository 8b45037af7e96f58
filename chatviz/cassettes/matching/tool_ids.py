"""Tool-call ids by order of appearance, since clients and providers make up new ones each time.

Every call gets a number of its own, even where two calls have the same id; a result refers to the
first call with its id that has no result yet.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from chatviz.dialects import DIALECTS

__all__ = ["normalise_tool_ids"]


def normalise_tool_ids(value: Any) -> None:
    """Replace the tool-call ids in a request's JSON body by their order of appearance, in place."""
    _Ids().visit(value, "")


class _Ids:
    """The ids of one request; where they are is what the dialects declare, all together.

    A request is compared before it is known who speaks, and gateways mix dialects.
    """

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[str, list[str]] = {}  # an id and its calls that have no result yet
        self._last: dict[str, str] = {}
        places = [dialect.manners.call_ids for dialect in DIALECTS]
        self._references = dict.fromkeys(chain(*(one.references for one in places)))
        self._call_types = frozenset(chain(*(one.call_types for one in places)))
        self._call_keys = frozenset(chain(*(one.call_keys for one in places)))
        self._result_keys = frozenset(chain(*(one.result_keys for one in places)))
        self._arguments = frozenset(chain(*(one.arguments for one in places)))
        self._id_names = dict.fromkeys(one.id_name for one in places)

    def visit(self, value: Any, key: str) -> None:
        """Walk through a value in an order that does not depend on the order of its keys."""
        if isinstance(value, list):
            for item in value:
                self.visit(item, key)
        elif isinstance(value, dict):
            self._number(value, key)
            for name in sorted(value):
                if name != "tools" and not (
                    name in self._arguments and isinstance(value[name], dict)
                ):
                    self.visit(value[name], name)

    def _number(self, value: dict[str, Any], key: str) -> None:
        kind = value.get("type")
        is_call = key in self._call_keys or (isinstance(kind, str) and kind in self._call_types)
        names = [
            *self._references,
            *(self._id_names if is_call or key in self._result_keys else ()),
        ]
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
