"""The error event of a planted fault, as a server of the recording's own dialect would send it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatviz.cassettes.cassette import Interaction
from chatviz.cassettes.reading import read_interaction
from chatviz.transports.playing.faults import Fault, SendError
from chatviz.wire.event_writing import write_last_event
from chatviz.wire.json_text import dump_json

__all__ = ["in_its_dialect"]


def in_its_dialect(faults: Iterable[Fault], interaction: Interaction) -> tuple[Fault, ...]:
    """Return faults whose error events are those of an answer's dialect, framed as it is.

    An event that was given stays.
    """
    return tuple(
        _spoken(fault, interaction) if isinstance(fault, SendError) and not fault.event else fault
        for fault in faults
    )


def _spoken(fault: SendError, interaction: Interaction) -> SendError:
    run = read_interaction(interaction)
    told = run.spoken.manners.tell_error(fault.message)
    payload = dump_json(told.payload).encode()
    return replace(fault, event=write_last_event(run.framing, payload, told.name))
