"""An answer as columns: the events of the wire, the pieces of each part, usage and findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, Final, TypeAlias

from chatviz.chat.assembly.counted import AnswerUsage
from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    ErrorDelta,
    FinishDelta,
    MediaDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import Finding, FindingLog
from chatviz.chat.manners import Manners
from chatviz.chat.messages import ToolCall
from chatviz.chat.usage import Usage
from chatviz.runs.choices import finish_reasons, finish_reasons_sent, say_by_choice
from chatviz.runs.pieces import PartPieces, PieceFinder
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.base46 import write_repeats, write_steps
from chatviz.views.drawing.text import cut_text
from chatviz.views.inspector.calls import call_columns, piece_columns
from chatviz.views.timeline.bins import has_times

__all__ = [
    "TOLD_BY_SIZE",
    "DeltasByType",
    "error_rows",
    "finding_rows",
    "finish_rows",
    "heading_columns",
    "outcome_columns",
    "piece_kind",
    "placed_calls",
    "run_columns",
    "sort_deltas",
    "told_of_part",
    "unread_chunks",
    "usage_row",
    "usage_rows",
]

MAX_ERROR: Final = 2_000  # characters of an error
_NOT_SAID: Final = "no finish reason"
MAX_ROWS: Final = 500  # of usage, where each chunk tells another one
FINE_EVENTS: Final = 20_000  # up to here times are sent in microseconds, above in tenths of ms


def run_columns(run: StreamRun) -> dict[str, Any]:
    """Return all that a browser needs to play an answer, but for its raw bytes."""
    said = sort_deltas(run.deltas.chunks, run.deltas.values)
    calls = [call_columns(call, place) for call, place in placed_calls(run)]
    return {
        **outcome_columns(run, said),
        "framing": run.wire.framing,
        "events": _event_columns(run),
        "parts": [*_spoken_parts(run), *calls],
        "unread": write_steps(unread_chunks(said)),
    }


def placed_calls(run: StreamRun) -> Iterator[tuple[ToolCall, int]]:
    """Yield each call, and where it is in its message."""
    for message in run.messages:
        for place, part in enumerate(message.parts):
            if isinstance(part, ToolCall):
                yield part, place


def outcome_columns(run: StreamRun, said: DeltasByType) -> dict[str, Any]:
    """Return what is known of an answer when it has ended, but for its parts."""
    return {
        **heading_columns(run),
        "ending": say_by_choice(run, finish_reasons(run), _NOT_SAID),
        "sent": say_by_choice(run, finish_reasons_sent(run), _NOT_SAID),
        "error": cut_text(run.error.message, MAX_ERROR) if run.error else None,
        "clock": run.timing if has_times(run) else "none",
        "step_s": run.clock_resolution_s,
        "duration_s": run.duration_s,
        "server_s": [[one.measure.replace("_", " "), one.seconds] for one in run.server_timing],
        "usage": usage_rows(said, run.spoken.manners),
        "finish": finish_rows(said),
        "errors": error_rows(said),
        "findings": finding_rows(run.findings),
    }


def heading_columns(run: StreamRun) -> dict[str, Any]:
    """Return what is known of an answer when it has begun."""
    return {
        "provider": run.provider or run.host or run.dialect,
        "model": run.model or "model not named",
        "is_read": run.spoken.manners.is_read,
        "status": run.response.status,
        "headers_s": run.time_to_headers_s,
        "headers_by": run.response.time_source,
        "first_chunk_s": run.time_to_first_chunk_s,
        "first_token_s": run.time_to_first_token_s,
        "line_at": _line_at(run),
    }


def _line_at(run: StreamRun) -> list[float] | None:
    """Return the line on the axis of time, its begin and its length: whose clock, that one's word.

    Where we measured it is the wait for the headers, on a server's clock the server's own total,
    which ends with the last chunk.
    """
    if run.timing == "measured":
        return [0.0, run.time_to_headers_s] if run.time_to_headers_s else None
    total = next((one.seconds for one in run.server_timing if one.measure == "total"), None)
    if run.timing != "provider_clock" or not total or (run.clock_resolution_s or 0.0) >= 1:
        return None
    end = run.wire.times[-1]
    start = max(end - total, 0.0)
    return [start, end - start]


def finding_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as rows with named columns."""
    names = ("severity", "code", "message", "chunk", "last_chunk", "count")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


def usage_row(usage: Usage | None) -> dict[str, Any] | None:
    """Return usage as a row, the cost as the text that keeps it exact.

    The names are those of the columns that a pane shows, in their order.
    """
    if usage is None:
        return None
    made = usage.cache_creation_tokens
    return {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cached": usage.cache_read_tokens,
        **({} if made is None else {"newly cached": made}),
        "reasoning": usage.reasoning_tokens,
        "total": usage.total_tokens,
        "USD": None if usage.cost is None else f"{usage.cost.total_usd:f}",
    }


DeltasByType: TypeAlias = Mapping[type[Delta], tuple[Sequence[int], Sequence[Any]]]
"""Deltas by type: the chunk of each, and the deltas."""


def sort_deltas(chunks: Sequence[int], values: Sequence[Delta]) -> DeltasByType:
    """Return deltas by type; where all are of one, without looking at each."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return {kinds.pop(): (chunks, values)}
    said: dict[type[Delta], tuple[list[int], list[Any]]] = {kind: ([], []) for kind in kinds}
    for chunk, delta in zip(chunks, values, strict=True):
        places, kept = said[type(delta)]
        places.append(chunk)
        kept.append(delta)
    return said


def piece_kind(grown: PartPieces) -> str:
    """Return how a browser names what filled a part."""
    return _KINDS[grown.said_as]


def told_of_part(grown: PartPieces) -> dict[str, Any]:
    """Return which part grew: its place in the message, and the name and id that it has."""
    told: dict[str, Any] = {"choice": grown.choice, "place": grown.place}
    if grown.said_as in _NAMED:
        part = grown.part
        told |= {"name": part.name or part.type, "id": part.id}
    return told


def _event_columns(run: StreamRun) -> dict[str, Any]:
    """Return where each event lies and when it came; spans follow one another without a gap."""
    wire = run.wire
    edges = [0, *wire.starts[1:], len(run.body)]
    sizes = [b - a for a, b in pairwise(edges)] if len(wire.starts) else []
    columns: dict[str, Any] = {
        "kinds": write_repeats(wire.kinds),
        "sizes": write_steps(sizes, signed=True),
    }
    if has_times(run):
        unit, per_s = (1e-6, 1e6) if len(wire.times) <= FINE_EVENTS else (1e-4, 1e4)
        ticks = [round(at * per_s) for at in wire.times]
        columns |= {"times": write_steps(ticks, signed=True), "unit_s": unit}
    return columns


def _spoken_parts(run: StreamRun) -> Iterator[dict[str, Any]]:
    finder = PieceFinder(run.spoken.manners)
    for grown in finder.take(run.deltas.chunks, run.deltas.values, run.answer.choices):
        kind = piece_kind(grown)
        columns = piece_columns(kind, grown.choice, grown.chunks, grown.texts)
        if kind in TOLD_BY_SIZE:
            del columns["text"]
        yield {**columns, **told_of_part(grown)}


def usage_rows(
    said: DeltasByType, manners: Manners, counted: AnswerUsage | None = None
) -> list[dict[str, Any]]:
    """Return the usage as it changed, at most 500 times; the last one always.

    Where it comes in fields, each row is what was known then: what came before goes on.
    """
    counted, log = AnswerUsage() if counted is None else counted, FindingLog()
    rows: list[dict[str, Any]] = []
    for chunk, delta in _pairs(said, UsageDelta):
        counted.take(delta, chunk, log)
        row = {"chunk": chunk, **(usage_row(counted.known(manners.read_usage)) or {})}
        if not rows or rows[-1] | {"chunk": chunk} != row:
            rows.append(row)
    every = ceil(len(rows) / MAX_ROWS) or 1
    return [*rows[:-1:every], *rows[-1:]]


def finish_rows(said: DeltasByType) -> list[list[Any]]:
    """Return the finish reasons that were sent."""
    return [[chunk, delta.reason] for chunk, delta in _pairs(said, FinishDelta)][:MAX_ROWS]


def error_rows(said: DeltasByType) -> list[list[Any]]:
    """Return the errors that were sent."""
    pairs = list(_pairs(said, ErrorDelta))[:MAX_ROWS]
    return [[chunk, cut_text(delta.error.message, MAX_ERROR)] for chunk, delta in pairs]


def unread_chunks(said: DeltasByType) -> list[int]:
    """Return the chunks in which anything is not modelled."""
    return sorted({chunk for chunk, _ in _pairs(said, UnknownDelta)})


def _pairs(said: DeltasByType, wanted: type[Delta]) -> Iterator[tuple[int, Any]]:
    chunks, values = said.get(wanted, ((), ()))
    return zip(chunks, values, strict=True)


_KINDS: Final[Mapping[type[Delta], str]] = {
    ReasoningDelta: "reasoning",
    SignatureDelta: "signed",
    TextDelta: "text",
    CitationDelta: "citation",
    RefusalDelta: "refusal",
    ServerCallDelta: "server_call",
    ServerResultDelta: "server_result",
    MediaDelta: "media",
}
_NAMED: Final = frozenset({ServerCallDelta, ServerResultDelta, MediaDelta})
TOLD_BY_SIZE: Final = frozenset({"signed", "media"})
"""What is no text for people: encrypted, or an image; only its size is shown."""
