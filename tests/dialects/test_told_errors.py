"""An error as each dialect's servers tell of it is read as one."""

from __future__ import annotations

import json

import pytest

from chatviz.chat.deltas import ErrorDelta
from chatviz.dialects import DIALECTS
from chatviz.dialects.base import Dialect
from chatviz.dialects.error_payloads import read_frame_error
from chatviz.wire.event_writing import write_last_event
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.wire_event import Framing

READ = [dialect for dialect in DIALECTS if dialect.manners.is_read]


@pytest.mark.parametrize("dialect", READ, ids=lambda dialect: type(dialect).__name__)
def test_it_is_read_as_an_error_with_its_message(dialect: Dialect) -> None:
    told = dialect.manners.tell_error("planted")
    framing: Framing = "aws_frames" if "Exception" in told.name else "sse"
    payload = json.dumps(told.payload).encode()
    decoder = BodyDecoder()
    body = write_last_event(framing, payload, told.name)
    (event,) = [*decoder.feed(body), *decoder.close()]
    deltas = dialect.read_event(event, json.loads(event.data))
    errors = [read_frame_error(event), *(d.error for d in deltas if isinstance(d, ErrorDelta))]
    assert "planted" in {error.message for error in errors if error is not None}
