"""``show``: what happened, step by step, in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.sources import find_sources, load_all, read_talks, sources_argument
from chatviz.doors.cli.terminal import (
    SEVERITY_COLOURS,
    echo,
    indented,
    paint,
    safe_text,
    width_of,
    wrap_cells,
)

if TYPE_CHECKING:
    from chatviz.chat.findings.log import Finding
    from chatviz.chat.messages import Message, Part
    from chatviz.runs.conversation import Conversation
    from chatviz.runs.run import StreamRun

__all__ = ["show"]

MOST_LINES: Final = 12  # of one text
MOST_MESSAGES: Final = 6  # of what was asked before the first answer
MOST_ALIKE: Final = 3  # findings of one kind
_WHOLE: Final = "--full shows them"


@click.command(short_help="Show what happened, in the terminal.")
@sources_argument
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--full", is_flag=True, help="Print long texts whole.")
@click.option("--notes", is_flag=True, help="Print the findings that are only notes, too.")
@click.option("--width", type=click.IntRange(40), help="Columns; by default the terminal's.")
def show(
    sources: tuple[str, ...], as_json: bool, full: bool, notes: bool, width: int | None
) -> None:
    """Show what happened: steps, texts, calls, usage, cost, and findings, the worst first."""
    from chatviz.doors.cli.documents import describe_recording

    found = find_sources(sources)
    if as_json:
        documents = [describe_recording(path, read_talks(one)) for path, one in load_all(found)]
        is_one = len(found) == 1 and found[0].is_named
        echo(json.dumps(documents[0] if is_one else documents, indent=2))
        return
    columns, most = width_of(width), None if full else MOST_LINES
    for number, (path, cassette) in enumerate(load_all(found, shows_progress=False)):
        talks = read_talks(cassette)
        if number:
            echo()
        if len(found) > 1 or not talks:
            echo(paint(safe_text(path), bold=True))
        if not talks:
            echo("No answer of a chat is in this recording.")
        for line in _lines(talks, columns, most=most, notes=notes):
            echo(line)


def _lines(
    talks: Sequence[Conversation], width: int, *, most: int | None, notes: bool
) -> Iterator[str]:
    from chatviz.views.run_headings import headed_runs

    headings = {id(run): heading for run, _, heading in headed_runs(talks)}
    for talk in talks:
        yield from _asked_lines(talk, width, most)
        for step in talk.steps:
            for run in (*step.attempts, step.run):
                yield ""
                for line in wrap_cells(headings[id(run)], width):
                    yield paint(line, bold=True)
                yield from _run_lines(run, width, most)
            for message in step.followed_by:
                yield from _message_lines(message, width, most)
        yield ""
        if len(talk.steps) > 1:
            yield from wrap_cells(f"All steps: {' · '.join(_counted(talk))}", width)
        yield from _finding_lines(talk, width, notes=notes, is_whole=most is None)


def _asked_lines(talk: Conversation, width: int, most: int | None) -> Iterator[str]:
    """Yield what the first request holds: its last messages, or all, and the tools."""
    from chatviz.views.run_headings import count_words

    asked = talk.steps[0].chat_request
    shown = asked.messages if most is None else asked.messages[-MOST_MESSAGES:]
    if before := len(asked.messages) - len(shown):
        earlier = count_words(before, "earlier message")
        yield paint(f"  … {earlier} ({_WHOLE})", dim=True)
    for message in shown:
        yield from _message_lines(message, width, most)
    if asked.tools:
        names = ", ".join(tool.name for tool in asked.tools)
        yield from indented("tools", names, width, most=most)


def _run_lines(run: StreamRun, width: int, most: int | None) -> Iterator[str]:
    if run.error is not None:
        yield from indented("error", run.error.message, width, most=most)
    for message in run.messages:
        role = "assistant" if len(run.messages) == 1 else f"choice {message.choice}"
        for part in message.parts:
            yield from _part_lines(part, width, most, role)
    for line in wrap_cells(" · ".join(_numbers(run)), width - 2):
        yield paint(f"  {line}", dim=True)


def _numbers(run: StreamRun) -> Iterator[str]:
    """Yield what is known of an answer in numbers, each with its unit."""
    from chatviz.views.run_headings import count_words, say_seconds, wait_caption

    yield run.dialect
    yield count_words(len(run.chunks), "chunk")
    yield {"none": "no clock", "measured": "times measured"}.get(run.timing, "the server's clock")
    if waited := wait_caption(run):
        yield waited.replace("\u00a0", " ")
    if run.time_to_first_token_s is not None:
        yield f"first token after {say_seconds(run.time_to_first_token_s)}".replace("\u00a0", " ")
    if run.duration_s is not None:
        yield f"ended after {say_seconds(run.duration_s)}".replace("\u00a0", " ")
    yield from _counted(run)


def _counted(what: StreamRun | Conversation) -> Iterator[str]:
    """Yield the tokens and the cost of an answer or of all answers, as they were sent."""
    from chatviz.views.run_headings import count_words

    if (usage := what.usage) is None:
        yield "no usage was sent"
    else:
        for count, noun in (
            (usage.input_tokens, "input token"),
            (usage.cache_read_tokens, "of them cached"),
            (usage.output_tokens, "output token"),
            (usage.reasoning_tokens, "reasoning token"),
        ):
            if count:
                yield count_words(count, noun, noun if noun.startswith("of") else "")
    yield "no cost was sent" if what.cost is None else f"{what.cost:f} USD"


def _message_lines(message: Message, width: int, most: int | None) -> Iterator[str]:
    for part in message.parts:
        yield from _part_lines(part, width, most, role=message.role)


def _part_lines(part: Part, width: int, most: int | None, role: str = "assistant") -> Iterator[str]:
    from chatviz.chat.messages import Reasoning, Refusal, ServerToolCall, Text, ToolCall, ToolResult

    label, text = role, f"({getattr(part, 'type', '') or type(part).__name__})"
    match part:
        case Text():
            text = part.text
        case Reasoning():
            label, text = "reasoning", part.text or "(encrypted)"
        case Refusal():
            label, text = "refusal", part.text
        case ToolCall():
            label, text = "call", f"{part.name} {part.arguments}"
        case ServerToolCall():
            label, text = "server's", f"{part.name} {part.arguments}"
        case ToolResult():
            label, text = "result", f"{part.name}: {part.text}" if part.name else part.text
    yield from indented(safe_text(label)[:9], text, width, most=most)


def _finding_lines(talk: Conversation, width: int, *, notes: bool, is_whole: bool) -> Iterator[str]:
    from chatviz.views.run_headings import count_words

    places = _places(talk)
    told = [one for one in talk.findings if notes or one.severity != "info"]
    counts = [
        count_words(sum(one.severity == severity for one in talk.findings), noun)
        for severity, noun in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if any(one.severity == severity for one in talk.findings)
    ]
    yield f"{paint('Findings', bold=True)}: {', '.join(counts) or 'none'}"
    for code, alike in _by_code(told).items():
        for finding in alike if is_whole else alike[:MOST_ALIKE]:
            head = paint(f"  {finding.severity:<8}", SEVERITY_COLOURS[finding.severity])
            place = places.get(id(finding), "")
            yield f"{head} {paint(code, bold=True)}{f' ({place})' if place else ''}"
            yield from indented("", finding.message, width)
        if len(alike) > MOST_ALIKE and not is_whole:
            more = f"{len(alike) - MOST_ALIKE:,} more findings {code}"
            yield paint(f"{' ' * 12}… {more} ({_WHOLE})", dim=True)
    if len(told) < len(talk.findings):
        hidden = count_words(len(talk.findings) - len(told), "note")
        yield paint(f"  {hidden} not shown (--notes); chatviz explain CODE says more", dim=True)
    elif told:
        yield paint("  chatviz explain CODE says more", dim=True)


def _by_code(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Return findings by what they are, in the order of the first of each."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.code, []).append(finding)
    return found


def _places(talk: Conversation) -> dict[int, str]:
    """Return where each finding is: its step, and its first chunk."""
    places = {}
    for number, step in enumerate(talk.steps, 1):
        for run in (*step.attempts, step.run):
            for finding in run.findings:
                chunk = "" if finding.chunk is None else f", chunk {finding.chunk}"
                places[id(finding)] = f"step {number}{chunk}"
    return places
