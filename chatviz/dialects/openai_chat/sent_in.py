"""Where a delta or a message was sent: what names its fields in findings, and tells its parts."""

from __future__ import annotations

from typing import NamedTuple

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
    """

    choice: int
    where: str
    start: int = 0
    whole: bool = False
