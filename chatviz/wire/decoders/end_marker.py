"""The data that ends a stream of server-sent events, ``[DONE]``: some send blanks around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

__all__ = ["DONE", "holds_end", "kind_of"]

DONE: Final = b"[DONE]"


def kind_of(data: bytes) -> Literal["data", "done"]:
    """Tell the end's marker from all other data."""
    is_end = data == DONE or (not data.startswith(b"{") and data.strip(b" \t") == DONE)
    return "done" if is_end else "data"


def holds_end(payloads: Sequence[bytes]) -> bool:
    """Whether one of several payloads is the marker.

    Nearly always all are JSON objects, and the least of them shows it: ``[`` and blanks sort below.
    """
    return min(payloads) < b"{" and any(kind_of(data) == "done" for data in payloads)
