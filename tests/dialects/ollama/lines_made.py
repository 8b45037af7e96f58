"""Lines of Ollama, made by hand."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["COUNTS", "call", "end", "line", "stream"]

COUNTS = {"total_duration": 5_000_000, "prompt_eval_count": 9, "eval_count": 3}


def line(content: str = "", *, at: str = "44.5", done: bool = False, **rest: Any) -> dict[str, Any]:
    """Return a line of ``/api/chat``; thinking, tool_calls and images go into its message."""
    inner = ("thinking", "tool_calls", "images", "role")
    said = {key: rest.pop(key) for key in inner if key in rest}
    return {
        "model": "gpt-oss:20b",
        "created_at": f"2026-01-05T11:27:{at}Z",
        "message": {"role": "assistant", "content": content, **said},
        "done": done,
        **rest,
    }


def end(reason: str = "stop", **counts: Any) -> dict[str, Any]:
    """Return the last line."""
    return line(at="45", done=True, done_reason=reason, **(counts or COUNTS))


def call(name: str, arguments: Any, **rest: Any) -> dict[str, Any]:
    """Return a call; an index goes into its function."""
    inner = {"index": rest.pop("index")} if "index" in rest else {}
    return {**rest, "function": {**inner, "name": name, "arguments": arguments}}


def stream(*lines: dict[str, Any] | str) -> bytes:
    """Return JSON lines; a text is as it is."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    return "".join(f"{text}\n" for text in texts).encode()
