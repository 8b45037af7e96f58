"""Which chat a notebook's cell has made, so that running the cell again closes it."""

from __future__ import annotations

import sys
from typing import Any, Protocol

__all__ = ["close_earlier", "name_cell"]


class _Closes(Protocol):
    def close(self) -> None:
        """End what is going on."""


# By the cell: the execution that made the chats, and the chats.
_CHATS: dict[str, tuple[str, list[_Closes]]] = {}


def close_earlier(chat: _Closes) -> None:
    """Close the chats that the same cell made when it was run before.

    Where a front end does not name its cells nothing is closed; a turn ends by itself.
    """
    cell, execution = name_cell()
    if not cell:
        return
    known, chats = _CHATS.get(cell, ("", []))
    if known != execution:
        for earlier in chats:
            earlier.close()
        chats = []
    _CHATS[cell] = (execution, [*chats, chat])


def name_cell() -> tuple[str, str]:
    """Return the cell that is running and its execution; '' where that is not known."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    read_parent = getattr(getattr(shell, "kernel", None), "get_parent", None)
    parent: dict[str, Any] = (read_parent() if read_parent else None) or {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return str(cell or ""), str(parent.get("header", {}).get("msg_id", ""))
