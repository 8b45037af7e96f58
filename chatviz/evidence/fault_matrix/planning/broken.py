"""A recording as a client saw it: with one answer broken by a fault, which may then be asked again.

It holds the same bytes as were played, so it can be read, saved, and played without faults.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from itertools import accumulate

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata, TimeSource
from chatviz.cassettes.reading import read_interaction
from chatviz.evidence.fault_matrix.planning.plan import FaultCase
from chatviz.runs.run import StreamRun
from chatviz.transports.playing.error_events import in_its_dialect
from chatviz.transports.playing.planned_answer import PlannedAnswer, answer_with
from chatviz.transports.playing.striking import apply_faults, refusal

__all__ = ["break_cassette", "planned_answer", "read_broken", "read_unbroken"]


def planned_answer(cassette: Cassette, case: FaultCase) -> PlannedAnswer:
    """Return the answer that the fault makes."""
    refused = refusal([case.fault], case.interaction, 0)
    if refused is not None:
        return refused
    whole = cassette.interactions[case.interaction]
    faults = in_its_dialect([case.fault], whole)
    return apply_faults(answer_with(whole), faults, case.interaction)


def break_cassette(cassette: Cassette, case: FaultCase) -> Cassette:
    """Return the recording with the broken answer in its place, and the whole one at the end."""
    whole = cassette.interactions[case.interaction]
    interactions = list(cassette.interactions)
    interactions[case.interaction] = replace(
        whole, response=_response(planned_answer(cassette, case), whole.response)
    )
    return replace(cassette, interactions=(*interactions, whole), path=None)


def read_broken(cassette: Cassette, case: FaultCase) -> StreamRun:
    """Read the broken answer."""
    return _read(cassette, case.interaction, planned_answer(cassette, case))


def read_unbroken(cassette: Cassette, interaction: int) -> StreamRun:
    """Read an answer as it is played without a fault: at once, without the times it was recorded.

    What differs from it in a broken answer comes of the fault alone.
    """
    return _read(cassette, interaction, answer_with(cassette.interactions[interaction]))


def _read(cassette: Cassette, interaction: int, answer: PlannedAnswer) -> StreamRun:
    whole = cassette.interactions[interaction]
    played = Interaction(whole.request, _response(answer, whole.response), whole.id, whole.extra)
    return read_interaction(played, number=interaction, source=cassette.path or "")


def _response(answer: PlannedAnswer, whole: RecordedResponse) -> RecordedResponse:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in answer.headers:
        headers[name] = (*headers.get(name, ()), value)
    reason = answer.reason or _REASONS.get(answer.status, "")
    return RecordedResponse(
        answer.status,
        f"{answer.status} {reason}".strip(),
        headers,
        b"".join(piece.data for piece in answer.pieces),
        proto=whole.proto,
        proto_major=whole.proto_major,
        proto_minor=whole.proto_minor,
        content_length=-1,
        uncompressed=whole.uncompressed,
        metadata=_metadata(answer),
    )


def _metadata(answer: PlannedAnswer) -> RecordingMetadata | None:
    """Return when the pieces come, where one is held back, and why the connection breaks."""
    pieces: Iterable[tuple[int, int]] = ()
    if answer.waits:
        times = accumulate(piece.pause_ns for piece in answer.pieces)
        pieces = zip((len(piece.data) for piece in answer.pieces), times, strict=True)
    if not answer.waits and not answer.breaks:
        return None
    clock: TimeSource = "simulated" if answer.waits else "none"
    return RecordingMetadata(clock=clock, pieces=tuple(pieces), cut_short=answer.breaks)


_REASONS = {status.value: status.phrase for status in HTTPStatus}
