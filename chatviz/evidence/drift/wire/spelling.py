"""How a body is spelled around its data: the fields of its lines, and their ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatviz.runs.run import StreamRun

__all__ = ["spellings"]

_LINE: Final = re.compile(
    rb"^(?:(data|event|id|retry)(: ?|(?=[\r\n]))|(:)|([^\r\n]))?+[^\r\n]*(\r\n|\n|\r)", re.MULTILINE
)
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_ENDS: Final = {b"\r\n": "CR LF", b"\n": "LF", b"\r": "CR"}


def spellings(run: StreamRun) -> list[str]:
    """Return, in words, each way in which a body is spelled; comments, which keep alive, are free.

    Returns
    -------
    list of str
        Such as ``"lines end with LF"``, ``"'data:' with a space"``; in a fixed order. Other
        framings than lines have one spelling.
    """
    if run.framing == "sse":
        return sorted(set(_of_fields(run.body)))
    ends = set(_LINE_END.findall(run.body)) if run.framing == "json_lines" else ()
    return sorted(f"lines end with {_ENDS[end]}" for end in ends)


def _of_fields(body: bytes) -> Iterator[str]:
    for field, sign, comment, other, end in set(_LINE.findall(body)):
        if comment:
            continue
        yield f"lines end with {_ENDS[end]}"
        if field:
            space = "a space" if sign.endswith(b" ") else "no space"
            yield f"'{field.decode()}:' with {space}" if sign else f"'{field.decode()}' alone"
        elif other:
            yield "lines that are no fields of an event"
