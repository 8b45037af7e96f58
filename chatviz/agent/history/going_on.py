"""What a request that goes on with a conversation holds of it: in its own dialect as it was sent.

An endpoint that speaks another dialect is told the same in words of its own: see ``retelling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatviz.agent.history.retelling import retell
from chatviz.agent.loop import send_back
from chatviz.chat.messages import ChatRequest, Message
from chatviz.dialects import dialect_of_request
from chatviz.dialects.base import WritableDialect
from chatviz.runs.conversation import Step, asking_run
from chatviz.runs.run import StreamRun

__all__ = ["go_on"]


def go_on(steps: Sequence[Step], dialect: WritableDialect) -> ChatRequest:
    """Return what was asked last, and answered, as the beginning of a request in a dialect.

    Raises
    ------
    ValueError
        It was asked in another dialect, and holds what cannot be said in this one, or what only
        the server knows.
    """
    run = asking_run(steps[-1])
    spoken = _dialect_of(run) or dialect.name
    answered = send_back(steps[-1])
    if spoken != dialect.name:
        said = (*_all_asked(steps, spoken), *answered)
        return ChatRequest(messages=retell(said, spoken=spoken, asked=dialect.name))
    body = run.request or {}
    # What was sent is sent again as it was, keys that are not modelled included.
    sent = {key: _keep_objects(body[key]) for key in dialect.history_keys if key in body}
    kept = {key: body[key] for key in getattr(dialect, "kept_keys", ()) if key in body}
    asked = run.chat_request.messages
    if sent or kept:
        asked = dialect.read_request(sent, run.head).messages
    return ChatRequest(
        messages=(*asked, *answered), body=kept | sent, written=len(asked) if sent else 0
    )


def _dialect_of(run: StreamRun) -> str:
    """Return the name of the dialect that a request was written in; "" where nothing tells it."""
    if run.spoken.manners.is_read:
        return run.dialect
    looks_like = dialect_of_request(run.request or {})
    return looks_like.name if looks_like is not None and looks_like.manners.is_read else ""


def _all_asked(steps: Sequence[Step], spoken: str) -> tuple[Message, ...]:
    """Return what was asked last, with all that it did not repeat since the server knew it."""
    first = len(steps) - 1
    while first and _leaves_to_server(steps[first].chat_request):
        first -= 1
    if steps[first].chat_request.continues:
        raise ValueError(
            "the conversation goes on from an answer that is not in it, which only its server "
            f"knows: ask an endpoint that speaks {spoken!r}."
        )
    said = [*steps[first].chat_request.messages]
    said += [message for step in steps[first:-1] for message in send_back(step)]
    told = [one for one in steps[-1].chat_request.messages if one.is_instruction]
    return (*(one for one in told if one not in said), *said)


def _leaves_to_server(asked: ChatRequest) -> bool:
    return bool(asked.continues or asked.conversation)


def _keep_objects(history: Any) -> Any:
    """Return what a body holds of a history without the entries that no message was read from."""
    return (
        [one for one in history if isinstance(one, dict)] if isinstance(history, list) else history
    )
