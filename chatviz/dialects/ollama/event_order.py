"""The order of lines: what is said, and one line that ends it."""

from __future__ import annotations

from typing import Final

import msgspec

from chatviz.dialects.sequence import EventOrder, EventStep

__all__ = ["LINE_ORDER"]


class _Line(msgspec.Struct, gc=False):
    done: bool = False


_decode: Final = msgspec.json.Decoder(_Line).decode
_SAYS: Final = EventStep("a line")
_ENDS: Final = EventStep("done")


def read_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs of a line; None for what is no such line."""
    try:
        return _ENDS if _decode(data).done else _SAYS
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_usual(body: bytes, chunks: int) -> bool:
    """Whether all lines but the last end as those do that go on, and the last is done."""
    last = body[body.rfind(b"\n", 0, -1) + 1 :]
    return body.count(b'"done":false}\n') == chunks - 1 and b'"done":true' in last


LINE_ORDER: Final = EventOrder(
    roles={_SAYS.name: "fills", _ENDS.name: "ends"},
    read_step=read_step,
    must_begin=False,
    must_open=False,
    usual=is_usual,
)
