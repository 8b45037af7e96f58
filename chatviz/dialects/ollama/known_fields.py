"""Fields of Ollama's lines, by where they are sent; those that say nothing of the answer itself.

The latter stay in the line's own JSON. There are no wildcards: what is neither read nor listed is
unknown, and is reported. Their source is the server's own types, ``api/types.go``.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CALL_FIELDS", "FUNCTION_FIELDS", "LINE_FIELDS", "MESSAGE_FIELDS", "METRICS"]

# What the last line counts: tokens, and durations in nanoseconds by the server's own clock.
METRICS: Final = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)
LINE_FIELDS: Final = frozenset(
    [
        *("model", "created_at", "message", "done", "done_reason", "error", *METRICS),
        *("response", "thinking", "tool_calls", "image"),  # of /api/generate
        "remote_model",  # the name of the model at another server that answers for this one
        "remote_host",  # that server
        "context",  # of /api/generate: tokens of the conversation, for its next request
        "completed",  # of an image that is made: steps that are done
        "total",  # of an image that is made: all its steps
        "_debug_info",  # the prompt as the template wrote it, where the request asks for it
    ]
)
MESSAGE_FIELDS: Final = frozenset(("role", "content", "thinking", "tool_calls", "images"))
CALL_FIELDS: Final = frozenset(("id", "type", "function"))
FUNCTION_FIELDS: Final = frozenset(("index", "name", "arguments", "description"))
