"""transcript: the conversation as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from chatviz.chat.messages import (
    Media,
    Message,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolResult,
    UnknownPart,
)
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.html import Table
from chatviz.views.drawing.text import cut_text
from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import mount_film
from chatviz.views.run_headings import count_words, headed_runs, talk_names
from chatviz.views.transcript.picture import SpokenBlock, draw_transcript
from chatviz.views.view import View

__all__ = ["transcript"]

MAX_TEXT: Final = 20_000  # characters of one part that are looked at
MAX_CELL: Final = 3_000  # and those that are in the table


def transcript(runs: Given) -> View:
    """Show a conversation as people read it.

    System, user, reasoning, text, tool calls with their arguments, and results, in their order;
    failed attempts and errors where they happened.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.

    Returns
    -------
    View
        Its table holds the same words as text that can be copied; long ones are cut, and say so.
    """
    conversations = conversations_given(runs)
    talks = [list(_say(talk)) for talk in conversations]
    sentence = _sentence(conversations, talks)
    return View(
        sentence,
        draw_transcript(talks, sentence),
        (_table(talks, talk_names(conversations)),),
        tuple(finding for talk in conversations for finding in talk.findings),
        mount_film(conversations, "header", "player", "transcript"),
    )


def _say(talk: Conversation) -> Iterator[SpokenBlock]:
    headed = iter(headed_runs((talk,)))
    first = talk.steps[0].run.chat_request.messages if talk.steps else ()
    for message in first:
        yield from _say_message(message, "")
    for number, step in enumerate(talk.steps, 1):
        count = len(step.attempts) + 1
        answers = [(run, heading) for run, _, heading in islice(headed, count)]
        yield from _say_step(step, f"step {number}", answers)


def _say_step(
    step: Step, place: str, answers: Sequence[tuple[StreamRun, str]]
) -> Iterator[SpokenBlock]:
    for run, heading in answers:
        yield SpokenBlock(place, "step", "", heading)
        said = list(_say_choices(run, place))
        yield from said
        if run.error is not None:
            status = "" if run.error.status is None else f"HTTP {run.error.status}: "
            yield SpokenBlock(place, "error", "error", status + run.error.message[:MAX_TEXT])
        elif not said:
            chunks = count_words(len(run.chunks), "chunk")
            yield SpokenBlock(
                place, "note", "nothing read", f"({chunks} came, and nothing was read)"
            )
    for message in step.followed_by:
        yield from _say_message(message, "")


def _say_choices(run: StreamRun, place: str) -> Iterator[SpokenBlock]:
    """Yield what each choice says; those behind the first are named."""
    for number, message in enumerate(run.messages):
        where = f"{place}, choice {message.choice}" if number else place
        blocks = list(_say_message(message, where))
        if blocks and number:
            yield SpokenBlock(where, "step", "", f"choice {message.choice}")
        yield from blocks


def _say_message(message: Message, place: str) -> Iterator[SpokenBlock]:
    for part in message.parts:
        match part:
            case Text(text):
                role = message.role if message.role in _ROLES else "other"
                if text or not part.details:
                    yield _said(place, role, message.role, text)
                if part.citations:
                    yield _said(place, "note", "sources", "\n".join(part.citations))
            case Reasoning(text, details):
                kept = f"({count_words(len(details), 'signed or encrypted detail')})"
                yield _said(place, "reasoning", "reasoning", text or kept)
            case Refusal(text):
                yield _said(place, "error", "refusal", text)
            case ToolCall():
                words = f"{part.name or '(no name)'}({part.arguments[: MAX_TEXT + 1]})"
                size = len(part.name or "(no name)") + len(part.arguments) + 2
                yield SpokenBlock(place, "call", f"calls {part.position}", words, size)
            case ToolResult(id, text, name):
                yield _said(place, "result", f"result of {name or id or 'a call'}", text)
            case _:
                yield _say_beside(part, place)


def _say_beside(
    part: ServerToolCall | ServerToolResult | Media | UnknownPart, place: str
) -> SpokenBlock:
    """Return what is neither said nor asked of the client: the provider's tools, media."""
    match part:
        case ServerToolCall():
            name = part.name or part.type or "(no name)"
            return _said(place, "note", "server calls", f"{name}({part.arguments})")
        case ServerToolResult():
            return _said(place, "note", "server's result", f"{part.type} {part.json}".lstrip())
        case Media():
            size = count_words(len(part.json), "character")
            told = f"({part.type or 'no type'}: {size} of JSON) {part.text}"
            return _said(place, "note", "media", told.rstrip())
        case UnknownPart():
            return _said(place, "note", part.type or "not read", part.json)


def _said(place: str, kind: str, who: str, text: str) -> SpokenBlock:
    return SpokenBlock(place, kind, who, text[: MAX_TEXT + 1], len(text))


_ROLES: Final = frozenset({"system", "developer", "user", "assistant"})


def _table(talks: Sequence[Sequence[SpokenBlock]], names: Sequence[str]) -> Table:
    rows = tuple(
        (
            ", ".join(filter(None, (name, said.place))),
            said.who,
            cut_text(said.text, MAX_CELL, size=said.size),
        )
        for name, talk in zip(names, talks, strict=True)
        for said in talk
        if said.kind != "step"
    )
    return Table("The words", ("answer", "who", "what"), rows)


def _sentence(conversations: Sequence[Conversation], talks: Sequence[Sequence[SpokenBlock]]) -> str:
    """Return the picture in one exact sentence."""
    parts = [said for talk in talks for said in talk]
    told = [count_words(sum(len(talk.steps) for talk in conversations), "step")]
    for kind, noun in (("user", "user message"), ("assistant", "answer text"),
                       ("reasoning", "reasoning part"), ("call", "tool call"),
                       ("result", "tool result"), ("error", "error")):  # fmt: skip
        count = sum(said.kind == kind for said in parts)
        told += [count_words(count, noun)] if count else []
    talks_said = count_words(len(talks), "conversation")
    return f"Transcript of {talks_said}: {', '.join(told)}."
