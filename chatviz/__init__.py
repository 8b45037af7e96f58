"""chatviz: see what a streamed chat answer said, chunk by chunk, in a notebook.

    >>> import chatviz as cv
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> talk.steps[0].run.message.tool_calls[0].arguments
    '{"a": 2, "b": 3}'

Every public name stands here, and its room is opened when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatviz.cassettes.cassette import Cassette, Interaction
    from chatviz.cassettes.reading import read_conversation, read_conversations, read_runs
    from chatviz.cassettes.samples import sample, samples
    from chatviz.cassettes.storage import load_cassette, save_cassette
    from chatviz.chat.findings import Finding
    from chatviz.chat.messages import Fragment, Message, ToolCall, ToolResult
    from chatviz.chat.usage import Cost, Usage
    from chatviz.conversations import Conversation, Step
    from chatviz.errors import CassetteError, ChatvizError, ConversationError, RendererError
    from chatviz.runs import StreamRun
    from chatviz.streams import StreamReader, read_stream
    from chatviz.tables import (
        argument_table,
        chunk_table,
        delta_table,
        finding_table,
        run_table,
        tool_call_table,
        usage_table,
    )
    from chatviz.views.display import View, renderers
    from chatviz.views.timeline import timeline
    from chatviz.views.tool_calls import tool_calls
    from chatviz.views.transcript import transcript
    from chatviz.views.usage import usage
    from chatviz.wire.chunks import Chunk, Event

__version__ = "0.1.0"

_ROOMS = {
    "chatviz.cassettes.cassette": ("Cassette", "Interaction"),
    "chatviz.cassettes.reading": ("read_conversation", "read_conversations", "read_runs"),
    "chatviz.cassettes.samples": ("sample", "samples"),
    "chatviz.cassettes.storage": ("load_cassette", "save_cassette"),
    "chatviz.chat.findings": ("Finding",),
    "chatviz.chat.messages": ("Fragment", "Message", "ToolCall", "ToolResult"),
    "chatviz.chat.usage": ("Cost", "Usage"),
    "chatviz.conversations": ("Conversation", "Step"),
    "chatviz.errors": ("CassetteError", "ChatvizError", "ConversationError", "RendererError"),
    "chatviz.runs": ("StreamRun",),
    "chatviz.streams": ("StreamReader", "read_stream"),
    "chatviz.tables": (
        "argument_table",
        "chunk_table",
        "delta_table",
        "finding_table",
        "run_table",
        "tool_call_table",
        "usage_table",
    ),
    "chatviz.views.display": ("View", "renderers"),
    "chatviz.views.timeline": ("timeline",),
    "chatviz.views.tool_calls": ("tool_calls",),
    "chatviz.views.transcript": ("transcript",),
    "chatviz.views.usage": ("usage",),
    "chatviz.wire.chunks": ("Chunk", "Event"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Cassette",
    "CassetteError",
    "ChatvizError",
    "Chunk",
    "Conversation",
    "ConversationError",
    "Cost",
    "Event",
    "Finding",
    "Fragment",
    "Interaction",
    "Message",
    "RendererError",
    "Step",
    "StreamReader",
    "StreamRun",
    "ToolCall",
    "ToolResult",
    "Usage",
    "View",
    "argument_table",
    "chunk_table",
    "delta_table",
    "finding_table",
    "load_cassette",
    "read_conversation",
    "read_conversations",
    "read_runs",
    "read_stream",
    "renderers",
    "run_table",
    "sample",
    "samples",
    "save_cassette",
    "timeline",
    "tool_call_table",
    "tool_calls",
    "transcript",
    "usage",
    "usage_table",
]


def __getattr__(name: str) -> Any:
    """Open the room of a public name when it is first used."""
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'chatviz' has no attribute {name!r}")
    value = getattr(import_module(room), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
