"""The order of events: blocks of text open themselves, those of calls and results are started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatviz.dialects.bedrock_converse.event_order import read_step
from chatviz.dialects.sequence import ORDER_KINDS, EventStep
from chatviz.runs.run import StreamRun
from tests.dialects.bedrock_converse.events_made import (
    HEAD,
    block,
    call,
    closed,
    codes,
    event,
    opened,
    piece,
    stream,
    text,
    thought,
)
from tests.dialects.steps import assert_found_alike
from tests.wire.aws_building import frame

Read = Callable[..., StreamRun]
BEGIN = event("messageStart", role="assistant")
USE: dict[str, Any] = {"toolUse": {"toolUseId": "tooluse_a1", "name": "f"}}


@pytest.mark.parametrize(
    "blocks",
    [
        [text("Hi")],
        [thought({"text": "Hm"}), text("Hi", place=1), call("{}", place=2)],
        [block({"text": "Hi"}, {"citation": {}})],
        [frame({}, event_type="initial-response"), text("Hi")],
    ],
)
def test_a_good_stream_breaks_nothing(read: Read, blocks: list[bytes]) -> None:
    assert codes(read(stream(*blocks), HEAD)) & ORDER_KINDS.keys() == set()


@pytest.mark.parametrize(
    ("body", "breach"),
    [
        (stream(text("Hi"))[len(BEGIN) :], "event_before_start"),
        (stream(BEGIN, text("Hi")), "start_repeated"),
        (stream(text("Hi")) + text("!", place=1), "event_after_end"),
        (stream(opened(USE), opened(USE), closed()), "part_opened_twice"),
        (stream(piece({"toolUse": {"input": "{}"}})), "part_not_open"),
        (stream(piece({"toolResult": []})), "part_not_open"),
        (stream(piece({"image": {}})), "part_not_open"),
        (stream(text("Hi"), closed()), "part_not_open"),
        (stream(piece({"text": "Hi"})), "part_not_closed"),
        (stream(opened(USE)), "part_not_closed"),
        (stream(text("Hi"), stop=""), "end_missing"),
    ],
)
def test_a_breach_of_the_order_is_found(read: Read, body: bytes, breach: str) -> None:
    run = read(body, HEAD)
    assert codes(run) & ORDER_KINDS.keys() == {breach}
    assert_found_alike(run)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"contentBlockIndex":"x"}', b"\xff", b'{"a":' + b"[" * 99_999]
)
def test_what_is_no_event_of_a_block_has_no_step(data: bytes) -> None:
    assert read_step(data, b"contentBlockDelta") is None


def test_other_events_have_no_part() -> None:
    assert read_step(b"odd", b"messageStop") == EventStep("messageStop")
    assert read_step(b"{}", b"contentBlockStop") == EventStep("contentBlockStop", 0)
