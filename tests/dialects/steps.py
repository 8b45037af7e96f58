"""What is read of an event at a glance, held against what is read of it for its order alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatviz.chat.deltas import Delta
from chatviz.chat.findings.log import FindingLog
from chatviz.dialects.sequence import ORDER_KINDS, EventOrder, EventStep, Said, check_order
from chatviz.runs.run import StreamRun
from chatviz.wire.wire_event import WireEvent

__all__ = ["assert_found_alike", "without_step"]


def without_step(said: Said, order: EventOrder, event: WireEvent) -> Sequence[Delta]:
    """Return the deltas alone; their step must be the one that is read for the order alone."""
    deltas: list[Any] = list(said)
    step = order.read_step(event.data, event.name)
    told = deltas.pop() if deltas and isinstance(deltas[-1], EventStep) else None
    is_free = step is None or (order.roles.get(step.name, "free") == "free" and not step.number)
    assert told == step or (told is None and is_free)
    return deltas


def assert_found_alike(run: StreamRun) -> None:
    """Check that what was found while the events came is what is found when they are read again."""
    order = run.spoken.order
    assert order is not None and order.is_told and run.is_order_watched
    log = FindingLog()
    for chunk, note in check_order(order, run.wire.chunk_data()):
        log.take(note, chunk)
    breaches = [one for one in run.findings if one.code in ORDER_KINDS.keys() - {"end_missing"}]
    assert breaches == [*log.findings(ORDER_KINDS)]
