"""The compact data of an interactive view: columns, raw bytes once, and never too much of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

from chatviz.chat.messages import Message, Text, ToolCall
from chatviz.chat.usage import Usage, total_usage
from chatviz.explanations import explain_all
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.text import cut_text
from chatviz.views.inspector.runs import finding_rows, run_columns, usage_row
from chatviz.views.page_module import Mount, measure_json, pane_module
from chatviz.views.run_headings import headed_runs

__all__ = ["MAX_ASKED", "MAX_BYTES", "inspector_data", "message_rows", "mount_film"]

MAX_BYTES: Final = 1_000_000
MIN_BYTES: Final = 16_000  # headings and findings weigh as much, however short the stream
NOTES: Final = 400  # what it weighs to say what is left out
MAX_ASKED: Final = 2_000  # characters of a message that was asked


def mount_film(
    conversations: Sequence[Conversation], *panes: str, max_bytes: int = MAX_BYTES
) -> Callable[[], Mount]:
    """Return what makes the mount of panes that show conversations, once it is shown."""

    def make_mount() -> Mount:
        has_raw = "raw" in panes
        data = inspector_data(conversations, has_raw=has_raw, max_bytes=max_bytes)
        if "findings" in panes:
            data["explained"] = explain_findings(conversations, max_bytes - measure_json(data))
        return Mount(pane_module(*panes), data)

    return make_mount


def inspector_data(
    conversations: Sequence[Conversation], *, has_raw: bool = True, max_bytes: int = MAX_BYTES
) -> dict[str, Any]:
    """Return what the panes of the inspector show.

    At most twice as many bytes as the streams have, and at most ``max_bytes``. (A view adds the
    explanations of its findings, within ``max_bytes``.) Raw bytes are left
    out first, then the events' sizes, then the ends of long texts, then the last answers; the data
    says what is missing and how to get it.

    Parameters
    ----------
    has_raw : bool
        Whether a pane shows the raw bytes; else they are not missing, either.
    """
    headed = headed_runs(conversations)
    around = [columns for conversation in conversations for columns in _around(conversation)]
    runs = [
        {"place": place, **run_columns(run), **columns}
        for (run, place, _), columns in zip(headed, around, strict=True)
    ]
    talks = [{"findings": finding_rows(one.own_findings)} for one in conversations]
    data = {"runs": runs, "talks": talks, "left_out": []}
    size = sum(len(run.body) for run, *_ in headed)
    limit = min(max_bytes, max(2 * size, MIN_BYTES))
    _fit(data, [run for run, *_ in headed] if has_raw else [], limit)
    return data


def explain_findings(conversations: Sequence[Conversation], room: int) -> dict[str, str]:
    """Return the explanation of each finding by its code, as far as there is room for them."""
    codes = dict.fromkeys(found.code for talk in conversations for found in talk.findings)
    explained = {}
    for code, text in explain_all(codes).items():
        room -= measure_json({code: text})
        if room > 0:
            explained[code] = text
    return explained


def message_rows(message: Message) -> list[list[Any]]:
    """Return a message as its role, its text, and the tools that it called; each result alone."""
    results = message.tool_results
    tools = [part.name for part in message.parts if isinstance(part, ToolCall)]
    text = "".join(part.text for part in message.parts if isinstance(part, Text))
    rows = [[message.role, cut_text(text, MAX_ASKED), ", ".join(filter(None, tools))]]
    told = [[message.role, cut_text(one.text, MAX_ASKED), one.name] for one in results]
    return told + (rows if text or tools or not told else [])


def _around(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """Yield, for each answer, what was asked before it, what followed it, and the sums so far."""
    asked = conversation.steps[0].run.chat_request.messages if conversation.steps else ()
    charged: list[Usage | None] = []
    for step in conversation.steps:
        for run in (*step.attempts, step.run):
            charged += [run.usage] if run.response.status < 400 else []
            followed = step.followed_by if run is step.run else ()  # the last of several attempts
            yield {
                "asked": [row for message in asked for row in message_rows(message)],
                "followed": [row for one in followed for row in message_rows(one)],
                "sum": usage_row(total_usage(charged)),
            }
            asked = ()


def _fit(data: dict[str, Any], raw_runs: Sequence[StreamRun], limit: int) -> None:
    """Add the raw bytes of some runs if there is room for them, else leave out what must be."""
    weights = [measure_json(run) for run in data["runs"]]
    room = limit - measure_json({**data, "runs": []}) - NOTES
    size = sum(len(run.body) for run in raw_runs)
    told = []
    if sum(weights) + size <= room:  # as JSON the bytes are no fewer
        raw = [_raw(run) for run in raw_runs]
        if sum(weights) + sum(map(measure_json, raw)) <= room:
            for columns, fields in zip(data["runs"], raw, strict=False):
                columns |= fields
            return
    if raw_runs:
        left = f"{size:,} bytes): run.chunks[i].data, or run.body."
        told.append(f"The raw bytes are left out ({left}")
    for leave_out in (_leave_out_sizes, _cut_texts, _leave_out_runs):
        weights = [measure_json(run) for run in data["runs"]]
        if sum(weights) > room:
            told.append(leave_out(data["runs"], weights, room))
    data["left_out"] = told


def _leave_out_sizes(runs: list[Any], weights: Sequence[int], room: int) -> str:
    """Leave out how many bytes each event has."""
    for columns in runs:
        del columns["events"]["sizes"]
    return "The sizes of the chunks are left out: cv.chunk_table(run)."


def _cut_texts(runs: list[Any], weights: Sequence[int], room: int) -> str:
    """Keep the same share of the text of each part, from its beginning."""
    parts = [part for columns in runs for part in columns["parts"] if part.get("text")]
    size = sum(measure_json(part["text"]) for part in parts)
    share = max(0.0, 0.98 * (1 - (sum(weights) - room) / max(size, 1)))
    for part in parts:
        part["text"] = part["text"][: int(len(part["text"]) * share)]
    return f"Texts are cut to their first {share:.0%}: run.message.text, call.arguments."


def _leave_out_runs(runs: list[Any], weights: Sequence[int], room: int) -> str:
    """Keep the first answers only, as many as there is room for."""
    kept = sum(1 for total in accumulate(weights) if total <= room)
    left = len(runs) - kept
    del runs[kept:]
    return f"{left:,} of {kept + left:,} answers are too large for this view: pass fewer of them."


def _raw(run: StreamRun) -> dict[str, str]:
    """Return the body as text, or in base64 where it is none."""
    try:
        return {"raw": run.body.decode()}
    except UnicodeDecodeError:
        return {"raw64": b64encode(run.body).decode()}
