"""What may explain changes, and is none itself: another model answered, or was asked otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatviz.cassettes.matching.json_diff import diff_json
from chatviz.runs.conversation import Conversation
from chatviz.views.drawing.text import cut_text

__all__ = ["notes_of"]

MOST_PATHS: Final = 4  # of a request that are named
LONGEST: Final = 120  # characters of a name


def notes_of(old: Conversation, new: Conversation) -> Iterator[str]:
    """Yield what explains changes, and is none itself, in sentences."""
    ours, theirs = old.steps[0], new.steps[0]
    for word in ("host", "provider", "model"):
        told = [getattr(step.run, word) for step in (ours, theirs)]
        if all(told) and told[0] != told[1]:
            names = [cut_text(name, LONGEST) for name in told]
            yield f"Another {word} answered: {names[0]}, then {names[1]}."
    if ours.run.dialect == theirs.run.dialect:
        asked, asks = dict(ours.chat_request.body), dict(theirs.chat_request.body)
        paths = [cut_text(one.path, LONGEST) for one in diff_json(asked, asks)]
        if paths:
            more = f" and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else ""
            yield f"Something else was asked: {', '.join(paths[:MOST_PATHS])}{more}."
    yield from _notes_of_findings(old, new)
    for side, talk in (("old", old), ("new", new)):
        again = sum(len(step.attempts) for step in talk.steps)
        if again:
            noun = "answer" if again == 1 else "answers"
            yield f"In the {side} recording {again} {noun} came again; the last is compared."


def _notes_of_findings(old: Conversation, new: Conversation) -> Iterator[str]:
    """Yield which warnings and errors only one side has."""
    codes = [
        dict.fromkeys(one.code for one in talk.findings if one.severity != "info")
        for talk in (old, new)
    ]
    for words, here, there in (("no longer", *codes), ("only now", *reversed(codes))):
        told = [code for code in here if code not in there]
        if told:
            yield f"Found {words}: {', '.join(told)}."
