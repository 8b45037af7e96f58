"""An answer as columns: the events of the wire, the pieces of each part, usage and findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, Final

from chatviz.chat.deltas import (
    Delta,
    ErrorDelta,
    FinishDelta,
    ReasoningDelta,
    ReasoningDetailDelta,
    RefusalDelta,
    TextDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings import Finding
from chatviz.chat.usage import Usage
from chatviz.runs import StreamRun
from chatviz.views.bins import has_times
from chatviz.views.digits import write_repeats, write_steps
from chatviz.views.inspector_calls import call_columns, piece_columns
from chatviz.views.visible_text import cut_text

__all__ = ["finding_rows", "run_columns", "usage_row"]

MAX_ERROR: Final = 2_000  # characters of an error
MAX_ROWS: Final = 500  # of usage, where each chunk tells another one
FINE_EVENTS: Final = 20_000  # up to here times are told in microseconds, above in tenths of ms


def run_columns(run: StreamRun) -> dict[str, Any]:
    """Return all that a browser needs to play an answer, but for its raw bytes."""
    said = _sort_deltas(run)
    return {
        "provider": run.provider or run.host or run.dialect,
        "model": run.model or "model not named",
        "status": run.response.status,
        "ending": run.finish_reason,
        "sent": run.finish_reason_sent,
        "error": cut_text(run.error.message, MAX_ERROR) if run.error else None,
        "clock": run.timing if has_times(run) else "none",
        "step_s": run.clock_resolution_s,
        "headers_s": run.time_to_headers_s,
        "headers_by": run.response.time_source,
        "first_chunk_s": run.time_to_first_chunk_s,
        "first_token_s": run.time_to_first_token_s,
        "duration_s": run.duration_s,
        "framing": run.wire.framing,
        "events": _event_columns(run),
        "parts": _parts(run, said),
        "usage": _usage_rows(said[UsageDelta]),
        "finish": [[chunk, d.reason] for chunk, d in said[FinishDelta]][:MAX_ROWS],
        "errors": [[chunk, cut_text(d.error.message, MAX_ERROR)] for chunk, d in said[ErrorDelta]][
            :MAX_ROWS
        ],
        "unread": write_steps(sorted({chunk for chunk, _ in said[UnknownDelta]})),
        "findings": finding_rows(run.findings),
    }


def finding_rows(findings: Iterable[Finding]) -> list[list[Any]]:
    """Return findings as rows: severity, code, sentence, first and last chunk, count."""
    return [[f.severity, f.code, f.message, f.chunk, f.last_chunk, f.count] for f in findings]


def usage_row(usage: Usage | None) -> list[Any] | None:
    """Return usage as a row, the cost as the text that keeps it exact."""
    if usage is None:
        return None
    return [
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.reasoning_tokens,
        usage.total_tokens,
        None if usage.cost is None else f"{usage.cost.total_usd:f}",
    ]


_Said = defaultdict[type[Delta], list[tuple[int, Any]]]


def _sort_deltas(run: StreamRun) -> _Said:
    """Return the deltas by type, each with its chunk."""
    said: _Said = defaultdict(list)
    for chunk, delta in zip(run.deltas.chunks, run.deltas.values, strict=True):
        said[type(delta)].append((chunk, delta))
    return said


def _event_columns(run: StreamRun) -> dict[str, Any]:
    """Return where each event lies and when it came; spans follow one another without a gap."""
    wire = run.wire
    edges = [0, *wire.starts[1:], len(run.body)]
    sizes = [b - a for a, b in pairwise(edges)] if len(wire.starts) else []
    unit = 1e-6 if len(wire.times) <= FINE_EVENTS else 1e-4
    columns: dict[str, Any] = {
        "kinds": write_repeats(wire.kinds),
        "sizes": write_steps(sizes, signed=True),
    }
    if has_times(run):
        ticks = [round(at / unit) for at in wire.times]
        columns |= {"times": write_steps(ticks, signed=True), "unit_s": unit}
    return columns


def _parts(run: StreamRun, said: _Said) -> list[dict[str, Any]]:
    """Return the parts of all choices: reasoning, text and refusals, then calls."""
    return [
        *_spoken_parts(said),
        *map(call_columns, (c for m in run.messages for c in m.tool_calls)),
    ]


def _spoken_parts(said: _Said) -> Iterator[dict[str, Any]]:
    for wanted, kind in _SPOKEN:
        by_choice: dict[int, list[tuple[int, Any]]] = {}
        for chunk, delta in said[wanted]:
            by_choice.setdefault(delta.choice, []).append((chunk, delta))
        for choice, pieces in by_choice.items():
            chunks = [chunk for chunk, _ in pieces]
            texts = [d.json if kind == "signed" else d.text for _, d in pieces]
            columns = piece_columns(kind, choice, chunks, texts)
            if kind == "signed":  # encrypted, or said elsewhere as text: only its size is told
                del columns["text"]
            yield columns


_SPOKEN: Final[tuple[tuple[type[Delta], str], ...]] = (
    (ReasoningDelta, "reasoning"),
    (ReasoningDetailDelta, "signed"),
    (TextDelta, "text"),
    (RefusalDelta, "refusal"),
)


def _usage_rows(said: Sequence[tuple[int, UsageDelta]]) -> list[list[Any]]:
    """Return the usage as it changed, at most 500 times; the last one always."""
    rows: list[list[Any]] = []
    for chunk, delta in said:
        row = usage_row(delta.usage) or []
        if not rows or rows[-1][1:] != row:
            rows.append([chunk, *row])
    every = ceil(len(rows) / MAX_ROWS) or 1
    return [*rows[:-1:every], *rows[-1:]]
