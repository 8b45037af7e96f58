"""How a value shows itself as the last line of a cell: a small table, and one line of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

from chatviz.chat.messages import Message, ToolCall
from chatviz.chat.usage import Usage
from chatviz.dialects import dialect_for
from chatviz.runs.choices import in_choice, tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.drawing.text import cut_text, show_text
from chatviz.views.run_headings import count_words, ending, headed_runs
from chatviz.views.tool_calls.verdicts import is_object, path_table
from chatviz.views.usage.costs import say_cost, usage_rows
from chatviz.views.view import View
from chatviz.wire.exchange import show_url

__all__ = [
    "show_call",
    "show_cassette",
    "show_conversation",
    "show_result",
    "show_run",
    "show_usage",
]

MAX_TEXT: Final = 500  # characters of each thing that was said
MAX_CALLS: Final = 20


def show_run(run: StreamRun) -> View:
    """Show an answer: what it turned out to be."""
    calls = tool_calls_of(run)
    said = [count_words(len(run.chunks), "chunk"), ending(run)]
    said += [count_words(len(calls), "tool call")] if calls else []
    who = show_text(run.model or "model not named")
    rows = tuple((name, value) for name, value in _facts(run) if value not in (None, ""))
    return View(
        f"Answer of {who}: {', '.join(said + _say_usage(run.usage))}.",
        tables=(Table("The answer", ("answer", "value"), rows),),
        findings=run.findings,
    )


def _facts(run: StreamRun) -> Iterator[tuple[str, Cell]]:
    """Yield what is shown of an answer; what is not known is left out."""
    tokens = _tokens(run.usage)
    yield "model", run.model
    yield "provider", run.provider or run.host
    yield "dialect", run.dialect
    yield "ending", ending(run)
    yield "chunks", len(run.chunks)
    yield "clock", _clock(run)
    yield from zip(("input tokens", "output tokens"), tokens, strict=True)
    yield "cost (USD)", run.cost
    yield "error", run.error.message if run.error else None
    for place, message in enumerate(run.messages):
        yield from _said(message, in_choice(message.choice if place else 0))


def _said(message: Message, choice: str) -> Iterator[tuple[str, Cell]]:
    """Yield what a choice of an answer says."""
    yield f"{choice}reasoning", cut_text(message.reasoning, MAX_TEXT)
    yield f"{choice}text", cut_text(message.text, MAX_TEXT)
    calls = message.tool_calls
    for call in calls[:MAX_CALLS]:
        told = f"{call.name}({cut_text(call.arguments, MAX_TEXT)})"
        yield f"{choice}call {call.position}", told
    if len(calls) > MAX_CALLS:
        yield f"{choice}and", count_words(len(calls) - MAX_CALLS, "more call")


def show_conversation(talk: Conversation) -> View:
    """Show a conversation: its steps."""
    rows = tuple(
        (place, run.provider or run.host, run.model, ending(run), len(run.chunks),
         len(tool_calls_of(run)), *_tokens(run.usage), run.cost)
        for run, place, _ in headed_runs((talk,))
    )  # fmt: skip
    columns = ("step", "provider", "model", "ending", "chunks", "tool calls")
    said = [count_words(len(talk.steps), "step"), count_words(len(talk.runs), "answer")]
    return View(
        f"Conversation: {', '.join(said + _say_usage(talk.usage))}.",
        tables=(
            Table("The steps", (*columns, "input tokens", "output tokens", "cost (USD)"), rows),
        ),
        findings=talk.findings,
    )


class _Result(Protocol):
    """What is shown of what the tool loop returned."""

    @property
    def conversation(self) -> Conversation: ...
    @property
    def stop_reason(self) -> str: ...
    @property
    def error(self) -> str: ...


def show_result(result: _Result) -> View:
    """Show what the tool loop returned: its conversation, and the error where one ended it."""
    view = show_conversation(result.conversation)
    if not result.error:
        return view
    rows: tuple[tuple[Cell, ...], ...] = (("ended by", result.stop_reason), ("✕", result.error))
    table = Table("Why it ended", ("the loop", ""), rows)
    said = f"{view.sentence} It ended with an error: {show_text(result.error)}"
    return View(said, tables=(table, *view.tables), findings=view.findings)


def show_call(call: ToolCall) -> View:
    """Show a call: its arguments, path by path."""
    wrong = [] if call.check is None else call.check.wrong
    verdict = (
        "no schema known"
        if call.check is None
        else (f"against its schema: {wrong[0].message}" if wrong else "right by its schema")
    )
    flaw = "" if is_object(call) else ", no JSON object"
    fragments = count_words(len(call.fragments), "fragment")
    name = show_text(call.name or "without a name")
    return View(
        f"Tool call {name}: {fragments}, {count_words(len(call.arguments), 'character')}"
        f"{flaw}, {verdict}.",
        tables=(
            Table("The call", ("id", "name", "arguments"), ((call.id, call.name, call.arguments),)),
            path_table([(call.name, call)]),
        ),
    )


def show_usage(usage: Usage) -> View:
    """Show usage: what was counted and charged."""
    said = ", ".join(_say_usage(usage)) or "nothing counted"
    return View(
        f"Usage: {said}.", tables=(Table("Usage", ("counted", "value"), usage_rows(usage)),)
    )


def show_cassette(cassette: Any) -> View:
    """Show a cassette: its interactions, without secrets."""
    rows = [
        (number, *_exchange(interaction))
        for number, interaction in enumerate(cassette.interactions)
    ]
    chats = sum(1 for row in rows if row[-1])
    other = len(rows) - chats
    columns = ("interaction", "method", "URL", "status", "body (bytes)", "dialect")
    sentence = (
        f"Cassette of {count_words(len(rows), 'interaction')}: "
        f"{count_words(chats, 'chat interaction')}, {other:,} of other traffic."
    )
    return View(sentence, tables=(Table("The interactions", columns, tuple(rows)),))


def _exchange(interaction: Any) -> tuple[Cell, ...]:
    request, response = interaction.request, interaction.response
    dialect = dialect_for(request.head)
    return (
        request.method,
        show_url(request.url),
        response.status,
        len(response.body),
        dialect.name if dialect else "",
    )


def _tokens(usage: Usage | None) -> tuple[Cell, Cell]:
    return (None, None) if usage is None else (usage.input_tokens, usage.output_tokens)


def _say_usage(usage: Usage | None) -> list[str]:
    """Return what was counted and charged, in words; nothing for what is not known."""
    if usage is None:
        return []
    numbers: Iterable[tuple[int | None, str]] = (
        (usage.input_tokens, "input token"),
        (usage.output_tokens, "output token"),
    )
    said = [count_words(number, noun) for number, noun in numbers if number is not None]
    return said + ([say_cost(usage.cost.total_usd)] if usage.cost else [])


def _clock(run: StreamRun) -> str:
    if run.response.time_source == "simulated":
        return "none: played at a simulated pace"
    return "the recording holds no times" if run.timing == "none" else run.timing
