"""An answer of two choices, as one is streamed that was asked for with ``n=2``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["REQUEST", "TOOL", "two_choices"]

SCHEMA: Final = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
TOOL: Final = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}
REQUEST: Final = {"model": "m", "n": 2, "messages": [], "tools": [TOOL]}


def two_choices(
    text: str = "yes", arguments: str = '{"x":1}', finish: str | None = "tool_calls"
) -> bytes:
    """Return a stream whose first choice says ``a``, and whose second calls a tool besides.

    Parameters
    ----------
    text, arguments, finish
        What the second choice says, calls with, and why it ends.
    """
    function = {"name": "f", "arguments": arguments}
    call = {"index": 0, "id": "call_b", "type": "function", "function": function}
    chunks = [
        _choice(0, {"role": "assistant", "content": "a"}),
        _choice(1, {"role": "assistant", "content": text}),
        _choice(1, {"tool_calls": [call]}),
        _choice(0, {}, "stop"),
        _choice(1, {}, finish),
    ]
    return b"".join(map(_event, chunks)) + b"data: [DONE]\n\n"


def _choice(index: int, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish}


def _event(choice: Mapping[str, Any]) -> bytes:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: %s\n\n" % json.dumps({**head, "choices": [choice]}).encode()
