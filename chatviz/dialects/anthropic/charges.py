"""What Anthropic charges for besides tokens, and what of its own tools is free.

https://platform.claude.com/docs/en/about-claude/pricing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatviz.chat.messages import ServerToolCall, ServerToolResult
from chatviz.chat.usage import NO_CHARGES, Charges
from chatviz.dialects.json_values import count_of
from chatviz.wire.json_text import load_any_json

__all__ = ["is_free_call", "read_charges"]


def read_charges(usage: Mapping[str, Any]) -> Charges:
    """Return what a usage object counts besides tokens."""
    tools = usage.get("server_tool_use")
    searches = count_of(tools.get("web_search_requests")) if isinstance(tools, dict) else None
    return NO_CHARGES if searches is None else Charges(searches)


def is_free_call(call: ServerToolCall, results: Sequence[ServerToolResult]) -> bool:
    """Whether nothing is charged for a call: one that fetched a page, or a search that failed."""
    return call.name == "web_fetch" or any(map(_has_failed, results))


def _has_failed(result: ServerToolResult) -> bool:
    if result.type != "web_search_tool_result":
        return False
    match load_any_json(result.json):
        case {"content": {"type": "web_search_tool_result_error"}}:
            return True
    return False
