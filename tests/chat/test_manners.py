"""What holds of a dialect that declares nothing."""

from __future__ import annotations

from chatviz.chat.manners import UNDECLARED
from chatviz.chat.messages import ServerToolCall, ServerToolResult


def test_a_call_that_the_provider_ran_may_be_charged_unless_its_dialect_says_otherwise() -> None:
    call = ServerToolCall("s1", "web_search", "server_tool_use", "{}")
    failed = ServerToolResult("s1", "web_search_tool_result", '{"error_code":"unavailable"}')
    assert not UNDECLARED.is_free_call(call, [failed])
    assert not UNDECLARED.is_free_call(call, [])
