"""chunk_table: one row for each chunk, built from columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.chat.deltas import (
    CitationDelta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns import TIME_SOURCES, Column, build_frame, with_columns
from chatviz.wire.events import Events

__all__ = ["CHUNK_KINDS", "chunk_table", "kinds_of_chunks"]

# A chunk that brings several things is named by the first of them in this list.
CHUNK_KINDS: Final = (
    "error",
    "tool_call",
    "text",
    "refusal",
    "reasoning",
    "server_tool",
    "media",
    "citation",
    "finish",
    "usage",
    "role",
    "unknown",
    "empty",
)
CHUNK_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("chunk", "Int64", "The chunk's number in the run, from 0."),
    Column("event", "Int64", "Its number among the run's events, from 0."),
    Column("timing", "category", "Whose clock at_s is.", TIME_SOURCES),
    Column(
        "at_s",
        "Float64",
        "When it was complete: seconds since the request was sent, on a provider's clock since "
        "its first stamp.",
    ),
    Column(
        "gap_s",
        "Float64",
        "Seconds since the chunk before; none from a clock that counts whole seconds.",
    ),
    Column("start_byte", "Int64", "Where its event begins in the body, in bytes from 0."),
    Column("size_bytes", "Int64", "The size of its event on the wire, line break included."),
    Column(
        "kind",
        "category",
        "What it brings; of several things the first in this list. 'unknown' is what is not "
        "modelled or no JSON, 'empty' says nothing new.",
        CHUNK_KINDS,
    ),
    Column("text", "string", "The text, reasoning, refusal and arguments that it brings, joined."),
    Column("text_length", "Int64", "The length of that text as it was sent, in characters."),
)


@with_columns(CHUNK_COLUMNS)
def chunk_table(runs: Runs) -> pd.DataFrame:
    r"""Return when each chunk came and what it brought: one row for each chunk.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        The chunks of the first run, then those of the next. Times are ``<NA>`` where no clock was
        measured or sent by the provider: then ``chunk`` is the order, and nothing else is known.
        A lone half of a character is shown as its escape, ``\udc00``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    >>> cv.chunk_table(run).groupby("kind", sort=False)["size_bytes"].agg("sum").to_dict()
    {'role': 294, 'text': 3872, 'tool_call': 10684, 'finish': 310, 'usage': 666}
    """
    parts = [_columns(number, run) for number, run in enumerate(runs_of(runs))]
    if not parts:
        return build_frame(CHUNK_COLUMNS, {column.name: () for column in CHUNK_COLUMNS})
    texts = [text for part in parts for text in part.pop("text")]
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return build_frame(CHUNK_COLUMNS, {**values, "text": texts})


def _columns(number: int, run: StreamRun) -> dict[str, Any]:
    events = np.array(run.wire.chunk_events, np.int64)
    count = len(events)
    starts, ends = _spans(run.wire, events)
    texts = _join_texts(run, count)
    times = np.array(run.wire.times)[events]
    return {
        "run": np.full(count, number),
        "chunk": np.arange(count),
        "event": events,
        "timing": np.full(count, TIME_SOURCES.index(run.timing), np.int8),
        "at_s": times,
        "gap_s": _gaps(run, times),
        "start_byte": starts,
        "size_bytes": ends - starts,
        "kind": kinds_of_chunks(run),
        "text": texts,
        "text_length": np.fromiter(map(len, texts), np.int64, count),
    }


def _spans(wire: Events, events: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Return where the events begin and end, the whole of a two-byte line break included."""
    starts = np.array(wire.starts, np.int64)[events]
    ends = np.array(wire.ends, np.int64)[events]
    body = np.frombuffer(wire.body, np.uint8)
    inside = np.flatnonzero((ends > 0) & (ends < len(body)))
    at = ends[inside]
    ends[inside[(body[at - 1] == ord("\r")) & (body[at] == ord("\n"))]] += 1
    return starts, ends


def _gaps(run: StreamRun, times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the seconds since the chunk before; a coarse clock tells none."""
    if (run.clock_resolution_s or 0.0) >= 1:
        return np.full(len(times), np.nan)
    return np.diff(times, prepend=np.nan)


def kinds_of_chunks(run: StreamRun) -> np.ndarray[Any, Any]:
    """Return what each chunk brings, as a place in ``CHUNK_KINDS``."""
    deltas, count = run.deltas.values, len(run.chunks)
    kinds = np.full(count, CHUNK_KINDS.index("empty"), np.int8)
    if count:
        found = np.array([_KIND_NUMBERS[delta.__class__] for delta in deltas], np.int8)
        np.minimum.at(kinds, np.array(run.deltas.chunks, np.int64), found)
    if any(finding.code in _UNREADABLE for finding in run.findings):
        _mark_unreadable(run, kinds)
    return kinds


def _join_texts(run: StreamRun, count: int) -> list[str]:
    texts = [""] * count
    more: defaultdict[int, list[str]] = defaultdict(list)
    for chunk, delta in zip(run.deltas.chunks, run.deltas.values, strict=True):
        read_text = _TEXTS.get(delta.__class__)
        if read_text is None:
            continue
        if not texts[chunk]:
            texts[chunk] = read_text(delta)
        else:
            more[chunk].append(read_text(delta))
    for chunk, rest in more.items():
        texts[chunk] += "".join(rest)
    return texts


def _mark_unreadable(run: StreamRun, kinds: np.ndarray[Any, Any]) -> None:
    """Mark the chunks of which nothing could be read: they are unknown, not empty."""
    unknown, empty = CHUNK_KINDS.index("unknown"), CHUNK_KINDS.index("empty")
    for chunk in np.flatnonzero(kinds == empty):
        if not isinstance(run.chunks[int(chunk)].json, dict):
            kinds[chunk] = unknown


_TEXTS: Final[Mapping[type, Callable[[Any], str]]] = {
    TextDelta: attrgetter("text"),
    ReasoningDelta: attrgetter("text"),
    RefusalDelta: attrgetter("text"),
    ToolCallDelta: attrgetter("arguments"),
}
_UNREADABLE: Final = ("not_json", "not_an_object")
_KIND_NUMBERS: Final = {
    delta: CHUNK_KINDS.index(kind)
    for delta, kind in {
        ErrorDelta: "error",
        ToolCallDelta: "tool_call",
        TextDelta: "text",
        RefusalDelta: "refusal",
        ReasoningDelta: "reasoning",
        SignatureDelta: "reasoning",
        ServerCallDelta: "server_tool",
        ServerResultDelta: "server_tool",
        MediaDelta: "media",
        CitationDelta: "citation",
        FinishDelta: "finish",
        UsageDelta: "usage",
        RoleDelta: "role",
        UnknownDelta: "unknown",
        EndDelta: "empty",
        IdentityDelta: "empty",
        NoteDelta: "empty",
    }.items()
}
