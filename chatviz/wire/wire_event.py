"""One event of the wire, which every decoder gives, and the words for its kind and framing."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["EventKind", "Framing", "WireEvent"]

EventKind = Literal["data", "done", "comment", "fields", "unfinished"]
Framing = Literal["sse", "json", "json_lines", "json_array", "aws_frames", "opaque", "unknown"]


class WireEvent(msgspec.Struct, frozen=True, gc=False):
    """One event, and where it lies in the body.

    Attributes
    ----------
    kind : str
        ``"data"``; ``"done"`` (its data is ``[DONE]``); ``"comment"`` (a keep-alive); ``"fields"``
        (lines that by the standard dispatch nothing: an ``id:``, an ``event:`` without data,
        an unknown field); ``"unfinished"`` (the body ended inside it).
    start, end : int
        Its span in the body, through the byte that ended it: the LF of a last CRLF, which may come
        only later, lies outside.
    data : bytes
        The joined data lines; a comment's text; a value of JSON; a frame's payload; an unfinished
        event's data so far.
    name : bytes
        The ``event:`` field; what the headers of a frame name (see ``AWSFrameDecoder``).
    flaw : str
        What is wrong with a frame (see ``AWSFrameDecoder``), ``""`` where nothing is.
    """

    kind: EventKind
    start: int
    end: int
    data: bytes
    name: bytes = b""
    flaw: str = ""
