"""chunk_table: one row for each chunk, built from columns."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import numpy as np

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
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns
from chatviz.tables.columns.kinds import with_columns

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
    Column(
        "text",
        "string",
        "The text (of audio, too), reasoning, refusal and arguments that it brings.",
    ),
    Column("text_length", "Int64", "The length of that text as it was sent, in characters."),
)


@with_columns(CHUNK_COLUMNS)
def chunk_table(runs: Runs) -> TableColumns:
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
    given = runs_of(runs)
    if not given:
        return TableColumns(CHUNK_COLUMNS, {column.name: () for column in CHUNK_COLUMNS})
    counts = np.array([run.wire.chunk_count for run in given])
    first = np.repeat(np.cumsum(counts) - counts, counts)
    events = _joined([run.wire.chunk_events for run in given], np.int64)
    all_events = np.array([len(run.wire.starts) for run in given])
    places = events + np.repeat(np.cumsum(all_events) - all_events, counts)
    starts = _joined([run.wire.starts for run in given], np.int64)[places]
    times = _joined([run.wire.times for run in given], np.float64)[places]
    texts = [text for run, count in zip(given, counts, strict=True) for text in _texts(run, count)]
    timings = np.array([TIME_SOURCES.index(run.timing) for run in given], np.int8)
    values = {
        "run": np.repeat(np.arange(len(given)), counts),
        "chunk": np.arange(len(events)) - first,
        "event": events,
        "timing": np.repeat(timings, counts),
        "at_s": times,
        "gap_s": _gaps(given, counts, times),
        "start_byte": starts,
        "size_bytes": _ends(given, counts, places) - starts,
        "kind": _kinds(given, counts),
        "text": texts,
        "text_length": np.fromiter(map(len, texts), np.int64, len(texts)),
    }
    return TableColumns(CHUNK_COLUMNS, values)


def _joined(columns: Sequence[array[Any]], dtype: type[np.generic]) -> np.ndarray[Any, Any]:
    whole = [np.asarray(column) for column in columns]
    return np.concatenate(whole, dtype=dtype, casting="unsafe")


def _ends(
    runs: Sequence[StreamRun], counts: np.ndarray[Any, Any], places: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return where each chunk's event ends, the whole of a two-byte line break included."""
    ends: np.ndarray[Any, Any] = _joined([run.wire.ends for run in runs], np.int64)[places]
    begin = 0
    for run, count in zip(runs, counts, strict=True):
        if b"\r" in run.wire.body:
            body, own = np.frombuffer(run.wire.body, np.uint8), ends[begin : begin + count]
            inside = np.flatnonzero((own > 0) & (own < len(body)))
            at = own[inside]
            own[inside[(body[at - 1] == ord("\r")) & (body[at] == ord("\n"))]] += 1
        begin += count
    return ends


def _gaps(
    runs: Sequence[StreamRun], counts: np.ndarray[Any, Any], times: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the seconds since the chunk before in its run; a coarse clock tells none."""
    gaps = np.diff(times, prepend=np.nan)
    gaps[(np.cumsum(counts) - counts)[counts > 0]] = np.nan
    is_coarse = np.array([(run.clock_resolution_s or 0.0) >= 1 for run in runs])
    gaps[np.repeat(is_coarse, counts)] = np.nan
    return gaps


def kinds_of_chunks(run: StreamRun) -> np.ndarray[Any, Any]:
    """Return what each chunk brings, as a place in ``CHUNK_KINDS``."""
    return _kinds([run], np.array([run.wire.chunk_count]))


def _kinds(runs: Sequence[StreamRun], counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what each chunk of some runs brings, one run behind the other."""
    begins = np.cumsum(counts) - counts
    kinds = np.full(int(counts.sum()), CHUNK_KINDS.index("empty"), np.int8)
    numbers = [_KIND_NUMBERS[delta.__class__] for run in runs for delta in run.deltas.values]
    if numbers:
        sizes = [len(run.deltas.chunks) for run in runs]
        chunks = _joined([run.deltas.chunks for run in runs], np.int64) + np.repeat(begins, sizes)
        # Deltas are in the order of their chunks: of each chunk the first one begins a group.
        firsts = np.flatnonzero(np.diff(chunks, prepend=-1))
        kinds[chunks[firsts]] = np.minimum.reduceat(np.array(numbers, np.int8), firsts)
    for run, begin, count in zip(runs, begins, counts, strict=True):
        if any(map(run.answer.log.holds, _UNREADABLE)):
            _mark_unreadable(run, kinds[begin : begin + count])
    return kinds


def _texts(run: StreamRun, count: int) -> list[str]:
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
    MediaDelta: attrgetter("text"),
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
