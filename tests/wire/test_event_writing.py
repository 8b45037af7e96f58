"""Events as bytes: read again they are what was written."""

from __future__ import annotations

import pytest

from chatviz.wire.event_writing import write_last_event
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.wire_event import Framing

PAYLOAD = b'{"error":{"message":"gone"}}'
BEFORE: dict[Framing, bytes] = {
    "sse": b'data: {"a":1}\n\n',
    "json_lines": b'{"a":1}\n{"a":2}\n',
    "json_array": b'[{"a":1},',
    "json": b"",
    "aws_frames": b"",
}


@pytest.mark.parametrize("framing", BEFORE)
@pytest.mark.parametrize("name", ["", "broken"])
def test_what_is_written_is_read_again(framing: Framing, name: str) -> None:
    decoder = BodyDecoder()
    body = BEFORE[framing] + write_last_event(framing, PAYLOAD, name)
    events = [*decoder.feed(body), *decoder.close()]
    assert decoder.framing == framing
    last = events[-1]
    assert (last.data, last.kind, last.flaw) == (PAYLOAD, "data", "")
    named = {"sse": name.encode(), "aws_frames": b"exception/" + name.encode()}
    assert last.name == named.get(framing, b"")


def test_what_is_not_known_is_framed_as_most_are() -> None:
    assert write_last_event("unknown", PAYLOAD) == b"data: " + PAYLOAD + b"\n\n"
