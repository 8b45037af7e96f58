"""pace: how much had come by when, the pauses marked, several answers on one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatviz.runs.conversation import Conversation
from chatviz.runs.timing.gaps import Gap
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.pace.picture import MAX_LINES, draw_pace, say_axis
from chatviz.views.pace.series import PERCENTILES, Series, has_pace, percentile_of, series_of
from chatviz.views.page_module import Mount
from chatviz.views.run_headings import HeadedRun, count_words, headed_runs, say_seconds
from chatviz.views.view import View

__all__ = ["PACE_PANES", "pace"]

PACE_PANES = ("header", "player", "pace")

PACE_CODES = ("stall", "silent_start", "burst", "faked_stream", "coarse_clock", "no_clock")


def pace(runs: Given) -> View:
    """Show how fast answers came: characters by time, and where each stood still.

    Characters are those of text, reasoning, refusals and arguments; how many tokens a chunk brings
    no provider says. A pause is marked as ``cv.gap_table`` counts it: longer than 1 s, and than 5
    times the median of the other gaps. Where one of the answers has no times, or only whole
    seconds, all are drawn by the number of their chunks, and the picture says why.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its table has one row for each answer: chunks, characters, seconds from the first chunk to
        the last, characters per second behind the first chunk, and percentiles of the gaps
        between chunks (linear between two, as ``numpy.percentile``), in seconds.
    """
    conversations = conversations_given(runs)
    headed = headed_runs(conversations)
    note = _say_why_not(headed)
    lines = [series_of(item, is_timed=not note) for item in headed]
    captions = [_caption(line) for line in lines]
    sentence = _sentence(lines, captions, note)
    more = max(0, len(lines) - MAX_LINES)
    return View(
        sentence,
        draw_pace(lines[:MAX_LINES], captions, sentence, note=note, more=more),
        (_table(lines),),
        tuple(
            found for talk in conversations for found in talk.findings if found.code in PACE_CODES
        ),
        _mount(conversations, lines, captions, note),
    )


def _say_why_not(headed: Sequence[HeadedRun]) -> str:
    """Return why there are no seconds; ``""`` where there are."""
    lacking = [item for item in headed if len(item.run.chunks) and not has_pace(item.run)]
    if not lacking:
        return ""
    is_coarse = lacking[0].run.timing != "none"
    reason = "a clock counts whole seconds" if is_coarse else "no times of the chunks are known"
    who = f" ({lacking[0].place})" if len(lacking) < len(headed) else ""
    return f"By chunk number, without seconds: {reason}{who}."


def _mount(
    conversations: Sequence[Conversation],
    lines: Sequence[Series],
    captions: Sequence[str],
    note: str,
) -> Callable[[], Mount]:
    make = mount_film(conversations, *PACE_PANES)

    def make_paced() -> Mount:
        mount = make()
        mount.data["pauses"] = [
            [number, gap.after, round(gap.begins_at_s, 4), round(gap.seconds, 4)]
            for number, line in enumerate(lines)
            for gap in line.pauses
        ]
        clocks = {line.item.run.timing for line in lines}
        mount.data["pace"] = {"axis": say_axis(clocks), "note": note, "captions": captions}
        return mount

    return make_paced


def _caption(line: Series) -> str:
    chunks = count_words(len(line.places), "chunk")
    told = f"{count_words(line.total, 'character')} in {chunks}"
    if line.span_s is None:
        return f"{told}."
    told += f" and {say_seconds(line.span_s)} from the first to the last"
    if line.rate is not None:
        told += f", {line.rate:,.0f} characters a second"
    if line.gaps:
        gaps = ", ".join(f"p{percent} {say_seconds(percentile_of(line.gaps, percent))}"
                         for percent in PERCENTILES)  # fmt: skip
        told += f"; gaps: {gaps}, longest {say_seconds(line.gaps[-1])}"
    if line.pauses:
        told += f"; {count_words(len(line.pauses), 'pause')}: {_say_pauses(line.pauses)}"
    return f"{told}."


def _say_pauses(pauses: Sequence[Gap]) -> str:
    longest = sorted(pauses, key=lambda gap: -gap.seconds)[:3]
    told = [f"{say_seconds(gap.seconds)} before chunk {gap.after}" for gap in longest]
    return ", ".join(told) + (" …" if len(pauses) > len(longest) else "")


def _sentence(lines: Sequence[Series], captions: Sequence[str], note: str) -> str:
    """Return the picture in one exact sentence."""
    told = [f"{line.item.place}: {caption}" for line, caption in zip(lines, captions, strict=True)]
    return " ".join(filter(None, ("Pace.", note, *(told[:3] or ["There are no answers."]))))


def _table(lines: Sequence[Series]) -> Table:
    columns = (
        "answer", "clock", "chunks", "characters", "first to last (s)", "characters a second",
        *(f"gap p{percent} (s)" for percent in PERCENTILES), "longest gap (s)", "pauses",
    )  # fmt: skip
    return Table("The pace in numbers", columns, tuple(map(_row, lines)))


def _row(line: Series) -> tuple[Cell, ...]:
    counts = line.item.place, line.item.run.timing, len(line.places), line.total
    if not line.is_timed:
        return (*counts, *((None,) * (len(PERCENTILES) + 4)))
    gaps: list[Cell] = [None] * (len(PERCENTILES) + 1)
    if line.gaps:
        gaps = [round(percentile_of(line.gaps, one), 4) for one in (*PERCENTILES, 100)]
    span = None if line.span_s is None else round(line.span_s, 4)
    rate = None if line.rate is None else round(line.rate, 1)
    return (*counts, span, rate, *gaps, len(line.pauses))
