"""The timeline's picture: panels of lanes, each on its axis, with what the marks mean in words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chatviz.views.drawing.axis import Scale
from chatviz.views.drawing.palette import BLUE, CALLS, GREY, INK, MUTED, PURPLE, RULE
from chatviz.views.drawing.svg import Svg, format_number
from chatviz.views.drawing.text import fit_text, measure_text, wrap_text
from chatviz.views.run_headings import (
    HeadedRun,
    count_words,
    say_seconds,
    server_caption,
    wait_caption,
)
from chatviz.views.timeline.bins import Bins
from chatviz.views.timeline.lanes import Lane, LaneKind

__all__ = ["LEFT", "RIGHT", "Panel", "draw_timeline"]

WIDTH: Final = 720
MARGIN: Final = 14
LEFT: Final = 178  # the lanes begin here, their labels end before
RIGHT: Final = WIDTH - 18
LANE: Final = 25
TALLEST: Final = 19

_COLOURS: Final[dict[LaneKind, str]] = {
    "keep-alive": GREY,
    "silent": GREY,
    "unread": MUTED,
    "reasoning": PURPLE,
    "signed": PURPLE,
    "text": BLUE,
    "citation": BLUE,
    "refusal": INK,
    "server_call": GREY,
    "server_result": GREY,
    "media": GREY,
}
_ENDS: Final[dict[LaneKind, str]] = {"finish": "▼ finish", "usage": "◆ usage", "error": "× error"}


@dataclass(frozen=True, slots=True)
class Panel:
    """What is drawn of one answer."""

    item: HeadedRun
    clock: str
    scale: Scale
    bins: Bins
    lanes: Sequence[Lane]

    @property
    def tallest(self) -> int:
        """The most characters that one mark stands for."""
        return max((size for lane in self.lanes for size in lane.sizes), default=0)


def draw_timeline(panels: Sequence[Panel], title: str, *, more: int = 0) -> str:
    """Draw panels one under another; ``more`` answers are only in the table."""
    svg = Svg(WIDTH)
    y = 10.0
    for panel in panels:
        y = _draw_panel(svg, panel, y)
    if not panels:
        y = _draw_note(svg, "There are no answers to show.", y)
    if more:
        y = _draw_note(svg, f"{count_words(more, 'more answer')} in the table only.", y)
    return svg.finish(round(y), title)


def _draw_note(svg: Svg, note: str, y: float) -> float:
    svg.text(MARGIN, y + 16, note, fill=MUTED)
    return y + 28


def _draw_panel(svg: Svg, panel: Panel, y: float) -> float:
    """Draw one answer from y down; return where it ends."""
    svg.text(
        MARGIN, y + 16, fit_text(panel.item.heading, WIDTH - 2 * MARGIN, 14), size=13, bold=True
    )
    y += 26
    error = panel.item.run.error
    if error is not None:
        svg.text(MARGIN, y + 13, fit_text(f"× {error.message}", WIDTH - 2 * MARGIN, 12))
        y += 20
    if not panel.bins.largest:
        return _draw_note(svg, "No chunk came.", y - 4)
    y = _draw_server_time(svg, panel, _draw_wait(svg, panel, y))
    for lane in panel.lanes:
        if lane.kind not in _ENDS:
            _draw_lane(svg, panel, lane, y)
            y += LANE
    ends = [lane for lane in panel.lanes if lane.kind in _ENDS]
    if ends:
        _draw_ends(svg, panel, ends, y)
        y += LANE
    return _draw_axis(svg, panel, y)


def _draw_wait(svg: Svg, panel: Panel, y: float) -> float:
    """Draw the wait for the headers, where the axis is the clock that measured it."""
    waited = panel.item.run.time_to_headers_s
    if panel.clock != "measured" or waited is None:
        return y
    _draw_label(svg, "wait for headers", y)
    end = panel.scale.place(waited)
    steps = [f"M{format_number(LEFT)} {format_number(y + 14)}H{format_number(end)}m0 -5v10"]
    svg.path(steps, stroke=GREY, width=2)
    words = say_seconds(waited)
    fits_behind = end + 60 < RIGHT
    if fits_behind:
        svg.text(end + 6, y + 18, words, fill=MUTED)
    else:
        svg.text(end - 8, y + 10, words, fill=MUTED, anchor="end")
    return y + LANE


def _draw_server_time(svg: Svg, panel: Panel, y: float) -> float:
    """Draw the server's own total as a bracket, on an axis that is the server's own clock.

    It ends where the last chunk is stamped; what came before the first one has no place on the
    axis, and is said.
    """
    total = next((one for one in panel.item.run.server_timing if one.measure == "total"), None)
    if panel.clock != "provider_clock" or total is None or (total.resolution_s or 0) >= 1:
        return y
    _draw_label(svg, "the server's total", y)
    stamps = panel.item.run.wire.times
    ends = max(stamps[-1] - total.seconds, 0.0), stamps[-1]
    start, end = (format_number(panel.scale.place(at)) for at in ends)
    svg.path([f"M{start} {format_number(y + 10)}v5H{end}v-5"], stroke=GREY, width=2)
    before = total.seconds - (stamps[-1] - stamps[0])
    words = f"{say_seconds(total.seconds)}, {say_seconds(before)} of it before the first chunk"
    svg.text(
        float(start) + 4, y + 9, words if before > 0 else say_seconds(total.seconds), fill=MUTED
    )
    return y + LANE


def _draw_label(svg: Svg, label: str, y: float) -> None:
    svg.text(LEFT - 10, y + 18, fit_text(label, LEFT - 10 - MARGIN, 12), anchor="end")


def _draw_lane(svg: Svg, panel: Panel, lane: Lane, y: float) -> None:
    _draw_label(svg, lane.label, y)
    if lane.kind == "head start":
        _draw_head_starts(svg, panel, lane, y + 14)
        return
    floor = y + 22
    svg.path([f"M{LEFT} {format_number(floor + 0.5)}H{RIGHT}"], stroke=RULE)
    colour = _COLOURS.get(lane.kind) or CALLS[_call_number(panel, lane) % len(CALLS)]
    svg.path(_bars(panel, lane, floor), stroke=colour, width=_bar_width(panel))


def _draw_head_starts(svg: Svg, panel: Panel, lane: Lane, y: float) -> None:
    """Draw a mark where a tool could have started, and a line from there to the last chunk."""
    bins, place = panel.bins, panel.scale.place
    end = format_number(place(bins.centres[bisect_left(bins.chunks, bins.chunks[-1]) - 1]))
    pairs = zip(bins.centres, lane.counts, strict=True)
    starts = [format_number(place(centre)) for centre, count in pairs if count]
    top = format_number(y - 4.5)
    line = f"M{starts[0]} {format_number(y - 0.5)}H{end}v1H{starts[0]}z"
    svg.path([line, *(f"M{x} {top}l8 4.5l-8 4.5z" for x in starts)], fill=INK)


def _call_number(panel: Panel, lane: Lane) -> int:
    return [other for other in panel.lanes if other.kind == "call"].index(lane)


def _bars(panel: Panel, lane: Lane, floor: float) -> Iterator[str]:
    """Yield a stroke for each mark, as high as its characters are many."""
    place = panel.scale.place
    shift = -panel.scale.step_px / 2 if lane.kind == "keep-alive" and panel.clock == "none" else 0
    tallest = panel.tallest or 1
    base = format_number(floor)
    for number, count in enumerate(lane.counts):
        if count:
            size = lane.sizes[number] if lane.sizes else 0
            height = max(2.0, TALLEST * size / tallest) if lane.sizes else 6.0
            x = format_number(place(panel.bins.centres[number]) + shift)
            yield f"M{x} {base}v-{format_number(height)}"


def _bar_width(panel: Panel) -> float:
    centres = panel.bins.centres
    if panel.clock != "none" and panel.bins.largest <= 1:
        return 2.0
    gap = centres[1] - centres[0] if len(centres) > 1 else 1.0
    return max(1.0, min(9.0, 0.75 * gap * panel.scale.step_px))


def _draw_ends(svg: Svg, panel: Panel, lanes: Sequence[Lane], y: float) -> None:
    """Draw finish, usage and error: few, each by its own shape."""
    _draw_label(svg, "  ".join(_ENDS[lane.kind] for lane in lanes), y)
    svg.path([f"M{LEFT} {format_number(y + 22.5)}H{RIGHT}"], stroke=RULE)
    for lane in lanes:
        xs = [
            format_number(panel.scale.place(centre))
            for centre, count in zip(panel.bins.centres, lane.counts, strict=True)
            if count
        ]
        top = format_number(y + 3)
        low = format_number(y + 12)
        if lane.kind == "finish":
            svg.path((f"M{x} {low}l-4.5 -8.5h9z" for x in xs), fill=INK)
        elif lane.kind == "usage":
            svg.path((f"M{x} {low}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" for x in xs), fill=INK)
        else:
            svg.path((f"M{x} {top}m-4 0l8 8m0 -8l-8 8" for x in xs), stroke=INK, width=2)


def _draw_axis(svg: Svg, panel: Panel, y: float) -> float:
    """Draw the axis, what it says, and what the marks mean; return where the panel ends."""
    ticks = panel.scale.ticks(whole=panel.clock == "none")
    y += 4
    strokes = (
        f"M{format_number(panel.scale.place(value))} {format_number(y)}v5" for value, _ in ticks
    )
    svg.path([f"M{LEFT} {format_number(y)}H{RIGHT}", *strokes], stroke=MUTED)
    for value, words in ticks:
        _draw_tick(svg, panel.scale.place(value), y + 18, words)
    y += 36
    svg.text(LEFT, y, _axis_title(panel))
    captions = list(_captions(panel))
    joined = " · ".join(captions)
    fits = measure_text(joined, 12) <= RIGHT - LEFT
    lines = [line for text in captions for line in wrap_text(text, RIGHT - LEFT, 12)]
    for line in [joined] if fits else lines:
        y += 17
        svg.text(LEFT, y, line, fill=MUTED)
    return y + 20


def _draw_tick(svg: Svg, x: float, y: float, words: str) -> None:
    """Write a number under its tick; the last one ends where the axis ends, if it must."""
    sticks_out = x + measure_text(words, 12) / 2 > WIDTH - 6
    svg.text(x, y, words, anchor="end" if sticks_out else "middle", fill=MUTED)


def _axis_title(panel: Panel) -> str:
    if panel.clock == "measured":
        return "seconds since the request was sent (measured)"
    if panel.item.run.response.time_source == "simulated":
        return "chunk number (played at a simulated pace: no recorded times)"
    if panel.clock == "none":
        return "chunk number (the recording holds no times)"
    step = panel.item.run.clock_resolution_s
    steps = "" if step is None else f", in steps of {'1 µs' if step == 1e-6 else f'{step:g} s'}"
    return f"seconds since the provider's first stamp (its clock{steps})"


def _captions(panel: Panel) -> Iterator[str]:
    """Yield what the picture cannot say by itself."""
    if panel.tallest:
        yield f"height: size of text, up to {count_words(panel.tallest, 'character')}"
    if panel.bins.largest > 1:
        why = " of about the same time" if panel.clock != "none" else ""
        yield f"one mark for up to {count_words(panel.bins.largest, 'chunk')}{why}"
    waited = wait_caption(panel.item.run)
    if waited and panel.clock != "measured":
        yield waited
    yield from (_say_head_start(panel, lane) for lane in panel.lanes if lane.kind == "head start")
    if told := server_caption(panel.item.run):
        yield told
    if not panel.tallest and panel.bins.largest <= 1 and not waited:
        yield count_words(len(panel.item.run.chunks), "chunk")


def _say_head_start(panel: Panel, lane: Lane) -> str:
    """Say how much the first of the tools could have been earlier."""
    run, first = panel.item.run, lane.first or 0
    times, events = run.wire.times, run.wire.chunk_events
    is_timed = panel.clock != "none"
    early = (
        say_seconds(times[events[-1]] - times[events[first]])
        if is_timed
        else count_words(len(events) - 1 - first, "chunk")
    )
    return f"▶ up to {early} before the end"
