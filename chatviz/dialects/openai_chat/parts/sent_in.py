"""Where a delta or a message was sent: what names its fields in findings, and tells its parts."""

from __future__ import annotations

from typing import NamedTuple

from chatviz.wire.json_text import slice_json

__all__ = ["SentIn"]


class SentIn(NamedTuple):
    """Where a delta or a message was sent.

    Attributes
    ----------
    choice : int
        The choice that it is of.
    where : str
        Its path in the JSON of its event.
    start : int
        Where its event begins in the body: it tells parts that have no key of their own.
    whole : bool
        Whether it is the message of an answer that was not streamed.
    data : bytes
        The JSON text of its event.
    path : tuple of str or int
        Where in that text it is.
    """

    choice: int
    where: str
    start: int = 0
    whole: bool = False
    data: bytes = b""
    path: tuple[str | int, ...] = ()

    def spell(self, *inner: str | int, value: object) -> str:
        """Return the JSON text of a value inside it, in the spelling in which it was sent."""
        return slice_json(self.data, (*self.path, *inner), value)
