"""timeline: when each chunk came and what it said, a lane for each kind of thing."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from chatviz.chat.messages import Reasoning, Refusal, Text
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.axis import Scale
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.run_headings import HeadedRun, count_words, headed_runs
from chatviz.views.timeline.bins import Bins, chunk_bins, has_times, time_bins
from chatviz.views.timeline.lanes import Lane, lanes_of
from chatviz.views.timeline.picture import LEFT, RIGHT, Panel, draw_timeline
from chatviz.views.view import View

__all__ = ["timeline"]

MAX_MARKS: Final = 500
MAX_PANELS: Final = 12


def timeline(runs: Given) -> View:
    """Show when each chunk came, and what it said.

    One panel for each answer, one under another; a lane for each kind of thing that came; a mark
    for each chunk, at its time or, where the recording holds no times, at its number. Above about
    500 marks, each sums up several chunks, and the picture says so.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its table has one row for each lane: pieces, characters, first and last chunk.
    """
    conversations = conversations_given(runs)
    headed = headed_runs(conversations)
    panels = _panels(headed)
    sentence = _sentence(panels, len(conversations))
    return View(
        sentence,
        draw_timeline(panels[:MAX_PANELS], sentence, more=max(0, len(panels) - MAX_PANELS)),
        (_table(panels),),
        tuple(finding for talk in conversations for finding in talk.findings),
        mount_film(conversations, "timeline", "findings"),
    )


def _panels(headed: Sequence[HeadedRun]) -> list[Panel]:
    """Work out what is drawn for each answer; answers with the same clock share one scale."""
    shown = headed[:MAX_PANELS]
    is_whole = sum(len(run.events) + _count_lanes(run) for run, *_ in shown) <= MAX_MARKS
    lanes = sum(_count_lanes(run) for run, *_ in shown)
    limit = 0 if is_whole else max(12, min(250, MAX_MARKS // max(lanes, 1)))
    max_calls = 12 if len(shown) <= 4 else 4
    ends: dict[str, float] = {}
    for run, *_ in headed:
        ends[_clock(run)] = max(ends.get(_clock(run), 0), _end(run))
    panels = []
    for item in headed:
        clock = _clock(item.run)
        start = -0.5 if clock == "none" else 0.0
        scale = Scale(start, max(ends[clock] + start, start + 1e-6), LEFT, RIGHT)
        bins = _bins(item.run, scale, limit)
        lanes_shown = lanes_of(item.run, bins, max_calls=max_calls)
        panels.append(Panel(item, clock, scale, bins, lanes_shown))
    return panels


def _clock(run: StreamRun) -> str:
    return run.timing if has_times(run) else "none"


def _end(run: StreamRun) -> float:
    """Return how far the axis must reach for a run: chunks, or seconds."""
    if not has_times(run):
        return len(run.chunks)
    waited = run.time_to_headers_s if run.timing == "measured" else None
    return max(run.wire.times[-1], waited or 0.0)


def _bins(run: StreamRun, scale: Scale, limit: int) -> Bins:
    """Return a bin for each chunk or time, or at most a number of equal ones."""
    if has_times(run):
        return time_bins(run, (scale.end - scale.start) / limit if limit else 0.0)
    return chunk_bins(run, ceil((scale.end - scale.start) / limit) if limit else 1)


def _count_lanes(run: StreamRun) -> int:
    """Return about how many lanes a run has, without looking at its deltas."""
    parts = [part for message in run.messages for part in message.parts]
    texts = {type(part) for part in parts if isinstance(part, Text | Reasoning | Refusal)}
    calls = len(parts) - sum(isinstance(part, Text | Reasoning | Refusal) for part in parts)
    return 2 + len(texts) + min(calls, 12)


def _table(panels: Sequence[Panel]) -> Table:
    timed = any(panel.clock != "none" for panel in panels)
    columns = ("answer", "lane", "pieces", "characters", "first chunk", "last chunk")
    rows = [
        (panel.item.place, *_row(lane), *(_times(panel, lane) if timed else ()))
        for panel in panels
        for lane in panel.lanes
    ]
    clock = ("first at (s)", "last at (s)") if timed else ()
    return Table("The lanes in numbers", (*columns, *clock), tuple(rows))


def _row(lane: Lane) -> tuple[Cell, ...]:
    characters = sum(lane.sizes) if lane.sizes else None
    return lane.label, lane.count, characters, lane.first, lane.last


def _times(panel: Panel, lane: Lane) -> tuple[Cell, ...]:
    wire = panel.item.run.wire
    if panel.clock == "none" or lane.first is None or lane.last is None:
        return None, None
    return tuple(wire.times[wire.chunk_events[chunk]] for chunk in (lane.first, lane.last))


def _sentence(panels: Sequence[Panel], talks: int) -> str:
    """Return the picture in one exact sentence."""
    totals: dict[str, list[int]] = {}
    for panel in panels:
        for lane in panel.lanes:
            total = totals.setdefault(lane.kind, [0, 0])
            total[0] += lane.count
            total[1] += sum(lane.sizes)
    told = [count_words(sum(len(p.item.run.chunks) for p in panels), "chunk")]
    for kind, noun in (("reasoning", "reasoning piece"), ("text", "text piece")):
        if kind in totals:
            pieces, characters = totals[kind]
            told.append(f"{count_words(pieces, noun)} of {count_words(characters, 'character')}")
    calls = [call for panel in panels for call in tool_calls_of(panel.item.run)]
    if calls:
        fragments = count_words(sum(len(call.fragments) for call in calls), "fragment")
        told.append(f"{count_words(len(calls), 'tool call')} in {fragments}")
    for kind, noun in (("keep-alive", "keep-alive"), ("unread", "chunk not read")):
        if kind in totals:
            told.append(count_words(totals[kind][0], noun, "chunks not read" * (kind == "unread")))
    failed = sum(p.item.run.error is not None for p in panels)
    told += [count_words(failed, "error")] if failed else []
    where = f" in {count_words(talks, 'conversation')}" if talks else ""
    return f"Timeline of {count_words(len(panels), 'answer')}{where}: {', '.join(told)}."
