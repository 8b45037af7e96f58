"""tool_calls: how the arguments of each call grew, fragment by fragment and path by path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatviz.chat.messages import ToolCall
from chatviz.runs.choices import tool_calls_of
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.drawing.text import show_text
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.run_headings import count_words, headed_runs, is_read
from chatviz.views.tool_calls.picture import Band, draw_calls, name_call
from chatviz.views.tool_calls.verdicts import is_object, path_table
from chatviz.views.view import View

__all__ = ["tool_calls"]

MAX_BANDS: Final = 10
MAX_CALLS_IN_TABLE: Final = 100


def tool_calls(runs: Given) -> View:
    """Show the arguments of every tool call as they grew.

    One band for each call: its fragments as they came, with their text while it fits; below it a
    line for each argument path, from its first to its last fragment, with the final value as it
    was sent and the verdict of the tool's JSON Schema.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its first table has one row for each call, its second one row for each argument path.
    """
    conversations = conversations_given(runs)
    bands = [
        Band(call, place)
        for run, place, _ in headed_runs(conversations)
        for call in tool_calls_of(run)
    ]
    runs_read = all(is_read(run) for run, *_ in headed_runs(conversations))
    none = "No tool was called." if runs_read else "No call was found in what was read."
    sentence = _sentence(bands) if bands or runs_read else f"Tool calls: none found. {NOT_READ}"
    more = max(0, len(bands) - MAX_BANDS)
    named = [(name_call(band), band.call) for band in bands]
    return View(
        sentence,
        draw_calls(bands[:MAX_BANDS], sentence, more=more, none=none),
        (_table(bands), path_table(named[:MAX_CALLS_IN_TABLE])),
        tuple(
            finding
            for talk in conversations
            for finding in talk.findings
            if finding.code.startswith(("call_", "arguments_", "schema_", "tool_"))
        ),
        mount_film(conversations, "header", "player", "calls"),
    )


def _table(bands: Sequence[Band]) -> Table:
    columns = ("answer", "call", "name", "id", "fragments", "characters", "first chunk",
               "last chunk", "arguments")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for place, call in ((band.place, band.call) for band in bands):
        chunks = call.fragments.chunks
        last = chunks[-1] if chunks else call.chunk
        rows.append(
            (place, call.position, call.name, call.id, len(call.fragments), len(call.arguments),
             call.chunk, last, call.arguments)
        )  # fmt: skip
    return Table("The calls", columns, tuple(rows))


NOT_READ: Final = "Not all answers are in a dialect that is read."


def _sentence(bands: Sequence[Band]) -> str:
    """Return the picture in one exact sentence."""
    calls = [band.call for band in bands]
    if not calls:
        return "Tool calls: none."
    fragments = sum(len(call.fragments) for call in calls)
    paths = sum(len(call.growth.marks) for call in calls)
    named = ", ".join(f"{show_text(call.name)} ({_say_verdict(call)})" for call in calls[:6])
    more = f" and {len(calls) - 6:,} more" if len(calls) > 6 else ""
    return (
        f"{count_words(len(calls), 'tool call')} in {count_words(fragments, 'fragment')} with "
        f"{count_words(paths, 'argument path')}: {named}{more}."
    )


def _say_verdict(call: ToolCall) -> str:
    if call.is_free_text:
        return "free text"
    if not is_object(call):
        return "no JSON object"
    if call.check is None:
        return "no schema known"
    wrong = len(call.check.wrong)
    return f"{wrong:,} wrong" if wrong else "right"
